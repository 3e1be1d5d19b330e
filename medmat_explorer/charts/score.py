"""Accuracies with their intervals against what they have to beat."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import altair as alt
import pandas as pd

from medmat_explorer.charts.palette import ACCENT, NEUTRAL

PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}
LINE_PIXELS, AROUND_PIXELS = 26, 112
"""Height of a line, and of legend and axis around them."""
MARKS: dict[str, str] = {"chance": "triangle-up", "majority": "square", "paper": "diamond"}
"""The references and the shapes that tell them apart."""


@dataclass(frozen=True)
class ScoreLine:
    """One accuracy and its references, all as shares of 1; `paper` is None where the paper prints none."""

    name: str
    n: int
    accuracy: float
    low: float
    high: float
    chance: float
    majority: float
    paper: float | None = None


def score_chart(lines: Sequence[ScoreLine]) -> alt.LayerChart | alt.FacetChart:
    """A line each: the accuracy with its 95 % interval, and marks for chance, majority and the paper's baseline."""
    table = pd.DataFrame([asdict(line) for line in lines])
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=240, ticks=False, domain=False))
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", tickCount=5)
    base = alt.Chart(table).encode(y=y)
    tip = [
        alt.Tooltip("name:N", title="of"),
        alt.Tooltip("n:Q"),
        alt.Tooltip("accuracy:Q", format=".1%"),
        alt.Tooltip("low:Q", format=".1%", title="interval from"),
        alt.Tooltip("high:Q", format=".1%", title="to"),
    ]
    interval = base.mark_rule(color=ACCENT, strokeWidth=3, opacity=0.55).encode(
        x=alt.X("low:Q", scale=scale, axis=axis, title="accuracy, 95 % Wilson interval"), x2="high:Q", tooltip=tip
    )
    point = base.mark_point(color=ACCENT, filled=True, size=80, opacity=1).encode(x="accuracy:Q", tooltip=tip)
    references = _references(table)
    shown = [name for name in MARKS if name in set(references["reference"])]
    marks = (
        alt.Chart(references)
        .mark_point(filled=False, size=60, color=NEUTRAL, strokeWidth=1.6)
        .encode(
            y=y,
            x="value:Q",
            shape=alt.Shape(
                "reference:N",
                scale=alt.Scale(domain=shown, range=[MARKS[name] for name in shown]),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=["name:N", "reference:N", alt.Tooltip("value:Q", format=".1%")],
        )
    )
    height = AROUND_PIXELS + LINE_PIXELS * len(lines)
    return alt.layer(interval, point, marks).properties(height=height, padding=PADDING)


def _references(table: pd.DataFrame) -> pd.DataFrame:
    long = table.melt(id_vars=["name"], value_vars=list(MARKS), var_name="reference", value_name="value")
    return long.dropna(subset=["value"])
