"""Charts of the items that are looked at; each mark can be clicked (`pick`) to look at its items alone."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from medmat_explorer.charts.overview import PADDING, SPLIT_COLOURS
from medmat_explorer.charts.palette import ACCENT, NEUTRAL

ROW_PIXELS, AROUND_PIXELS, LEGEND_PIXELS = 20, 62, 58
NAMES = alt.Axis(labelLimit=230, ticks=False, domain=False, labelOverlap=False, labelFlush=False, title=None)
LEGEND = alt.Legend(orient="top", title=None, offset=6, padding=0)
ITEMS = alt.Axis(tickCount=4, format="~s", title="items")
SHAPES = alt.Scale(domain=["square", "wide", "tall", "unknown"], range=[ACCENT, "#2b84c6", "#d06a14", NEUTRAL])


def _tall(rows: int, *, legend: bool = False) -> dict[str, object]:
    """Streamlit draws a chart as high as it is told, axis and legend included."""
    return {"height": AROUND_PIXELS + LEGEND_PIXELS * legend + ROW_PIXELS * max(1, rows), "padding": PADDING}


def bars(counts: Sequence[tuple[str, int]], name: str) -> alt.Chart:
    """Items by one thing, in the order given."""
    frame = pd.DataFrame(counts, columns=[name, "items"])
    frame["share"] = frame["items"] / max(1, frame["items"].sum())
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(cursor="pointer", color=ACCENT)
        .encode(
            y=alt.Y(f"{name}:N", sort=None, axis=NAMES),
            x=alt.X("items:Q", axis=ITEMS),
            tooltip=[f"{name}:N", alt.Tooltip("items:Q", format=","), alt.Tooltip("share:Q", format=".1%")],
        )
        .add_params(alt.selection_point(name="pick", fields=[name], on="click"))
        .properties(**_tall(len(frame)))
    )
    return chart


def split_bars(counts: Sequence[tuple[str, str, int]], titles: dict[str, str]) -> alt.Chart:
    """Items by subset and split."""
    frame = pd.DataFrame(counts, columns=["subset", "split", "items"])
    frame["title"] = [titles.get(number, number) for number in frame["subset"]]
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(cursor="pointer")
        .encode(
            y=alt.Y("title:N", sort=None, axis=NAMES),
            x=alt.X("items:Q", axis=ITEMS),
            color=alt.Color("split:N", scale=SPLIT_COLOURS, legend=LEGEND),
            order=alt.Order("split:N", sort="descending"),
            tooltip=["title:N", "split:N", alt.Tooltip("items:Q", format=",")],
        )
        .add_params(alt.selection_point(name="pick", fields=["subset", "split"], on="click"))
        .properties(**_tall(frame["subset"].nunique(), legend=True))
    )
    return chart


def size_bars(counts: Sequence[tuple[str, str, int]], order: Sequence[str]) -> alt.Chart:
    """Items by longer side of the image and its shape."""
    frame = pd.DataFrame(counts, columns=["pixels", "shape", "items"])
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(cursor="pointer")
        .encode(
            y=alt.Y("pixels:N", sort=list(order), axis=NAMES),
            x=alt.X("items:Q", axis=ITEMS),
            color=alt.Color("shape:N", scale=SHAPES, legend=LEGEND),
            tooltip=["pixels:N", "shape:N", alt.Tooltip("items:Q", format=",")],
        )
        .add_params(alt.selection_point(name="pick", fields=["pixels", "shape"], on="click"))
        .properties(**_tall(frame["pixels"].nunique(), legend=True))
    )
    return chart


def letter_bars(counts: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Share of right answers at each letter with its 95 % interval; a tick where equal shares would be.

    Columns: letter, items, share, low, high, expected, n.
    """
    base = alt.Chart(counts).encode(y=alt.Y("letter:N", sort=None, axis=NAMES))
    tooltip = [
        "letter:N",
        alt.Tooltip("items:Q", format=","),
        alt.Tooltip("n:Q", format=","),
        alt.Tooltip("share:Q", format=".1%"),
        alt.Tooltip("low:Q", format=".1%", title="interval from"),
        alt.Tooltip("high:Q", format=".1%", title="to"),
        alt.Tooltip("expected:Q", format=".1%", title="equal shares"),
    ]
    shares = alt.X("share:Q", axis=alt.Axis(format="%", tickCount=4, title="share of right answers"))
    pick = alt.selection_point(name="pick", fields=["letter"], on="click")
    return alt.layer(
        base.mark_bar(cursor="pointer", color=ACCENT).encode(x=shares, tooltip=tooltip).add_params(pick),
        base.mark_rule(strokeWidth=2, color=NEUTRAL).encode(x="low:Q", x2="high:Q"),
        base.mark_tick(thickness=3, size=16, color="#d06a14").encode(x="expected:Q", tooltip=tooltip),
    ).properties(**_tall(len(counts)))
