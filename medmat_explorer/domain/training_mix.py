"""A training mix: from which subsets how many items are drawn, and what must not be among them.

A mix never trains on its own target. It refuses, when it is made, the target among its subsets, also under the second
numbering of the release (a data set of the target as a subset of its own, `D44`); when it is drawn, it leaves out items
of the target's data sets that stand in other subsets, and items whose picture is a picture of the target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from medmat_explorer.domain.arms import Arm, ArmKind, is_target
from medmat_explorer.domain.relation import Relation, RelationRule, Target, relation
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.errors import MixError, UnknownNameError

DEFAULT_BUDGET = 15_000
"""Items at most, as in the arms of Figure 4."""

LARGEST_SEED = 2**31 - 1
"""Trainers hand the seed to NumPy and torch, which take no others."""

PSEUDO = "D"
"""Begins the number of a subset that stands for a single data set of the release."""


class Balance(StrEnum):
    """Which things get equal shares of a mix."""

    SUBSET = "subset"
    LABEL = "label"
    ELEMENT = "element"


class LeakRule(StrEnum):
    """Which pictures count as a picture of the target, beside the very same file."""

    NEAR = "near"
    EXACT = "exact"


BALANCES: dict[Balance, str] = {
    Balance.SUBSET: "Every subset gives as many items as any other; within a subset the labels take turns.",
    Balance.LABEL: "Every label of every subset gives as many items as any other.",
    Balance.ELEMENT: "Modality, area and task get equal shares: subsets that share one with the target divide its "
    "share, and subsets that share nothing divide one more. Within a subset the labels take turns.",
}
LEAK_RULES: dict[LeakRule, str] = {
    LeakRule.NEAR: "The same file, the same content, nearly the same look, and mirrored.",
    LeakRule.EXACT: "The same file and the same content only.",
}


def balance_named(name: str) -> Balance:
    """The balance of that name. Raises UnknownNameError with the valid names."""
    if name not in list(Balance):
        raise UnknownNameError("balance", name, list(Balance))
    return Balance(name)


def leak_rule_named(name: str) -> LeakRule:
    """The leak rule of that name. Raises UnknownNameError with the valid names."""
    if name not in list(LeakRule):
        raise UnknownNameError("leak rule", name, list(LeakRule))
    return LeakRule(name)


@dataclass(frozen=True)
class TrainingMix:
    """Which items to draw for which target; the same mix of the same collection is always the same items.

    `subsets` are those of the arm. `budget` is the most items; `budget_asked` says whether the reader named it. With
    `letters`, every right letter stands equally often among questions with as many options. With `pictures` no item is
    drawn whose picture is known to be missing or unreadable. `universe` and `compared` name the subsets among which the
    arm chose. Raises MixError for the target among the subsets, under any number, for a budget below one, and for a
    seed that trainers refuse; UnknownNameError for a balance or a leak rule that does not exist.
    """

    collection: str
    target: Target
    rule: RelationRule
    arm: Arm
    subsets: tuple[Subset, ...]
    budget: int = DEFAULT_BUDGET
    balance: Balance = Balance.SUBSET
    seed: int = 0
    letters: bool = False
    leaks: LeakRule = LeakRule.NEAR
    pictures: bool = False
    budget_asked: bool = True
    universe: str = ""
    compared: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "balance", balance_named(self.balance))
        object.__setattr__(self, "leaks", leak_rule_named(self.leaks))
        if isinstance(self.budget, bool) or not isinstance(self.budget, int) or self.budget < 1:
            raise MixError(f"A budget of {self.budget} items makes no mix: give a whole number from 1 on.")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise MixError(f"Trainers refuse the seed {self.seed}: give a whole number from 0 to {LARGEST_SEED}.")
        if self.arm.kind is ArmKind.BASELINE:
            raise MixError("The baseline trains on nothing, so there is no mix of it: choose another arm.")
        numbers = [subset.number for subset in self.subsets]
        if len(set(numbers)) < len(numbers):
            raise MixError("A subset stands twice in this mix.")
        for subset in self.subsets:
            refuse_target(subset, self.target, self.rule)

    @cached_property
    def by_number(self) -> Mapping[str, Subset]:
        """The mix's subsets by number."""
        return {subset.number: subset for subset in self.subsets}

    def shares(self, number: str) -> Relation:
        """Which elements a subset of the mix shares with the target."""
        return relation(self.target.compared, self.by_number[number], self.rule)

    def as_record(self) -> dict[str, Any]:
        """All that the mix is made from, for a manifest."""
        triplet = self.target.triplet
        return {
            "target": {"key": self.target.key, **{axis.value: triplet[axis] for axis in Axis}},
            "arm": self.arm.key,
            "rule": rule_record(self.rule, [*self.subsets, self.target.compared]),
            "universe": {"name": self.universe, "subsets": list(self.compared)},
            "budget": self.budget,
            "budget_asked": self.budget_asked,
            "pictures": self.pictures,
            "balance": self.balance.value,
            "letters": self.letters,
            "leak_rule": self.leaks.value,
            "seed": self.seed,
        }


def rule_record(rule: RelationRule, things: Sequence[Any] = ()) -> dict[str, Any]:
    """A rule with its content: all its fields, and what it reads each of these subsets as."""
    read = {
        thing.number: str(rule.elements(thing))
        for thing in sorted((t for t in things if isinstance(t, Subset)), key=lambda s: subset_order(s.number))
    }
    said = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(rule).items()}
    return {**said, "reads": read}


def refuse_target(subset: Subset, target: Target, rule: RelationRule) -> None:
    """Raises MixError when training on the subset would be training on the target."""
    if is_target(subset, target, rule):
        raise MixError(f"Subset {subset.number} is the target {target.key}, which is never trained on: take it out.")
    mine = target.subset
    if mine is not None and (is_pseudo(subset) or is_pseudo(mine)):
        shared = set(subset.dataset_numbers) & set(mine.dataset_numbers)
        if shared and set(subset.dataset_numbers) <= shared:
            raise MixError(
                f"Subset {subset.number} is data set {', '.join(sorted(shared))}, which the target {target.key} is "
                "made of: it is the target under another number, and is never trained on."
            )


def is_other_number(subset: Subset, target: Target, rule: RelationRule) -> bool:
    """Whether a subset that is not the target holds nothing but a data set of the target, under another number."""
    if is_target(subset, target, rule):
        return False
    try:
        refuse_target(subset, target, rule)
    except MixError:
        return True
    return False


def is_pseudo(subset: Subset) -> bool:
    """Whether a subset stands for one data set that is in no published subset (`D43`)."""
    return subset.dataset_numbers == (subset.number.removeprefix(PSEUDO),) and subset.number.startswith(PSEUDO)


def target_datasets(subset: Subset, target_subset: Subset) -> frozenset[str]:
    """Numbers of data sets whose items are the target's own wherever they stand, as far as `subset` goes.

    Two subsets of one modality and area may rightly draw on the same data set for different tasks; then only the
    pictures tell. Where these differ, or one of the two is a data set under another number, the data set is the
    target's (44 stands in 18, microscopy of cells, and in 22, MRI of the brain).
    """
    own = frozenset(target_subset.dataset_numbers)
    a, b = subset.triplet, target_subset.triplet
    rightly = (a.modality, a.area) == (b.modality, b.area) and not (is_pseudo(subset) or is_pseudo(target_subset))
    return own - frozenset(subset.dataset_numbers) if rightly else own


@dataclass(frozen=True)
class FormatNote:
    """How many options the questions of a mix and of its target have: number of options to number of items."""

    mix: Mapping[int, int] = field(default_factory=dict)
    target: Mapping[int, int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What to know before training; empty where the two agree, or the target has no items to compare with."""
        missing = [options for options in self.target if not self.mix.get(options)]
        if not self.mix or not missing:
            return ""
        asked = " and ".join(str(options) for options in sorted(missing))
        given = ", ".join(str(options) for options in sorted(self.mix))
        return (
            f"The target asks with {asked} options, the mix only with {given}: a model may fail on the form of the "
            "question alone. The paper mixes in ImageWikiQA, general questions with four options, for that reason."
        )
