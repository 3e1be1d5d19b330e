"""The shapes of a concept in the picture and how much room they take: disc, chips, lines of text at 12 px."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin, sqrt

from medmat_explorer.charts.concept_content import ConceptFace
from medmat_explorer.charts.lattice_layout import Box, text_width

CHIP, CHIP_GAP, LINE, MARK = 20, 2, 15, 12


@dataclass(frozen=True)
class Label:
    """A line of text: a letter for the axis, then the element. `x` is the left end, `y` the baseline."""

    axis: str
    text: str
    x: float
    y: float


def radius(face: ConceptFace) -> int:
    """Of the disc; it grows with the number of subsets. A concept with chips has none."""
    if face.chips:
        return 0
    return 5 if not face.count else round(9 + min(7.0, 1.2 * sqrt(face.count)))


def ring(face: ConceptFace, x: int = 0, y: int = 0) -> list[tuple[str, str]]:
    """The arcs around a disc, clockwise from the left: axis (empty where there is none) and path."""
    axes, r = [axis.value for axis in face.axes] or [""], radius(face)
    if len(axes) == 1:
        return [(axes[0], f"M{x - r} {y}A{r} {r} 0 1 1 {x + r} {y}A{r} {r} 0 1 1 {x - r} {y}")]
    turns = [pi * (1 + 2 * part / len(axes)) for part in range(len(axes) + 1)]
    ends = [f"{x + r * cos(turn):.1f} {y + r * sin(turn):.1f}" for turn in turns]
    return [(axis, f"M{a}A{r} {r} 0 0 1 {b}") for axis, (a, b) in zip(axes, pairwise(ends), strict=True)]


def chip_size(text: str) -> int:
    """How wide a chip with that text is."""
    return round(text_width(text) * 1.06) + 8


def line_size(text: str) -> float:
    """How wide a line with its letter is."""
    return MARK + text_width(text)


def core_width(face: ConceptFace) -> float:
    """The width of a concept's disc, or of its chips."""
    return _row_width(face.texts) if face.chips else 2 * radius(face)


def half_width(face: ConceptFace) -> float:
    """Half the width of all that is written at a concept."""
    return max([core_width(face), *(line_size(text) for _, text in face.lines)]) / 2


def _row_width(texts: Sequence[str]) -> int:
    return sum(map(chip_size, texts)) + CHIP_GAP * (len(texts) - 1)


def reach_above(face: ConceptFace) -> int:
    """How far a face reaches above its centre: a disc has its words above, chips have theirs below."""
    return CHIP // 2 if face.chips else radius(face) + (len(face.lines) * LINE + 2 if face.lines else 0)


def reach_below(face: ConceptFace) -> int:
    """How far a face reaches below its centre."""
    return CHIP // 2 + (len(face.lines) * LINE + 1 if face.lines else 0) if face.chips else radius(face)


def chip_boxes(face: ConceptFace, x: int, y: int) -> list[Box]:
    """Where the chips of a concept stand, side by side around its centre."""
    left, boxes = x - _row_width(face.texts) // 2, []
    for size in map(chip_size, face.texts):
        boxes.append(Box(left, y - CHIP // 2, size, CHIP))
        left += size + CHIP_GAP
    return boxes


def labels(face: ConceptFace, x: int, y: int) -> list[Label]:
    """Where the lines of a concept stand, centred over its disc or under its chips."""
    first = y + CHIP // 2 + LINE - 3 if face.chips else y - radius(face) - 6 - LINE * (len(face.lines) - 1)
    return [
        Label(axis.value, text, x - line_size(text) / 2, first + LINE * row)
        for row, (axis, text) in enumerate(face.lines)
    ]
