"""What the paper's rows gained, as a matrix from a source (row) to a target (column).

A row trains on two or three sources together; it stands in the cell of each of them. Its gain is over the better of
Baseline and Baseline+ (`evaluation.evidence`), and its verdict says whether that gain is beyond the noise of the test
set. Rows that repeat Table 3 (v2 Table 9) are a group of their own: they are no further evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from medmat_explorer.charts.matrix_content import (
    OWN_SIGN,
    CellFace,
    HeadFace,
    MarkFace,
    MatrixFace,
    Tone,
    entries,
    in_use,
)
from medmat_explorer.charts.matrix_svg import WIDTH, matrix_svg
from medmat_explorer.charts.published import MAIN_TABLES, VERDICT_SIGNS, evidence_of, span, where
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.evaluation.evidence import Verdict
from medmat_explorer.paper.facts import CompositionRow, composition_rows

Pair = tuple[str, str]
"""Numbers of a source and a target."""

ALL = "all"
REPEATS = "repeats"
SEGMENTATION = "detection/segmentation"
"""The direction of rows that print a gain in cIoU, not in accuracy."""

LEGEND = entries(
    (MarkFace(VERDICT_SIGNS[Verdict.BEYOND_NOISE], (Tone.STRONG,)), "beyond noise"),
    (MarkFace(VERDICT_SIGNS[Verdict.NOT_SHOWN], (Tone.PLAIN,)), "not shown"),
    (MarkFace(VERDICT_SIGNS[Verdict.SIZE_UNKNOWN], (Tone.QUIET,)), "size of the test set unknown"),
    (MarkFace(f"{VERDICT_SIGNS[Verdict.BEYOND_NOISE]}*", (Tone.STRONG,)), "over Baseline only, no Baseline+ printed"),
    (MarkFace(f"{VERDICT_SIGNS[Verdict.BEYOND_NOISE]}1/3", (Tone.STRONG,)), "so for 1 of 3 rows"),
    (MarkFace(OWN_SIGN, (Tone.OWN,)), "the target chosen on the left"),
)
TONES = {
    Verdict.BEYOND_NOISE: Tone.STRONG,
    Verdict.NOT_SHOWN: Tone.PLAIN,
    Verdict.SIZE_UNKNOWN: Tone.QUIET,
}


@dataclass(frozen=True)
class Transfer:
    """The published rows that used one source for one target."""

    source: str
    target: str
    rows: tuple[CompositionRow, ...]

    @property
    def gains(self) -> tuple[float, float]:
        """The least and the largest gain over the better baseline, in points."""
        found = [evidence_of(row).gain_over_best for row in self.rows]
        return min(found), max(found)

    @property
    def verdicts(self) -> dict[Verdict, int]:
        """How many rows have each verdict, the strongest first."""
        found = [evidence_of(row).verdict for row in self.rows]
        return {verdict: found.count(verdict) for verdict in Verdict if verdict in found}

    @property
    def alone(self) -> int:
        """How many rows are beyond noise over Baseline only, since no Baseline+ is printed."""
        found = [evidence_of(row) for row in self.rows]
        return sum(e.verdict is Verdict.BEYOND_NOISE and not e.against_plus for e in found)

    @property
    def unit(self) -> str:
        """Points of accuracy, or of cIoU for detection and segmentation."""
        kinds = {row.direction == SEGMENTATION for row in self.rows}
        if len(kinds) > 1:
            return "points, some of them of cIoU"
        return "points of cIoU" if True in kinds else "points"


def row_groups() -> dict[str, tuple[CompositionRow, ...]]:
    """The published rows by what can be chosen: first LLaVA in Tables 3 and 4, then others and repeats, then all."""
    rows = composition_rows()
    main = tuple(row for row in rows if row.table in MAIN_TABLES)
    usual = {row.backbone for row in main}
    found: dict[str, tuple[CompositionRow, ...]] = dict.fromkeys(sorted(usual), main)
    for row in rows:
        if row.table not in MAIN_TABLES:
            name = REPEATS if row.backbone in usual else row.backbone
            found[name] = (*found.get(name, ()), row)
    return {**found, ALL: rows}


def places(rows: Iterable[CompositionRow]) -> str:
    """In which tables the rows stand: `Tables 3, 4`, with those of v2 named so."""
    names = list(dict.fromkeys(row.table or f"v2 {row.table_v2}" for row in rows))
    return f"Table{'s' if len(names) > 1 else ''} {', '.join(names)}"


def transfers(rows: Iterable[CompositionRow]) -> dict[Pair, Transfer]:
    """The rows by source and target, in the order of the subsets' numbers."""
    found: dict[Pair, list[CompositionRow]] = {}
    for row in rows:
        for source in row.related:
            found.setdefault((source, row.target), []).append(row)
    ordered = sorted(found, key=lambda pair: (subset_order(pair[0]), subset_order(pair[1])))
    return {pair: Transfer(*pair, tuple(found[pair])) for pair in ordered}


def transfer_face(found: Mapping[Pair, Transfer], subsets: Mapping[str, Subset], target: str = "") -> MatrixFace:
    """Sources by targets; the column of `target` is tinted."""
    sources, targets = (sorted({pair[i] for pair in found}, key=subset_order) for i in (0, 1))
    cells = [
        _cell(found.get((source, aim)), row, column, aim == target)
        for row, source in enumerate(sources)
        for column, aim in enumerate(targets)
    ]
    return MatrixFace(
        rows=tuple(_source_head(subsets[number]) for number in sources),
        columns=tuple(_target_head(subsets[number], target) for number in targets),
        cells=tuple(cell for cell in cells if cell),
        empty="no published row",
    )


def _source_head(subset: Subset) -> HeadFace:
    elements = subset.triplet
    label = f"source {subset.title}"
    return HeadFace(subset.number, f"{elements.modality} · {elements.area}", subset.number, elements.task, (), label)


def _target_head(subset: Subset, target: str) -> HeadFace:
    own = f"{OWN_SIGN} " if subset.number == target else ""
    words = " · ".join((subset.triplet.modality, subset.triplet.area, subset.triplet.task))
    return HeadFace(subset.number, own + words, subset.number, label=f"target {subset.title}")


def _cell(transfer: Transfer | None, row: int, column: int, own: bool) -> CellFace | None:
    tones = (Tone.COLUMN,) if own else ()
    if transfer is None:
        return CellFace(row, column, (), "no published row", tones) if own else None
    verdict = next(iter(transfer.verdicts))
    marks = MarkFace(_sign(transfer), (TONES[verdict],)), MarkFace(_range(transfer), (TONES[verdict],))
    return CellFace(row, column, marks, describe(transfer), tones)


def _sign(transfer: Transfer) -> str:
    """The strongest verdict, and of several rows for how many: `▲`, `▲1/3`, `○2`, `▲*` without any Baseline+."""
    verdict, count = next(iter(transfer.verdicts.items()))
    total = len(transfer.rows)
    star = "*" if verdict is Verdict.BEYOND_NOISE and transfer.alone == count else ""
    share = "" if total == 1 else f"{count}/{total}" if count < total else str(total)
    return f"{VERDICT_SIGNS[verdict]}{star}{share}"


def _range(transfer: Transfer) -> str:
    """`+19`, `-4…+19`, and `+8…15` where the sign is the same."""
    low, high = (f"{gain:+.0f}" for gain in transfer.gains)
    if low == high:
        return low
    return f"{low}…{high if low[0] != high[0] else high[1:]}"


def describe(transfer: Transfer) -> str:
    """`03 to 28: 3 rows, gains -2 to +19 points over the better baseline; 1 beyond noise, 2 not shown`."""
    low, high = (f"{round(gain, 1):+g}" for gain in transfer.gains)
    several = len(transfer.rows) > 1
    gained = f"gains {low} to {high}" if low != high else f"{'gains' if several else 'gain'} {low}"
    rows = f"{len(transfer.rows)} rows" if several else where(transfer.rows[0])
    verdicts = ", ".join(f"{n} {v.value}" if several else v.value for v, n in transfer.verdicts.items())
    if transfer.alone:
        verdicts += f" ({transfer.alone} over Baseline only: no Baseline+ is printed)"
    over = "" if transfer.unit != "points" else " over the better baseline"
    between = "" if several else _interval(transfer.rows[0])
    return f"{transfer.source} to {transfer.target}: {rows}, {gained} {transfer.unit}{over}{between}; {verdicts}"


def _interval(row: CompositionRow) -> str:
    evidence = evidence_of(row)
    if evidence.low is None or evidence.high is None:
        return ""
    return f" (95 % {span((evidence.low, evidence.high), '+')}, n {row.test_size})"


NOTES = (
    "A row trains on two or three sources together and stands in the cell of each: no gain is the work of one alone.",
    "A number is the gain over the better of Baseline and Baseline+ in points; of several rows the least and the most.",
)


def transfer_svg(face: MatrixFace, title: str, *, width: int = WIDTH, dark: bool = False) -> str:
    """The matrix as an SVG file, with its legend and how to read it."""
    return matrix_svg(face, in_use(LEGEND, face), title, words=NOTES, width=width, dark=dark)


def transfer_lines(found: Mapping[Pair, Transfer], subsets: Mapping[str, Subset]) -> Sequence[dict[str, object]]:
    """The matrix as a table, a line a cell."""
    return [
        {
            "Source": subsets[transfer.source].title,
            "Target": subsets[transfer.target].title,
            "Rows": len(transfer.rows),
            "Least gain": round(transfer.gains[0], 2),
            "Largest gain": round(transfer.gains[1], 2),
            "Unit": transfer.unit,
            **{f"{VERDICT_SIGNS[v]} {v.value}": transfer.verdicts.get(v, 0) for v in Verdict},
            "Where": ", ".join(dict.fromkeys(where(row) for row in transfer.rows)),
        }
        for transfer in found.values()
    ]
