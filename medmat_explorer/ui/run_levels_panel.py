"""Tasks whose labels have an order, and questions with several right labels: how far off, and how much of the set."""

from collections.abc import Mapping

import streamlit as st

from medmat_explorer.evaluation.label_order import LabelOrder
from medmat_explorer.evaluation.label_sets import SetScore
from medmat_explorer.evaluation.ordinal import OrdinalScore
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.score_words import between, percent

ORDINAL_COLUMNS = [
    Column("Subset"),
    *(Column(title, amount=True) for title in ("n", "Unread", "Exact", "Mean error")),
    Column("95 % interval"),
    *(Column(title, amount=True) for title in ("Guessing", "At worst", "Quadratic kappa")),
    Column("95 % interval of kappa"),
]
SET_COLUMNS = [
    Column("Subset"),
    *(Column(title, amount=True) for title in ("n", "Unread", "All labels right", "Mean set F1")),
    Column("95 % interval"),
    *(Column(title, amount=True) for title in ("Micro F1", "Macro F1")),
]


def draw_levels(ordinal: Mapping[str, OrdinalScore], sets: Mapping[str, SetScore], titles: Mapping[str, str]) -> None:
    """A table for each kind that occurs in the run."""
    if ordinal:
        st.markdown("**Labels with an order**: errors in steps between the chosen and the right label.")
        rows = [_ordinal_row(titles.get(number, number), found) for number, found in ordinal.items()]
        linked_table(ORDINAL_COLUMNS, rows, key="ordinal_table", label="Ordinal errors by subset")
        for order, numbers in _orders(ordinal).items():
            st.caption(f"{plain(', '.join(numbers))}: {' < '.join(map(plain, order.labels))}, {order.source.value}.")
        st.caption(
            "Guessing: the mean error of guessing among an item's options. At worst: unread answers counted as far off "
            "as can be. Kappa is 1 for full agreement and 0 for that of chance. No interval stands where all draws of "
            "the bootstrap give the same number: there are too few answers."
        )
    if sets:
        st.markdown("**Questions with several right labels**: how much of the set an answer got.")
        rows = [_set_row(titles.get(number, number), found) for number, found in sets.items()]
        linked_table(SET_COLUMNS, rows, key="sets_table", label="Set scores by subset")
        st.caption("Set F1: twice the labels in common over all labels of both. Unread answers got none and count.")


def _orders(ordinal: Mapping[str, OrdinalScore]) -> dict[LabelOrder, list[str]]:
    """Each order with the subsets that have it."""
    found: dict[LabelOrder, list[str]] = {}
    for number, score in ordinal.items():
        found.setdefault(score.order, []).append(number)
    return found


def _ordinal_row(title: str, found: OrdinalScore) -> list[Cell]:
    kappa = "" if found.kappa is None else f"{found.kappa:.2f}"
    return [
        Cell(title),
        Cell(f"{found.n:,}"),
        Cell(f"{found.unread:,}"),
        Cell(f"{found.exact:,}"),
        Cell(f"{found.mean_error:.2f}"),
        Cell(_range(found.error_interval)),
        Cell("" if found.chance is None else f"{found.chance:.2f}"),
        Cell(f"{found.at_worst:.2f}"),
        Cell(kappa),
        Cell(_range(found.kappa_interval)),
    ]


def _set_row(title: str, found: SetScore) -> list[Cell]:
    return [
        Cell(title),
        Cell(f"{found.n:,}"),
        Cell(f"{found.unread:,}"),
        Cell(f"{percent(found.exact_share)} ({between(found.exact_interval)})"),
        Cell(f"{found.f1:.2f}"),
        Cell(_range(found.f1_interval)),
        Cell(f"{found.micro:.2f}"),
        Cell(f"{found.macro:.2f}"),
    ]


def _range(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"
