"""A picture of rows and columns with marks in its cells: arrows move from cell to cell, Enter opens one."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

from medmat_explorer.charts.matrix_content import CellFace, HeadFace, LegendEntry, MatrixFace
from medmat_explorer.charts.matrix_layout import MatrixLayout, matrix_layout
from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import on_trigger

WIDTHS = (340, 400, 470, 540, 600, 660, 720, 760, 790, 830, 870, 920, 960, 1010, 1060, 1120, 1180, 1250, 1320)
"""The browser takes the widest of these layouts that fits; where none does, the narrowest, and scrolls it."""

PHONE = 320
"""Pixels that a phone has for a picture."""

MANY_MARKS = 600
"""A picture with more marks is laid out for these few widths only, so that it stays small on its way to the browser."""
FEW_WIDTHS = (340, 720, 1060)

SCROLL_HELP = "Scroll sideways for more columns."
HELP = "Arrow keys move, Enter opens a cell, Escape closes it."

Place = tuple[str, str]
"""The keys of a row and a column."""


def matrix(
    face: MatrixFace,
    legend: Sequence[LegendEntry],
    *,
    key: str,
    label: str,
    selected: Place | None = None,
    on_open: Callable[[str, str], None],
    on_close: Callable[[], None] = lambda: None,
) -> None:
    """Draws the picture. `on_open` gets the keys of the row and the column of the cell that was opened."""
    _renderer()(
        key=key,
        data=matrix_data(face, tuple(legend), label=label, selected=selected),
        on_open_change=on_trigger(key, "open", lambda sent: on_open(sent["row"], sent["column"])),
        on_close_change=on_trigger(key, "close", lambda sent: on_close()),
    )


@cache
def _renderer() -> Any:
    return component("matrix")


def matrix_data(
    face: MatrixFace, legend: tuple[LegendEntry, ...], *, label: str, selected: Place | None
) -> dict[str, Any]:
    """What the browser gets: words once, positions for every width."""
    return {
        "label": label,
        "help": [HELP, SCROLL_HELP],
        "empty": face.empty,
        "selected": list(selected) if selected else None,
        "rows": [_head_words(head) for head in face.rows],
        "columns": [_head_words(head) for head in face.columns],
        "cells": [_cell_words(cell) for cell in face.cells],
        "axes": [axis.value if axis else "" for axis in (face.row_axis, face.column_axis)],
        "layouts": _layouts(face),
        "legend": [[e.mark.text, " ".join(e.mark.tones), e.meaning] for e in legend],
    }


def _head_words(head: HeadFace) -> dict[str, Any]:
    return {
        "key": head.key,
        "text": head.text,
        "number": head.number,
        "note": head.note,
        "label": head.words,
        "badges": [[badge.letter, badge.axis.value, badge.other] for badge in head.badges],
    }


def _cell_words(cell: CellFace) -> dict[str, Any]:
    return {
        "at": [cell.row, cell.column],
        "label": cell.label,
        "tones": " ".join(cell.tones),
        "marks": [[mark.text, " ".join(mark.tones)] for mark in cell.marks],
    }


@lru_cache(maxsize=32)
def _layouts(face: MatrixFace) -> list[dict[str, Any]]:
    """One for each width that is wide enough, and the narrowest, which is scrolled where there is less room."""
    many = sum(len(cell.marks) for cell in face.cells) > MANY_MARKS
    narrowest = matrix_layout(face, PHONE)
    widths = [width for width in (FEW_WIDTHS if many else WIDTHS) if width >= narrowest.width]
    layouts = {layout.width: layout for layout in (narrowest, *(matrix_layout(face, width) for width in widths))}
    return [_layout_numbers(face, layout) for layout in layouts.values()]


def _layout_numbers(face: MatrixFace, layout: MatrixLayout) -> dict[str, Any]:
    """Sizes of heads, columns and rows; the marks by their distance from the corner of their cell."""
    places = []
    for cell, boxes in zip(face.cells, layout.marks, strict=True):
        x, y = layout.columns[cell.column].x, layout.rows[cell.row].y
        places.append([[box.x - x, box.y - y, box.width, box.height] for box in boxes])
    return {
        "width": layout.width,
        "head": [layout.corner.width, layout.corner.height],
        "turned": layout.turned,
        "columns": [box.width for box in layout.columns],
        "rows": [box.height for box in layout.rows],
        "marks": places,
    }
