"""How far one run is ahead of another, group by group: points with intervals against a line at no difference."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import altair as alt
import pandas as pd

from medmat_explorer.charts.palette import ACCENT, NEUTRAL

PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}
LINE_PIXELS, AROUND_PIXELS = 24, 88
"""Height of a line, and of legend and axis around them."""


class Ahead(StrEnum):
    """Which run is ahead beyond noise."""

    FIRST = "run 1 ahead"
    SECOND = "run 2 ahead"
    NOT_SHOWN = "no difference shown"


SIGNS: dict[Ahead, str] = {Ahead.FIRST: "▶", Ahead.SECOND: "◀", Ahead.NOT_SHOWN: "○"}
SHAPES: dict[Ahead, str] = {
    Ahead.FIRST: "triangle-right",
    Ahead.SECOND: "triangle-left",
    Ahead.NOT_SHOWN: "circle",
}
COLOURS: dict[Ahead, str] = {Ahead.FIRST: ACCENT, Ahead.SECOND: "#d06a14", Ahead.NOT_SHOWN: NEUTRAL}


NOISE = 0.05


def ahead(low: float, high: float, p: float) -> Ahead:
    """By the interval of the accuracy of run 1 minus that of run 2 and the exact McNemar p: both have to say it.

    With few items the interval alone may leave out no difference where the exact test cannot show any.
    """
    if p >= NOISE or low <= 0 <= high:
        return Ahead.NOT_SHOWN
    return Ahead.FIRST if low > 0 else Ahead.SECOND


@dataclass(frozen=True)
class DifferenceLine:
    """One group: how many points of accuracy run 1 is ahead of run 2, its interval and exact McNemar p, on n items."""

    key: str
    name: str
    points: float
    low: float
    high: float
    n: int
    p: float

    @property
    def verdict(self) -> Ahead:
        """Which run is ahead beyond noise, if any."""
        return ahead(self.low, self.high, self.p)


def difference_chart(lines: Sequence[DifferenceLine]) -> alt.LayerChart | alt.FacetChart:
    """A line each, told apart by shape and colour; a click on a point (`pick`) names its group by `key`."""
    table = pd.DataFrame([{**asdict(line), "verdict": line.verdict.value} for line in lines])
    names = alt.Axis(labelLimit=260, ticks=False, domain=False, labelFlush=False, labelOverlap=False)
    y = alt.Y("name:N", sort=[line.name for line in lines], title=None, axis=names)
    signed = alt.Axis(tickCount=7, format="d", labelExpr="datum.value > 0 ? '+' + datum.label : datum.label")
    title = "run 1 minus run 2, points of accuracy, 95 % interval"
    shown = [verdict for verdict in Ahead if verdict.value in set(table["verdict"])]
    verdicts = [verdict.value for verdict in shown]
    legend = alt.Legend(orient="top", title=None)
    colour = alt.Color("verdict:N", scale=alt.Scale(domain=verdicts, range=[COLOURS[v] for v in shown]), legend=legend)
    shape = alt.Shape("verdict:N", scale=alt.Scale(domain=verdicts, range=[SHAPES[v] for v in shown]), legend=legend)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=NEUTRAL, strokeDash=[4, 3]).encode(x="zero:Q")
    base = alt.Chart(table).encode(y=y)
    intervals = base.mark_rule(strokeWidth=2.5, opacity=0.6).encode(
        x=alt.X("low:Q", title=title, axis=signed), x2="high:Q", color=colour
    )
    points = (
        base.mark_point(filled=True, size=90, opacity=1, strokeWidth=2, cursor="pointer")
        .encode(x=alt.X("points:Q", title=title, axis=signed), color=colour, shape=shape, tooltip=_tip())
        .add_params(alt.selection_point(name="pick", fields=["key"], on="click"))
    )
    height = AROUND_PIXELS + LINE_PIXELS * len(lines)
    return alt.layer(zero, intervals, points).properties(height=height, padding=PADDING)


def _tip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title="group"),
        alt.Tooltip("n:Q", format=",", title="common items"),
        alt.Tooltip("points:Q", format="+.1f", title="run 1 minus run 2, points"),
        alt.Tooltip("low:Q", format="+.1f", title="interval from"),
        alt.Tooltip("high:Q", format="+.1f", title="to"),
        alt.Tooltip("p:Q", format=".3f", title="exact McNemar p"),
        alt.Tooltip("verdict:N"),
    ]


def differences_in_words(lines: Sequence[DifferenceLine]) -> str:
    """What the picture says, for who cannot see it: how many groups show what."""
    counts = {verdict: sum(line.verdict is verdict for line in lines) for verdict in Ahead}
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    return f"Run 1 minus run 2 of {len(lines)} groups with 95 % intervals: {told}. The table has the numbers."
