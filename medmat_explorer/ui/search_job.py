"""The search for duplicates as the Data page sees it: start, progress with count and rate, stop, outcome."""

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.duplicate_search import BackgroundSearch
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame
from medmat_explorer.ui.plain import plain

SHOWN_RUNNING = "search shown running"


@st.cache_resource(show_spinner=False)
def _searches() -> dict[str, BackgroundSearch]:
    """The last search of each collection on this server; shared by all sessions."""
    return {}


def seen_so_far(catalog: Catalog) -> tuple[str, ...]:
    """Changes whenever the image check has found more; what counts of images are kept by."""
    return tuple(batch.name for batch in catalog.connection.follow_check())


def draw_start(catalog: Catalog, label: str, *, check: bool, key: str, primary: bool = False) -> None:
    """A button that starts a search in the background; with `check`, image files are looked at before."""
    job = _searches().get(catalog.name)
    st.button(
        label,
        key=key,
        icon=":material/image_search:" if check else ":material/content_copy:",
        type="primary" if primary else "secondary",
        disabled=job is not None and job.running,
        on_click=_start,
        args=(catalog.name, check),
    )


def _start(name: str, check: bool) -> None:
    job = _searches().get(name)
    if job is None or not job.running:
        _searches()[name] = BackgroundSearch(name, settings().home, check=check)


def draw_search(catalog: Catalog) -> None:
    """The bar of the search under way, or why the last one came to nothing."""
    job = _searches().get(catalog.name)
    if job is None:
        return
    if job.running or st.session_state.get(SHOWN_RUNNING) == catalog.name:
        _draw_running(catalog.name)
    elif job.error:
        frame.show_error(job.error)
    elif job.stopped and job.record is None:
        st.info("The search was stopped. What was found before stays.", icon=":material/stop_circle:")


@st.fragment(run_every=0.5)
def _draw_running(name: str) -> None:
    job = _searches()[name]
    if not job.running:
        st.session_state.pop(SHOWN_RUNNING, None)
        st.rerun()
    st.session_state[SHOWN_RUNNING] = name
    share = min(job.done / job.total, 1.0) if job.total else 0.0
    count = f"{job.done:,} of {job.total:,}" if job.total else "reading"
    st.progress(share, f"{plain(name)}: {job.stage}: {count} ({job.rate:,.1f} a second)")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", on_click=job.stop, icon=":material/stop_circle:", key="stop search", disabled=job.stopped)
        if job.stopped:
            st.write("Stopping at the end of this step.")
