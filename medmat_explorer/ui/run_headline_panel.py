"""A run's accuracy with all that it must not travel without, and the scores side by side."""

from collections.abc import Mapping

import streamlit as st

from medmat_explorer.evaluation.clustered import ClusteredAccuracy
from medmat_explorer.evaluation.disagreement import Agreement, Disagreement
from medmat_explorer.evaluation.power import Sight
from medmat_explorer.evaluation.run_record import Way
from medmat_explorer.evaluation.spot_check import Scores
from medmat_explorer.evaluation.standing import FORMAT_FAILED, Standing, standing
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.ui import url_state
from medmat_explorer.ui.answer_filter import DIFFER, filter_changes
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.run_tab import TAB, Tab
from medmat_explorer.ui.score_words import between, percent

WAY_TITLES = {
    Way.LETTER: "Letter likelihood",
    Way.WRITTEN: "Written answer",
    Way.OPTION_TEXT: "Option text likelihood",
}
COLUMNS = [
    Column("Score"),
    *(Column(title, amount=True) for title in ("n", "Right", "Accuracy")),
    Column("95 % interval"),
    *(Column(title, amount=True) for title in ("Chance", "Majority", "Unparsed")),
    Column("Decides the verdict"),
]


def draw_headline(scores: Scores, so_far: bool = False) -> None:
    """The accuracy with its counts, interval, chance and majority, and where it stands; call with a headline only."""
    score = scores.headline
    if score is None:
        return
    st.markdown(
        f"### Accuracy {score.accuracy:.1%}{' so far' if so_far else ''}\n"
        f"{score.correct:,} of n = {score.n:,} right, {score.wrong:,} wrong, {score.unparsed:,} unparsed · 95 % "
        f"interval **{between(score.interval)}** · chance {score.chance:.1%} · majority {score.majority:.1%}"
    )
    if not so_far:
        _draw_standing(score)
    if scores.no_picture:
        st.caption(f"{scores.no_picture:,} items could not be asked (their cards say why) and are not in n.")


def draw_limits(sight: Sight | None, clustered: ClusteredAccuracy | None) -> None:
    """What so many items can show at all, and the wider interval where several items share a picture."""
    words = [sight.sentence] if sight else []
    if clustered is not None:
        few = " With so few pictures even that may be too short." if clustered.few else ""
        words.append(
            f"Several items share a picture ({clustered.clusters:,} pictures for n = {clustered.n:,}): drawn by "
            f"picture, the 95 % interval is {between(clustered.interval)}.{few}"
        )
    st.caption(" ".join(words))


def draw_scores(scores: Scores, found: Disagreement | None) -> None:
    """The scores in a table with their pairwise agreement; nothing where there is only one."""
    by_way = {Way.LETTER: scores.letters, Way.WRITTEN: scores.text, Way.OPTION_TEXT: scores.options}
    there = {way: score for way, score in by_way.items() if score is not None}
    if len(there) < 2:
        return
    rows = [_row(way, score, score is scores.headline) for way, score in there.items()]
    linked_table(COLUMNS, rows, key="scores_table", label="The scores of the same answers, taken in different ways")
    if found is not None:
        _draw_agreements(found)


def _draw_standing(score: Score) -> None:
    stands = standing(score)
    if stands is Standing.FORMAT_FAILURE:
        st.warning(FORMAT_FAILED, icon=":material/report:")
    else:
        icon = ":material/help:" if stands is Standing.AT_CHANCE else ":material/trending_up:"
        st.caption(f"{icon} By its interval: {stands.value}.")


def _row(way: Way, score: Score, decides: bool) -> list[Cell]:
    return [
        Cell(WAY_TITLES[way]),
        Cell(f"{score.n:,}"),
        Cell(f"{score.correct:,}"),
        Cell(percent(score.accuracy)),
        Cell(between(score.interval)),
        Cell(percent(score.chance)),
        Cell(percent(score.majority)),
        Cell(f"{score.unparsed:,} ({score.unparsed / score.n:.0%})", tone="warn" if score.unparsed else ""),
        Cell("yes" if decides else ""),
    ]


def _draw_agreements(found: Disagreement) -> None:
    """On how many items each two say the same, and a way to those on which they do not."""
    differ = sum(len(pair.items) for pair in found.agreements)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(" ".join(map(_agreement_words, found.agreements)), width="stretch")
        if differ:
            st.button("Open those that disagree", on_click=_open, icon=":material/call_split:", type="tertiary")


def _agreement_words(pair: Agreement) -> str:
    names = f"{WAY_TITLES[pair.first]} and {WAY_TITLES[pair.second].lower()}"
    return f"{names} disagree on {pair.n - pair.same:,} of {pair.n:,} ({1 - pair.share:.1%}, 95 % interval " + (
        f"{between((1 - pair.interval[1], 1 - pair.interval[0]))})."
    )


def _open() -> None:
    changes: Mapping[str, str | None] = filter_changes(**{DIFFER: "1"})
    url_state.write({**changes, TAB: Tab.ANSWERS.value})
