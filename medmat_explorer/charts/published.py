"""Rows of the paper's composition tables as people read them: place, interval, gain, and what the numbers show."""

from collections.abc import Iterable, Sequence
from functools import cache

from medmat_explorer.evaluation.composition_evidence import WeighedRow
from medmat_explorer.evaluation.evidence import Evidence, Verdict, count_of, judge
from medmat_explorer.evaluation.statistics import wilson
from medmat_explorer.paper.facts import CompositionRow, composition_rows
from medmat_explorer.paper.known_options import published_chance

VERDICT_SIGNS: dict[Verdict, str] = {Verdict.BEYOND_NOISE: "▲", Verdict.NOT_SHOWN: "○", Verdict.SIZE_UNKNOWN: "?"}
"""What stands before a verdict's words, so that neither colour nor place says it alone."""

MAIN_TABLE = "3"
MAIN_TABLES = frozenset({"3", "4"})
"""One backbone, trained once: LLaVA-v1.5-7B. The other tables repeat combinations or use other backbones."""


def where(row: CompositionRow) -> str:
    """The place of a published row: `Table 3 row 16`, with the numbering of v2 where v1 has no such table.

    Some tables of v2 print their rows without numbers.
    """
    table = f"Table {row.table}" if row.table else f"v2 Table {row.table_v2}"
    return f"{table} row {row.row}" if row.row else table


def gains(rows: Sequence[CompositionRow]) -> str:
    """What the paper printed for a recipe: the gain with its place, or how many rows from which gain to which."""
    if len(rows) < 2:
        return "".join(f"{row.gain:+g}, {where(row)}" for row in rows)
    found = [row.gain for row in rows]
    return f"{len(rows)} rows, {min(found):+g} to {max(found):+g}"


def interval(percent: float | None, n: int | None) -> str:
    """The 95 % interval of a printed percentage, or an empty text where the size of the test set is not known."""
    if percent is None or n is None:
        return ""
    return span(_in_percent(wilson(count_of(percent, n), n)))


def span(interval: tuple[float, float] | None, sign: str = "") -> str:
    """Two ends in words, `41 to 57`, with signs for differences (`sign="+"`); empty for None."""
    return "" if interval is None else f"{interval[0]:{sign}.0f} to {interval[1]:{sign}.0f}"


def _in_percent(interval: tuple[float, float]) -> tuple[float, float]:
    return 100 * interval[0], 100 * interval[1]


def verdict_words(evidence: Evidence) -> str:
    """The verdict with its sign, and so where no Baseline+ is printed to beat: `▲ beyond noise (Baseline only)`."""
    words = f"{VERDICT_SIGNS[evidence.verdict]} {evidence.verdict.value}"
    alone = evidence.verdict is Verdict.BEYOND_NOISE and not evidence.against_plus
    return f"{words} (Baseline only)" if alone else words


@cache
def evidence_of(row: CompositionRow, counted_chance: float | None = None) -> Evidence:
    """What a row's numbers are worth. Chance is what the paper lets us know, else what was counted in questions."""
    told = published_chance(row.target)
    return judge(row, counted_chance if told is None else told)


def rows_on(target: str) -> tuple[CompositionRow, ...]:
    """Every printed row on a target, in the order of the tables."""
    return tuple(row for row in composition_rows() if row.target == target)


def weighed(rows: Iterable[CompositionRow]) -> tuple[WeighedRow, ...]:
    """The rows as `composition_evidence` takes them, keyed by themselves."""
    return tuple(WeighedRow(row, row.direction, row.target, row.helps, evidence_of(row)) for row in rows)
