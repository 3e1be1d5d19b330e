"""Recipes: pairs and triples of subsets that together teach a target its three elements, as the paper forms them.

Source: arXiv 2412.20070, Tables 3 and 5-8 (two subsets) and Table 4 (three subsets).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from medmat_explorer.domain.relation import AXIS_FLAG, Relation, RelationRule, Target, relations_to
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import Axis

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


def recipes(target: Target, subsets: Iterable[Subset], rule: RelationRule) -> tuple[Recipe, ...]:
    """Every pair recipe of the target, sorted by direction and numbers.

    A pair is a recipe when one element is shared by both sources and the target and the two others are supplied
    one by each ("fixed ..."), or when one source shares modality and area with the target and the other its task.
    A pair may be a recipe in several directions; each is listed once. A source that shares all three elements under
    a grouped rule (03 and 04 under `paper`) is not left out: its relation shows that it is the same coarse triple.
    """
    shared = relations_to(target, subsets, rule)
    numbers = sorted((n for n, r in shared.items() if r is not Relation.NONE), key=subset_order)
    found = [r for a, b in combinations(numbers, 2) for r in _pair_recipes((a, shared[a]), (b, shared[b]))]
    return tuple(sorted(found, key=lambda r: (r.direction, [subset_order(n) for n in r.subsets])))


def _pair_recipes(a: tuple[str, Relation], b: tuple[str, Relation]) -> Iterator[Recipe]:
    for axis in Axis:
        fixed = AXIS_FLAG[axis]
        if fixed in a[1] and fixed in b[1]:
            yield from _fixed_recipes(axis, a, b)
    pair = Relation.MODALITY | Relation.AREA
    for first, second in ((a, b), (b, a)):
        if pair in first[1] and Relation.TASK in second[1]:
            yield Recipe((first[0], second[0]), PAIR_DIRECTION, (pair, Relation.TASK))
            return


def _fixed_recipes(axis: Axis, a: tuple[str, Relation], b: tuple[str, Relation]) -> Iterator[Recipe]:
    first, second = (AXIS_FLAG[other] for other in Axis if other is not axis)
    for mine, theirs in ((first, second), (second, first)):
        if mine in a[1] and theirs in b[1]:
            yield Recipe((a[0], b[0]), f"fixed {axis.value}", (mine, theirs))
            return


def triple_recipes(target: Target, subsets: Iterable[Subset], rule: RelationRule) -> tuple[Recipe, ...]:
    """Every ordered triple (modality, area, task) of different subsets in which each supplies one element alone."""
    shared = relations_to(target, subsets, rule)
    by_axis = [sorted((n for n, r in shared.items() if r is AXIS_FLAG[axis]), key=subset_order) for axis in Axis]
    return tuple(
        Recipe((m, a, t), TRIPLE_DIRECTION, (Relation.MODALITY, Relation.AREA, Relation.TASK))
        for m in by_axis[0]
        for a in by_axis[1]
        for t in by_axis[2]
    )
