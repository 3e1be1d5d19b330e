"""The map of pictures: a point each, near where its look-alikes are, in colours and signs that tell values apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#c2659a", "#b87a00", "#3f93c9", "#8c6cc0")
"""Okabe and Ito's, made darker where needed: each has at least 3:1 contrast against the light and the dark page."""

SIGNS = ("circle", "diamond", "cross", "triangle-up", "square", "x", "star", "triangle-down")
MOST_VALUES = 16
REST = "others"
MOST_SVG = 3_000
"""Points that are drawn without WebGL, which not every browser has."""

HOVER = "<b>%{customdata[1]}</b><br>%{customdata[2]}<extra></extra>"
BACKGROUND = "rgba(128, 138, 146, 0.28)"


@dataclass(frozen=True)
class MapPoint:
    """One picture: its place, its value in the property that colours, a name that comes back when it is picked, and
    two lines to show on hover."""

    name: str
    x: float
    y: float
    value: str
    title: str
    detail: str


def map_figure(points: Sequence[MapPoint], others: Sequence[tuple[float, float]], axes: tuple[str, str]) -> go.Figure:
    """A trace for each value, the most frequent first, and one for the rest; `others` are grey and cannot be picked."""
    kind = go.Scattergl if len(points) + len(others) > MOST_SVG else go.Scatter
    figure = go.Figure()
    if others:
        grey = {"color": BACKGROUND, "size": 5, "symbol": "circle"}
        where = {"x": [x for x, _ in others], "y": [y for _, y in others]}
        figure.add_trace(kind(**where, mode="markers", marker=grey, name="not selected", hoverinfo="skip"))
    for place, (value, members) in enumerate(_groups(points)):
        figure.add_trace(
            kind(
                x=[point.x for point in members],
                y=[point.y for point in members],
                mode="markers",
                name=f"{value} ({len(members):,})",
                marker=_marker(place, value, len(points)),
                customdata=[(point.name, point.title, point.detail) for point in members],
                hovertemplate=HOVER,
            )
        )
    return _laid_out(figure, axes)


def _groups(points: Sequence[MapPoint]) -> list[tuple[str, list[MapPoint]]]:
    counts = Counter(point.value for point in points)
    values = [value for value, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    named = set(values if len(values) <= MOST_VALUES else values[: MOST_VALUES - 1])
    groups: dict[str, list[MapPoint]] = {value: [] for value in values if value in named}
    for point in points:
        groups.setdefault(point.value if point.value in named else REST, []).append(point)
    return list(groups.items())


def _marker(place: int, value: str, points: int) -> dict[str, object]:
    """Seven colours and eight signs in turn: no colour comes twice with one sign."""
    size = 8 if points <= 1_000 else 6 if points <= 5_000 else 4
    if value == REST:
        return {"color": "#7d8a92", "symbol": "circle-open", "size": size}
    colour, sign = COLOURS[place % len(COLOURS)], SIGNS[place % len(SIGNS)]
    return {"color": colour, "symbol": sign, "size": size, "opacity": 0.85, "line": {"width": 0}}


def _laid_out(figure: go.Figure, axes: tuple[str, str]) -> go.Figure:
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    figure.update_layout(
        height=620,
        margin={"l": 30, "r": 10, "t": 10, "b": 30},
        xaxis={**bare, "title": {"text": axes[0], "font": {"size": 12}}},
        yaxis={**bare, "title": {"text": axes[1], "font": {"size": 12}}},
        legend={"orientation": "h", "yanchor": "top", "y": -0.06, "itemsizing": "constant", "font": {"size": 12}},
        dragmode="lasso",
        hoverlabel={"align": "left"},
        uirevision="map",
    )
    return figure
