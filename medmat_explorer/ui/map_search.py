"""Places on the map by UMAP: found once in the background, kept, and shown at once the next time."""

import streamlit as st

from medmat_explorer.errors import MedmatError
from medmat_explorer.map_layout import FEWEST, METHOD, BackgroundLayout, umap_is_installed
from medmat_explorer.store.embedding_map import MapDraw, StoredLayout
from medmat_explorer.store.embeddings import FloatArray, VectorSnapshot
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.plain import plain

LAYOUT = "layout"
PCA, UMAP = "pca", "umap"


@st.cache_resource(show_spinner=False)
def _searches() -> dict[str, BackgroundLayout]:
    """The last search for each file of places; shared by all sessions."""
    return {}


def chosen_method() -> str:
    """How places are found, by the address."""
    return UMAP if url_state.value(LAYOUT) == UMAP else PCA


def draw_umap(stored: VectorSnapshot, draw: MapDraw, seed: int) -> FloatArray | None:
    """The places of the pictures where they are known; else a button, how the search stands, or why there is none."""
    if not umap_is_installed():
        st.info(
            "UMAP is not installed; `pip install umap-learn` (the extra `map`) adds it. PCA needs nothing.",
            icon=":material/info:",
        )
        return None
    if len(draw.pictures) < FEWEST:
        st.info(f"UMAP needs at least {FEWEST} pictures; here are {len(draw.pictures)}. Choose PCA.")
        return None
    layout = StoredLayout.of(stored.folder, METHOD, draw.contents, seed)
    places = layout.read(len(draw.pictures))
    if places is not None:
        return places
    search = _searches().get(str(layout.file))
    if search is not None and search.running:
        _draw_running(str(layout.file))
        return None
    if search is not None and search.error:
        frame.show_error(search.error)
    st.write(f"The places of these {len(draw.pictures):,} pictures are not known yet; about a minute finds them.")
    st.button(
        "Find the places by UMAP",
        on_click=_begin,
        args=(layout, draw, seed),
        type="primary",
        icon=":material/scatter_plot:",
    )
    return None


def _begin(layout: StoredLayout, draw: MapDraw, seed: int) -> None:
    if any(search.running for search in _searches().values()):
        st.toast("Another map is being made already: wait for it or stop it.")
        return
    try:
        _searches()[str(layout.file)] = BackgroundLayout(draw.vectors, layout, seed)
    except MedmatError as error:
        st.toast(plain(str(error)), icon=":material/error:")


@st.fragment(run_every=0.5)
def _draw_running(name: str) -> None:
    search = _searches()[name]
    if not search.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(f":material/hourglass_top: {search.stage} ... {search.seconds:.0f} seconds so far")
        st.button("Stop", on_click=search.stop, icon=":material/stop_circle:", key="stop map")
