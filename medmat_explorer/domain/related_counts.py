"""How many subsets are related and unrelated to a target, under every rule and among every kind of subsets.

Figure 4 of the paper prints such counts; they decide what its arms were trained on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from medmat_explorer.domain.derivation import ALL_RULES, rule_title
from medmat_explorer.domain.relation import Relation, RelationRule, Target, relations_to
from medmat_explorer.domain.subset import SourceDataset, Subset


@dataclass(frozen=True)
class RelatedCount:
    """Related and unrelated subsets of a target among those of a pool, under a rule; the target is not counted."""

    target: str
    pool: str
    rule: str
    related: int
    unrelated: int

    @property
    def pair(self) -> tuple[int, int]:
        """Related and unrelated."""
        return self.related, self.unrelated


def pools(subsets: Iterable[Subset], datasets: Mapping[str, SourceDataset]) -> dict[str, tuple[Subset, ...]]:
    """The sets of subsets that a reader of the paper might count in, by name."""
    every = tuple(subsets)
    inside = tuple(s for s in every if s.distribution == "in")
    return {
        "all": every,
        "questions published": tuple(s for s in every if _is_published(s, datasets)),
        "classification": tuple(s for s in every if s.kind == "classification"),
        "in distribution": inside,
        "in distribution, one label each": tuple(s for s in inside if not s.multi_label),
        "detection and segmentation": tuple(s for s in every if s.kind != "classification"),
    }


def related_counts(
    target: Target, pools: Mapping[str, Sequence[Subset]], rules: Iterable[RelationRule] = ALL_RULES
) -> tuple[RelatedCount, ...]:
    """The counts of a target in every pool under every rule."""
    return tuple(_count(target, name, members, rule) for rule in rules for name, members in pools.items())


def _count(target: Target, pool: str, members: Sequence[Subset], rule: RelationRule) -> RelatedCount:
    shared = relations_to(target, members, rule).values()
    related = sum(one is not Relation.NONE for one in shared)
    return RelatedCount(target.key, pool, rule_title(rule), related, len(shared) - related)


def _is_published(subset: Subset, datasets: Mapping[str, SourceDataset]) -> bool:
    known = (datasets[number] for number in subset.dataset_numbers if number in datasets)
    return any(dataset.published_qa for dataset in known)
