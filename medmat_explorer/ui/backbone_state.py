"""Where the backbone's process stands, in words, and the buttons that load, unload and restart it."""

import re
from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from medmat_explorer.backbones.contract import Loaded, LoadOptions
from medmat_explorer.backbones.worker import BackboneWorker, Phase, WorkerState
from medmat_explorer.errors import MedmatError
from medmat_explorer.ui import resources
from medmat_explorer.ui.backbone_choice import Choice, reference
from medmat_explorer.ui.plain import counted, plain

LOAD_PROBLEM = "backbone that could not be loaded"
_COUNT = re.compile(r"(\d+) of (\d+)")


def title_of(state: WorkerState) -> str:
    """What the backbone of a state is called."""
    ref = resources.desk().worker.ref
    return ref.manifest.title if ref and ref.id == state.backbone else state.backbone


def state_in_words(state: WorkerState) -> str:
    """One line for any page, plain text: what is loaded, where, and how much is under way."""
    name = title_of(state)
    if state.phase is Phase.LOADING:
        return f"Loading {name}: {state.sentence}"
    if state.phase is Phase.FAILED:
        return f"{name} failed. {state.sentence}"
    if state.phase is Phase.IDLE or state.loaded is None:
        return "No backbone is loaded."
    under_way = f" · {counted(state.jobs, 'run')} under way" if state.jobs else ""
    return f"{name} is ready{_where(state.loaded)}{under_way}"


def loaded_in_words(loaded: Loaded) -> str:
    """What loading came to, plain text: where, in which form, how long it took, and exactly which weights."""
    parts = [f"{loaded.dtype} on {loaded.device}" if loaded.device != "none" else ""]
    parts += [f"{loaded.bits}-bit language part" if loaded.bits else ""]
    parts += [f"adapter {loaded.adapter}" if loaded.adapter else ""]
    parts += [f"attention {loaded.attention}" if loaded.attention else ""]
    parts += [f"{loaded.memory_gb:.2f} GB in use" if loaded.memory_gb else ""]
    parts += [f"loaded in {loaded.seconds:.1f} s" if loaded.seconds else ""]
    parts += [f"revision {loaded.revision}" + (f" (hub commit {loaded.commit[:12]})" if loaded.commit else "")]
    return " · ".join(filter(None, parts))


def is_loaded(worker: BackboneWorker, choice: Choice, options: LoadOptions) -> bool:
    """Whether exactly this backbone with these options is loaded or loading."""
    busy = worker.state.phase in (Phase.LOADING, Phase.READY)
    return busy and choice.ref is not None and (worker.ref, worker.options) == (choice.ref, options)


def runs_stopped_by(worker: BackboneWorker, choice: Choice, options: LoadOptions) -> int:
    """How many runs under way would end if this backbone were loaded."""
    return 0 if is_loaded(worker, choice, options) else worker.state.jobs


def draw_state(choice: Choice, options: LoadOptions, problem: str) -> None:
    """Load, Unload and Restart, and where loading stands. `problem` is why nothing can be loaded so."""
    worker = resources.desk().worker
    state, same = worker.state, is_loaded(worker, choice, options)
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_act(
            "Load",
            ":material/download_for_offline:",
            runs_stopped_by(worker, choice, options),
            _load,
            (choice, options),
            disabled=same or bool(problem) or not choice.can_load,
            help="Loads it without asking anything yet.",
        )
        if state.phase is Phase.LOADING:
            st.button("Stop loading", icon=":material/stop_circle:", on_click=worker.unload, key="stop the loading")
        elif state.phase is not Phase.IDLE:
            draw_act("Unload", ":material/eject:", state.jobs, worker.unload)
            draw_act("Restart", ":material/restart_alt:", state.jobs, _restart)
        if state.phase is not Phase.LOADING:
            _draw_line(state)
    _draw_problem()
    if state.phase is Phase.LOADING:
        _follow_loading()


def draw_act(
    label: str,
    icon: str,
    stops: int,
    act: Callable[..., None],
    args: tuple[Any, ...] = (),
    *,
    disabled: bool = False,
    help: str = "",
    type: Literal["primary", "secondary"] = "secondary",
) -> None:
    """A button; where it would stop runs under way, a second press inside says so and asks for it."""
    if not stops or disabled:
        st.button(label, icon=icon, on_click=act, args=args, disabled=disabled, help=help or None, type=type)
        return
    with st.popover(label, icon=icon, type=type):
        runs = counted(stops, "run")
        st.write(f"{runs} under way would be stopped. What was answered is kept, and a stopped run can be resumed.")
        st.button(f"Stop {runs} and {label.lower()}", on_click=act, args=args)


def _draw_line(state: WorkerState) -> None:
    if state.phase is Phase.FAILED:
        st.markdown(f":material/error: {plain(state_in_words(state))}", width="stretch")
    elif state.loaded is not None:
        under_way = f" · {counted(state.jobs, 'run')} under way" if state.jobs else ""
        told = f"**{plain(title_of(state))}** is ready · {plain(loaded_in_words(state.loaded))}{under_way}"
        st.markdown(f":material/check_circle: {told}", width="stretch")
    else:
        st.caption("No backbone is loaded.", width="content")


@st.fragment(run_every=0.5)
def _follow_loading() -> None:
    """How far the loading is; when it has ended, the whole page is drawn anew."""
    state = resources.desk().worker.state
    if state.phase is not Phase.LOADING:
        st.rerun()
    st.progress(share_of(state.sentence), plain(state_in_words(state)))


def share_of(sentence: str) -> float:
    """How much of a stage is done, from its own words (`... 3 of 10`); 0 where they tell none."""
    found = _COUNT.findall(sentence)
    done, total = map(int, found[-1]) if found else (0, 0)
    return min(done / total, 1.0) if total else 0.0


def _load(choice: Choice, options: LoadOptions) -> None:
    _tried(lambda: resources.desk().worker.start(reference(choice), options))


def _restart() -> None:
    _tried(resources.desk().worker.restart)


def _tried(act: Callable[[], object]) -> None:
    """Keeps the sentence of a fault until the view is another one."""
    try:
        act()
    except MedmatError as error:
        st.session_state[LOAD_PROBLEM] = (str(error), st.query_params.to_dict())
    else:
        st.session_state.pop(LOAD_PROBLEM, None)


def _draw_problem() -> None:
    sentence, view = st.session_state.get(LOAD_PROBLEM, ("", {}))
    if sentence and view == st.query_params.to_dict():
        st.error(plain(sentence), icon=":material/error:")
    else:
        st.session_state.pop(LOAD_PROBLEM, None)


def _where(loaded: Loaded) -> str:
    memory = f" · {loaded.memory_gb:.2f} GB" if loaded.memory_gb else ""
    return f"{memory} on {loaded.device}" if loaded.device != "none" else memory
