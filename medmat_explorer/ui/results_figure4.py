"""Figure 4 of the paper: two targets under seven training sets, with intervals and what they show."""

import streamlit as st

from medmat_explorer.charts.figure4_bars import figure4_chart, figure4_in_words
from medmat_explorer.charts.figure4_table import arm_lines
from medmat_explorer.paper.facts import subsets
from medmat_explorer.paper.figure4_counts import TARGETS
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui.figure4_panel import ARMS_HELP, draw_counts
from medmat_explorer.ui.table_file import draw_table

MEANING = (
    "The target is never trained on. All related: every subset that shares an element with it; without modality, area "
    "or task: the same minus those that share that element; all unrelated: those that share none. Up to 15,000 samples."
)


def draw_figure4(catalog: Catalog) -> None:
    """The bars of both targets side by side, their tables, and the counts that no rule gives."""
    st.caption(MEANING)
    for column, target in zip(st.columns(len(TARGETS)), TARGETS, strict=True):
        with column:
            st.subheader(subsets()[target].title)
            st.altair_chart(figure4_chart(target), alt=figure4_in_words(target))
    for target in TARGETS:
        st.markdown(f"**Target {target}**")
        draw_table(arm_lines(target), key=f"arms_{target}", file=f"figure-4-target-{target}", explained=ARMS_HELP)
    draw_counts("results_counts")
