"""A target's Boolean lattice as an SVG file, with the positions of the picture on the page."""

from collections.abc import Mapping, Sequence

from medmat_explorer.charts.evidence_marks import MEANINGS
from medmat_explorer.charts.lattice_content import ChipFace, NodeFace
from medmat_explorer.charts.lattice_layout import HEADER, Box, LatticeLayout, lattice_layout, text_width
from medmat_explorer.charts.palette import AXIS_COLOURS
from medmat_explorer.charts.svg import Svg
from medmat_explorer.domain.relation import Relation

WIDTH = 1180
TITLE_ROOM, LEGEND_ROOM = 30, 46
STATES = {"images": "pictures here", "questions": "questions only", "": "none here"}


def lattice_svg(
    nodes: Sequence[NodeFace], title: str, states: Mapping[str, str], *, width: int = WIDTH, dark: bool = False
) -> str:
    """The picture with its title above and the legend below.

    `states` says of each subset number what of it is here: `images`, `questions`, or anything else for nothing.
    """
    layout = lattice_layout(nodes, width)
    svg = Svg(width, TITLE_ROOM + layout.height + LEGEND_ROOM, title, dark)
    svg.text(2, 18, title, size=14, weight=600)
    _draw_edges(svg, layout)
    for node in nodes:
        _draw_node(svg, node, _lower(layout.nodes[node.relation]))
    faces = [chip for node in nodes for chip in node.chips]
    for face, place in zip(faces, layout.chips, strict=True):
        _draw_chip(svg, face, _lower(place.box), states.get(face.number, ""))
    _draw_legend(svg, TITLE_ROOM + layout.height + 18)
    return svg.write()


def _lower(box: Box) -> Box:
    return Box(box.x, box.y + TITLE_ROOM, box.width, box.height)


def _draw_edges(svg: Svg, layout: LatticeLayout) -> None:
    for edge in layout.edges:
        dropped = (edge.upper & ~edge.lower).axes[0]
        points = [(x, y + TITLE_ROOM) for x, y in (edge.start, *edge.curve)]
        start, first, *rest = (f"{round(x)} {round(y)}" for x, y in points)
        svg.path(f"M{start}L{first}C{' '.join(rest)}", stroke=AXIS_COLOURS[dropped], width=1.75)


def _draw_node(svg: Svg, node: NodeFace, box: Box) -> None:
    svg.rect(box.x, box.y, box.width, box.height, fill=svg.ink.panel, stroke=svg.ink.line, radius=8)
    x = box.x + 8
    for axis in node.relation.axes:
        svg.rect(x, box.y + 5, 15, 15, fill=svg.ink.paper, stroke=AXIS_COLOURS[axis], radius=4, width=1.5)
        svg.text(x + 7.5, box.y + 16.5, axis.value[0].upper(), size=11, anchor="middle", weight=700)
        x += 18
    svg.text(x, box.y + 17, node.title, weight=600)
    svg.text(box.right - 8, box.y + 17, str(node.count), anchor="end", fill=svg.ink.quiet)
    words = " · ".join(text for _, text in node.elements) or _nothing(node.relation)
    svg.text(box.x + 8, box.y + HEADER - 6, shortened(words, box.width - 16), fill=svg.ink.quiet)


def _nothing(relation: Relation) -> str:
    return "" if relation else "unrelated to the target"


def _draw_chip(svg: Svg, chip: ChipFace, box: Box, state: str) -> None:
    here = state in {"images", "questions"}
    stroke = svg.ink.accent if chip.is_target else svg.ink.quiet
    svg.rect(
        box.x,
        box.y,
        box.width,
        box.height,
        fill=svg.ink.paper,
        stroke=stroke,
        radius=6,
        width=2 if chip.is_target else 0.75,
        dash="" if here or chip.is_target else "3 3",
    )
    x, y, end = box.x + 8.0, box.y + box.height / 2 + 4, box.right - 22
    if chip.is_target:
        x = _word(svg, x, y, "target", end, weight=700, fill=svg.ink.accent) + 8
    if chip.number:
        x = _word(svg, x, y, f"{chip.number} {chip.mark}".strip(), end, weight=700) + 8
    for axis, text in chip.elements:
        if x + 20 > end:
            break
        svg.rect(x, y - 7, 6, 6, fill=AXIS_COLOURS[axis], radius=2)
        x = _word(svg, x + 9, y, text, end) + 7
    _draw_state(svg, box.right - 12, box.y + box.height / 2, state)


def _draw_state(svg: Svg, x: float, y: float, state: str) -> None:
    """Full: pictures; half: questions only; hollow: nothing here."""
    svg.circle(x, y, 3.5, stroke=svg.ink.text, fill=svg.ink.text if state == "images" else "none", width=1.25)
    if state == "questions":
        svg.path(f"M{x} {y - 3.5}A3.5 3.5 0 0 0 {x} {y + 3.5}Z", fill=svg.ink.text)


def _word(svg: Svg, x: float, y: float, words: str, end: float, *, weight: int = 400, fill: str = "") -> float:
    """Writes words that may not pass `end`; gives the x after them."""
    written = shortened(words, end - x)
    svg.text(x, y, written, weight=weight, fill=fill)
    return x + text_width(written)


def shortened(words: str, room: float) -> str:
    """The words, or as much of them as fits into `room` pixels, with an ellipsis."""
    if text_width(words) <= room:
        return words
    while words and text_width(f"{words}…") > room:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _draw_legend(svg: Svg, y: float) -> None:
    x = 2.0
    for axis, colour in AXIS_COLOURS.items():
        svg.rect(x, y - 9, 10, 10, fill=colour, radius=3)
        x = _word(svg, x + 14, y, axis.value, svg.width) + 16
    x = _word(svg, x, y, "an edge drops the element of its colour", svg.width, fill=svg.ink.quiet) + 16
    for state, meaning in STATES.items():
        _draw_state(svg, x + 4, y - 4, state)
        x = _word(svg, x + 12, y, meaning, svg.width, fill=svg.ink.quiet) + 16
    marks = "   ".join(f"{sign} {meaning}" for sign, meaning in MEANINGS.items())
    svg.text(2, y + 18, marks, fill=svg.ink.quiet)
