"""Data: import a folder, watch it, see what came of it, switch collection."""

import streamlit as st

from medmat_explorer.ui import data_page, frame, health_panel, own_subset_panel, resources
from medmat_explorer.ui.sql_panel import draw_console

st.title("Data")
data_page.draw_import_form()
data_page.draw_running_import()
data_page.draw_collections()
is_here = any(summary.name == frame.current_name() for summary in resources.collections())
own_subset_panel.draw_own_subset(frame.current_catalog() if is_here else None)
if is_here:
    catalog = frame.current_catalog()
    health_panel.draw_health(catalog)
    draw_console(catalog)
    with st.expander(f"Report of the last import of {catalog.name}"):
        data_page.draw_report({**catalog.report.as_json(), "images": dict(catalog.summary().images)})
