"""All recipes of a target, counted at once and listed as far as they are asked for.

Whether two subsets are a recipe depends on nothing but what each shares with the target. So subsets are grouped by
relation: counts are products of group sizes, and a list can begin without all pairs being tried. Five thousand subsets
with few different elements have millions of recipes.
"""

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, permutations, product

from medmat_explorer.domain.relation import ALL_RELATIONS, AXIS_FLAG, SAME_TRIPLE, Relation
from medmat_explorer.domain.subset import subset_order
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.errors import UnknownNameError

PAIR_DIRECTION = "modality-area pair"
TRIPLE_DIRECTION = "three elements, three datasets"


@dataclass(frozen=True)
class Recipe:
    """Subsets that together teach a target, and by which direction.

    `teaches[i]` are the elements that `subsets[i]` supplies beside the fixed one.
    """

    subsets: tuple[str, ...]
    direction: str
    teaches: tuple[Relation, ...]


@dataclass(frozen=True)
class _Pairing:
    """What a source of one relation and one of another teach together.

    `rising` pairs go both ways round and are listed once, the smaller number first; the order of others says who
    teaches what.
    """

    teaches: tuple[Relation, Relation]
    rising: bool


_Pairings = Mapping[tuple[Relation, Relation], _Pairing]


def _fixed(axis: Axis) -> _Pairings:
    """One element is shared by both sources and the target, the two others are supplied one by each."""
    fixed = AXIS_FLAG[axis]
    one, other = (AXIS_FLAG[rest] for rest in Axis if rest is not axis)
    found = {}
    for a, b in product(ALL_RELATIONS, repeat=2):
        if fixed in a and fixed in b:
            fitting = [(x, y) for x, y in ((one, other), (other, one)) if x in a and y in b]
            if fitting:
                found[a, b] = _Pairing(fitting[0], rising=True)
    return found


def _modality_area_pair() -> _Pairings:
    """The first shares modality and area with the target, the second its task."""
    pair, task = Relation.MODALITY | Relation.AREA, Relation.TASK
    return {
        (a, b): _Pairing((pair, task), rising=pair in b and task in a)
        for a, b in product(ALL_RELATIONS, repeat=2)
        if pair in a and task in b
    }


_PAIRINGS: dict[str, _Pairings] = {
    **{f"fixed {axis.value}": _fixed(axis) for axis in sorted(Axis, key=lambda axis: axis.value)},
    PAIR_DIRECTION: _modality_area_pair(),
}
PAIR_DIRECTIONS: tuple[str, ...] = tuple(_PAIRINGS)
DIRECTIONS: tuple[str, ...] = (*PAIR_DIRECTIONS, TRIPLE_DIRECTION)
"""In the order in which recipes are listed."""


class RecipeBook:
    """The recipes that follow from what every subset shares with a target, by number (`relations_to`)."""

    def __init__(self, relations: Mapping[str, Relation]) -> None:
        self._numbers = sorted((n for n, r in relations.items() if r is not Relation.NONE), key=subset_order)
        self._nodes = [relations[number] for number in self._numbers]
        self._place = {number: place for place, number in enumerate(self._numbers)}
        self._groups: dict[Relation, list[int]] = {node: [] for node in ALL_RELATIONS}
        for place, node in enumerate(self._nodes):
            self._groups[node].append(place)
        self._merged: dict[tuple[str, Relation, bool], list[int]] = {}

    @property
    def same_triple(self) -> tuple[str, ...]:
        """Subsets that share all three elements with the target under the rule: each teaches it alone."""
        return tuple(self._numbers[place] for place in self._groups[SAME_TRIPLE])

    def counts(self) -> dict[str, int]:
        """How many recipes each direction has, also those without any."""
        return {direction: self.count(direction) for direction in DIRECTIONS}

    def count(self, direction: str = "", source: str = "") -> int:
        """How many recipes there are, of one direction or all, with one source or any. Raises UnknownNameError."""
        return sum(self._count(one, source) for one in _chosen(direction))

    def recipes(self, direction: str = "", source: str = "") -> Iterator[Recipe]:
        """Them, sorted by direction and numbers, found one by one. Raises UnknownNameError for a direction."""
        for one in _chosen(direction):
            if one == TRIPLE_DIRECTION:
                yield from self._triples(source)
            elif source:
                yield from self._pairs_with(one, source)
            else:
                yield from self._pairs(one)

    def first(self, most: int, direction: str = "", source: str = "") -> tuple[Recipe, ...]:
        """As many of them as `most`, from the first on."""
        return tuple(islice(self.recipes(direction, source), most))

    def find(self, sources: Iterable[str], direction: str) -> Recipe | None:
        """The recipe of these sources, in whatever order, in this direction; None when they are none."""
        named = set(sources)
        if any(number not in self._place for number in named):
            return None
        given = sorted(named, key=subset_order)
        if direction == TRIPLE_DIRECTION:
            return self._find_triple(given)
        for first, second in permutations(given) if len(given) == 2 and direction in _PAIRINGS else ():
            nodes = self._nodes[self._place[first]], self._nodes[self._place[second]]
            pairing = _PAIRINGS[direction].get(nodes)
            if pairing is not None:  # of a pair that goes both ways round the smaller number was tried first
                return Recipe((first, second), direction, pairing.teaches)
        return None

    # -- pairs -------------------------------------------------------------------------------------------------------

    def _count(self, direction: str, source: str) -> int:
        if direction == TRIPLE_DIRECTION:
            modalities, areas, tasks = self._alone(source)
            return len(modalities) * len(areas) * len(tasks)
        if source:
            return sum(1 for _ in self._pairs_with(direction, source))
        found = 0
        for (a, b), pairing in _PAIRINGS[direction].items():
            first, second = len(self._groups[a]), len(self._groups[b])
            if a is b:
                found += first * (first - 1) // 2
            elif not pairing.rising or a.value < b.value:
                found += first * second
        return found

    def _pairs(self, direction: str) -> Iterator[Recipe]:
        for place in range(len(self._numbers)):
            yield from self._pairs_from(direction, place)

    def _pairs_from(self, direction: str, place: int) -> Iterator[Recipe]:
        """The recipes in which this subset is named first."""
        node = self._nodes[place]
        later = self._partners(direction, node, rising=True)
        begin = bisect_right(later, place)
        rising = (later[i] for i in range(begin, len(later)))
        for other in heapq.merge(self._partners(direction, node, rising=False), rising):
            yield self._recipe(direction, place, other)

    def _pairs_with(self, direction: str, source: str) -> Iterator[Recipe]:
        """The recipes with this subset, named first or second, in order."""
        place = self._place.get(source)
        if place is None:
            return
        firsts = self._named_before(direction, place)
        begin = bisect_right(firsts, place)
        yield from (self._recipe(direction, other, place) for other in firsts[:begin])
        yield from self._pairs_from(direction, place)
        yield from (self._recipe(direction, other, place) for other in firsts[begin:])

    def _named_before(self, direction: str, place: int) -> list[int]:
        """The subsets that stand first in a recipe in which this one stands second."""
        found: list[int] = []
        for (a, b), pairing in _PAIRINGS[direction].items():
            if b is self._nodes[place]:
                group = self._groups[a]
                found += group[: bisect_right(group, place - 1)] if pairing.rising else group
        return sorted(found)

    def _partners(self, direction: str, node: Relation, *, rising: bool) -> list[int]:
        """The subsets that may stand second beside one of this relation."""
        key = direction, node, rising
        if key not in self._merged:
            pairings = _PAIRINGS[direction].items()
            groups = [self._groups[b] for (a, b), pairing in pairings if a is node and pairing.rising is rising]
            self._merged[key] = sorted(place for group in groups for place in group)
        return self._merged[key]

    def _recipe(self, direction: str, first: int, second: int) -> Recipe:
        pairing = _PAIRINGS[direction][self._nodes[first], self._nodes[second]]
        return Recipe((self._numbers[first], self._numbers[second]), direction, pairing.teaches)

    # -- triples -----------------------------------------------------------------------------------------------------

    def _alone(self, source: str = "") -> list[list[str]]:
        """The subsets that share one element alone, axis by axis; one source leaves no other beside it on its axis."""
        alone = [[self._numbers[place] for place in self._groups[AXIS_FLAG[axis]]] for axis in Axis]
        if not source:
            return alone
        if not any(source in numbers for numbers in alone):
            return [[], [], []]
        return [[source] if source in numbers else numbers for numbers in alone]

    def _triples(self, source: str) -> Iterator[Recipe]:
        modalities, areas, tasks = self._alone(source)
        teaches = tuple(AXIS_FLAG[axis] for axis in Axis)
        for modality in modalities:
            for area in areas:
                for task in tasks:
                    yield Recipe((modality, area, task), TRIPLE_DIRECTION, teaches)

    def _find_triple(self, given: list[str]) -> Recipe | None:
        by_node = {self._nodes[self._place[number]]: number for number in given}
        wanted = tuple(AXIS_FLAG[axis] for axis in Axis)
        if len(given) != len(wanted) or any(node not in by_node for node in wanted):
            return None
        return Recipe(tuple(by_node[node] for node in wanted), TRIPLE_DIRECTION, wanted)


def _chosen(direction: str) -> tuple[str, ...]:
    if direction and direction not in DIRECTIONS:
        raise UnknownNameError("direction", direction, DIRECTIONS)
    return (direction,) if direction else DIRECTIONS
