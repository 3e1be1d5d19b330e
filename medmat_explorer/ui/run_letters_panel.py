"""Whether the place of an option decides: recall by letter, circular accuracy, and the accuracy without the habit."""

import streamlit as st

from medmat_explorer.charts.letter_recall import letter_recall_chart, letter_recall_in_words, letter_recall_lines
from medmat_explorer.evaluation.control_results import Rotations
from medmat_explorer.evaluation.position_bias import PositionBias
from medmat_explorer.evaluation.prior_correction import PriorCorrected
from medmat_explorer.ui import url_state
from medmat_explorer.ui.answer_filter import LETTER, filter_changes
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.run_tab import TAB, Tab
from medmat_explorer.ui.score_words import score_in_words
from medmat_explorer.ui.table_file import draw_table

RECALL_COLUMNS = {
    "Right there": "Answers whose right option stands at this letter.",
    "Found": "Those of them that were answered with it.",
    "Chosen": "How often it was chosen at all.",
    "Offered": "Answers that have such an option.",
}


def draw_letters(bias: PositionBias | None, turned: Rotations | None, run_id: str) -> None:
    """Recall of each letter over the answers, and what the rotations say where they were asked."""
    if bias is None:
        st.info("No letter was chosen in this run, so there is nothing to say of letters.", icon=":material/info:")
        return
    words = letter_recall_in_words(bias) + (" All rotations count here." if turned else "")
    st.markdown("**Is the right option found wherever it stands?**")
    st.altair_chart(letter_recall_chart(bias), alt=words)
    st.caption(plain(words))
    draw_table(letter_recall_lines(bias), key="letters_table", file=f"{run_id}-letters", explained=RECALL_COLUMNS)
    _draw_openers(bias)
    _draw_rotations(turned)


def _draw_rotations(turned: Rotations | None) -> None:
    if turned is None or turned.circular is None:
        st.caption(
            "Ask with the control *All rotations of the options* to learn whether answers follow the letter: it adds "
            "the circular accuracy (right under every rotation) and the accuracy without the preference for letters."
        )
        return
    st.markdown(f"**Right under every rotation of the options** (circular): {score_in_words(turned.circular)}")
    if turned.told:
        st.caption(plain(turned.told))
    if turned.corrected is not None:
        _draw_priors(turned.corrected)


def _draw_priors(corrected: PriorCorrected) -> None:
    """The accuracy without the preference, and the preference itself for each set of letters."""
    st.markdown(f"**With the preference for letters taken out** (PriDe): {score_in_words(corrected.score)}")
    columns = [Column("Letters"), *(Column(letter, amount=True) for letter in max(corrected.priors, key=len))]
    rows = [
        [Cell(" ".join(letters)), *(Cell(f"{p:.1%}") for p in prior), *[Cell("")] * (len(columns) - 1 - len(prior))]
        for letters, prior in corrected.priors.items()
    ]
    st.caption(
        f"The preference itself, whatever stands there (mean of {corrected.rotated:,} rotated items; without any it "
        "would be the same for each letter):"
    )
    linked_table(columns, rows, key="letter_priors", label="Preference for each letter, by the set of letters offered")


def _draw_openers(bias: PositionBias) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Open the answers that chose", width="content")
        for letter in bias.letters:
            if letter.chosen:
                st.button(plain(letter.letter), key=f"chose {letter.letter}", on_click=_open, args=(letter.letter,))


def _open(letter: str) -> None:
    url_state.write({**filter_changes(**{LETTER: letter}), TAB: Tab.ANSWERS.value})
