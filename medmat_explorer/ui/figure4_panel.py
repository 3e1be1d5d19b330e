"""Figure 4 of the paper: counts that no rule gives, and bars with their intervals."""

from functools import cache

import streamlit as st

from medmat_explorer.charts.figure4_table import arm_lines, count_lines, counts_sentence, figure4_counts
from medmat_explorer.domain.related_counts import RelatedCount
from medmat_explorer.paper.figure4_counts import TARGETS
from medmat_explorer.ui.lattice_view import LatticeView
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.table_file import draw_table

ARMS_HELP = {
    "Accuracy": "In percent, as printed.",
    "95 % interval": "Wilson interval; n is the test size inferred for this target's rows in the tables.",
    "Gain": "Over the better of the untrained model and training on unrelated subsets, in points.",
    "z": "Two proportions, pooled variance, unpaired.",
}


def draw_figure4_counts(view: LatticeView) -> None:
    """For targets 03 and 28: the sentence, the bars with intervals, and all the counts that were tried."""
    if view.target.subset is None or view.target.subset.number not in TARGETS:
        return
    number = view.target.subset.number
    st.markdown(f"**Figure 4: target {number} under seven training sets**")
    draw_table(arm_lines(number), key="figure4_arms", file=f"figure-4-target-{number}", explained=ARMS_HELP)
    draw_counts("figure4_counts")


def draw_counts(key: str) -> None:
    """Whether any rule gives the counts that Figure 4 prints, with every count; `key` names the table's widgets."""
    counts = _counts()
    st.caption(plain(counts_sentence(counts)))
    with st.expander("Every way to count"):
        draw_table(count_lines(counts), key=key, file="figure-4-counts")


@cache
def _counts() -> tuple[RelatedCount, ...]:
    return figure4_counts()
