"""Published gains with their intervals, one line a row: what is beyond noise stands clear of the zero line."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt
import pandas as pd

from medmat_explorer.charts.palette import ACCENT, NEUTRAL
from medmat_explorer.charts.published import VERDICT_SIGNS, evidence_of, where
from medmat_explorer.evaluation.evidence import Verdict
from medmat_explorer.paper.facts import CompositionRow

PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}
LINE_PIXELS, AROUND_PIXELS = 22, 84
"""Height of a line, and of legend and axis around them."""

SHAPES: dict[Verdict, str] = {
    Verdict.BEYOND_NOISE: "triangle-up",
    Verdict.NOT_SHOWN: "circle",
    Verdict.SIZE_UNKNOWN: "cross",
}
COLOURS: dict[Verdict, str] = {
    Verdict.BEYOND_NOISE: ACCENT,
    Verdict.NOT_SHOWN: NEUTRAL,
    Verdict.SIZE_UNKNOWN: NEUTRAL,
}


@dataclass(frozen=True)
class ForestLine:
    """One row: the gain over the better baseline in points, its interval where the size is known, the verdict."""

    name: str
    sources: str
    backbone: str
    gain: float
    low: float | None
    high: float | None
    n: int | None
    verdict: str


def forest_lines(rows: Sequence[CompositionRow]) -> tuple[ForestLine, ...]:
    """The lines of some rows, in their order; names say the verdict by a sign and tell all rows apart."""
    found: list[ForestLine] = []
    for row in rows:
        evidence = evidence_of(row)
        sources = " + ".join(row.related)
        name = f"{VERDICT_SIGNS[evidence.verdict]} {where(row)} · {sources}"
        found.append(
            ForestLine(
                name=_apart(name, row.backbone, {line.name for line in found}),
                sources=sources,
                backbone=row.backbone,
                gain=evidence.gain_over_best,
                low=evidence.low,
                high=evidence.high,
                n=row.test_size,
                verdict=evidence.verdict.value,
            )
        )
    return tuple(found)


def _apart(name: str, backbone: str, taken: set[str]) -> str:
    """Some tables print two rows of one place: then the backbone tells them apart."""
    return f"{name} · {backbone}" if name in taken else name


def forest_chart(lines: Sequence[ForestLine]) -> alt.LayerChart | alt.FacetChart:
    """Points with intervals against zero; the verdict by shape, by the sign before the name, and by colour."""
    table = pd.DataFrame([asdict(line) for line in lines])
    names = alt.Axis(labelLimit=260, ticks=False, domain=False, labelFlush=False, labelOverlap=False)
    y = alt.Y("name:N", sort=[line.name for line in lines], title=None, axis=names)
    tip = [
        alt.Tooltip("name:N", title="row"),
        alt.Tooltip("backbone:N"),
        alt.Tooltip("gain:Q", format="+.1f", title="gain, points"),
        alt.Tooltip("low:Q", format="+.1f", title="interval from"),
        alt.Tooltip("high:Q", format="+.1f", title="to"),
        alt.Tooltip("n:Q", title="items in the test"),
        alt.Tooltip("verdict:N"),
    ]
    title = "gain in points, 95 % interval"
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=NEUTRAL, strokeDash=[4, 3]).encode(x="zero:Q")
    base = alt.Chart(table).encode(y=y)
    shown = [verdict for verdict in Verdict if verdict.value in set(table["verdict"])]
    verdicts = [verdict.value for verdict in shown]
    legend = alt.Legend(orient="top", title=None, columns=2)
    colour = alt.Color("verdict:N", scale=alt.Scale(domain=verdicts, range=[COLOURS[v] for v in shown]), legend=legend)
    signed = alt.Axis(tickCount=7, format="d", labelExpr="datum.value > 0 ? '+' + datum.label : datum.label")
    intervals = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2.5, opacity=0.6)
        .encode(x=alt.X("low:Q", title=title, axis=signed), x2="high:Q", color=colour)
    )
    points = base.mark_point(filled=True, size=75, opacity=1, strokeWidth=2).encode(
        x=alt.X("gain:Q", title=title, axis=signed),
        color=colour,
        shape=alt.Shape(
            "verdict:N",
            scale=alt.Scale(domain=verdicts, range=[SHAPES[v] for v in shown]),
            legend=legend,
        ),
        tooltip=tip,
    )
    height = AROUND_PIXELS + LINE_PIXELS * len(lines)
    return alt.layer(zero, intervals, points).properties(height=height, padding=PADDING)


def forest_in_words(lines: Sequence[ForestLine]) -> str:
    """What the picture says, for who cannot see it: how many lines of which verdict."""
    counts = {verdict: sum(line.verdict == verdict.value for line in lines) for verdict in Verdict}
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    return f"Gains of {len(lines)} published rows with 95 % intervals: {told}. The table below has the numbers."
