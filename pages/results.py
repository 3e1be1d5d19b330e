"""Results: the paper's tables with their uncertainty, and what one's own runs say beside them."""

import streamlit as st

from medmat_explorer.ui import frame, results_page

catalog = frame.current_catalog()
st.title("Results")
st.write("What the paper printed, and what those numbers are worth: intervals, chance, verdicts, notes.")
results_page.draw_results(catalog)
