"""The Runs page: all that was ever asked here, two of them side by side, and runs from elsewhere taken in."""

import streamlit as st

from medmat_explorer.errors import MedmatError
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.run_compare_panel import draw_comparison
from medmat_explorer.ui.runs_import_panel import draw_import
from medmat_explorer.ui.runs_list_panel import draw_list
from medmat_explorer.ui.runs_view import FIRST, SECOND


def draw_page() -> None:
    """The comparison that the address names, else the list and the import."""
    first, second = url_state.value(FIRST), url_state.value(SECOND)
    if first and second:
        try:
            draw_comparison(first, second)
        except MedmatError as error:
            frame.show_error(error)
            frame.link("runs", "All runs", icon=":material/arrow_back:")
        return
    if first or second:
        st.info("Two runs make a comparison: choose two below and press Compare.", icon=":material/compare_arrows:")
    draw_list()
    draw_import()
