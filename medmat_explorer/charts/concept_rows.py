"""Puts the concepts of a layer into staggered rows, as tight as their labels allow and so that edges can pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from medmat_explorer.charts.concept_content import ConceptFace
from medmat_explorer.charts.concept_shapes import core_width, half_width

PAD, GAP, CLEAR, BEND_GAP, STEP = 6, 8, 3, 6, 6
NEAR = 4
"""Where two rows differ by fewer pixels the upper one is taken."""


class Ways(IntEnum):
    """What the upright parts of edges keep clear of."""

    ANYHOW = 0
    PAST_SHAPES = 1
    PAST_WORDS = 2


TRIES = (
    *((Ways.PAST_WORDS, rows) for rows in range(1, 5)),
    *((Ways.PAST_SHAPES, rows) for rows in range(2, 6)),
    *((Ways.PAST_WORDS, rows) for rows in range(5, 7)),
    *((Ways.PAST_SHAPES, rows) for rows in range(6, 9)),
    *((Ways.ANYHOW, rows) for rows in range(1, 9)),
)
"""Tried in this order until a layer fits: clear ways are worth some rows, but not a picture taller than a screen."""


@dataclass(frozen=True)
class Packed:
    """A layer as tight as its labels allow: the row of each concept, the least x of each node, the width used."""

    nodes: tuple[int, ...]
    rows: Mapping[int, int]
    tight: tuple[float, ...]
    used: int
    ways: Ways


def pack_layer(nodes: Sequence[int], faces: Sequence[ConceptFace], width: int, *, falls: bool) -> Packed:
    """The layer in rows, in the order of its nodes. Node numbers beyond the faces are bends of edges.

    `falls` says that edges lead on from here to further concepts, not only to the bottom. Where nothing fits, the last
    of the tries is returned and uses more than the width.
    """
    for ways, rows in TRIES:
        packed = _pack(nodes, faces, _Packing(rows, ways, falls=falls))
        if packed.used <= width:
            break
    return packed


def _pack(nodes: Sequence[int], faces: Sequence[ConceptFace], packing: "_Packing") -> Packed:
    rows, tight = dict[int, int](), list[float]()
    for node in nodes:
        if node >= len(faces):
            tight.append(packing.put_bend())
        else:
            x, rows[node] = packing.put_box(half_width(faces[node]), core_width(faces[node]) / 2)
            tight.append(x)
    return Packed(tuple(nodes), rows, tuple(tight), round(max(*packing.ends, packing.bend) + PAD), packing.clear)


class _Packing:
    """Takes nodes from left to right and puts each as far left as it can stand beside those before it.

    With clear ways nothing stands in the way of an edge: a concept's edges run up through the rows above its own, and
    down through the rows below it where `falls`; a bend runs through all rows.
    """

    def __init__(self, rows: int, clear: Ways, *, falls: bool) -> None:
        self.clear, self.falls = clear, falls
        self.ends = [float(PAD - GAP)] * rows  # where the last box of each row ends, with its words
        self.solid = [float(PAD - CLEAR)] * rows  # and where that ends which edges keep clear of
        self.ways = [float(PAD - CLEAR)] * rows  # the last edge that runs through each row
        self.bend = float(PAD - BEND_GAP)
        self.last = float(PAD - STEP)

    def put_bend(self) -> float:
        """Where the next node goes when it is a bend."""
        past = [max(self.solid) + CLEAR] if self.clear else []
        x = max([self.bend + BEND_GAP, self.last + STEP, *past])
        self.ways = [x] * len(self.ways)
        self.bend = self.last = x
        return x

    def put_box(self, half: float, core: float) -> tuple[float, int]:
        """Where and in which row the next node goes when it is a concept: half its width with and without words."""
        solid = half if self.clear is Ways.PAST_WORDS else core
        options = [self._least(half, solid, row) for row in range(len(self.ends))]
        row = min(range(len(options)), key=lambda r: (round(options[r] / NEAR), r))
        x = options[row]
        self.ends[row], self.solid[row], self.last = x + half, x + solid, x
        for other in self._passed(row):
            self.ways[other] = x
        return x, row

    def _least(self, half: float, solid: float, row: int) -> float:
        x = max(self.ends[row] + GAP + half, self.last + STEP)
        if not self.clear:
            return x
        past = (self.solid[other] + CLEAR for other in self._passed(row))
        return max([x, self.ways[row] + CLEAR + solid, *past])

    def _passed(self, row: int) -> Sequence[int]:
        """The rows that the edges of a concept in this row run through."""
        return [other for other in range(len(self.ends)) if other < row or (self.falls and other > row)]
