"""Gaps: triples that no subset has, each with the recipe that would teach it from what is best at hand.

A gap is a modality, an area and a task that occur, but not together. Its cheapest recipe is the pair of subsets
(`recipes.recipes`; where there is none, the triple of `recipes.triple_recipes`) whose sources are best at hand. Subsets
are grouped by what they share once, so that a gap costs a few look-ups and not a search over all pairs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import permutations, product

from medmat_explorer.domain.element_cube import ElementCube, Place, element_cube
from medmat_explorer.domain.recipes import PAIR_DIRECTION, TRIPLE_DIRECTION, Recipe
from medmat_explorer.domain.relation import AXIS_FLAG, Relation, RelationRule
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import Axis, MatTriplet

Ease = tuple[tuple[int, ...], int, int, tuple[tuple[str, int], ...], str]


class Access(IntEnum):
    """How a subset can be used for training, the best first. Test items are here, but never trained on."""

    PICTURES = 0
    QUESTIONS = 1
    TEST_ONLY = 2
    PUBLISHED = 3
    ANNOUNCED = 4

    @property
    def meaning(self) -> str:
        """In words."""
        return ("pictures here", "questions only", "test items only", "not in this collection", "announced only")[self]


@dataclass(frozen=True)
class AtHand:
    """How a subset can be used, and how many items for training it has in the collection: a mix draws no others."""

    access: Access
    training: int = 0


@dataclass(frozen=True)
class Gap:
    """A triple that no subset has. `sources` are those of the recipe, in its order; no recipe, no sources."""

    triplet: MatTriplet
    recipe: Recipe | None = None
    sources: tuple[AtHand, ...] = ()

    @property
    def access(self) -> Access | None:
        """How the source that is hardest to come by can be used; None without a recipe."""
        return max((source.access for source in self.sources), default=None)

    @property
    def training(self) -> int:
        """Training items of the scarcer source in the collection: as many can be drawn from each."""
        return min((source.training for source in self.sources), default=0)


@dataclass(frozen=True)
class _Source:
    """A subset with what the order of recipes needs to know of it; `elements` are modality, area, task."""

    number: str
    elements: tuple[str, str, str]
    at_hand: AtHand
    order: tuple[str, int]


class GapFinder:
    """The gaps of a universe under a rule. A subset that `stock` does not name is published and not here."""

    def __init__(self, subsets: Iterable[Subset], rule: RelationRule, stock: Mapping[str, AtHand]) -> None:
        self.cube: ElementCube = element_cube(subsets, rule)
        self._sources = {
            number: _Source(number, _three(triplet), stock.get(number, AtHand(Access.PUBLISHED)), subset_order(number))
            for number, triplet in self.cube.triplets.items()
        }
        self._having: tuple[dict[str, list[_Source]], ...] = ({}, {}, {})
        self._best_without: tuple[dict[tuple[str, str], _Source], ...] = ({}, {}, {})
        for source in sorted(self._sources.values(), key=lambda s: (s.at_hand.access, -s.at_hand.training, s.order)):
            self._group(source)

    def _group(self, source: _Source) -> None:
        """Files a source under its elements and pairs of elements; the best at hand come first."""
        for place, element in enumerate(source.elements):
            self._having[place].setdefault(element, []).append(source)
            self._best_without[place].setdefault(_others(source.elements, place), source)

    def gaps(self, place: Place) -> Iterator[Gap]:
        """The gaps of one cell, in the order of the cube's tasks."""
        return (self._cheapest(MatTriplet(*place, task)) for task in self.cube.lacking(place))

    def gap(self, triplet: MatTriplet) -> Gap:
        """A triple with its cheapest recipe. Raises ValueError for one that a subset has: that is no gap."""
        triplet = self.cube.written(triplet)
        holders = self.cube.tasks_in((triplet.modality, triplet.area)).get(triplet.task)
        if holders:
            raise ValueError(f"{triplet} is no gap: subset {holders[0]} has it.")
        return self._cheapest(triplet)

    def _cheapest(self, triplet: MatTriplet) -> Gap:
        wanted = _three(triplet)
        found = list(self._pairs(wanted)) or list(self._triples(wanted))
        if not found:
            return Gap(triplet)
        best = found[0] if len(found) == 1 else min(found, key=self._ease)
        return Gap(triplet, best, tuple(self._sources[number].at_hand for number in best.subsets))

    def _ease(self, recipe: Recipe) -> Ease:
        """Sorts recipes: the source hardest to come by first, then how many training items the scarcer one has."""
        sources = [self._sources[number] for number in recipe.subsets]
        return (
            tuple(sorted((source.at_hand.access for source in sources), reverse=True)),
            -min(source.at_hand.training for source in sources),
            -sum(source.at_hand.training for source in sources),
            tuple(sorted(source.order for source in sources)),
            recipe.direction,
        )

    def _pairs(self, wanted: tuple[str, str, str]) -> Iterator[Recipe]:
        """The best recipe of each kind: two sources with two elements each, or one with modality and area."""
        lacking = [self._best_without[place].get(_others(wanted, place)) for place in range(3)]
        for fixed, (one, other) in enumerate(((1, 2), (0, 2), (0, 1))):
            first, second = (
                lacking[other],
                lacking[one],
            )  # the source that lacks `other` has the fixed element and `one`
            if first and second:
                yield _recipe(DIRECTIONS[fixed], ((first, FLAGS[one]), (second, FLAGS[other])))
        with_task = self._having[2].get(wanted[2])
        if lacking[2] and with_task:
            yield Recipe((lacking[2].number, with_task[0].number), PAIR_DIRECTION, (FLAGS[0] | FLAGS[1], FLAGS[2]))

    def _triples(self, wanted: tuple[str, str, str]) -> Iterator[Recipe]:
        """The best source of each element where these are three; else all that the best triple can be among.

        A triple takes one of the three best of each element: the two other sources leave one of them free.
        """
        having = [self._having[place].get(wanted[place], [])[:3] for place in range(3)]
        heads = [sources[:1] for sources in having]
        best = [*product(*heads)]
        if best and not _differ(best[0]):
            best = [sources for sources in product(*having) if _differ(sources)]
        return (_triple(sources, wanted) for sources in best)


FLAGS = tuple(AXIS_FLAG[axis] for axis in Axis)
DIRECTIONS = tuple(f"fixed {axis.value}" for axis in Axis)


def _three(triplet: MatTriplet) -> tuple[str, str, str]:
    return triplet.modality, triplet.area, triplet.task


def _others(elements: tuple[str, str, str], place: int) -> tuple[str, str]:
    """The two elements that do not stand at this place."""
    modality, area, task = elements
    return ((area, task), (modality, task), (modality, area))[place]


def _recipe(direction: str, taught: Sequence[tuple[_Source, Relation]]) -> Recipe:
    """A recipe with its sources in the order of their numbers, as `recipes` lists them."""
    ordered = sorted(taught, key=lambda pair: pair[0].order)
    return Recipe(tuple(s.number for s, _ in ordered), direction, tuple(flag for _, flag in ordered))


def _differ(sources: Sequence[_Source]) -> bool:
    return len({source.number for source in sources}) == len(sources)


def _triple(sources: Iterable[_Source], wanted: tuple[str, str, str]) -> Recipe:
    """Three sources of one element each, in the first order in which they supply modality, area and task."""
    orders = permutations(sorted(sources, key=lambda source: source.order))
    first = next(o for o in orders if all(s.elements[place] == wanted[place] for place, s in enumerate(o)))
    return Recipe(tuple(source.number for source in first), TRIPLE_DIRECTION, FLAGS)


def easiest_first(gaps: Iterable[Gap]) -> list[Gap]:
    """Those whose sources are best at hand first, those without a recipe last."""
    return sorted(gaps, key=lambda gap: (gap.access is None, gap.access or 0, -gap.training, gap.triplet))
