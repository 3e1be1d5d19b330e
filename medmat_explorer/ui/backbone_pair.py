"""Two backbones asked the same items one after the other: how far they are, and their comparison when both are done."""

import streamlit as st

from medmat_explorer.experiments.spot_check_desk import Asked
from medmat_explorer.experiments.spot_check_service import LiveState
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.spot_check_plan import RUN, owner

OPENED = "comparison that was opened"


def draw_pair() -> None:
    """The pair that this session asked last, as long as one of its runs is looked at or waited for."""
    pair = resources.desk().pair(owner())
    if pair is None:
        return
    first, second = pair
    ids = [asked.run.id for asked in pair if asked.run]
    if second.under_way:
        _follow()
    elif second.error and url_state.value(RUN) in ids:
        frame.show_error(second.error)
    elif first.run and second.run and url_state.value(RUN) in ids:
        _draw_comparison(first.run.id, second.run.id, second.run.state is LiveState.FINISHED)


def _draw_comparison(first: str, second: str, finished: bool) -> None:
    """Opens the comparison once by itself, and leaves a link to it."""
    shown = {"a": first, "b": second}
    if finished and st.session_state.get(OPENED) != shown:
        st.session_state[OPENED] = shown
        frame.go("runs", shown)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("One of two backbones that were asked the same items.", width="content")
        frame.link("runs", "Compare the two", shown, ":material/compare_arrows:")


@st.fragment(run_every=0.5)
def _follow() -> None:
    """Goes from the first run to the second when that begins; when both are done, the whole page is drawn."""
    pair = resources.desk().pair(owner())
    if pair is None or not pair[1].under_way:
        st.rerun()
    first, second = pair
    if first.run and second.run and url_state.value(RUN) == first.run.id:
        url_state.write({RUN: second.run.id})
        st.rerun()
    st.caption(f":material/compare_arrows: Two backbones, the same items: {_told(first)}, then {_told(second)}.")


def _told(asked: Asked) -> str:
    name = plain(asked.backbone)
    if asked.run is None:
        return f"{name} (to come)"
    done, total = len(asked.run.answers), asked.run.total
    return f"{name} ({done:,} of {total:,})"
