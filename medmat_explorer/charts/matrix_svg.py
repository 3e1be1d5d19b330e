"""A picture of rows and columns as an SVG file, with the positions of the picture on the page."""

from collections.abc import Sequence

from medmat_explorer.charts.lattice_layout import Box, text_width
from medmat_explorer.charts.matrix_content import Badge, HeadFace, LegendEntry, MarkFace, MatrixFace, Tone
from medmat_explorer.charts.matrix_layout import (
    BADGE,
    LINE,
    MARK,
    PAD,
    MatrixLayout,
    is_bare,
    mark_width,
    matrix_layout,
)
from medmat_explorer.charts.palette import ACCENT, AXIS_COLOURS
from medmat_explorer.charts.svg import Svg
from medmat_explorer.domain.triplet import Axis

WIDTH = 1100
TITLE = 34
LEGEND_LINE = 24


def matrix_svg(
    face: MatrixFace,
    legend: Sequence[LegendEntry],
    title: str,
    *,
    words: Sequence[str] = (),
    width: int = WIDTH,
    dark: bool = False,
) -> str:
    """The picture with its title above, the legend below, and under that further `words`, a line each or more."""
    layout = matrix_layout(face, width)
    wide = max(width, layout.width) + 2
    legend_lines = _legend_lines(legend, wide)
    word_lines = [line for text in words for line in _wrapped(text, wide)]
    foot = TITLE + layout.height + 12
    svg = Svg(wide, foot + LEGEND_LINE * len(legend_lines) + LINE * len(word_lines) + 10, title, dark)
    svg.text(2, 18, title, size=14, weight=600)
    _draw_ground(svg, face, layout)
    _draw_heads(svg, face, layout)
    for cell, boxes in zip(face.cells, layout.marks, strict=True):
        for mark, box in zip(cell.marks, boxes, strict=True):
            _draw_mark(svg, mark, _lower(box))
    _draw_legend(svg, legend_lines, foot)
    for place, line in enumerate(word_lines):
        y = foot + LEGEND_LINE * len(legend_lines) + LINE * place + 12
        svg.text(2, y, line, fill=svg.ink.quiet)
    return svg.write()


def _lower(box: Box) -> Box:
    return Box(box.x, box.y + TITLE, box.width, box.height)


def tint(colour: str, paper: str, part: float) -> str:
    """A colour thinned with the paper's; `part` is how much of it is left."""
    mixed = (round(int(colour[at : at + 2], 16) * part + int(paper[at : at + 2], 16) * (1 - part)) for at in (1, 3, 5))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def _colour(axis: Axis | None) -> str:
    return AXIS_COLOURS[axis] if axis else ACCENT


def _draw_ground(svg: Svg, face: MatrixFace, layout: MatrixLayout) -> None:
    """Tinted cells of the crosses, then the lines between rows and columns."""
    across, down = _colour(face.column_axis), _colour(face.row_axis)
    for cell in face.cells:
        box = _lower(layout.cell(cell.row, cell.column))
        for tone, colour in ((Tone.COLUMN, across), (Tone.ROW, down)):
            if tone in cell.tones:
                part = 0.3 if Tone.OWN in cell.tones else 0.13
                svg.rect(box.x, box.y, box.width, box.height, fill=tint(colour, svg.ink.paper, part))
        _draw_edges(svg, cell.tones, box, across, down)
    for row in layout.rows:
        svg.line(0, row.y + TITLE, layout.width, row.y + TITLE)
    for column in layout.columns:
        svg.line(column.x, TITLE, column.x, TITLE + layout.height)
    svg.rect(0, TITLE, layout.width, layout.height, stroke=svg.ink.line)


def _draw_edges(svg: Svg, tones: tuple[Tone, ...], box: Box, across: str, down: str) -> None:
    """The other target's cross in broken lines; the frames of the targets' own cells and of gaps."""
    if Tone.OTHER_COLUMN in tones:
        for x in (box.x + 1.5, box.right - 1.5):
            svg.line(x, box.y, x, box.bottom, stroke=across, width=2, dash="4 3")
    if Tone.OTHER_ROW in tones:
        for y in (box.y + 1.5, box.bottom - 1.5):
            svg.line(box.x, y, box.right, y, stroke=down, width=2, dash="4 3")
    if Tone.OWN in tones:
        svg.rect(box.x + 1, box.y + 1, box.width - 2, box.height - 2, stroke=svg.ink.accent, width=2.5)


def _draw_heads(svg: Svg, face: MatrixFace, layout: MatrixLayout) -> None:
    for head, box in zip(face.rows, layout.rows, strict=True):
        _draw_row_head(svg, head, _lower(box))
    for head, box in zip(face.columns, layout.columns, strict=True):
        _draw_column_head(svg, head, _lower(box), layout.turned)


def _draw_row_head(svg: Svg, head: HeadFace, box: Box) -> None:
    x = box.x + PAD
    for badge in head.badges:
        _draw_badge(svg, badge, x, box.y + box.height / 2 - 8)
        x += BADGE
    y = box.y + box.height / 2 + (-2 if head.note else 4)
    if head.number:
        svg.text(x, y, head.number, weight=700)
    svg.text(x + (text_width(head.number) * 1.08 + 5 if head.number else 0), y, head.text, weight=600)
    if head.note:
        svg.text(x, y + LINE, head.note, fill=svg.ink.quiet)


def _draw_column_head(svg: Svg, head: HeadFace, box: Box, turned: bool) -> None:
    middle = box.x + box.width / 2
    x = middle - BADGE * len(head.badges) / 2 + 1
    for badge in head.badges:
        _draw_badge(svg, badge, x, box.y + PAD)
        x += BADGE
    y = box.bottom - PAD - 4
    if head.number:
        svg.text(middle, y, head.number, anchor="middle", weight=700)
        y -= LINE
    if turned:
        svg.text(middle + 4, y + 2, head.text, weight=600, turn=-90)
    else:
        svg.text(middle, y, head.text, anchor="middle", weight=600)


def _draw_badge(svg: Svg, badge: Badge, x: float, y: float) -> None:
    colour = AXIS_COLOURS[badge.axis]
    fill = "none" if badge.other else tint(colour, svg.ink.paper, 0.25)
    svg.rect(x, y, 15, 15, fill=fill, stroke=colour, radius=4, width=1.5, dash="3 2" if badge.other else "")
    svg.text(x + 7.5, y + 11.5, badge.letter, size=11, anchor="middle", weight=700)


def _draw_mark(svg: Svg, mark: MarkFace, box: Box) -> None:
    task = AXIS_COLOURS[Axis.TASK]
    if not is_bare(mark) and Tone.GAP not in mark.tones:
        same = Tone.TASK in mark.tones
        fill = tint(task, svg.ink.paper, 0.32) if same else svg.ink.paper
        stroke = task if same else svg.ink.quiet
        dash = "2.5 2" if Tone.ABSENT in mark.tones else ""
        pen = 2 if same else 1
        svg.rect(
            box.x + 0.5, box.y + 0.5, box.width - 1, MARK - 1, fill=fill, stroke=stroke, radius=4, width=pen, dash=dash
        )
    if Tone.GAP in mark.tones:
        svg.rect(box.x + 0.5, box.y + 0.5, box.width - 1, MARK - 1, stroke=svg.ink.quiet, radius=9, dash="1.5 2")
    if Tone.OTHER_TASK in mark.tones:
        svg.line(box.x + 3, box.bottom - 2, box.right - 3, box.bottom - 2, stroke=task, width=2, dash="4 2")
    heavy = not {Tone.TASK, Tone.STRONG, Tone.OWN, Tone.OTHER_OWN, Tone.GAP}.isdisjoint(mark.tones)
    quiet = not {Tone.ABSENT, Tone.QUIET}.isdisjoint(mark.tones) and not heavy
    svg.text(
        box.x + box.width / 2,
        box.y + 13,
        mark.text,
        size=11,
        anchor="middle",
        weight=700 if heavy else 400,
        fill=svg.ink.quiet if quiet else "",
    )


def _legend_lines(legend: Sequence[LegendEntry], width: int) -> list[list[tuple[LegendEntry, int]]]:
    """The entries in lines, each with its x."""
    lines: list[list[tuple[LegendEntry, int]]] = []
    x = width
    for entry in legend:
        wide = mark_width(entry.mark) + 6 + round(text_width(entry.meaning)) + 18
        if x + wide > width:
            lines.append([])
            x = 2
        lines[-1].append((entry, x))
        x += wide
    return lines


def _draw_legend(svg: Svg, lines: Sequence[Sequence[tuple[LegendEntry, int]]], y: int) -> None:
    for line in lines:
        for entry, x in line:
            wide = mark_width(entry.mark)
            _draw_mark(svg, entry.mark, Box(x, y, wide, MARK))
            svg.text(x + wide + 6, y + 13, entry.meaning, fill=svg.ink.quiet)
        y += LEGEND_LINE


def _wrapped(text: str, width: int) -> list[str]:
    """Lines that fit, broken at blanks."""
    lines, used = [""], 0.0
    for word in text.split(" "):
        wide = text_width(word + " ")
        if lines[-1] and used + wide > width - 4:
            lines.append("")
            used = 0
        lines[-1] += f"{word} "
        used += wide
    return [line.rstrip() for line in lines]
