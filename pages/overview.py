"""Overview: what the collection holds, and three ways in."""

import streamlit as st

from medmat_explorer.ui import frame, overview_page

catalog = frame.current_catalog()
st.title("MedMAT Explorer")
st.write(
    "What is in a collection of medical image questions, which subsets teach a target its elements, and whether a "
    "model really knows."
)
overview_page.draw_published(catalog)
overview_page.draw_numbers(catalog)
overview_page.draw_ways_in()
overview_page.draw_matrix(catalog)
overview_page.draw_subsets(catalog)
