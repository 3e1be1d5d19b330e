"""Figure 4 as the paper means it: seven training sets of a target, each with its interval, and what it has to beat."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from medmat_explorer.charts.figure4_table import UNRELATED, UNTRAINED, Arm, arms
from medmat_explorer.charts.palette import ACCENT, NEUTRAL
from medmat_explorer.evaluation.evidence import count_of
from medmat_explorer.evaluation.statistics import wilson

LINE_PIXELS, AROUND_PIXELS = 34, 110
PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}
TO_BEAT = (UNTRAINED, UNRELATED)
"""The sets that composition has to beat; drawn apart in colour and with a word below."""


def figure4_chart(target: str) -> alt.LayerChart | alt.FacetChart:
    """Bars in the paper's order; intervals (Wilson) where the size of the test set is inferred."""
    found = arms(target)
    table = pd.DataFrame([_line(arm) for arm in found])
    order = [arm.training for arm in found]
    names = alt.Axis(labelLimit=140, ticks=False, domain=False, labelOverlap=False, labelFlush=False)
    y = alt.Y("training:N", sort=order, title=None, axis=names)
    x = alt.X("percent:Q", title="accuracy, %, 95 % interval", scale=alt.Scale(domain=[0, 100]))
    kinds = alt.Scale(domain=["to be beaten", "training set"], range=[NEUTRAL, ACCENT])
    tip = [
        alt.Tooltip("training:N", title="training set"),
        alt.Tooltip("percent:Q", title="accuracy, %"),
        alt.Tooltip("low:Q", format=".0f", title="interval from"),
        alt.Tooltip("high:Q", format=".0f", title="to"),
        alt.Tooltip("n:Q", title="items in the test"),
    ]
    bars = (
        alt.Chart(table)
        .mark_bar(opacity=0.75)
        .encode(
            y=y,
            x=x,
            color=alt.Color("kind:N", scale=kinds, legend=alt.Legend(orient="top", title=None)),
            tooltip=tip,
        )
    )
    rules = (
        alt.Chart(table)
        .transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2.5, color=NEUTRAL)
        .encode(y=y, x="low:Q", x2="high:Q", tooltip=tip)
    )
    height = AROUND_PIXELS + LINE_PIXELS * len(found)
    return alt.layer(bars, rules).properties(height=height, padding=PADDING)


def _line(arm: Arm) -> dict[str, object]:
    low, high = _interval(arm)
    kind = "to be beaten" if arm.training in TO_BEAT else "training set"
    return {
        "training": arm.training,
        "percent": arm.trained,
        "low": low,
        "high": high,
        "n": arm.test_size,
        "kind": kind,
    }


def _interval(arm: Arm) -> tuple[float | None, float | None]:
    if not arm.test_size:
        return None, None
    low, high = wilson(count_of(arm.trained, arm.test_size), arm.test_size)
    return 100 * low, 100 * high


def figure4_in_words(target: str) -> str:
    """What the picture says, for who cannot see it."""
    told: Sequence[str] = [f"{arm.training} {arm.trained:g} %" for arm in arms(target)]
    return f"Figure 4, target {target}: {', '.join(told)}. The table below has the intervals."
