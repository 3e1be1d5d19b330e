"""How a subset is marked that the paper trained on for a target: by the best that came of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from medmat_explorer.evaluation.evidence import Verdict, judge
from medmat_explorer.paper.facts import CompositionRow, composition_rows

BEYOND, HELPED, TRIED = "▲", "△", "▽"
MEANINGS: dict[str, str] = {
    BEYOND: "source of a published gain beyond noise",
    HELPED: "of a published gain not shown to be beyond noise",
    TRIED: "tried without a gain",
}


@dataclass(frozen=True)
class EvidenceMark:
    """The sign of a source, and in words how many published rows used it and what became of them."""

    sign: str
    words: str


def source_marks(target: str) -> dict[str, EvidenceMark]:
    """Every subset that a row of Tables 3-8 trained on for this target, by number; all backbones together."""
    rows = [row for row in composition_rows() if row.target == target]
    sources = {number for row in rows for number in row.related}
    return {number: _mark([row for row in rows if number in row.related]) for number in sorted(sources)}


def _mark(rows: Iterable[CompositionRow]) -> EvidenceMark:
    rows = list(rows)
    helped = [row for row in rows if row.helps]
    beyond = [row for row in helped if judge(row).verdict is Verdict.BEYOND_NOISE]
    used = "1 published row" if len(rows) == 1 else f"{len(rows)} published rows"
    words = f"source in {used} for this target: {len(helped)} helped, {len(beyond)} beyond noise"
    return EvidenceMark(BEYOND if beyond else HELPED if helped else TRIED, words)
