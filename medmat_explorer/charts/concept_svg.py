"""The picture of a collection's concepts as an SVG file, with the positions of the picture on the page."""

from collections.abc import Collection, Sequence

from medmat_explorer.charts.concept_content import ConceptFace, concept_faces
from medmat_explorer.charts.concept_layout import ConceptEdge, ConceptLayout, Spot, concept_layout
from medmat_explorer.charts.concept_shapes import LINE, MARK, chip_boxes, labels, ring
from medmat_explorer.charts.lattice_layout import text_width
from medmat_explorer.charts.palette import AXIS_COLOURS, NEUTRAL
from medmat_explorer.charts.svg import Svg
from medmat_explorer.domain.concepts import ConceptLattice
from medmat_explorer.domain.triplet import Axis

WIDTH, LEFT = 1320, 8
TITLE_ROOM, LEGEND_ROOM = 34, 34
FAINT, FAINTEST = 0.34, 0.14
"""How much of its colour an edge outside the target's cone keeps, and one to the bottom."""


def concept_svg(
    lattice: ConceptLattice,
    title: str,
    *,
    lit: Collection[int] = (),
    target: str = "",
    width: int = WIDTH,
    dark: bool = False,
) -> str:
    """The picture with its title above and the legend below; the concepts in `lit` stand out, as does the target."""
    faces = concept_faces(lattice)
    layout = concept_layout(lattice, faces, width)
    svg = Svg(layout.width, TITLE_ROOM + layout.height + LEGEND_ROOM, title, dark)
    svg.text(LEFT, 20, title, size=14, weight=600)
    edges = sorted(layout.edges, key=lambda edge: _is_lit(edge, lit))
    for edge in edges:
        _draw_edge(svg, edge, lit, to_bottom=edge.lower == lattice.bottom)
    for face, spot in zip(faces, layout.spots, strict=True):
        _draw_concept(svg, face, spot, target)
    _draw_legend(svg, layout)
    return svg.write()


def _is_lit(edge: ConceptEdge, lit: Collection[int]) -> bool:
    return edge.upper in lit and edge.lower in lit


def _draw_edge(svg: Svg, edge: ConceptEdge, lit: Collection[int], *, to_bottom: bool) -> None:
    colour, bright = _colour(edge.axis), _is_lit(edge, lit)
    if not bright:
        colour = _mixed(colour, svg.ink.paper, FAINTEST if to_bottom else FAINT)
    svg.path(edge.path(TITLE_ROOM), stroke=colour, width=2.2 if bright else 1.2)


def _draw_concept(svg: Svg, face: ConceptFace, spot: Spot, target: str) -> None:
    x, y = spot.x, spot.y + TITLE_ROOM
    if face.chips:
        _draw_chips(svg, face, x, y, target)
    else:
        _draw_disc(svg, face, spot, y)
    for label in labels(face, x, y):
        svg.rect(label.x - 2, label.y - 11, MARK + text_width(label.text) + 2, LINE - 1, fill=svg.ink.paper, radius=3)
        svg.text(label.x, label.y, label.axis[0].upper(), size=11, weight=700, fill=_colour(label.axis))
        svg.text(label.x + MARK, label.y, label.text)


def _draw_chips(svg: Svg, face: ConceptFace, x: int, y: int, target: str) -> None:
    for text, box in zip(face.texts, chip_boxes(face, x, y), strict=True):
        chosen = text == target
        fill, stroke = (svg.ink.accent, svg.ink.accent) if chosen else (svg.ink.paper, svg.ink.quiet)
        svg.rect(box.x, box.y, box.width, box.height, fill=fill, stroke=stroke, radius=5)
        ink = svg.ink.paper if chosen else svg.ink.text
        svg.text(box.along(0.5), box.y + 15, text, anchor="middle", weight=700, fill=ink)


def _draw_disc(svg: Svg, face: ConceptFace, spot: Spot, y: int) -> None:
    svg.circle(spot.x, y, spot.radius, fill=svg.ink.paper)
    for axis, path in ring(face, spot.x, y):
        svg.path(path, stroke=_colour(axis), width=2.5)
    if face.count:
        svg.text(spot.x, y + 4, f"{face.count:,}", size=11, anchor="middle")


def _draw_legend(svg: Svg, layout: ConceptLayout) -> None:
    x, y = float(LEFT), TITLE_ROOM + layout.height + 20
    for axis in Axis:
        svg.text(x, y, axis.value[0].upper(), size=11, weight=700, fill=_colour(axis.value))
        svg.text(x + MARK, y, axis.value, fill=svg.ink.quiet)
        x += MARK + text_width(axis.value) + 16
    words = "a disc: so many subsets share the elements on the ways up from it · a number in a box: a subset"
    svg.text(x, y, words, fill=svg.ink.quiet)


def _colour(axis: str) -> str:
    return AXIS_COLOURS[Axis(axis)] if axis else NEUTRAL


def _mixed(colour: str, paper: str, part: float) -> str:
    """The colour as it looks on the paper when only that part of it is there."""
    pairs: Sequence[tuple[int, int]] = [(int(colour[i : i + 2], 16), int(paper[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a * part + b * (1 - part)):02x}" for a, b in pairs)
