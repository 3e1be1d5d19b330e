"""Arms: the rules that pick which subsets a target is trained without itself on (arXiv 2412.20070, Figure 4).

related             all subsets that share an element with the target
unrelated           all that share none; with as many items as another arm it is the paper's Baseline+
without-modality    the related ones but for those that share the modality; the same with -area and -task
all                 every subset but the target
recipe:30+03        a pair or triple that is a recipe of the target under the rule
own:03+08+12        any subsets
basket              the items in the reader's basket
baseline            nothing: the untrained model
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from medmat_explorer.domain.facts import subset_number
from medmat_explorer.domain.recipes import recipes, triple_recipes
from medmat_explorer.domain.relation import SAME_TRIPLE, Relation, RelationRule, Target, relation, relations_to
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.errors import MixError, UnknownNameError

JOINED = "+"


class ArmKind(StrEnum):
    """How an arm finds its subsets."""

    RELATED = "related"
    UNRELATED = "unrelated"
    WITHOUT_MODALITY = "without-modality"
    WITHOUT_AREA = "without-area"
    WITHOUT_TASK = "without-task"
    ALL = "all"
    RECIPE = "recipe"
    OWN = "own"
    BASKET = "basket"
    BASELINE = "baseline"


FIGURE_4 = (
    ArmKind.RELATED,
    ArmKind.UNRELATED,
    ArmKind.WITHOUT_MODALITY,
    ArmKind.WITHOUT_AREA,
    ArmKind.WITHOUT_TASK,
    ArmKind.ALL,
)
"""The arms of Figure 4 that are trained; beside them stands the baseline, which is not."""

LEFT_OUT = {
    ArmKind.WITHOUT_MODALITY: Axis.MODALITY,
    ArmKind.WITHOUT_AREA: Axis.AREA,
    ArmKind.WITHOUT_TASK: Axis.TASK,
}
MEANINGS: dict[ArmKind, str] = {
    ArmKind.RELATED: "All subsets that share an element with the target.",
    ArmKind.UNRELATED: "All subsets that share nothing with the target: the paper's Baseline+.",
    ArmKind.WITHOUT_MODALITY: "The related subsets that do not share the modality.",
    ArmKind.WITHOUT_AREA: "The related subsets that do not share the area.",
    ArmKind.WITHOUT_TASK: "The related subsets that do not share the task.",
    ArmKind.ALL: "Every subset but the target.",
    ArmKind.RECIPE: "Two or three subsets that together teach the target its three elements.",
    ArmKind.OWN: "Any subsets that you name.",
    ArmKind.BASKET: "The items in your basket.",
    ArmKind.BASELINE: "Nothing: the untrained model.",
}
NAMES = (
    *(kind.value for kind in ArmKind if kind not in {ArmKind.RECIPE, ArmKind.OWN}),
    "recipe:NN+NN[+NN]",
    "own:NN+NN...",
)
"""How arms are written."""


@dataclass(frozen=True)
class Arm:
    """A rule that picks subsets; `sources` are the numbers that a recipe or an own choice names.

    Raises MixError for a recipe that is no pair or triple, for an own choice of nothing, and for a subset named twice.
    """

    kind: ArmKind
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.sources)) < len(self.sources):
            raise MixError(f"The arm '{self.key}' names a subset twice.")
        if self.kind is ArmKind.RECIPE and len(self.sources) not in {2, 3}:
            raise MixError(f"'{self.key}' is no recipe: name two or three subsets, such as recipe:30+03.")
        if self.kind is ArmKind.OWN and not self.sources:
            raise MixError("An own choice needs at least one subset, such as own:03+08.")

    @classmethod
    def parse(cls, text: str) -> "Arm":
        """An arm as it stands in links and commands. Raises UnknownNameError, and MixError as above."""
        name, _, listed = text.strip().partition(":")
        numbers = tuple(subset_number(part) for part in listed.split(JOINED) if part.strip())
        takes_numbers = name in {ArmKind.RECIPE.value, ArmKind.OWN.value}
        if name not in list(ArmKind) or (listed and not takes_numbers):
            raise UnknownNameError("arm", text, NAMES)
        return cls(ArmKind(name), numbers)

    @property
    def key(self) -> str:
        """How it is written in links, commands and manifests."""
        return f"{self.kind.value}:{JOINED.join(self.sources)}" if self.sources else self.kind.value

    @property
    def title(self) -> str:
        """For people: `without modality`, `recipe 30 + 03`."""
        return " ".join([self.kind.value.replace("-", " "), " + ".join(self.sources)]).strip()


@dataclass(frozen=True)
class ArmChoice:
    """What an arm picks: numbers in order. `same_triple` are those among them that share all three elements with the
    target, which a rule that groups tasks makes possible (03 and 04 under `paper`); `direction` is a recipe's.
    """

    arm: Arm
    subsets: tuple[str, ...]
    same_triple: tuple[str, ...] = ()
    direction: str = ""


def is_target(subset: Subset, target: Target, rule: RelationRule) -> bool:
    """Whether a subset is what must not be trained on: the target itself, or a subset that a written-out triple names.

    A triple names a subset by its short task or its published name, in any case of letters, and by an area that the
    rule merges with its own. One that only shares a group of tasks with it (COVID and State) is another subset. A
    collection's own subset that merely has the target's number is another one as well.
    """
    if target.subset is None:
        return _has_triple(subset, target.triplet, rule)
    is_numbered = subset.number == target.subset.number
    return is_numbered and (subset == target.subset or _has_triple(subset, target.triplet, rule))


def _has_triple(subset: Subset, triplet: MatTriplet, rule: RelationRule) -> bool:
    names = {task.casefold() for task in (subset.triplet.task, subset.published_task)}
    mine, theirs = rule.elements(subset.triplet), rule.elements(triplet)
    same = all(mine[axis].casefold() == theirs[axis].casefold() for axis in (Axis.MODALITY, Axis.AREA))
    return same and triplet.task.casefold() in names


def choose_subsets(arm: Arm, target: Target, subsets: Iterable[Subset], rule: RelationRule) -> ArmChoice:
    """The subsets that an arm picks for a target, by number; the target is never among them.

    A basket picks items and not subsets, so it may use all of them. Raises UnknownNameError for a number that is no
    subset, MixError when the target is named or when a recipe is none under the rule.
    """
    known = {subset.number: subset for subset in subsets}
    others = {number: subset for number, subset in known.items() if not is_target(subset, target, rule)}
    shared = relations_to(target, others.values(), rule)
    if target.subset is not None and target.subset.number in others:
        number = target.subset.number  # another subset under the target's number, which `relations_to` leaves out
        shared[number] = relation(target.compared, others[number], rule)
    direction = ""
    if arm.sources:
        _check_named(arm, known, others, target)
        chosen = list(arm.sources)
        direction = _direction(arm, target, others, rule) if arm.kind is ArmKind.RECIPE else ""
    else:
        chosen = [number for number in others if _belongs(arm.kind, shared[number])]
    order = tuple(sorted(chosen, key=subset_order))
    return ArmChoice(arm, order, tuple(number for number in order if shared[number] is SAME_TRIPLE), direction)


def _belongs(kind: ArmKind, shared: Relation) -> bool:
    is_related = shared.size > 0
    if kind is ArmKind.BASELINE:
        return False
    if kind is ArmKind.UNRELATED:
        return not is_related
    if kind in LEFT_OUT:
        return is_related and LEFT_OUT[kind] not in shared.axes
    return is_related or kind in {ArmKind.ALL, ArmKind.BASKET}


def _check_named(arm: Arm, known: Mapping[str, Subset], others: Mapping[str, Subset], target: Target) -> None:
    for number in arm.sources:
        if number not in known:
            raise UnknownNameError("subset", number, known)
        if number not in others:
            raise MixError(
                f"Subset {number} is the target {target.key}, which is never trained on: take it out of '{arm.key}'."
            )


def _direction(arm: Arm, target: Target, others: Mapping[str, Subset], rule: RelationRule) -> str:
    """By which direction the named subsets are a recipe. Raises MixError when they are none."""
    named = [others[number] for number in arm.sources]
    form = recipes if len(named) == 2 else triple_recipes
    found = [recipe.direction for recipe in form(target, named, rule) if set(recipe.subsets) == set(arm.sources)]
    if not found:
        raise MixError(
            f"{' and '.join(arm.sources)} are no recipe of {target.key} under the rule '{rule.name}'. The recipes are "
            f"listed by `recipes {target.key}`; any subsets may be mixed as own:{JOINED.join(arm.sources)}."
        )
    return ", ".join(found)
