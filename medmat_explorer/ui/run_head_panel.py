"""The head of a stored run: which backbone was asked what, how it stands, and how to go on with it."""

import streamlit as st

from medmat_explorer.backbones.registry import resolve
from medmat_explorer.backbones.worker import Phase
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.controls import CONTROLS
from medmat_explorer.evaluation.run_record import MAIN, RunHeader, RunKind, RunRecord, RunState
from medmat_explorer.experiments.control_facts import control_facts
from medmat_explorer.experiments.run_context import unfamiliar
from medmat_explorer.experiments.spot_check_desk import Asked
from medmat_explorer.experiments.spot_check_service import LiveRun, LiveState
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame, resources
from medmat_explorer.ui.backbone_state import draw_act
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.run_backbone import run_options, stopped_by
from medmat_explorer.ui.run_record_panel import prompt_title
from medmat_explorer.ui.spot_check_plan import ASKED, PROBLEM, owner


def draw_head(record: RunRecord, catalog: Catalog | None, live: LiveRun | None) -> None:
    """State, description, Resume where something is left to ask, and every warning that belongs to the run."""
    finished = record.state is RunState.FINISHED
    with st.container(horizontal=True, vertical_alignment="center"):
        state, so_far = ("Finished", "") if finished else ("Stopped", _so_far(record))
        st.markdown(f"**{state}** · {so_far}{described(record.header)}", width="stretch")
        if not finished and catalog is not None:
            draw_act("Resume", ":material/resume:", stopped_by(record.header), resume, (record.header,))
    if live is not None and live.state is LiveState.FAILED:
        frame.show_error(live.sentence)
        draw_restart()
    for warning in warnings(record, catalog):
        st.warning(warning, icon=":material/warning:")


def _so_far(record: RunRecord) -> str:
    asked = sum(answer.variant == MAIN for answer in record.answers)
    return f"{asked:,} of {len(record.header.item_keys):,} items answered · "


def warnings(record: RunRecord, catalog: Catalog | None) -> list[str]:
    """Sentences on what makes the run less than its numbers look."""
    found = []
    plan = record.header.plan
    if catalog is None:
        found.append(
            f"The collection {plain(plan.collection)} is no longer here: answers and numbers are whole, pictures and "
            "questions are missing, and nothing can be asked again. Import it under that name to have them back."
        )
    elif catalog.version != plan.version:
        found.append(f"The collection {plain(plan.collection)} was imported anew since: items may have changed.")
    if catalog is not None and (told := unfamiliar(plan.backbone, catalog)):
        found.append(told)
    if record.lost_lines:
        found.append(f"{record.lost_lines:,} answers could not be read back and are left out.")
    return found


def described(header: RunHeader) -> str:
    """A run in one line of Markdown."""
    plan, asked = header.plan, len(header.item_keys)
    if header.kind is RunKind.IMPORTED:
        items = f"{asked:,} items, imported"
    else:
        items = f"{asked:,} items" if asked >= plan.n else f"all {asked:,} items there are ({plan.n:,} asked for)"
        items += f", seed {plan.seed}"
    controls = [CONTROLS[name].title.lower() for name in plan.controls]
    where = f" · {plain(header.dtype)} on {plain(header.device)}" if header.device not in ("none", "") else ""
    adapter = f" with adapter {plain(header.adapter)}" if header.adapter else ""
    return (
        f"{plain(header.backbone_title)}{adapter} on {plain(plan.collection)} · {items}"
        + (f", with {' and '.join(controls)}" if controls else "")
        + f" · {plain(prompt_title(plan.prompt).partition(':')[0])}"
        + f" · {header.created:%Y-%m-%d %H:%M} UTC{where}"
    )


def resume(header: RunHeader) -> None:
    """Takes the run up: its backbone is loaded as it was, and only what is left is asked."""
    try:
        catalog = resources.catalog(header.plan.collection)
        items = catalog.items(header.item_keys)
        facts = control_facts(catalog, {item.subset for item in items})
        ref = resolve(header.plan.backbone)
        asked = resources.desk().resume(ref, run_options(header), header.id, items, catalog.image_of, facts, owner())
    except MedmatError as error:
        asked = Asked(header.backbone_title, error=str(error))
    st.session_state[ASKED] = asked


def draw_restart() -> None:
    """A button that loads a backbone again whose process has ended."""
    worker = resources.desk().worker
    if worker.state.phase is Phase.FAILED and worker.ref is not None:
        st.button("Restart the backbone", on_click=_restart, icon=":material/restart_alt:")


def _restart() -> None:
    st.session_state.pop(PROBLEM, None)
    try:
        resources.desk().worker.restart()
    except MedmatError as error:
        st.session_state[PROBLEM] = (str(error), st.query_params.to_dict())
