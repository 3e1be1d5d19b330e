"""The bar of long work in the background: how far it is, how fast, and a button that stops it."""

import streamlit as st

from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.ui.plain import plain


@st.fragment(run_every=0.5)
def follow_work(work: BackgroundWork, title: str, meaning: str = "") -> None:
    """Draws work that runs; when it ends, the whole page is drawn with what it made.

    `title` says in plain text what it works at, `meaning` what stopping it leaves.
    """
    if not work.running:
        st.rerun()
    share = min(work.done / work.total, 1.0) if work.total else 0.0
    st.progress(share, f"{plain(title)}: {work.stage}{_count(work)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Stopping ..." if work.stopped else "Stop"
        st.button(label, on_click=work.stop, disabled=work.stopped, icon=":material/stop_circle:", key=f"stop {title}")
        st.caption(f"It goes on while you look at other pages. {meaning}")


def _count(work: BackgroundWork) -> str:
    if not work.total:
        return f": {work.done:,}" if work.done else " ..."
    left = work.seconds_left
    ahead = f", about {duration(left)} left" if left is not None else ""
    return f": {work.done:,} of {work.total:,} ({work.rate:,.0f} a second{ahead})"


def duration(seconds: float) -> str:
    """A time for people: `1 second`, `3 minutes`, `2.5 hours`."""
    if seconds < 90:
        whole = max(1, round(seconds))
        return f"{whole} second" if whole == 1 else f"{whole} seconds"
    return f"{round(seconds / 60)} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
