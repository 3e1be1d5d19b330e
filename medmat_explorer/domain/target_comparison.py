"""Two targets side by side: who is related to both, who to one alone, and which recipes would teach both."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from medmat_explorer.domain.recipes import recipes
from medmat_explorer.domain.relation import AXIS_FLAG, Relation, RelationRule, Target, relation, relations_to
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import Axis

Shared = tuple[Relation, Relation]
"""What a subset shares with the first target and with the second."""


@dataclass(frozen=True)
class Parting:
    """Subset numbers: on both sides, on the first alone, on the second alone."""

    both: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True)
class TargetComparison:
    """Every other subset by what it shares with the two targets, which stand in no list themselves.

    `between` is what the targets share with each other. `sources` are the subsets that stand in a pair recipe of each;
    `shared_pairs` counts the pairs of subsets that are a recipe of both targets at once, and `some_pairs` names the
    first of them.
    """

    first: Target
    second: Target
    between: Relation
    groups: Mapping[Shared, tuple[str, ...]]
    sources: Parting
    shared_pairs: int
    some_pairs: tuple[tuple[str, str], ...]

    @cached_property
    def related(self) -> Parting:
        """Who shares any element with them."""
        return self._parting(Relation.MODALITY | Relation.AREA | Relation.TASK)

    @cached_property
    def unrelated(self) -> tuple[str, ...]:
        """Who shares nothing with either."""
        return self.groups.get((Relation.NONE, Relation.NONE), ())

    def by_axis(self, axis: Axis) -> Parting:
        """Who shares their element of one axis."""
        return self._parting(AXIS_FLAG[axis])

    def _parting(self, wanted: Relation) -> Parting:
        found = [(bool(a & wanted), bool(b & wanted), numbers) for (a, b), numbers in self.groups.items()]

        def those(first: bool, second: bool) -> tuple[str, ...]:
            return _ordered(n for a, b, numbers in found if (a, b) == (first, second) for n in numbers)

        return Parting(those(True, True), those(True, False), those(False, True))


MANY = 12
"""So many shared pairs are named; all are counted."""


def compare_targets(first: Target, second: Target, subsets: Iterable[Subset], rule: RelationRule) -> TargetComparison:
    """Compares two targets among the subsets under the rule."""
    known = {subset.number: subset for subset in subsets}
    to_first, to_second = (relations_to(target, known.values(), rule) for target in (first, second))
    grouped: dict[Shared, list[str]] = {}
    for number in _ordered(to_first.keys() & to_second.keys()):
        grouped.setdefault((to_first[number], to_second[number]), []).append(number)
    groups = {shared: tuple(numbers) for shared, numbers in grouped.items()}
    for_first, for_second = (_kinds_in_recipes(target, groups, known, rule) for target in (first, second))
    pairs = for_first.pairs & for_second.pairs
    return TargetComparison(
        first=first,
        second=second,
        between=relation(first.compared, second.compared, rule),
        groups=groups,
        sources=_source_parting(for_first.kinds, for_second.kinds, groups),
        shared_pairs=sum(_count(kinds, groups) for kinds in pairs),
        some_pairs=tuple(sorted({p for kinds in pairs for p in _first_pairs(kinds, groups)}, key=_pair_order)[:MANY]),
    )


@dataclass(frozen=True)
class _Kinds:
    """Which groups stand in any pair recipe of a target, and which two groups (or one twice) make one together."""

    kinds: frozenset[Shared]
    pairs: frozenset[frozenset[Shared]]


def _kinds_in_recipes(
    target: Target, groups: Mapping[Shared, tuple[str, ...]], known: Mapping[str, Subset], rule: RelationRule
) -> _Kinds:
    """What makes a pair a recipe depends only on what its two subsets share with the target.

    So two subsets of each group say it for the whole group: with 5,000 subsets as quick as with 50.
    """
    kind = {number: shared for shared, numbers in groups.items() for number in numbers[:2]}
    grouped = {number for numbers in groups.values() for number in numbers}
    targets = known.keys() - grouped
    found = recipes(target, [known[number] for number in (*kind, *targets)], rule)
    return _Kinds(
        frozenset(kind[number] for recipe in found for number in recipe.subsets if number in kind),
        frozenset(frozenset(kind[n] for n in recipe.subsets) for recipe in found if kind.keys() >= set(recipe.subsets)),
    )


def _source_parting(
    first: frozenset[Shared], second: frozenset[Shared], groups: Mapping[Shared, tuple[str, ...]]
) -> Parting:
    def those(kinds: frozenset[Shared]) -> tuple[str, ...]:
        return _ordered(number for kind in kinds for number in groups[kind])

    return Parting(those(first & second), those(first - second), those(second - first))


def _count(kinds: frozenset[Shared], groups: Mapping[Shared, tuple[str, ...]]) -> int:
    """Pairs of two subsets, one of each kind, or both of the one kind."""
    sizes = [len(groups[kind]) for kind in kinds]
    return sizes[0] * sizes[1] if len(sizes) == 2 else sizes[0] * (sizes[0] - 1) // 2


def _first_pairs(kinds: frozenset[Shared], groups: Mapping[Shared, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Enough pairs of these kinds to hold the first MANY: none of those needs more than MANY + 1 of a kind."""
    few = [groups[kind][: MANY + 1] for kind in kinds]
    for pair in product(*few) if len(few) == 2 else combinations(few[0], 2):
        one, other = _ordered(pair)
        yield one, other


def _pair_order(pair: tuple[str, str]) -> list[tuple[str, int]]:
    return [subset_order(number) for number in pair]


def _ordered(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(numbers, key=subset_order))
