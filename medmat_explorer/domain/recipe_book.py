"""All recipes of a target, counted at once and listed as far as they are asked for.

Whether two subsets are a recipe depends on nothing but what each shares with the target. So subsets are grouped by
relation: counts are products of group sizes, and a list can begin without all pairs being tried. Five thousand subsets
with few different elements have millions of recipes.
"""

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, islice, permutations, product
from math import comb, prod

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

_ELEMENTS = tuple(AXIS_FLAG[axis] for axis in Axis)


def _supply(nodes: Sequence[Relation]) -> bool:
    """Whether three sources of these relations supply modality, area and task in this order."""
    return all(element in node for element, node in zip(_ELEMENTS, nodes, strict=True))


_TRIPLES: tuple[Counter[Relation], ...] = tuple(
    Counter(nodes)
    for nodes in combinations_with_replacement(ALL_RELATIONS, len(_ELEMENTS))
    if any(_supply(order) for order in permutations(nodes))
)
"""What three sources that supply one element each may share with the target, whoever supplies which."""


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
            return self._count_triples(source)
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

    def _count_triples(self, source: str) -> int:
        """Sets of three subsets, counted by what the three share; each once, whoever supplies which element."""
        sizes = Counter({node: len(group) for node, group in self._groups.items()})
        if not source:
            return sum(_choices(nodes, sizes) for nodes in _TRIPLES)
        if source not in self._place:
            return 0
        own = self._nodes[self._place[source]]
        sizes[own] -= 1
        return sum(_choices(nodes - Counter([own]), sizes) for nodes in _TRIPLES if own in nodes)

    def _triples(self, source: str) -> Iterator[Recipe]:
        """Three sources may share out the elements in several ways: they are listed by the first of those."""
        if source and source not in self._place:
            return
        for places in self._ways(self._place[source] if source else None):
            if places == self._first_way(places):
                yield self._triple(places)

    def _ways(self, named: int | None, taken: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
        """Ways to take sources of modality, area and task, one after another; a named one must be among them."""
        if len(taken) == len(_ELEMENTS):
            yield taken
            return
        element, *later = _ELEMENTS[len(taken) :]
        choices: Sequence[int] = self._having[element]
        if named is not None and named not in taken and not any(one in self._nodes[named] for one in later):
            choices = [named] if element in self._nodes[named] else []
        for place in choices:
            if place not in taken:
                yield from self._ways(named, (*taken, place))

    @cached_property
    def _having(self) -> dict[Relation, list[int]]:
        """The subsets that share an element, alone or with others."""
        return {
            element: sorted(place for node, group in self._groups.items() if element in node for place in group)
            for element in _ELEMENTS
        }

    def _first_way(self, places: Iterable[int]) -> tuple[int, ...] | None:
        """The first order in which these sources supply modality, area and task; None where they do not."""
        orders = permutations(sorted(places))
        return next((order for order in orders if _supply([self._nodes[place] for place in order])), None)

    def _triple(self, places: Iterable[int]) -> Recipe:
        return Recipe(tuple(self._numbers[place] for place in places), TRIPLE_DIRECTION, _ELEMENTS)

    def _find_triple(self, given: Sequence[str]) -> Recipe | None:
        if len(given) != len(_ELEMENTS):
            return None
        places = self._first_way(self._place[number] for number in given)
        return self._triple(places) if places else None


def _choices(nodes: Mapping[Relation, int], sizes: Mapping[Relation, int]) -> int:
    """In how many ways so many subsets of each relation can be chosen from groups of these sizes."""
    return prod(comb(sizes[node], times) for node, times in nodes.items())


def _chosen(direction: str) -> tuple[str, ...]:
    if direction and direction not in DIRECTIONS:
        raise UnknownNameError("direction", direction, DIRECTIONS)
    return (direction,) if direction else DIRECTIONS
