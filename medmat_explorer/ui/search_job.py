"""The search for duplicates as the Data page sees it: start, progress with count and rate, stop, outcome."""

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.duplicate_search import BackgroundSearch
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame
from medmat_explorer.ui.work_bar import follow_work


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
    if job.running:
        follow_work(job, catalog.name, "Stopped, it leaves what was found before.")
    elif job.error:
        frame.show_error(job.error)
    elif job.stopped and job.record is None:
        st.info("The search was stopped. What was found before stays.", icon=":material/stop_circle:")
