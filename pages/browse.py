"""Browse: find items by facet and word, look at them, open one."""

import streamlit as st

from medmat_explorer.ui import browse_page, facet_panel, frame, selection_state, url_state

catalog = frame.current_catalog()
selection = selection_state.read_selection(catalog)
st.title("Browse")
left, main = st.columns([1.25, 3.2], gap="medium")
with main:  # before the filters, whose counts take longer: pictures are what a reader waits for
    browse_page.draw_main(catalog, selection)
with left:
    browse_page.draw_search(selection)
    browse_page.draw_keys(catalog, selection, url_state.value(selection_state.ITEM))
    facet_panel.draw_facets(catalog, selection)
