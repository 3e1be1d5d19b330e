"""What a collection holds, at a glance: the modality by area matrix and bars by subset."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import altair as alt
import pandas as pd
import plotly.graph_objects as go

from medmat_explorer.charts.palette import ACCENT, AXIS_COLOURS, NEUTRAL
from medmat_explorer.domain.triplet import MODALITY_NAMES, Axis

ROW_PIXELS, LINE_PIXELS = 30, 15
HOVER = "%{customdata[0]} · %{customdata[1]}<br>%{customdata[3]}<br>%{customdata[2]} items<extra></extra>"


@dataclass(frozen=True)
class MatrixCell:
    """One modality and area: the tasks found there and how many items they have together."""

    modality: str
    area: str
    tasks: tuple[str, ...]
    items: int


def matrix_cells(rows: Sequence[tuple[str, str, str, int]]) -> list[MatrixCell]:
    """Cells from rows of modality, area, task and items, in the order of the names."""
    tasks: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for modality, area, task, items in rows:
        tasks[modality, area][task] += items
    return [MatrixCell(m, a, tuple(sorted(t)), sum(t.values())) for (m, a), t in sorted(tasks.items())]


def matrix_figure(cells: Sequence[MatrixCell]) -> go.Figure:
    """Modality (rows) by area (columns); a square's area grows with its items, its words are the tasks."""
    most = max((cell.items for cell in cells), default=1)
    modalities, areas = sorted({c.modality for c in cells}, reverse=True), sorted({c.area for c in cells})
    figure = go.Figure(
        go.Scatter(
            x=[c.area for c in cells],
            y=[c.modality for c in cells],
            mode="markers+text",
            text=["<br>".join(c.tasks) for c in cells],
            textposition="bottom center",
            textfont={"size": 11},
            marker={
                "symbol": "square",
                "size": [8 + 18 * sqrt(c.items / most) for c in cells],
                "color": ACCENT,
                "line": {"width": 0},
            },
            customdata=[_hovered(cell) for cell in cells],
            hovertemplate=HOVER,
        )
    )
    lines = max((len(c.tasks) for c in cells), default=1)
    figure.update_layout(
        height=90 + len(modalities) * (ROW_PIXELS + LINE_PIXELS * lines),
        margin={"l": 10, "r": 20, "t": 44, "b": 10},
        xaxis={"side": "top", "categoryorder": "array", "categoryarray": areas, "title": _axis(Axis.AREA)},
        yaxis={"categoryorder": "array", "categoryarray": modalities, "title": _axis(Axis.MODALITY)},
        dragmode=False,
        showlegend=False,
    )
    figure.update_xaxes(showgrid=True, tickfont={"size": 12})
    figure.update_yaxes(showgrid=True, tickfont={"size": 12})
    return figure


def _hovered(cell: MatrixCell) -> list[str]:
    return [MODALITY_NAMES.get(cell.modality, cell.modality), cell.area, f"{cell.items:,}", ", ".join(cell.tasks)]


def _axis(axis: Axis) -> dict[str, object]:
    return {"text": axis.value, "font": {"size": 12, "color": AXIS_COLOURS[axis]}}


SPLIT_COLOURS = alt.Scale(domain=["train", "test"], range=[NEUTRAL, ACCENT])
BAR_PIXELS, AROUND_PIXELS = 20, 80
"""Height of a bar, and of legend and axis around them."""
PADDING = {"left": 4, "right": 16, "top": 4, "bottom": 4}
SHARES = alt.Axis(format="%", tickCount=5)


def _names() -> alt.Y:
    axis = alt.Axis(labelLimit=260, ticks=False, domain=False, labelFlush=False, labelOverlap=False)
    return alt.Y("title:N", sort=None, title=None, axis=axis)


def subset_bars(counts: pd.DataFrame) -> alt.Chart:
    """Items by subset and split. Columns: subset, title, split, items. A bar can be clicked (`pick`)."""
    pick = alt.selection_point(name="pick", fields=["subset"], on="click")
    chart: alt.Chart = (
        alt.Chart(counts)
        .mark_bar(cursor="pointer")
        .encode(
            y=_names(),
            x=alt.X("items:Q", title="items", axis=alt.Axis(tickCount=5, format="~s")),
            color=alt.Color("split:N", scale=SPLIT_COLOURS, legend=alt.Legend(orient="top", title=None)),
            order=alt.Order("split:N", sort="descending"),
            tooltip=["title:N", "split:N", alt.Tooltip("items:Q", format=",")],
        )
        .add_params(pick)
        .properties(height=AROUND_PIXELS + BAR_PIXELS * counts["title"].nunique(), padding=PADDING)
    )
    return chart


def label_balance(labels: pd.DataFrame) -> alt.Chart:
    """Share of each label within its subset. Columns: subset, title, label, share, items."""
    pick = alt.selection_point(name="pick", fields=["subset", "label"], on="click")
    chart: alt.Chart = (
        alt.Chart(labels)
        .mark_bar(cursor="pointer", stroke=NEUTRAL, strokeWidth=0.6, color=ACCENT)
        .encode(
            y=_names(),
            x=alt.X("share:Q", stack="zero", title="share of the subset's items", axis=SHARES),
            detail="label:N",
            order=alt.Order("share:Q", sort="descending"),
            opacity=alt.Opacity("rank:O", scale=alt.Scale(range=[1.0, 0.35]), legend=None),
            tooltip=["title:N", "label:N", alt.Tooltip("items:Q", format=","), alt.Tooltip("share:Q", format=".0%")],
        )
        .add_params(pick)
        .properties(height=AROUND_PIXELS + BAR_PIXELS * labels["title"].nunique(), padding=PADDING)
    )
    return chart
