"""The backbone that a stored run was asked of: whether exactly that one is loaded now, and how to load it."""

from dataclasses import replace

import streamlit as st

from medmat_explorer.backbones.contract import Loaded, LoadOptions
from medmat_explorer.backbones.placement import ATTENTION, BITS, DTYPES
from medmat_explorer.backbones.registry import resolve
from medmat_explorer.backbones.worker import Phase
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.run_record import RunHeader, RunKind
from medmat_explorer.experiments.run_header import other_backbone
from medmat_explorer.ui import frame, resources
from medmat_explorer.ui.backbone_options import chosen_options
from medmat_explorer.ui.backbone_state import draw_act
from medmat_explorer.ui.plain import plain

PROBLEM = "backbone of a run that could not be loaded"


def loaded_for(header: RunHeader) -> Loaded | None:
    """What is loaded, if it is exactly the run's backbone; else None."""
    state = resources.desk().worker.state
    loaded = state.loaded if state.phase is Phase.READY else None
    return None if other_backbone(header, loaded) else loaded


def run_options(header: RunHeader) -> LoadOptions:
    """How the run's backbone was loaded, as far as the record tells; device, threads and adapter as chosen now.

    A record names an adapter by its content and not by its folder, so that the folder has to be chosen again.
    """
    return replace(
        chosen_options(),
        dtype=header.dtype if header.dtype in DTYPES else "auto",
        bits=header.bits if header.bits in BITS else 0,
        attention=header.attention if header.attention in ATTENTION else "auto",
        adapter=chosen_options().adapter if header.adapter else "",
    )


def what_is_missing(header: RunHeader) -> str:
    """Why nothing more can be asked in this run as things stand, as a sentence that says what to do."""
    if header.kind is RunKind.IMPORTED:
        return "These answers were imported, so there is no backbone here to ask again. Ask it from above."
    wanted = f"{header.backbone_title} ({header.revision[:12]})"
    if header.adapter:
        return f"Load {wanted} with its adapter {header.adapter}: give the adapter's folder under Loading options."
    return f"To ask again, exactly {wanted} has to be loaded."


@st.fragment(run_every=1.0)
def draw_loading(header: RunHeader) -> None:
    """What has to be loaded, with a button that does so, and how the loading goes."""
    if loaded_for(header) is not None:
        st.rerun()
    state = resources.desk().worker.state
    if state.phase is Phase.LOADING:
        st.info(f"Loading: {plain(state.sentence)}", icon=":material/hourglass_top:")
        return
    st.info(plain(what_is_missing(header)), icon=":material/memory:")
    if sentence := st.session_state.get(PROBLEM, {}).get(header.id):
        frame.show_error(sentence)
    if state.phase is Phase.FAILED and state.sentence:
        frame.show_error(state.sentence)
    if header.kind is not RunKind.IMPORTED and not (header.adapter and not chosen_options().adapter):
        draw_act(f"Load {plain(header.backbone_title)}", ":material/memory:", stopped_by(header), _load, (header,))


def stopped_by(header: RunHeader) -> int:
    """How many runs under way would end if the run's backbone were loaded."""
    return 0 if loaded_for(header) is not None else resources.desk().worker.state.jobs


def _load(header: RunHeader) -> None:
    st.session_state.pop(PROBLEM, None)
    try:
        resources.desk().worker.start(resolve(header.plan.backbone), run_options(header))
    except MedmatError as error:
        st.session_state[PROBLEM] = {header.id: str(error)}
