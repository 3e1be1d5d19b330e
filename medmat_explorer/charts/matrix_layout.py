"""Where everything stands in a picture of rows and columns. Pure arithmetic, the same for the same input.

A column is as wide as its fullest cell would like while there is room, and at least as wide as its widest mark; a row
is as high as the marks of its fullest cell need. Column heads stand upright while they fit and are turned where not.
What is wider than the room is scrolled.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from medmat_explorer.charts.lattice_layout import Box, text_width
from medmat_explorer.charts.matrix_content import CellFace, HeadFace, MarkFace, MatrixFace, Tone

PAD, GAP, MARK, LINE = 3, 3, 18, 15
BORDER, BARE = 9, 3
"""What a mark takes beside its letters: with a border around it, and without."""

LEAST, MOST = 28, 92
"""A finger finds a cell of 28 pixels; wider than 92 none becomes without need."""
BADGE = 18
BARE_TONES = frozenset({Tone.PLAIN, Tone.STRONG, Tone.QUIET, Tone.OWN, Tone.OTHER_OWN})
HEAD_SHARE, LEAST_HEAD, LONGEST_HEAD = 0.42, 84, 210
"""A row's head takes at most that share of the width; a turned column's head is at most so long, in pixels."""
BOLD = 1.08
"""Bold letters are about so much wider."""

SIGN, LETTERS = 4, 0x2000
"""Signs such as ▲ and … are so many pixels wider than a letter; letters stand before them in Unicode."""

FEW_MARKS = 300
"""Pictures with more marks share spare room out by need, not by what makes them low."""


@dataclass(frozen=True)
class MatrixLayout:
    """The picture at one width. `marks[i]` are the places of the marks of the i-th cell of the face.

    `corner` lies above the rows' heads; `turned` says that the columns' heads read upwards; `width` may be larger than
    what was asked for, where no smaller picture holds the marks.
    """

    width: int
    height: int
    corner: Box
    columns: tuple[Box, ...]
    rows: tuple[Box, ...]
    marks: tuple[tuple[Box, ...], ...]
    turned: bool

    def cell(self, row: int, column: int) -> Box:
        """Where the cell of that row and column stands."""
        return Box(self.columns[column].x, self.rows[row].y, self.columns[column].width, self.rows[row].height)


def matrix_layout(face: MatrixFace, width: int) -> MatrixLayout:
    """Positions of heads, cells and marks in a picture of about that width."""
    head_width = _row_head_width(face, width)
    least = _least_widths(face)
    upright = [max(w, head_words(head) + 2 * PAD) for w, head in zip(least, face.columns, strict=True)]
    turned = bool(face.columns) and sum(upright) > width - head_width
    widths = _shared_out(least if turned else upright, face, width - head_width)
    head_height = _column_head_height(face, turned)
    heights = _row_heights(face, widths)
    columns = _along(widths, head_width, lambda at, size: Box(at, 0, size, head_height))
    rows = _along(heights, head_height, lambda at, size: Box(0, at, head_width, size))
    marks = tuple(_mark_boxes(cell, columns[cell.column], rows[cell.row]) for cell in face.cells)
    total = head_width + sum(widths), head_height + sum(heights)
    return MatrixLayout(*total, Box(0, 0, head_width, head_height), columns, rows, marks, turned)


def _along(sizes: Sequence[int], start: int, box: Callable[[int, int], Box]) -> tuple[Box, ...]:
    """Boxes side by side, or one under the other."""
    found = []
    for size in sizes:
        found.append(box(start, size))
        start += size
    return tuple(found)


@lru_cache(maxsize=4096)
def mark_width(mark: MarkFace) -> int:
    """How wide a mark is: its letters at 11 px, as if bold, and what is around them; signs are wider than letters."""
    signs = SIGN * sum(ord(letter) > LETTERS for letter in mark.text)
    return round((text_width(mark.text) + signs) * 11 / 12 * BOLD) + (BARE if is_bare(mark) else BORDER)


def is_bare(mark: MarkFace) -> bool:
    """Whether a mark is words or a sign without a border."""
    return not BARE_TONES.isdisjoint(mark.tones)


@lru_cache(maxsize=4096)
def head_words(head: HeadFace) -> int:
    """How long the words of a column's head are, at 12 px."""
    return round(max(text_width(head.text), text_width(head.number) * BOLD) * BOLD) + 2


def _row_head_width(face: MatrixFace, width: int) -> int:
    badges = BADGE * max((len(head.badges) for head in face.rows), default=0)
    longest = max((_row_words(head) for head in face.rows), default=0)
    most = max(LEAST_HEAD, round(width * HEAD_SHARE))
    return min(most, max(LEAST_HEAD, longest + badges + 2 * PAD + 4))


def _row_words(head: HeadFace) -> int:
    number = text_width(head.number) * BOLD + 5 if head.number else 0
    return round(max(text_width(head.text) * BOLD + number, text_width(head.note))) + 2


def _least_widths(face: MatrixFace) -> list[int]:
    """A column holds its widest mark, its number and its badges."""
    least = [max(LEAST, BADGE * len(head.badges) + PAD) for head in face.columns]
    for cell in face.cells:
        widest = max((mark_width(mark) for mark in cell.marks), default=0)
        least[cell.column] = max(least[cell.column], widest + 2 * PAD)
    return least


def _shared_out(least: Sequence[int], face: MatrixFace, room: int) -> list[int]:
    """Spare room goes where it makes the picture low; what is left then goes to all columns, up to MOST."""
    widths = list(least)
    if not widths or sum(widths) >= room:
        return widths
    several = [cell for cell in face.cells if len(cell.marks) > 1]
    if sum(len(cell.marks) for cell in several) <= FEW_MARKS:
        _lower(widths, several, room)
    else:
        _by_need(widths, several, room)
    each = (room - sum(widths)) // len(widths)
    return [max(width, min(MOST, width + each)) for width in widths]


def _by_need(widths: list[int], cells: Sequence[CellFace], room: int) -> None:
    """Widens each column in proportion to what its fullest cell lacks to stand in one line."""
    needs = [0] * len(widths)
    for cell in cells:
        line = sum(map(mark_width, cell.marks)) + GAP * (len(cell.marks) - 1) + 2 * PAD
        needs[cell.column] = max(needs[cell.column], line - widths[cell.column])
    part = min(1.0, (room - sum(widths)) / max(1, sum(needs)))
    for column, need in enumerate(needs):
        widths[column] += int(need * part)


def _lower(widths: list[int], cells: Sequence[CellFace], room: int) -> None:
    """Widens one column after the other, always the one that saves most lines a pixel, while there is room."""
    by_column: dict[int, list[CellFace]] = {}
    for cell in cells:
        by_column.setdefault(cell.column, []).append(cell)
    while True:
        lines = _most_lines(cells, widths)
        best = max((_step(widths, column, found, lines, room) for column, found in by_column.items()), default=None)
        if best is None or best[0] <= 0:
            return
        _, column, width = best
        widths[column] = width


def _step(
    widths: Sequence[int], column: int, cells: Sequence[CellFace], lines: dict[int, list[int]], room: int
) -> tuple[float, int, int]:
    """What the best widening of a column saves, in lines a pixel; with the column and its new width."""
    spare, now = room - sum(widths), widths[column]
    best = (0.0, column, now)
    for width in sorted({w for cell in cells for w in _breaks(cell) if now < w <= now + spare}):
        saved = 0
        for cell in cells:
            highest, second = lines[cell.row][-1], lines[cell.row][-2] if len(lines[cell.row]) > 1 else 1
            if _line_count(cell, now) == highest:
                saved += highest - max(_line_count(cell, width), second)
        best = max(best, (saved / (width - now), column, width))
    return best


def _most_lines(cells: Sequence[CellFace], widths: Sequence[int]) -> dict[int, list[int]]:
    """The line counts of each row's cells, sorted."""
    found: dict[int, list[int]] = {}
    for cell in cells:
        found.setdefault(cell.row, []).append(_line_count(cell, widths[cell.column]))
    return {row: sorted(counts) for row, counts in found.items()}


@lru_cache(maxsize=8192)
def _line_count(cell: CellFace, width: int) -> int:
    return len(_flow(cell.marks, width - 2 * PAD))


@lru_cache(maxsize=2048)
def _breaks(cell: CellFace) -> tuple[int, ...]:
    """The widths at which the cell may need a line less: those at which a run of its marks fits side by side."""
    marks = [mark_width(mark) for mark in cell.marks]
    runs = (marks[start:end] for start in range(len(marks)) for end in range(start + 2, len(marks) + 1))
    return tuple(sorted({sum(run) + GAP * (len(run) - 1) + 2 * PAD for run in runs}))


def _column_head_height(face: MatrixFace, turned: bool) -> int:
    badges = BADGE * any(head.badges for head in face.columns)
    if not turned:
        return 2 * PAD + LINE * (2 if any(head.number for head in face.columns) else 1) + badges
    numbers = LINE * any(head.number for head in face.columns)
    longest = max((round(text_width(head.text) * BOLD) for head in face.columns), default=0)
    return 2 * PAD + min(LONGEST_HEAD, longest + 4) + numbers + badges


def _row_heights(face: MatrixFace, widths: Sequence[int]) -> list[int]:
    heights = [max(LEAST, 2 * PAD + LINE * (2 if head.note else 1)) for head in face.rows]
    for cell in face.cells:
        lines = len(_flow(cell.marks, widths[cell.column] - 2 * PAD))
        heights[cell.row] = max(heights[cell.row], lines * MARK + (lines - 1) * GAP + 2 * PAD)
    return heights


def _flow(marks: Sequence[MarkFace], inner: int) -> list[list[MarkFace]]:
    """The marks in lines that fit."""
    lines: list[list[MarkFace]] = []
    used = inner + 1
    for mark in marks:
        if used + GAP + mark_width(mark) > inner:
            lines.append([])
            used = -GAP
        lines[-1].append(mark)
        used += GAP + mark_width(mark)
    return lines


def _mark_boxes(cell: CellFace, column: Box, row: Box) -> tuple[Box, ...]:
    """The marks in the middle of their cell, in the order in which the face lists them."""
    lines = _flow(cell.marks, column.width - 2 * PAD)
    y = row.y + (row.height - len(lines) * MARK - (len(lines) - 1) * GAP) // 2
    boxes = []
    for line in lines:
        x = column.x + (column.width - sum(map(mark_width, line)) - GAP * (len(line) - 1)) // 2
        for mark in line:
            boxes.append(Box(x, y, mark_width(mark), MARK))
            x += mark_width(mark) + GAP
        y += MARK + GAP
    return tuple(boxes)
