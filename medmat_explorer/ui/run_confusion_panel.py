"""Which label a run takes for which, a subset at a time; each count opens the answers behind it."""

from collections.abc import Mapping, Sequence

import streamlit as st

from medmat_explorer.charts.confusion import confusion_chart, confusion_in_words
from medmat_explorer.evaluation.confusion import OTHERS, UNREAD, Confusion
from medmat_explorer.ui import url_state
from medmat_explorer.ui.answer_filter import CHOSEN, OF, RIGHT, SHEET, filter_changes
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.run_tab import TAB, Tab
from medmat_explorer.ui.score_words import between, percent

BETWEEN = "\x1f"
"""Parts the two labels in what a cell sends; no label of text holds it."""


def draw_confusion(by_subset: Mapping[str, Confusion], titles: Mapping[str, str]) -> None:
    """The matrix of the subset in the address, the first where it names none that has one."""
    if not by_subset:
        st.info("Nothing was chosen in this run, so no label was taken for another.", icon=":material/info:")
        return
    asked = url_state.value(OF)
    subset = asked if asked in by_subset else next(iter(by_subset))
    if len(by_subset) > 1:
        st.selectbox(
            "Subset",
            list(by_subset),
            format_func=lambda number: titles.get(number, number),
            width=360,
            **url_state.bind(OF, subset, resets=(SHEET,), widget=" confusion"),
        )
    found = by_subset[subset]
    st.altair_chart(confusion_chart(found), alt=confusion_in_words(found))
    told = plain(confusion_in_words(found))
    st.caption(f"{told} Rows are right, columns were chosen. A count below opens its answers.")
    linked_table(
        _columns(found),
        [_row(found, right) for right in found.rows],
        key="confusion_table",
        label="Counts by right label and chosen label",
        on_act=lambda act: _open(subset, act),
    )


def _columns(found: Confusion) -> list[Column]:
    chosen = [Column(f"as {label}" if label != UNREAD else label, amount=True) for label in found.columns]
    heads = [Column("n", True), Column("Recall", True), Column("95 % interval")]
    return [Column("Right label"), *chosen, *heads]


def _row(found: Confusion, right: str) -> Sequence[Cell]:
    recall, interval = found.recall(right), found.interval(right)
    return [
        Cell(right),
        *(_cell(found, right, chosen) for chosen in found.columns),
        Cell(f"{found.total(right):,}"),
        Cell("" if recall is None else percent(recall)),
        Cell("" if interval is None else between(interval)),
    ]


def _cell(found: Confusion, right: str, chosen: str) -> Cell:
    """Rare labels put together cannot be asked for by name."""
    count = found.count(right, chosen)
    if not count or OTHERS in (right, chosen):
        return Cell(f"{count:,}", tone="quiet")
    what = f"{count} with the right label {right}, {'unparsed' if chosen == UNREAD else f'answered with {chosen}'}"
    return Cell(f"{count:,}", act=f"{right}{BETWEEN}{chosen}", title=what)


def _open(subset: str, act: str) -> None:
    right, _, chosen = act.partition(BETWEEN)
    changes = filter_changes(**{OF: subset, RIGHT: right, CHOSEN: chosen})
    url_state.write({**changes, TAB: Tab.ANSWERS.value})
