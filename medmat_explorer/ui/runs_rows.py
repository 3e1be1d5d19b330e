"""A stored run as a row of the table: words, links, and its accuracy with everything that belongs to it."""

from collections.abc import Callable, Sequence

from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.experiments.spot_check_service import LiveRun
from medmat_explorer.store.run_list import RunRow, RunStatus
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.components.runs_table import RunCell, RunColumn, RunLine, Span
from medmat_explorer.ui.runs_view import Scored

RESUME, STOP = "resume", "stop"
NAMED_SUBSETS = 3
"""So many subsets are written out in a row; of more their number."""

NO_BREAK = "\N{NO-BREAK SPACE}"
SIGNS: dict[RunStatus, str] = {
    RunStatus.RUNNING: "●",
    RunStatus.FINISHED: "✓",
    RunStatus.UNFINISHED: "◐",
    RunStatus.DAMAGED: "⚠",
}
COLUMNS = (
    RunColumn("day", "Asked (UTC)"),
    RunColumn("backbone", "Backbone"),
    RunColumn("collection", "Collection"),
    RunColumn("subsets", "Subsets"),
    RunColumn("kind", "Kind"),
    RunColumn("status", "Status"),
    RunColumn("accuracy", "Accuracy"),
    RunColumn("n", "n", amount=True),
    RunColumn("chance", "Chance", amount=True),
    RunColumn("device", "Device"),
)

Live = Callable[[str], LiveRun | None]


def run_lines(rows: Sequence[RunRow], scored: Scored, live: Live) -> list[RunLine]:
    """The rows of one page."""
    return [_line(row, scored(row), live(row.id)) for row in rows]


def run_name(row: RunRow) -> str:
    """What a run is called in sentences: `phantom-llava of 2026-11-24 06:30`; of a damaged one its id."""
    if row.created is None:
        return row.id
    return f"{row.title or row.backbone} of {row.created:%Y-%m-%d %H:%M}"


def open_address(run_id: str, collection: str) -> str:
    """Where a run is opened: on the Spot check page, in its own collection."""
    where = {url_state.COLLECTION: collection} if collection else {}
    return frame.address("spot_check", {"run": run_id, **where})


def _line(row: RunRow, score: Score | None, live: LiveRun | None) -> RunLine:
    if row.status is RunStatus.DAMAGED:
        empty = [RunCell("") for _ in COLUMNS[6:]]
        named = RunCell(row.id, "its header cannot be read: it can only be deleted", tone="warn")
        return RunLine(row.id, row.id, [named, *[RunCell("")] * 4, _status(row, live), *empty])
    day = f"{row.created:%Y-%m-%d %H:%M}" if row.created else row.id
    cells = [
        RunCell(day, f"seed {row.seed}", open_address(row.id, row.collection)),
        RunCell(row.title or row.backbone, _adapter(row)),
        RunCell(row.collection, row.split),
        RunCell(_subsets(row.subsets), f"{row.items:,} items" if row.items else ""),
        RunCell(row.kind, row.prompt),
        _status(row, live),
        *_figures(score),
        RunCell("" if row.device == "none" else row.device, "" if row.dtype == "none" else row.dtype),
    ]
    return RunLine(row.id, run_name(row), cells)


def _adapter(row: RunRow) -> str:
    return f"+ {row.adapter}" if row.adapter else ""


def _subsets(numbers: Sequence[str]) -> str:
    if len(numbers) > NAMED_SUBSETS:
        return f"{len(numbers)}{NO_BREAK}subsets"
    return " ".join(numbers) or "not recorded"


def _status(row: RunRow, live: LiveRun | None) -> RunCell:
    text = f"{SIGNS[row.status]}{NO_BREAK}{row.status.value}"
    if row.status is RunStatus.RUNNING and live is not None and live.total:
        answered = len(live.answers)
        rate = live.questions_per_second
        told = f"{answered:,} of {live.total:,}" + (f", {rate:.1f} items a second" if rate else "")
        return RunCell(text, told, share=min(1.0, answered / live.total), act=STOP, act_title="Stop")
    if row.status is RunStatus.UNFINISHED:
        return RunCell(text, f"{row.answers:,} answers", act=RESUME, act_title="Resume")
    tone = "warn" if row.status is RunStatus.DAMAGED else ""
    return RunCell(text, f"{row.answers:,} answers", tone=tone)


def _figures(score: Score | None) -> list[RunCell]:
    if score is None:
        return [RunCell("no answer yet", tone="quiet"), RunCell(""), RunCell("")]
    low, high = score.interval
    words = f"{low:.1%} to {high:.1%}" + (", below chance" if score.below_chance else "")
    span = Span(score.accuracy, low, high, score.chance)
    return [RunCell(f"{score.accuracy:.1%}", words, span=span), RunCell(f"{score.n:,}"), RunCell(f"{score.chance:.1%}")]
