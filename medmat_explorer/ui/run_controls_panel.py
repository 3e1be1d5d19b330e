"""What the controls say of a run: does it look at the picture, does it follow the letter, does the wording move it?"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from medmat_explorer.charts.reliance import in_short, reliance_chart, reliance_in_words, reliance_line
from medmat_explorer.charts.score import score_chart
from medmat_explorer.evaluation.control_results import Wordings
from medmat_explorer.evaluation.controls import CONTROLS
from medmat_explorer.evaluation.reliance import Reliance
from medmat_explorer.evaluation.run_record import ControlName
from medmat_explorer.evaluation.run_summary import RunSummaryView
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.evaluation.wording_spread import WordingSpread
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.run_subsets_panel import score_line
from medmat_explorer.ui.score_words import between, percent

SHORT = {
    ControlName.BLANK: "Blank picture",
    ControlName.SHUFFLED: "Shuffled in subset",
    ControlName.ACROSS: "Other modality",
    ControlName.ROTATIONS: "Every rotation",
}
"""Names that fit beside a chart."""

NONE_ASKED = (
    "No control was asked. A blank picture shows whether the accuracy comes from the picture, rotations whether it "
    "follows the letter: choose them above and ask again, or open an answer and ask it every way."
)
ASKED, CORRECTED = "As asked", "Letters corrected"
COLUMNS = [
    Column("Put as"),
    *(Column(title, amount=True) for title in ("n", "Accuracy")),
    Column("95 % interval"),
    *(Column(title, amount=True) for title in ("Chance", "Points lost")),
    Column("95 % interval of it"),
    Column("McNemar p", amount=True),
    Column("What it shows"),
]

WORDING_COLUMNS = [
    Column("Subset"),
    *(Column(title, amount=True) for title in ("n", "Wordings", "Worst", "Best", "Spread")),
    *(Column(title, amount=True) for title in ("Right in all", "Right in none", "Cochran p")),
]
LEVEL, FEW = 0.05, 3


@dataclass(frozen=True)
class Line:
    """One line of the table: a name, its score, what it takes from the accuracy, and what that shows."""

    name: str
    score: Score
    shows: str
    lost: Reliance | None = None


def draw_controls(view: RunSummaryView, titles: dict[str, str]) -> None:
    """Each control with its numbers; without any why those planned have none, or what controls would show."""
    score = view.headline
    if score is None:
        return
    lines = control_lines(view, score)
    if len(lines) == 1 and view.wordings is None:
        st.caption(_without(view) or NONE_ASKED)
        return
    st.markdown("**Controls**: the same items asked again with one thing changed")
    if len(lines) > 1:
        _draw_charts(lines)
        rows = [_row(line) for line in lines]
        linked_table(COLUMNS, rows, key="controls_table", label="Accuracy as asked and under each control")
        _draw_notes(view)
    if told := _without(view):
        st.caption(told)
    if view.wordings is not None:
        _draw_wordings(view.wordings, titles)


def _without(view: RunSummaryView) -> str:
    """The controls of the plan that have no answer, with the reason."""
    told = [f"{CONTROLS[name].title}: {why}" for name, why in view.without_answers.items()]
    return plain(f"Controls without an answer. {' '.join(told)}") if told else ""


def control_lines(view: RunSummaryView, asked: Score) -> list[Line]:
    """As asked first, then the controls in their order."""
    lines = [Line(ASKED, asked, "The questions in the run's own form.")]
    for found in view.pictures:
        if found.scores.headline is not None:
            name, verdict = found.control.name, found.reliance.verdict.value if found.reliance else ""
            shows = f"{verdict[:1].upper()}{verdict[1:]}. {found.control.shows}" if verdict else found.control.shows
            lines.append(Line(SHORT[name], found.scores.headline, shows, found.reliance))
    turned = view.rotations
    if turned is not None and turned.circular is not None:
        lines.append(Line(SHORT[ControlName.ROTATIONS], turned.circular, "Right under every rotation (circular)."))
    if turned is not None and turned.corrected is not None:
        shows = "The preference for letters taken out of the probabilities (PriDe)."
        if turned.corrected.undecided:
            shows += (
                f" {turned.corrected.undecided:,} answers have no most probable option left and count as not right."
            )
        lines.append(Line(CORRECTED, turned.corrected.score, shows))
    return lines


def _draw_charts(lines: Sequence[Line]) -> None:
    """Accuracies left, losses right; one below the other where it is narrow."""
    losses = [reliance_line(line.name, line.lost) for line in lines if line.lost is not None]
    left, right = st.columns([1.15, 1]) if losses else (st.container(), None)
    scores = [score_line(line.name, line.score) for line in lines]
    left.altair_chart(score_chart(scores), alt="Accuracy as asked and under each control; the table has the numbers.")
    if right is not None:
        right.altair_chart(reliance_chart(losses), alt=reliance_in_words(losses))


def _row(line: Line) -> list[Cell]:
    lost, score = line.lost, line.score
    low, high = (100 * end for end in lost.score.interval) if lost else (0.0, 0.0)
    return [
        Cell(line.name),
        Cell(f"{score.n:,}"),
        Cell(percent(score.accuracy)),
        Cell(between(score.interval)),
        Cell(percent(score.chance)),
        Cell(f"{100 * lost.difference:+.1f}" if lost else ""),
        Cell(f"{low:+.1f} to {high:+.1f} (n = {lost.n:,})" if lost else ""),
        Cell(in_short(lost.p) if lost else ""),
        Cell(line.shows, tone="quiet"),
    ]


def _draw_notes(view: RunSummaryView) -> None:
    """Items that a control could not ask, and pictures that showed the right label after all."""
    notes = [
        f"{found.control.title}: {found.same_label:.0%} of the pictures shown instead have the item's own label."
        for found in view.pictures
        if found.same_label
    ]
    notes += [f"{found.control.title}: {found.told}" for found in view.pictures if found.told]
    if view.rotations is not None and view.rotations.told:
        notes.append(f"{view.rotations.control.title}: {view.rotations.told}")
    if notes and view.context.unfinished:
        notes.append("The run is not finished: items without an answer may simply not have been asked yet.")
    st.caption(
        "Points lost: accuracy as asked minus accuracy under the control, on the same items; exact McNemar test. "
        + plain(" ".join(notes))
    )


def _draw_wordings(found: Wordings, titles: dict[str, str]) -> None:
    """Where the wording matters most first; folded away where many subsets were asked."""
    st.markdown(f"**{plain(found.control.title)}**: {plain(found.control.shows)}")
    if not found.spread:
        st.caption(plain(found.told) or "No item was asked in all wordings of its subset.")
        return
    worst = sorted(found.spread.items(), key=lambda each: (each[1].p, -each[1].spread))
    beyond = sum(spread.p < LEVEL for _, spread in worst)
    st.caption(
        f"In {beyond:,} of {counted(len(worst), 'subset')} the wordings differ beyond chance (Cochran's Q, p below "
        f"{LEVEL:g}). {plain(found.told)}"
    )
    with st.expander("Spread by subset", expanded=len(worst) <= FEW):
        rows = [_wording_row(titles.get(subset, subset), spread) for subset, spread in worst]
        linked_table(WORDING_COLUMNS, rows, key="wordings_table", label="Spread over the wordings by subset")


def _wording_row(title: str, found: WordingSpread) -> list[Cell]:
    worst, best = (pick(found.scores, key=lambda score: score.accuracy) for pick in (min, max))
    return [
        Cell(title),
        Cell(f"{found.n:,}"),
        Cell(f"{len(found.scores)}"),
        Cell(f"{percent(worst.accuracy)} ({between(worst.interval)})"),
        Cell(f"{percent(best.accuracy)} ({between(best.interval)})"),
        Cell(f"{100 * found.spread:.1f} points"),
        Cell(f"{found.always:,}"),
        Cell(f"{found.never:,}"),
        Cell(in_short(found.p), tone="warn" if found.p < LEVEL else ""),
    ]
