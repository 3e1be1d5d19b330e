"""Where everything stands in the picture of a collection's concepts. Pure arithmetic, the same for the same input.

Concepts stand in layers by the number of their elements, each layer in as many staggered rows as its labels need. An
edge runs straight down to the end of its layer, slants only in the gap between layers, and runs straight down again;
where there is room, a straight part keeps clear of every label, chip and disc on its way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from medmat_explorer.charts.concept_content import ConceptFace, dropped_axis
from medmat_explorer.charts.concept_order import Layered, ordered
from medmat_explorer.charts.concept_rows import PAD, Packed, pack_layer
from medmat_explorer.charts.concept_shapes import half_width, radius, reach_above, reach_below
from medmat_explorer.charts.lattice_layout import Box
from medmat_explorer.domain.concepts import ConceptLattice

ROW_GAP = 9
SLANT, LEAST_SLANT, MOST_SLANT = 0.42, 44, 104
PASSES = 14
EVEN = 0.25
"""How much of a node's wish is to stand evenly spread rather than amid its neighbours."""


@dataclass(frozen=True)
class Spot:
    """Where a concept stands: the centre of its disc or of its chips, the disc's radius (0 where there are chips), and
    the box around all that is written there."""

    place: int
    x: int
    y: int
    radius: int
    box: Box


@dataclass(frozen=True)
class ConceptEdge:
    """A line between two neighbours, with the axis whose element the upper one drops (empty for more than one).

    `slants` are the (x1, y1, x2, y2) of its slanting pieces; between them, and to `start` and `end`, it is upright.
    """

    upper: int
    lower: int
    axis: str
    start: int
    end: int
    slants: tuple[tuple[int, int, int, int], ...]

    def path(self, down: int = 0) -> str:
        """As SVG writes it, so much further down."""
        parts = [f"M{self.slants[0][0]} {self.start + down}"]
        for x1, y1, x2, y2 in self.slants:
            bend = round((y2 - y1) * SLANT)
            curve = f"{x1} {y1 + bend + down} {x2} {y2 - bend + down} {x2} {y2 + down}"
            parts.append(f"V{y1 + down}C{curve}")
        return "".join([*parts, f"V{self.end + down}"])

    def uprights(self) -> list[tuple[int, int, int]]:
        """Its upright pieces: x, from y, to y."""
        xs = [self.slants[0][0], *(slant[2] for slant in self.slants)]
        ys = [self.start, *(y for slant in self.slants for y in (slant[1], slant[3])), self.end]
        return [(x, ys[2 * place], ys[2 * place + 1]) for place, x in enumerate(xs)]


@dataclass(frozen=True)
class ConceptLayout:
    """The picture at one width; it may be wider than asked for where everything would not fit."""

    width: int
    height: int
    spots: tuple[Spot, ...]
    edges: tuple[ConceptEdge, ...]


def concept_layouts(
    lattice: ConceptLattice, faces: Sequence[ConceptFace], widths: Iterable[int]
) -> tuple[ConceptLayout, ...]:
    """The picture at each of the widths, narrow to wide; one that needs more room stands for those between, too."""
    layouts: list[ConceptLayout] = []
    for width in sorted(widths):
        if not layouts or layouts[-1].width < width:
            layouts.append(concept_layout(lattice, faces, width))
    return tuple(layouts)


def concept_layout(lattice: ConceptLattice, faces: Sequence[ConceptFace], width: int) -> ConceptLayout:
    """Positions of all concepts and edges in a picture of that width."""
    order = ordered(lattice)
    last = len(order.layers) - 2
    layers = [pack_layer(nodes, faces, width, falls=layer < last) for layer, nodes in enumerate(order.layers)]
    width = max(width, *(layer.used for layer in layers))
    across = _centred(_across(order, layers, width), faces, width)
    levels = _levels(layers, faces, _slants(order))
    spots = tuple(_spot(face, across[face.place], levels.centres[face.place]) for face in faces)
    edges = tuple(_edge(chain, across, levels, spots, lattice) for chain in order.chains)
    return ConceptLayout(width, levels.height, spots, edges)


# ---- across ----------------------------------------------------------------------------------------------------------


def _across(order: Layered, layers: Sequence[Packed], width: int) -> dict[int, float]:
    """The x of every node: amid its neighbours as far as the order and the labels of its layer allow."""
    joined: dict[int, list[int]] = {}
    for upper, lower in order.links:
        joined.setdefault(upper, []).append(lower)
        joined.setdefault(lower, []).append(upper)
    even = {
        node: width * (place + 0.5) / len(layer.nodes) for layer in layers for place, node in enumerate(layer.nodes)
    }
    x = dict(even)
    for number in range(PASSES):
        for layer in layers if number % 2 else reversed(layers):
            wishes = [(1 - EVEN) * _mean(joined.get(n, ()), x, even[n]) + EVEN * even[n] for n in layer.nodes]
            x |= zip(layer.nodes, _as_wished(wishes, layer.tight, width - layer.used), strict=True)
    return x


def _centred(across: Mapping[int, float], faces: Sequence[ConceptFace], width: int) -> dict[int, float]:
    """The same distances, with as much room on the left as on the right."""
    left = min(across[face.place] - half_width(face) for face in faces)
    right = max(across[face.place] + half_width(face) for face in faces)
    bends = [x for node, x in across.items() if node >= len(faces)]
    move = (width - min([left, *bends]) - max([right, *bends])) / 2
    return {node: x + move for node, x in across.items()}


def _mean(nodes: Sequence[int], x: Mapping[int, float], otherwise: float) -> float:
    return sum(x[node] for node in nodes) / len(nodes) if nodes else otherwise


def _as_wished(wishes: Sequence[float], tight: Sequence[float], spare: float) -> list[float]:
    """The places nearest to the wishes (least squares) that are nowhere closer together than the tight ones.

    Moving a node by more than the one before it keeps every distance, so this is a monotone regression of the moves
    (pool adjacent violators), held between 0 and the spare room.
    """
    pools: list[tuple[float, int]] = []  # sum of moves, how many nodes move as one
    for wish, least in zip(wishes, tight, strict=True):
        total, size = wish - least, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / size:
            more, many = pools.pop()
            total, size = total + more, size + many
        pools.append((total, size))
    moves = [min(max(total / size, 0.0), max(spare, 0.0)) for total, size in pools for _ in range(size)]
    return [least + move for least, move in zip(tight, moves, strict=True)]


# ---- down ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Levels:
    """The y of each concept's centre, and for each node where its layer begins and ends."""

    centres: Mapping[int, int]
    begins: Mapping[int, int]
    ends: Mapping[int, int]
    height: int


def _levels(layers: Sequence[Packed], faces: Sequence[ConceptFace], links: Sequence[int]) -> _Levels:
    centres, begins, ends, y = dict[int, int](), dict[int, int](), dict[int, int](), PAD
    for number, layer in enumerate(layers):
        begin = y
        for row in range(max(layer.rows.values(), default=0) + 1):
            here = [faces[node] for node, its_row in layer.rows.items() if its_row == row]
            above, below = max(map(reach_above, here), default=0), max(map(reach_below, here), default=0)
            centres |= {face.place: y + above for face in here}
            y += above + below + ROW_GAP
        y -= ROW_GAP
        begins |= dict.fromkeys(layer.nodes, begin)
        ends |= dict.fromkeys(layer.nodes, y)
        y += links[number] if number < len(links) else PAD
    return _Levels(centres, begins, ends, y)


def _slants(order: Layered) -> list[int]:
    """How much room edges get between a layer and the next: more where there are more of them."""
    layer_of = {node: number for number, layer in enumerate(order.layers) for node in layer}
    counts = [0] * (len(order.layers) - 1)
    for upper, _ in order.links:
        counts[layer_of[upper]] += 1
    last = [len(order.layers) - 2]
    return [LEAST_SLANT if n in last else min(MOST_SLANT, LEAST_SLANT + count) for n, count in enumerate(counts)]


def _spot(face: ConceptFace, x: float, y: int) -> Spot:
    half, centre = half_width(face), round(x)
    left, right = floor(centre - half), ceil(centre + half)
    return Spot(
        face.place,
        centre,
        y,
        radius(face),
        Box(left, y - reach_above(face), right - left, reach_above(face) + reach_below(face)),
    )


def _edge(
    chain: Sequence[int], across: Mapping[int, float], levels: _Levels, spots: Sequence[Spot], lattice: ConceptLattice
) -> ConceptEdge:
    """Down to the end of the layer, slanting to the begin of the next, and so on through the bends."""
    upper, lower = chain[0], chain[-1]
    slants = tuple(
        (round(across[above]), levels.ends[above], round(across[below]), levels.begins[below])
        for above, below in pairwise(chain)
    )
    axis = dropped_axis(lattice.concepts[upper], lattice.concepts[lower])
    return ConceptEdge(upper, lower, axis, spots[upper].box.bottom, spots[lower].box.y, slants)
