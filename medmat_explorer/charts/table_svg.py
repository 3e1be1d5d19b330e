"""A table as an SVG file: as wide as its words, numbers to the right."""

from collections.abc import Mapping, Sequence
from typing import Any

from medmat_explorer.charts.svg import Svg

LINE, TOP, EDGE, GAP = 22, 34, 12, 18
"""Height of a line, of the title, the margin, and the room between columns, in pixels."""

LETTER = 6.4
"""Width of a letter at 12 px, rather too much than too little."""

LONGEST = 60
"""Letters of a cell; longer ones end in an ellipsis."""


def table_svg(rows: Sequence[Mapping[str, Any]], title: str, hidden: Sequence[str] = (), *, dark: bool = False) -> str:
    """Rows of the same columns under a title; `hidden` columns are left out. Raises ValueError without rows."""
    if not rows:
        raise ValueError("A picture of a table needs at least one row.")
    names = [name for name in rows[0] if name not in hidden]
    cells = [names, *([_words(row[name]) for name in names] for row in rows)]
    widths = [max(LETTER * len(line[place]) for line in cells) for place in range(len(names))]
    numeric = [all(isinstance(row[name], int | float | None) for row in rows) for name in names]
    width = max(2 * EDGE + sum(widths) + GAP * (len(names) - 1), 2 * EDGE + 7.6 * len(title))
    svg = Svg(width, TOP + LINE * len(cells) + EDGE, title, dark)
    svg.text(EDGE, 22, title, size=14, weight=600)
    for number, line in enumerate(cells):
        y = TOP + LINE * number
        svg.line(EDGE, y + LINE, width - EDGE, y + LINE, width=1.5 if number == 0 else 0.7)
        _draw_line(svg, line, widths, numeric, y + 15, head=number == 0)
    return svg.write()


def _draw_line(
    svg: Svg, words: Sequence[str], widths: Sequence[float], numeric: Sequence[bool], y: float, *, head: bool
) -> None:
    x = float(EDGE)
    for text, width, right in zip(words, widths, numeric, strict=True):
        place, anchor = (x + width, "end") if right else (x, "start")
        svg.text(place, y, text, anchor=anchor, weight=600 if head else 400)
        x += width + GAP


def _words(value: Any) -> str:
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
