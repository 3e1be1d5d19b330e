"""One item's answers side by side, and how likely each option's text is."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.evaluation.run_record import JudgedAnswer
from medmat_explorer.ui.components.answer_variants import answer_variants
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.item_variants import variant_lines
from medmat_explorer.ui.plain import counted


def draw_variants(
    answers: Sequence[JudgedAnswer], asked: JudgedAnswer, wordings: Sequence[str] = (), *, key: str
) -> None:
    """A line a way in which the item was put; options stand in the order of the question as asked."""
    columns = [text for _, text in asked.options]
    right = [letter for letter, _ in asked.options].index(asked.right)
    label = f"{counted(len(answers), 'answer')} to item {asked.item}, by the way in which it was put"
    answer_variants(columns, right, variant_lines(answers, columns, wordings), key=key, label=label)


def draw_likelihoods(answer: JudgedAnswer, *, key: str) -> None:
    """The options' texts by likelihood; nothing where that was not asked."""
    if not answer.option_likelihoods:
        return
    st.markdown("**How likely each option's text is** (mean natural logarithm a token; nearer to 0 is likelier)")
    columns = [Column("Option"), Column("Log likelihood", amount=True), Column("")]
    rows = [
        [
            Cell(f"{letter}: {text}"),
            Cell(f"{likely:.3f}"),
            Cell(("✓ right " if letter == answer.right else "") + ("◂ likeliest" if letter == answer.option else "")),
        ]
        for (letter, text), likely in zip(answer.options, answer.option_likelihoods, strict=True)
    ]
    linked_table(columns, rows, key=key, label="Likelihood of each option's text")
