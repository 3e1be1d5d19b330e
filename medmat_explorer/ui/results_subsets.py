"""Tables 1 and 2: one subset a line, untrained, trained alone and trained together."""

from collections.abc import Sequence
from statistics import median

import streamlit as st

from medmat_explorer.charts.subset_accuracy import (
    DISTRIBUTIONS,
    EXPLAINED,
    SubsetLine,
    accuracy_lines,
    subset_chart,
    subset_lines,
)
from medmat_explorer.paper.facts import subset_accuracies, subsets
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui.results_own import draw_own, own_results
from medmat_explorer.ui.table_file import draw_table


def draw_subsets(catalog: Catalog) -> None:
    """Both tables, each with its picture and a sentence."""
    own = own_results([accuracy.subset for accuracy in subset_accuracies()])
    for name, title in DISTRIBUTIONS.items():
        lines = [line for line in subset_lines(subset_accuracies()) if line.distribution == name]
        st.subheader(title)
        st.caption(sentence(lines))
        picture, table = st.tabs(["Picture", "Table"])
        with picture:
            st.altair_chart(subset_chart(lines, subsets(), own), alt=f"{title}; the table has the numbers")
        with table:
            draw_table(
                accuracy_lines(lines, subsets()), key=f"subsets_{name}", file=f"subsets-{name}", explained=EXPLAINED
            )
    draw_own(own, "subsets_own")


def sentence(lines: Sequence[SubsetLine]) -> str:
    """How often training together beats training alone and no training, and by how much in the middle."""
    said = [_compared(lines, "no training", [(line.multi, line.baseline) for line in lines])]
    alone = [(line.multi, line.single) for line in lines if line.single is not None]
    said += [_compared(lines, "training alone", alone)] if alone else []
    sizes = sum(line.n is not None for line in lines)
    return (
        f"{' '.join(said)} Sizes of test sets were not printed; {sizes} of {len(lines)} can be inferred, so single "
        "differences cannot be tested."
    )


def _compared(lines: Sequence[SubsetLine], other: str, pairs: Sequence[tuple[float | None, float | None]]) -> str:
    gains = [first - second for first, second in pairs if first is not None and second is not None]
    above = sum(gain > 0 for gain in gains)
    return (
        f"Training on all subsets together is above {other} on {above} of {len(gains)} (median {median(gains):+.0f} "
        "points)."
    )
