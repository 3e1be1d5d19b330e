"""Lattice: what every subset shares with a target, under a rule, and the training mixes that follow from it."""

import streamlit as st

from medmat_explorer.ui import frame, lattice_page
from medmat_explorer.ui.concept_panel import draw_concepts
from medmat_explorer.ui.cube_panel import draw_cube
from medmat_explorer.ui.evidence_panel import draw_evidence
from medmat_explorer.ui.evidence_summary import draw_evidence_summary
from medmat_explorer.ui.lattice_view import read_view
from medmat_explorer.ui.mix_panel import draw_mix
from medmat_explorer.ui.recipe_panel import draw_recipes
from medmat_explorer.ui.rule_panel import draw_rule_editor
from medmat_explorer.ui.subset_card import draw_subset_card
from medmat_explorer.ui.transfer_panel import draw_transfer

catalog = frame.current_catalog()
view = read_view(catalog)
st.html(lattice_page.STYLE)
st.title("Lattice")
lattice_page.draw_view_switch(view)
with st.container(key="lattice_body"):
    left, main = st.columns([1, 2.8], gap="medium")
with left:
    with st.container():
        lattice_page.draw_controls(view)
        draw_rule_editor(view, catalog)
    draw_subset_card(view)
with main:
    match view.shown:
        case "collection":
            draw_concepts(view)
        case "cube":
            draw_cube(view)
        case "transfer":
            draw_transfer(view)
            draw_evidence_summary(view, catalog)
        case "mix":
            draw_mix(view, catalog)
        case _:
            lattice_page.draw_picture(view)
            draw_recipes(view)
            draw_evidence(view)
            lattice_page.draw_lists(view)
