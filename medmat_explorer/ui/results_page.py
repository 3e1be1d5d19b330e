"""The Results page: which view the address names."""

from collections.abc import Callable

import streamlit as st

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import url_state
from medmat_explorer.ui.results_backbones import draw_backbones
from medmat_explorer.ui.results_figure4 import draw_figure4
from medmat_explorer.ui.results_rows import draw_rows
from medmat_explorer.ui.results_subsets import draw_subsets

VIEW = "view"
VIEWS: dict[str, tuple[str, Callable[[Catalog], None]]] = {
    "rows": ("Composition rows", draw_rows),
    "backbones": ("By backbone", draw_backbones),
    "figure4": ("Figure 4", draw_figure4),
    "subsets": ("By subset", draw_subsets),
}
"""The views by their name in the address, with their title; the first is the usual one."""


def draw_results(catalog: Catalog) -> None:
    """The switch between the views, and the one chosen."""
    usual, asked = next(iter(VIEWS)), url_state.value(VIEW)
    view = asked if asked in VIEWS else usual
    st.segmented_control(
        "View",
        list(VIEWS),
        format_func=lambda name: VIEWS[name][0],
        required=True,
        label_visibility="collapsed",
        **url_state.bind(VIEW, view, default=usual),
    )
    VIEWS[view][1](catalog)
