"""Data: import a folder, watch it, see what came of it, switch collection."""

import streamlit as st

from medmat_explorer.ui import data_page, frame, resources

st.title("Data")
data_page.draw_import_form()
data_page.draw_running_import()
data_page.draw_collections()
if any(summary.name == frame.current_name() for summary in resources.collections()):
    catalog = frame.current_catalog()
    data_page.draw_health(catalog)
    with st.expander(f"Report of the last import of {catalog.name}"):
        data_page.draw_report({**catalog.report.as_json(), "images": dict(catalog.summary().images)})
