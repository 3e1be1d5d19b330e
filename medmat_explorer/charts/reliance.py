"""What each control takes away: the accuracy as asked minus that under the control, with its interval, against zero."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt
import pandas as pd

from medmat_explorer.charts.palette import ACCENT, NEUTRAL
from medmat_explorer.evaluation.reliance import Reliance, RelianceVerdict

PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}
LINE_PIXELS, AROUND_PIXELS = 26, 96
SHAPES = {
    RelianceVerdict.LOOKS: "triangle-up",
    RelianceVerdict.NOT_SHOWN: "circle",
    RelianceVerdict.WORSE: "triangle-down",
}
COLOURS = {
    RelianceVerdict.LOOKS: ACCENT,
    RelianceVerdict.NOT_SHOWN: NEUTRAL,
    RelianceVerdict.WORSE: "#c4501b",
}
"""The verdict is told by shape, by colour and in the table's words."""


@dataclass(frozen=True)
class RelianceLine:
    """One control: the difference in points with its interval, the exact p, and on how many items."""

    name: str
    difference: float
    low: float
    high: float
    p: float
    n: int
    verdict: str


def reliance_line(name: str, found: Reliance) -> RelianceLine:
    """The line of one control under the name that the reader sees."""
    low, high = found.score.interval
    return RelianceLine(name, 100 * found.difference, 100 * low, 100 * high, found.p, found.n, found.verdict.value)


def reliance_chart(lines: Sequence[RelianceLine]) -> alt.LayerChart | alt.FacetChart:
    """A line a control; what lies wholly right of the dashes is lost with the picture."""
    table = pd.DataFrame([asdict(line) for line in lines])
    shown = [verdict for verdict in RelianceVerdict if verdict.value in set(table["verdict"])]
    names = alt.Axis(labelLimit=170, ticks=False, domain=False)
    signed = alt.Axis(tickCount=5, format="d", labelExpr="datum.value > 0 ? '+' + datum.label : datum.label")
    x = alt.X("low:Q", title="points lost without the picture, 95 % interval", axis=signed)
    legend = alt.Legend(orient="top", title=None, columns=1, labelLimit=280)
    verdicts = [verdict.value for verdict in shown]
    colour = alt.Color("verdict:N", scale=alt.Scale(domain=verdicts, range=[COLOURS[v] for v in shown]), legend=legend)
    shape = alt.Shape("verdict:N", scale=alt.Scale(domain=verdicts, range=[SHAPES[v] for v in shown]), legend=legend)
    tip = [
        alt.Tooltip("name:N", title="control"),
        alt.Tooltip("difference:Q", format="+.1f", title="points"),
        alt.Tooltip("low:Q", format="+.1f", title="interval from"),
        alt.Tooltip("high:Q", format="+.1f", title="to"),
        alt.Tooltip("p:Q", format=".3g", title="exact McNemar p"),
        alt.Tooltip("n:Q"),
    ]
    base = alt.Chart(table).encode(y=alt.Y("name:N", sort=None, title=None, axis=names), tooltip=tip)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=NEUTRAL, strokeDash=[4, 3]).encode(x="zero:Q")
    intervals = base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=x, x2="high:Q", color=colour)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(x="difference:Q", color=colour, shape=shape)
    height = AROUND_PIXELS + LINE_PIXELS * len(lines) + 16 * len(shown)
    return alt.layer(zero, intervals, points).properties(height=height, padding=PADDING)


def reliance_in_words(lines: Sequence[RelianceLine]) -> str:
    """The numbers that belong to the picture, and the text for who cannot see it."""
    told = (
        f"{line.name}: {line.difference:+.1f} points (95 % interval {line.low:+.1f} to {line.high:+.1f}, "
        f"n = {line.n:,}, exact McNemar p = {in_short(line.p)}), {line.verdict}"
        for line in lines
    )
    return "Accuracy as asked minus accuracy under the control. " + "; ".join(told) + "."


LEAST_WRITTEN = 0.001
"""A p value below it is written as being below it."""


def in_short(p: float) -> str:
    """A p value for readers: no more digits than mean something."""
    return "< 0.001" if p < LEAST_WRITTEN else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
