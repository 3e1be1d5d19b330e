"""A run's verdicts at a glance: does it know, does it look, does it follow the letter? Each tells its number.

A model that always says A, one that never looks and a good one get different marks in the same places.
"""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from medmat_explorer.charts.reliance import in_short
from medmat_explorer.evaluation.position_bias import PositionBias
from medmat_explorer.evaluation.reliance import RelianceVerdict
from medmat_explorer.evaluation.run_summary import RunSummaryView
from medmat_explorer.evaluation.standing import Standing
from medmat_explorer.ui.plain import plain

STRONG, SOME = 0.5, 0.2
"""From which share of the largest possible preference for letters on it is called strong, and called one at all."""

FEWEST = 8
"""With fewer right options at any letter the recalls say nothing of a preference."""

Tone = Literal["green", "orange", "red", "gray"]


@dataclass(frozen=True)
class Mark:
    """A short verdict with the number behind it; `meaning` says more."""

    text: str
    icon: str
    tone: Tone
    meaning: str


def draw_verdicts(view: RunSummaryView) -> None:
    """The marks in a row."""
    with st.container(horizontal=True, gap="small"):
        for mark in marks(view):
            st.badge(plain(mark.text), icon=mark.icon, color=mark.tone, help=plain(mark.meaning))


def marks(view: RunSummaryView) -> list[Mark]:
    """Knowledge, picture, letters, wording: those that this run can tell."""
    found = [_knows(view), _looks(view), _letters(view.bias), _wording(view)]
    return [mark for mark in found if mark is not None]


def _knows(view: RunSummaryView) -> Mark | None:
    score, stands = view.headline, view.standing
    if score is None or stands is None:
        return None
    told = f"{score.accuracy:.0%}, chance {score.chance:.0%}"
    icons: dict[Standing, tuple[str, Tone]] = {
        Standing.FORMAT_FAILURE: (":material/report:", "red"),
        Standing.AT_CHANCE: (":material/question_mark:", "gray"),
        Standing.ABOVE_CHANCE: (":material/trending_flat:", "orange"),
        Standing.ABOVE_MAJORITY: (":material/check:", "green"),
    }
    words = {
        Standing.FORMAT_FAILURE: "Below chance: the format failed",
        Standing.AT_CHANCE: "Not shown to differ from chance",
        Standing.ABOVE_CHANCE: "Above chance, not above habit",
        Standing.ABOVE_MAJORITY: "Above chance and habit",
    }
    icon, tone = icons[stands]
    meaning = f"By the 95 % interval of the accuracy (n = {score.n:,}); majority {score.majority:.0%}."
    return Mark(f"{words[stands]}: {told}", icon, tone, meaning)


def _looks(view: RunSummaryView) -> Mark | None:
    """By the strictest picture control there is: the first of those asked, which is the blank picture."""
    found = next((control for control in view.pictures if control.reliance is not None), None)
    if found is None or found.reliance is None:
        return None
    lost, low, high = found.reliance, *(100 * end for end in found.reliance.score.interval)
    told = f"{100 * lost.difference:+.0f} points"
    meaning = (
        f"Against the control '{found.control.title}'. 95 % interval {low:+.1f} to {high:+.1f} points, n = {lost.n:,}, "
        f"exact McNemar p = {in_short(lost.p)}."
    )
    known: dict[RelianceVerdict, tuple[str, str, Tone]] = {
        RelianceVerdict.LOOKS: ("Relies on the picture", ":material/visibility:", "green"),
        RelianceVerdict.NOT_SHOWN: ("Not shown to look at the picture", ":material/visibility_off:", "orange"),
        RelianceVerdict.WORSE: ("Better without the picture", ":material/report:", "red"),
    }
    words, icon, tone = known[lost.verdict]
    return Mark(f"{words}: {told}", icon, tone, meaning)


def _letters(bias: PositionBias | None) -> Mark | None:
    """Nothing where too few right options stand at some letter."""
    if bias is None or bias.strength is None or min(letter.right for letter in bias.letters) < FEWEST:
        return None
    most = max(bias.letters, key=lambda letter: letter.chosen / max(letter.offered, 1))
    share = most.chosen / max(most.offered, 1)
    meaning = (
        f"Spread of the recalls over the letters: {bias.strength:.0%} of the largest possible (n = {bias.n:,}). "
        f"{most.letter} was chosen in {share:.0%} of the answers that offer it."
    )
    told = f"bias {bias.strength:.0%}"
    if bias.strength >= STRONG:
        words = f"Follows the letter, mostly {most.letter}"
        return Mark(f"{words}: {told}", ":material/format_list_bulleted:", "red", meaning)
    if bias.strength >= SOME:
        return Mark(f"Some preference for a letter: {told}", ":material/format_list_bulleted:", "orange", meaning)
    return Mark(f"Follows no letter: {told}", ":material/check:", "green", meaning)


def _wording(view: RunSummaryView) -> Mark | None:
    if view.wordings is None or not view.wordings.spread:
        return None
    spreads = view.wordings.spread.values()
    widest = max(spreads, key=lambda spread: spread.spread)
    moved = sum(spread.p < 0.05 for spread in spreads)
    meaning = f"Widest spread over the wordings of one subset; n = {widest.n:,} items in {len(widest.scores)} wordings."
    told = f"up to {100 * widest.spread:.0f} points"
    if moved:
        return Mark(f"Hangs on the wording: {told}", ":material/edit_note:", "orange", meaning)
    return Mark(f"Wording not shown to matter: {told}", ":material/check:", "green", meaning)
