"""The tabs of a run; which one is open stands in the address."""

from collections.abc import Sequence
from enum import StrEnum

import streamlit as st

from medmat_explorer.ui import url_state
from medmat_explorer.ui.answer_filter import LOOK

TAB = "tab"


class Tab(StrEnum):
    """What can be looked at of a run."""

    ANSWERS = "answers"
    SUBSETS = "subsets"
    LETTERS = "letters"
    CALIBRATION = "calibration"
    CONFUSION = "confusion"
    LEVELS = "levels"
    RECORD = "record"


TITLES = {
    Tab.ANSWERS: "Answers",
    Tab.SUBSETS: "By subset",
    Tab.LETTERS: "Letters",
    Tab.CALIBRATION: "Calibration",
    Tab.CONFUSION: "Confusion",
    Tab.LEVELS: "Levels and several labels",
    Tab.RECORD: "Record",
}


def draw_tabs(offered: Sequence[Tab]) -> Tab:
    """The switch; returns the tab that is open, the first where the address names none of those offered."""
    asked = url_state.value(TAB)
    chosen = next((tab for tab in offered if tab.value == asked), offered[0])
    st.segmented_control(
        "Look at",
        list(offered),
        format_func=lambda tab: TITLES[tab],
        required=True,
        wrap=True,
        **url_state.bind(TAB, chosen, resets=(LOOK,), default=offered[0]),
    )
    return chosen
