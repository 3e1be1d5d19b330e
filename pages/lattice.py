"""Lattice: what every subset shares with a target, under a rule."""

import streamlit as st

from medmat_explorer.ui import frame, lattice_page
from medmat_explorer.ui.lattice_view import read_view
from medmat_explorer.ui.recipe_panel import draw_recipes
from medmat_explorer.ui.subset_card import draw_subset_card

view = read_view(frame.current_catalog())
st.html(lattice_page.STYLE)
st.title("Lattice")
with st.container(key="lattice_body"):
    left, main = st.columns([1, 2.8], gap="medium")
with left:
    lattice_page.draw_controls(view)
    draw_subset_card(view)
with main:
    lattice_page.draw_picture(view)
    draw_recipes(view)
    lattice_page.draw_lists(view)
