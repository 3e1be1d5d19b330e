"""How much more than needed the sources of a combination share with their target.

A recipe of two subsets with one element fixed needs four shared axes in all: each source has the fixed element and
teaches one other. The modality-area pair and three sources of one element each need three. MAT overlap is what is
shared beyond that, counted over all sources: 0 for a bare recipe, more for sources nearer to the target, less where
the elements do not suffice.
"""

from collections.abc import Iterable

from medmat_explorer.domain.recipes import PAIR_DIRECTION, TRIPLE_DIRECTION
from medmat_explorer.domain.relation import RelationRule, Target, relation
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis

NEEDED_AXES: dict[str, int] = {**{f"fixed {axis.value}": 4 for axis in Axis}, PAIR_DIRECTION: 3, TRIPLE_DIRECTION: 3}


def mat_overlap(target: Target, sources: Iterable[Subset], direction: str, rule: RelationRule) -> int | None:
    """Shared axes of all sources minus what the direction needs, under the rule; None for another direction."""
    needed = NEEDED_AXES.get(direction)
    if needed is None:
        return None
    return sum(relation(target.compared, source, rule).size for source in sources) - needed
