"""Saved views: a selection with its order, under a name."""

import streamlit as st

from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame, selection_state, url_state
from medmat_explorer.ui.panel import panel
from medmat_explorer.ui.plain import plain

KEPT = ("show", "sort", "seed", "per", "density")
"""Of a view's address beside its selection: what is shown, in which order, how many and how large."""

NEW_VIEW = "new view"


def draw_views(catalog: Catalog, selection: Selection) -> None:
    """Behind a button: keep what is looked at under a name, and go to what was kept before."""
    popover = panel("Views", ":material/bookmark:")
    if not popover.open:
        return
    with popover:
        st.text_input("Name of this view", key=NEW_VIEW, placeholder="for example: CT of the test split")
        st.button("Save this view", on_click=_save, args=(catalog, selection), type="primary")
        views = catalog.workspace.views()
        if not views:
            st.caption("A saved view is a link: filters, words, order and what is shown.")
        for view in views:
            with st.container(horizontal=True, vertical_alignment="center"):
                frame.link("browse", plain(view.name), view.params, ":material/bookmark:")
                st.button(
                    "Delete", key=f"delete {view.name}", on_click=_delete, args=(catalog, view.name), type="tertiary"
                )


def view_params(selection: Selection) -> dict[str, str | list[str]]:
    """What makes the view again, as address parameters."""
    kept = {name: url_state.value(name) for name in KEPT if url_state.value(name)}
    return {**selection_state.selection_params(selection), **kept}


def _save(catalog: Catalog, selection: Selection) -> None:
    name = st.session_state[NEW_VIEW]
    try:
        catalog.workspace.save_view(name, view_params(selection))
        st.session_state[NEW_VIEW] = ""
        st.toast(f"Saved the view {plain(name.strip())}.", icon=":material/bookmark_added:")
    except MedmatError as error:
        st.toast(plain(str(error)), icon=":material/error:")


def _delete(catalog: Catalog, name: str) -> None:
    catalog.workspace.delete_view(name)
