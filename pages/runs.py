"""Runs: everything that was asked of a backbone here, found again, compared in pairs, taken along and taken in."""

import streamlit as st

from medmat_explorer.ui import runs_page

st.title("Runs")
st.write("Every run is kept whole: what was asked of whom, and each answer. Open one, or compare two on common items.")
runs_page.draw_page()
