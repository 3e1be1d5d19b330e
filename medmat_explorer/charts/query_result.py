"""A chart of what a statement gave: the reader says which column goes where."""

from enum import StrEnum

import altair as alt
import pandas as pd

from medmat_explorer.charts.overview import PADDING
from medmat_explorer.charts.palette import ACCENT

HEIGHT, ROW_PIXELS, AROUND_PIXELS, TALLEST = 360, 20, 70, 1_400
LABELS, AMOUNTS = alt.Axis(labelLimit=230), alt.Axis(tickCount=6)


class Kind(StrEnum):
    """How values are drawn."""

    BARS = "bars"
    LINE = "line"
    POINTS = "points"
    HISTOGRAM = "histogram"


def is_number(column: "pd.Series[object]") -> bool:
    """Whether a column holds amounts."""
    return bool(pd.api.types.is_numeric_dtype(column)) and not pd.api.types.is_bool_dtype(column)


def result_chart(frame: pd.DataFrame, kind: Kind, x: str, y: str) -> alt.Chart:
    """The column `y` over the column `x`; a histogram is of `x` alone.

    Bars lie when `x` holds names, so that these can be read, in the order of the rows. Columns may be called anything:
    the chart knows them as x and y.
    """
    drawn = pd.DataFrame({"x": frame[x], "y": frame[x if kind is Kind.HISTOGRAM else y]})
    chart = alt.Chart(drawn)
    if kind is Kind.HISTOGRAM:
        return _sized(_histogram(chart, x, is_number(drawn["x"])), HEIGHT)
    if kind is Kind.BARS and not is_number(drawn["x"]):
        return _sized(_lying_bars(chart, x, y), min(TALLEST, AROUND_PIXELS + ROW_PIXELS * drawn["x"].nunique()))
    marked = _marked(chart, kind)
    return _sized(marked.encode(x=_along(drawn, x), y=alt.Y("y:Q", title=y), tooltip=_tips(x, y)), HEIGHT)


def _marked(chart: alt.Chart, kind: Kind) -> alt.Chart:
    if kind is Kind.LINE:
        marked: alt.Chart = chart.mark_line(color=ACCENT, point=alt.OverlayMarkDef(color=ACCENT))
    elif kind is Kind.POINTS:
        marked = chart.mark_circle(color=ACCENT, size=60, opacity=0.7)
    else:
        marked = chart.mark_bar(color=ACCENT)
    return marked


def _sized(chart: alt.Chart, height: int) -> alt.Chart:
    """Streamlit draws a chart as high as it is told, axis included."""
    sized: alt.Chart = chart.properties(height=height, padding=PADDING)
    return sized


def _tips(x: str, y: str) -> list[alt.Tooltip]:
    return [alt.Tooltip("x", title=x), alt.Tooltip("y", title=y)]


def _along(drawn: pd.DataFrame, title: str) -> alt.X:
    if is_number(drawn["x"]):
        return alt.X("x:Q", title=title, scale=alt.Scale(zero=False))
    return alt.X("x:N", title=title, sort=None, axis=LABELS)


def _lying_bars(chart: alt.Chart, x: str, y: str) -> alt.Chart:
    names = alt.Y("x:N", sort=None, title=x, axis=LABELS)
    bars: alt.Chart = chart.mark_bar(color=ACCENT).encode(
        y=names, x=alt.X("y:Q", title=y, axis=AMOUNTS), tooltip=_tips(x, y)
    )
    return bars


def _histogram(chart: alt.Chart, x: str, amounts: bool) -> alt.Chart:
    along = alt.X("x:Q", bin=alt.Bin(maxbins=40), title=x) if amounts else alt.X("x:N", sort="-y", title=x)
    counted = alt.Tooltip("count()", title="rows")
    bars: alt.Chart = chart.mark_bar(color=ACCENT).encode(x=along, y=alt.Y("count()", title="rows"), tooltip=[counted])
    return bars
