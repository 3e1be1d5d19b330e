"""A run subset by subset: accuracies with their intervals, against chance, majority and the paper's number."""

from collections.abc import Mapping

import streamlit as st

from medmat_explorer.charts.score import ScoreLine, score_chart
from medmat_explorer.evaluation.standing import BesidePaper, standing
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.ui import url_state
from medmat_explorer.ui.answer_filter import OF, filter_changes
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.run_tab import TAB, Tab
from medmat_explorer.ui.score_words import between, percent, score_row
from medmat_explorer.ui.table_file import table_csv

COLUMNS = [
    Column("Subset"),
    *(Column(title, amount=True) for title in ("n", "Right", "Unparsed", "Accuracy")),
    Column("95 % interval"),
    *(Column(title, amount=True) for title in ("Chance", "Majority", "Paper")),
    Column("Where it stands"),
]


def draw_subsets(
    scores: Mapping[str, Score], papers: Mapping[str, BesidePaper], titles: Mapping[str, str], run_id: str
) -> None:
    """The picture and the equal table, whose subsets open their answers; the paper's numbers with their warning."""
    if not scores:
        st.info("No item could be asked; the cards under Answers say why.", icon=":material/hide_image:")
        return
    lines = [score_line(titles.get(n, n), score, papers.get(n)) for n, score in scores.items()]
    st.altair_chart(score_chart(lines), alt="Accuracy with its interval by subset; the table below has the numbers.")
    rows = [_row(number, score, papers.get(number), titles.get(number, number)) for number, score in scores.items()]
    linked_table(COLUMNS, rows, key="subsets_table", label="Scores by subset", on_act=_open)
    _draw_papers(papers)
    file = [{"Subset": titles.get(n, n), **score_row(s), **_paper_row(papers.get(n))} for n, s in scores.items()]
    st.download_button("CSV", table_csv(file), f"{run_id}-subsets.csv", "text/csv", icon=":material/download:")


def score_line(name: str, score: Score, paper: BesidePaper | None = None) -> ScoreLine:
    """One accuracy for the chart."""
    return ScoreLine(
        name=name,
        n=score.n,
        accuracy=score.accuracy,
        low=score.interval[0],
        high=score.interval[1],
        chance=score.chance,
        majority=score.majority,
        paper=paper.published if paper else None,
    )


def draw_paper_note(papers: Mapping[str, BesidePaper]) -> None:
    """Where the paper's numbers come from, and why they are others; nothing without any."""
    if papers:
        first = next(iter(papers.values()))
        st.caption(f"Paper: {plain(first.backbone)} untrained (arXiv 2412.20070). {first.warning}")


def _draw_papers(papers: Mapping[str, BesidePaper]) -> None:
    outside = [paper for paper in papers.values() if not paper.inside]
    if papers:
        inside = len(papers) - len(outside)
        st.caption(f"{inside} of {len(papers)} of the paper's numbers lie inside the measured intervals.")


def _row(number: str, score: Score, paper: BesidePaper | None, title: str) -> list[Cell]:
    return [
        Cell(title, act=number, title=f"Open the answers of {title}"),
        Cell(f"{score.n:,}"),
        Cell(f"{score.correct:,}"),
        Cell(f"{score.unparsed:,}"),
        Cell(percent(score.accuracy)),
        Cell(between(score.interval)),
        Cell(percent(score.chance)),
        Cell(percent(score.majority)),
        Cell(f"{paper.published:.0%} ({'inside' if paper.inside else 'outside'})" if paper else ""),
        Cell(standing(score).value, tone="warn" if score.below_chance else "quiet"),
    ]


def _paper_row(paper: BesidePaper | None) -> dict[str, object]:
    return {"Paper": "" if paper is None else percent(paper.published)}


def _open(number: str) -> None:
    url_state.write({**filter_changes(**{OF: number}), TAB: Tab.ANSWERS.value})
