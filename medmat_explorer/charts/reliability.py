"""How often a model is right when it is so sure: accuracy against confidence, bin by bin."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from medmat_explorer.charts.palette import ACCENT, NEUTRAL
from medmat_explorer.evaluation.calibration import Calibration

HEIGHT = 340
PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}
UNIT = alt.Scale(domain=[0, 1], nice=False)


def reliability_chart(found: Calibration) -> alt.LayerChart | alt.FacetChart:
    """A point a bin with its 95 % interval, larger with more answers; dashes where confidence and accuracy agree."""
    table = pd.DataFrame(
        [
            {
                "confidence": each.confidence,
                "accuracy": each.accuracy,
                "from": each.interval[0],
                "to": each.interval[1],
                "least": each.low,
                "most": each.high,
                "n": each.n,
                "right": each.correct,
            }
            for each in found.bins
        ]
    )
    axis = alt.Axis(format="%", tickCount=5)
    x = alt.X("confidence:Q", scale=UNIT, axis=axis, title="confidence, mean of the bin")
    tip = [
        alt.Tooltip("n:Q", title="answers"),
        alt.Tooltip("right:Q"),
        *(alt.Tooltip(f"{name}:Q", format=".1%") for name in ("confidence", "accuracy")),
        alt.Tooltip("from:Q", format=".1%", title="interval from"),
        alt.Tooltip("to:Q", format=".1%"),
        alt.Tooltip("least:Q", format=".1%", title="bin from"),
        alt.Tooltip("most:Q", format=".1%", title="bin to"),
    ]
    title = "accuracy, 95 % Wilson interval"
    base = alt.Chart(table).encode(x=x, tooltip=tip)
    intervals = base.mark_rule(color=ACCENT, strokeWidth=3, opacity=0.55).encode(
        y=alt.Y("from:Q", scale=UNIT, axis=axis, title=title), y2="to:Q"
    )
    size = alt.Size(
        "n:Q", scale=alt.Scale(range=[40, 400], zero=True), legend=alt.Legend(title="answers", orient="top")
    )
    points = base.mark_point(color=ACCENT, filled=True, opacity=1).encode(y="accuracy:Q", size=size)
    layers = [_agreement(), *_chance(found.chance), intervals, points]
    return alt.layer(*layers).properties(height=HEIGHT, padding=PADDING)


def _agreement() -> alt.Chart:
    ends = pd.DataFrame({"confidence": [0.0, 1.0], "accuracy": [0.0, 1.0]})
    line: alt.Chart = alt.Chart(ends).mark_line(color=NEUTRAL, strokeDash=[5, 4], strokeWidth=1.5)
    return line.encode(x="confidence:Q", y="accuracy:Q")


def _chance(chance: float | None) -> list[alt.Chart]:
    """A dotted line at what guessing reaches, where that is known."""
    if chance is None:
        return []
    table = pd.DataFrame({"accuracy": [chance], "what": ["chance"]})
    tip = ["what:N", alt.Tooltip("accuracy:Q", format=".1%")]
    rule = alt.Chart(table).mark_rule(color=NEUTRAL, strokeDash=[1, 3], strokeWidth=2)
    return [rule.encode(y="accuracy:Q", tooltip=tip)]


def reliability_lines(found: Calibration) -> Sequence[dict[str, object]]:
    """The same as a table, a line a bin."""
    return [
        {
            "Confidence": f"{each.low:.1%} to {each.high:.1%}",
            "n": each.n,
            "Mean confidence": round(each.confidence, 4),
            "Right": each.correct,
            "Accuracy": round(each.accuracy, 4),
            "95 % interval": f"{each.interval[0]:.1%} to {each.interval[1]:.1%}",
            "Gap": round(each.gap, 4),
        }
        for each in found.bins
    ]


def reliability_in_words(found: Calibration) -> str:
    """The numbers that belong to the picture, and the text for who cannot see it."""
    between = f", 95 % interval {found.interval[0]:.1%} to {found.interval[1]:.1%}" if found.interval else ""
    more = "more than" if found.beyond_luck else "no more than"
    chance = "" if found.chance is None else f"; chance {found.chance:.1%} (dotted)"
    return (
        f"Expected calibration error {found.ece:.1%} (n = {found.n:,}{between}), {more} a perfectly calibrated model "
        f"with these confidences shows by luck (up to {found.by_luck:.1%}). Mean confidence {found.confidence:.1%}, "
        f"accuracy {found.accuracy:.1%}{chance}. Bins of {found.binning}; dashes: confidence equals accuracy."
    )
