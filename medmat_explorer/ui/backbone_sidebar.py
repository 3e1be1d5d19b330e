"""The state of the backbone's process, as every page shows it in the sidebar."""

import streamlit as st

from medmat_explorer.backbones.worker import Phase, WorkerState
from medmat_explorer.ui import resources
from medmat_explorer.ui.backbone_state import share_of, state_in_words
from medmat_explorer.ui.plain import plain

SIGNS = {
    Phase.IDLE: ":material/memory:",
    Phase.LOADING: ":material/hourglass_top:",
    Phase.READY: ":material/check_circle:",
    Phase.FAILED: ":material/error:",
}


def draw_sidebar_state() -> None:
    """Idle, loading and how far, ready and how large, or failed and why. It moves by itself only while it loads."""
    if resources.desk().worker.state.phase is Phase.LOADING:
        _follow()
    else:
        _draw(resources.desk().worker.state)


@st.fragment(run_every=1.0)
def _follow() -> None:
    """When the loading has ended, the whole page is drawn, so that this stops asking."""
    state = resources.desk().worker.state
    if state.phase is not Phase.LOADING:
        st.rerun()
    _draw(state)
    if share := share_of(state.sentence):
        st.progress(share)


def _draw(state: WorkerState) -> None:
    st.caption(f"{SIGNS[state.phase]} {plain(state_in_words(state))}")
