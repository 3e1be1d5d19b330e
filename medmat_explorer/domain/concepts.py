"""Formal concepts of subsets and their elements: the order of everything that some subsets share.

A concept is a set of elements (its intent) with all the subsets that have them (its extent), such that these subsets
share no further element. One concept stands above another when it has fewer elements, so more subsets. Source: B.
Ganter, R. Wille, Formal Concept Analysis, 1999.

A subset has one element on each of the three axes, so it is in at most eight concepts. All concepts of n subsets are
therefore found in time proportional to n: count how many subsets have each part of each triple; a part is an intent
when every part that is larger by one element belongs to fewer subsets.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import combinations

from medmat_explorer.domain.relation import AXIS_FLAG, SAME_TRIPLE, Relation, RelationRule, Target, relations_to
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis, MatTriplet

Element = tuple[Axis, str]
"""A value on an axis, in the words of the rule by which names are compared."""

MOST_CONCEPTS = 300
"""So many concepts are still legible in one picture."""


@dataclass(frozen=True)
class Context:
    """Who has what: `rows[i]` has a bit set for each of `elements` that `subsets[i]` has."""

    subsets: tuple[str, ...]
    elements: tuple[Element, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Concept:
    """Subsets and all the elements that they share.

    `above` and `below` are the places of its neighbours in the order. `own_elements` are met here first on the way
    down, `own_subsets` on the way up: writing each element and each subset only there says everything.
    """

    subsets: tuple[str, ...]
    elements: tuple[Element, ...]
    above: tuple[int, ...]
    below: tuple[int, ...]
    own_elements: tuple[Element, ...]
    own_subsets: tuple[str, ...]


@dataclass(frozen=True)
class ConceptLattice:
    """All concepts of a context, those with fewest elements first: the first is the top, the last the bottom."""

    concepts: tuple[Concept, ...]

    @property
    def top(self) -> int:
        """The place of the concept with all subsets."""
        return 0

    @property
    def bottom(self) -> int:
        """The place of the concept with all elements."""
        return len(self.concepts) - 1

    @cached_property
    def of_subset(self) -> Mapping[str, int]:
        """The lowest concept of each subset, whose elements are all that the subset has."""
        return {number: place for place, concept in enumerate(self.concepts) for number in concept.own_subsets}

    def up(self, place: int) -> frozenset[int]:
        """The concept and all above it."""
        return _reached(place, lambda concept: self.concepts[concept].above)

    def down(self, place: int) -> frozenset[int]:
        """The concept and all below it."""
        return _reached(place, lambda concept: self.concepts[concept].below)

    def cone(self, place: int) -> frozenset[int]:
        """Everything that can be compared with the concept, itself too."""
        return self.up(place) | self.down(place)


def _reached(start: int, neighbours: Callable[[int], Iterable[int]]) -> frozenset[int]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = set(neighbours(waiting.pop())) - found
        found |= fresh
        waiting += fresh
    return frozenset(found)


def context_of(subsets: Iterable[Subset], rule: RelationRule) -> Context:
    """Which elements each subset has under the rule; names that differ only in case are one element."""
    places: dict[Element, int] = {}
    numbers: list[str] = []
    elements: list[Element] = []
    rows: list[int] = []
    for subset in subsets:
        triple, row = rule.elements(subset), 0
        for axis in Axis:
            place = places.setdefault((axis, triple[axis].casefold()), len(places))
            if place == len(elements):
                elements.append((axis, triple[axis]))
            row |= 1 << place
        numbers.append(subset.number)
        rows.append(row)
    return Context(tuple(numbers), tuple(elements), tuple(rows))


@lru_cache(maxsize=32)
def concept_lattice(context: Context) -> ConceptLattice:
    """All concepts of the context with their order, the same for the same input.

    Time and memory grow with the number of subsets times two to the power of the elements of one subset (eight).
    """
    holders = _holders(context.rows)
    intents = _closed(holders)
    above = _neighbours_above(intents, (1 << len(context.elements)) - 1)
    order = sorted(above, key=lambda intent: (intent.bit_count(), _names(intent, context)))
    places = {intent: place for place, intent in enumerate(order)}
    below: list[list[int]] = [[] for _ in order]
    for place, intent in enumerate(order):
        for upper in above[intent]:
            below[places[upper]].append(place)
    return ConceptLattice(
        tuple(
            _concept(intent, context, holders.get(intent, []), [(places[i], i) for i in above[intent]], below[place])
            for place, intent in enumerate(order)
        )
    )


def _parts(bits: int) -> Iterator[int]:
    """All subsets of a bit set, from the whole to the empty one."""
    part = bits
    while True:
        yield part
        if not part:
            return
        part = (part - 1) & bits


def _single_bits(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest


def _holders(rows: Iterable[int]) -> dict[int, list[int]]:
    """For each part of a row, which rows have it."""
    holders: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        for part in _parts(row):
            holders.setdefault(part, []).append(place)
    return holders


def _closed(holders: Mapping[int, list[int]]) -> set[int]:
    """The parts that cannot take one more element without losing a holder."""
    open_ = {
        part ^ bit
        for part, who in holders.items()
        for bit in _single_bits(part)
        if len(holders[part ^ bit]) == len(who)
    }
    return set(holders) - open_


def _neighbours_above(intents: set[int], everything: int) -> dict[int, list[int]]:
    """For each intent the largest ones within it. All elements together are an intent even if no subset has them."""
    above: dict[int, list[int]] = {}
    for intent in intents - {everything}:
        within = [part for part in _parts(intent) if part != intent and part in intents]
        above[intent] = [part for part in within if not any(part != o and part & o == part for o in within)]
    covered = {part for parts in above.values() for part in parts}
    above[everything] = [intent for intent in above if intent not in covered]
    return above


def _names(intent: int, context: Context) -> tuple[Element, ...]:
    """The elements of a bit set, by axis and name."""
    axes = list(Axis)
    elements = [context.elements[bit.bit_length() - 1] for bit in _single_bits(intent)]
    return tuple(sorted(elements, key=lambda element: (axes.index(element[0]), element[1])))


def _concept(
    intent: int, context: Context, holders: Iterable[int], above: list[tuple[int, int]], below: list[int]
) -> Concept:
    inherited = 0
    for _, upper in above:
        inherited |= upper
    return Concept(
        subsets=tuple(context.subsets[place] for place in holders),
        elements=_names(intent, context),
        above=tuple(sorted(place for place, _ in above)),
        below=tuple(below),
        own_elements=_names(intent & ~inherited, context),
        own_subsets=tuple(context.subsets[place] for place in holders if context.rows[place] == intent),
    )


def place_of_target(lattice: ConceptLattice, target: Target) -> int | None:
    """The concept at which the target stands; None for a triple that no subset has."""
    return lattice.of_subset.get(target.subset.number) if target.subset else None


def target_cone(lattice: ConceptLattice, target: Target, rule: RelationRule) -> frozenset[int]:
    """Everything that can be compared with the target; for a triple of one's own all concepts of its elements."""
    if (place := place_of_target(lattice, target)) is not None:
        return lattice.cone(place)
    own = set(_keys(rule.elements(target.compared)))
    return frozenset(
        place
        for place, concept in enumerate(lattice.concepts)
        if all((axis, name.casefold()) in own for axis, name in concept.elements)
    )


def _keys(triple: MatTriplet) -> Iterator[Element]:
    return ((axis, triple[axis].casefold()) for axis in Axis)


@dataclass(frozen=True)
class Neighbourhood:
    """The concepts that are drawn, and what had to be left out to keep the picture legible.

    `concepts_in_all` counts those of all subsets. Of the subsets those are in that share elements with the target on at
    least `least` of the `axes`: none and 0 when all are in. `only_elements` says that all subsets are in, but of the
    elements only the target's.
    """

    lattice: ConceptLattice
    concepts_in_all: int
    subsets: int
    left_out: int
    axes: tuple[Axis, ...] = ()
    least: int = 0
    only_elements: bool = False


def neighbourhood(
    target: Target, subsets: Iterable[Subset], rule: RelationRule, most: int = MOST_CONCEPTS
) -> Neighbourhood:
    """The concepts of all subsets, or as much around the target as makes no more than `most`.

    Tried in this order: all subsets; those that share any element with the target; an element on two of the axes, or
    on one, whichever keeps most subsets; those that share two elements; then all subsets, but of their elements only
    the target's three, which is never more than eight concepts.
    """
    known = tuple(subsets)
    lattice = concept_lattice(context_of(known, rule))
    in_all = len(lattice.concepts)
    if in_all <= most:
        return Neighbourhood(lattice, in_all, len(known), 0)
    shared = relations_to(target, known, rule)
    if target.subset:
        shared[target.subset.number] = SAME_TRIPLE
    for choices in NEARER:
        found = [_nearer(known, shared, axes, least, rule, in_all) for axes, least in choices]
        fitting = [choice for choice in found if choice and len(choice.lattice.concepts) <= most]
        if fitting:
            return max(fitting, key=lambda choice: choice.subsets)
    lattice = concept_lattice(_only_elements(context_of(known, rule), set(_keys(rule.elements(target.compared)))))
    return Neighbourhood(lattice, in_all, len(known), 0, only_elements=True)


_AXES = tuple(Axis)
NEARER: tuple[tuple[tuple[tuple[Axis, ...], int], ...], ...] = (
    ((_AXES, 1),),
    tuple((axes, 1) for axes in combinations(_AXES, 2)),
    tuple(((axis,), 1) for axis in _AXES),
    ((_AXES, 2),),
)
"""Ever smaller neighbourhoods: on which axes elements must be shared, and on how many of them."""


def _nearer(
    known: Sequence[Subset],
    shared: Mapping[str, Relation],
    axes: tuple[Axis, ...],
    least: int,
    rule: RelationRule,
    in_all: int,
) -> Neighbourhood | None:
    """The concepts of the subsets that share so much; None where these are fewer than two."""
    near = [subset for subset in known if (shared[subset.number] & _flag(axes)).size >= least]
    if len(near) < 2:
        return None
    lattice = concept_lattice(context_of(near, rule))
    return Neighbourhood(lattice, in_all, len(near), len(known) - len(near), axes, least)


@cache
def _flag(axes: tuple[Axis, ...]) -> Relation:
    flag = Relation.NONE
    for axis in axes:
        flag |= AXIS_FLAG[axis]
    return flag


def _only_elements(context: Context, kept: set[Element]) -> Context:
    places = [place for place, (axis, name) in enumerate(context.elements) if (axis, name.casefold()) in kept]
    rows = tuple(sum(1 << new for new, old in enumerate(places) if row >> old & 1) for row in context.rows)
    return Context(context.subsets, tuple(context.elements[place] for place in places), rows)
