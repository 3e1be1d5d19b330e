"""Where everything stands in the picture of a target's Boolean lattice. Pure arithmetic, the same for the same input.

Wide pictures have four layers by the number of shared elements. The pairs stand over the single elements in three
columns, as wide as makes both layers low together; an edge runs straight down below its own node and slants only in
the gap between layers. Narrow pictures stack the eight nodes, and the edges are arcs in a gutter on the left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from medmat_explorer.charts.lattice_content import ChipFace, NodeFace
from medmat_explorer.domain.relation import SAME_TRIPLE, Relation

Point = tuple[float, float]

PAD, HEADER, CHIP, GAP = 8, 40, 24, 4
TARGET_CHIP = 30
LAYER_GAP, COLUMN_GAP = 50, 18
BEND, INNER_PORT, OUTER_PORT = 0.3, 56, 56
STACK_BELOW, STACK_GAP, GUTTER = 540, 12, 46
LEAST_NODE = 156
WIDEST_CHIP, WIDEST_TARGET, MARK = 230, 420, 16
SHARES = 24
"""Column widths are tried in steps of one part in so many."""

LAYERS: tuple[tuple[Relation, ...], ...] = tuple(
    tuple(Relation(value) for value in layer) for layer in ((7,), (3, 5, 6), (1, 2, 4), (0,))
)
EDGES: tuple[tuple[Relation, Relation], ...] = tuple(
    (upper, lower) for above, below in pairwise(LAYERS) for upper in above for lower in below if lower in upper
)
"""The twelve pairs of neighbours, each differing by one element."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The x of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The y of the lower side."""
        return self.y + self.height

    def overlaps(self, other: "Box") -> bool:
        """Whether the two have area in common."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def contains(self, other: "Box") -> bool:
        """Whether the other lies inside this one."""
        return self.x <= other.x and other.right <= self.right and self.y <= other.y and other.bottom <= self.bottom

    def along(self, part: float) -> float:
        """The x at that part of the width, from the left."""
        return self.x + self.width * part


@dataclass(frozen=True)
class ChipBox:
    """Where a chip stands."""

    number: str
    relation: Relation
    box: Box


@dataclass(frozen=True)
class Edge:
    """A line between two neighbouring nodes: straight down from `start`, then a cubic curve by its four points."""

    upper: Relation
    lower: Relation
    start: Point
    curve: tuple[Point, Point, Point, Point]

    @property
    def path(self) -> str:
        """As SVG writes it."""
        start, first, *rest = (f"{round(x)} {round(y)}" for x, y in (self.start, *self.curve))
        return f"M{start}L{first}C{' '.join(rest)}"


@dataclass(frozen=True)
class LatticeLayout:
    """The picture at one width."""

    width: int
    height: int
    nodes: dict[Relation, Box]
    chips: tuple[ChipBox, ...]
    edges: tuple[Edge, ...]


def lattice_layout(nodes: Sequence[NodeFace], width: int) -> LatticeLayout:
    """Positions of the eight nodes, their chips and the twelve edges in a picture of that width."""
    faces = {node.relation: node for node in nodes}
    stacked = width < STACK_BELOW
    boxes = _stacked_boxes(faces, width) if stacked else _layered_boxes(faces, width)
    chips = tuple(chip for node in nodes for chip in _chip_boxes(node, boxes[node.relation]))
    edges = tuple((_arc if stacked else _between_layers)(upper, lower, boxes) for upper, lower in EDGES)
    return LatticeLayout(width, max(box.bottom for box in boxes.values()) + 2, boxes, chips, edges)


@lru_cache(maxsize=4096)
def text_width(text: str) -> float:
    """About how many pixels the text takes at 12 px in a sans-serif face; a little too many rather than too few."""
    return sum(3.3 if c in "ijlt.,'|·/()[] -f" else 9.4 if c in "mwMW" else 8.2 if c.isupper() else 6.5 for c in text)


def chip_width(chip: ChipFace) -> int:
    """How wide a chip wants to be: number and mark, a coloured square before each element, and the state's sign."""
    words = sum(text_width(text) + 15 for _, text in chip.elements)
    most = WIDEST_TARGET if chip.is_target else WIDEST_CHIP
    wanted = 34 + text_width(chip.number) * 1.1 + words + (50 if chip.is_target else 0) + (MARK if chip.mark else 0)
    return max(64, min(most, int(wanted)))


def _stacked_boxes(faces: dict[Relation, NodeFace], width: int) -> dict[Relation, Box]:
    boxes, y = {}, 2
    for layer in LAYERS:
        for relation in layer:
            height = _node_height(faces[relation], width - GUTTER - 2)
            boxes[relation] = Box(GUTTER, y, width - GUTTER - 2, height)
            y += height + STACK_GAP
    return boxes


def _layered_boxes(faces: dict[Relation, NodeFace], width: int) -> dict[Relation, Box]:
    top = faces[SAME_TRIPLE]
    widest = max(chip_width(chip) for chip in top.chips) + 2 * PAD
    top_width = min(width - 2, max(widest, round(width * 0.4)))
    boxes = {SAME_TRIPLE: Box((width - top_width) // 2, 2, top_width, _node_height(top, top_width))}
    columns = _columns(faces, width)
    y = boxes[SAME_TRIPLE].bottom + LAYER_GAP
    for layer in LAYERS[1:3]:
        height = _layer_height(faces, layer, columns)
        x = 1
        for relation, column in zip(layer, columns, strict=True):
            boxes[relation] = Box(x, y, column, _node_height(faces[relation], column))
            x += column + COLUMN_GAP
        y += height + LAYER_GAP
    boxes[Relation.NONE] = Box(1, y, width - 2, _node_height(faces[Relation.NONE], width - 2))
    return boxes


def _columns(faces: dict[Relation, NodeFace], width: int) -> tuple[int, int, int]:
    """The three column widths that make the pairs and the single elements lowest; near ties go to even columns."""
    room = width - 2 - 2 * COLUMN_GAP
    least = min(LEAST_NODE, room // 3)

    def cost(columns: tuple[int, int, int]) -> tuple[float, tuple[int, int, int]]:
        height = sum(_layer_height(faces, layer, columns) for layer in LAYERS[1:3])
        uneven = sum((column / room * SHARES - SHARES / 3) ** 2 for column in columns)
        return height + 0.5 * uneven + _cut(faces, columns), columns

    return min(
        (c for c in _splits(room) if min(c) >= least),
        key=cost,
        default=(room // 3, room // 3, room - 2 * (room // 3)),
    )


def _splits(room: int) -> Iterator[tuple[int, int, int]]:
    for first in range(1, SHARES - 1):
        for second in range(1, SHARES - first):
            left, middle = room * first // SHARES, room * second // SHARES
            yield left, middle, room - left - middle


def _cut(faces: dict[Relation, NodeFace], columns: tuple[int, int, int]) -> int:
    """How many pixels of the chips' wishes do not fit."""
    return sum(
        max(0, _widest(faces[relation]) - (column - 2 * PAD))
        for layer in LAYERS[1:3]
        for relation, column in zip(layer, columns, strict=True)
    )


def _layer_height(faces: dict[Relation, NodeFace], layer: Sequence[Relation], columns: Sequence[int]) -> int:
    return max(_node_height(faces[relation], column) for relation, column in zip(layer, columns, strict=True))


@lru_cache(maxsize=4096)
def _others(node: NodeFace) -> tuple[ChipFace, ...]:
    return tuple(chip for chip in node.chips if not chip.is_target)


@lru_cache(maxsize=4096)
def _widest(node: NodeFace) -> int:
    return max((chip_width(chip) for chip in _others(node)), default=0)


@lru_cache(maxsize=4096)
def _chip_columns(node: NodeFace, inner: int) -> tuple[tuple[int, tuple[ChipFace, ...]], ...]:
    """The chips in columns read downwards, each as wide as its widest chip: as many columns as fit side by side."""
    chips = _others(node)
    wishes = [min(inner, chip_width(chip)) for chip in chips]
    for across in range(min(len(chips), (inner + GAP) // (min(wishes, default=1) + GAP)), 0, -1):
        rows = -(-len(chips) // across)
        starts = range(0, len(chips), rows)
        widths = [max(wishes[start : start + rows]) for start in starts]
        spare = inner - sum(widths) - GAP * (len(widths) - 1)
        if spare >= 0:
            extra = spare // len(widths) if rows > 1 else 0
            return tuple(
                (width + extra, chips[start : start + rows]) for width, start in zip(widths, starts, strict=True)
            )
    return ()


@lru_cache(maxsize=4096)
def _node_height(node: NodeFace, width: int) -> int:
    columns = _chip_columns(node, width - 2 * PAD)
    heights = [TARGET_CHIP] * (node.count < len(node.chips)) + [CHIP] * (len(columns[0][1]) if columns else 0)
    return HEADER + PAD + sum(heights) + GAP * max(0, len(heights) - 1) + (0 if heights else 4 - PAD)


def _chip_boxes(node: NodeFace, box: Box) -> Iterator[ChipBox]:
    """The target first on a row of its own, then the others in columns."""
    x, y, inner = box.x + PAD, box.y + HEADER, box.width - 2 * PAD
    for chip in node.chips:
        if chip.is_target:
            yield ChipBox(chip.number, node.relation, Box(x, y, inner, TARGET_CHIP))
            y += TARGET_CHIP + GAP
    for width, column in _chip_columns(node, inner):
        for row, chip in enumerate(column):
            yield ChipBox(chip.number, node.relation, Box(x, y + row * (CHIP + GAP), width, CHIP))
        x += width + GAP


def _between_layers(upper: Relation, lower: Relation, boxes: dict[Relation, Box]) -> Edge:
    """Down from the lower side of one box to the end of its layer, then slanting to the upper side of the other."""
    x1, x2 = _ports(upper, lower, boxes)
    layer = next(layer for layer in LAYERS if upper in layer)
    y1, y2 = max(boxes[relation].bottom for relation in layer), boxes[lower].y
    bend = (y2 - y1) * BEND
    return Edge(upper, lower, (x1, boxes[upper].bottom), ((x1, y1), (x1, y1 + bend), (x2, y2 - bend), (x2, y2)))


def _ports(upper: Relation, lower: Relation, boxes: dict[Relation, Box]) -> tuple[float, float]:
    """The x where an edge leaves the upper box and where it reaches the lower one."""
    if lower is Relation.NONE:
        return boxes[upper].along(0.5), boxes[upper].along(0.5)
    if upper is SAME_TRIPLE:
        column, middle = LAYERS[1].index(lower), boxes[lower].along(0.5)
        straight = min(max(middle, boxes[upper].along(0.3)), boxes[upper].along(0.7))
        return (boxes[upper].along(0.12), straight, boxes[upper].along(0.88))[column], middle
    pair, single = LAYERS[1].index(upper), LAYERS[2].index(lower)
    if pair == single:
        return (boxes[upper].x + OUTER_PORT,) * 2 if pair == 0 else (boxes[upper].right - OUTER_PORT,) * 2
    if single > pair:
        return boxes[upper].right - INNER_PORT, boxes[lower].x + INNER_PORT
    return boxes[upper].x + INNER_PORT, boxes[lower].right - INNER_PORT


def _arc(upper: Relation, lower: Relation, boxes: dict[Relation, Box]) -> Edge:
    """Through the gutter on the left; the further apart, the wider."""
    order = list(boxes)
    distance = order.index(lower) - order.index(upper)
    downs = [below for above, below in EDGES if above is upper]
    ups = [above for above, below in EDGES if below is lower]
    y1 = boxes[upper].y + 38 - 7 * downs.index(lower)
    y2 = boxes[lower].y + 6 + 6 * (len(ups) - 1 - ups.index(upper))
    x, bulge = GUTTER, 12 + 11 * distance
    return Edge(upper, lower, (x, y1), ((x, y1), (x - bulge, y1), (x - bulge, y2), (x, y2)))
