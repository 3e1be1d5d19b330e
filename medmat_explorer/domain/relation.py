"""Which elements two subsets share, under a rule for comparing names.

The eight values of `Relation` are the Boolean lattice over the three axes; `a in b` is its order. Related means
sharing at least one element with the target, unrelated sharing none (arXiv 2412.20070, section 4).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Flag
from functools import cached_property

from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.errors import UnknownNameError


class Relation(Flag):
    """The set of axes on which two subsets have the same element."""

    NONE = 0
    MODALITY = 1
    AREA = 2
    TASK = 4

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The shared axes in the order modality, area, task."""
        return tuple(axis for axis in Axis if AXIS_FLAG[axis] in self)

    @property
    def size(self) -> int:
        """How many elements are shared, 0 to 3."""
        return self.value.bit_count()


AXIS_FLAG: dict[Axis, Relation] = {
    Axis.MODALITY: Relation.MODALITY,
    Axis.AREA: Relation.AREA,
    Axis.TASK: Relation.TASK,
}
ALL_RELATIONS: tuple[Relation, ...] = tuple(Relation(value) for value in range(8))
SAME_TRIPLE = Relation.MODALITY | Relation.AREA | Relation.TASK

AREA_MERGES: dict[str, str] = {"Chest": "Lung", "Retina": "Fundus", "Teeth": "Mouth"}
"""Area names that may be read as one area; whether they are is a choice, since the paper leaves it open."""

TASK_GROUPS: dict[str, str] = {"COVID": "State", "Cancer": "State"}
"""Short tasks that the paper groups (appendix B.1): a disease named in a yes-or-no question is a State."""


def _renamed(name: str, names: dict[str, str]) -> str:
    """The name that stands for this one, found without regard to case."""
    return next((new for old, new in names.items() if old.casefold() == name.casefold()), name)


@dataclass(frozen=True)
class RelationRule:
    """How the names of elements are compared.

    `task_field` names the attribute whose value counts as the task: `published_task`, `task` or `task_group`. A rule of
    a reader's own goes before it: `own_tasks` are pairs of a subset's number and the task that it is read as,
    `task_names` pairs of a task's name and the one that stands for it in triples that no subset has.
    """

    name: str
    task_field: str
    reason: str
    merge_areas: bool = False
    own_tasks: tuple[tuple[str, str], ...] = ()
    task_names: tuple[tuple[str, str], ...] = ()

    def elements(self, thing: Subset | MatTriplet) -> MatTriplet:
        """The triple of a subset, or of a triple that need not exist, in this rule's vocabulary."""
        triplet = thing if isinstance(thing, MatTriplet) else thing.triplet
        area = _renamed(triplet.area, AREA_MERGES) if self.merge_areas else triplet.area
        return MatTriplet(triplet.modality, area, self._task(thing))

    @property
    def base(self) -> str:
        """The name of the rule for all that this one does not read in its own way; its own name for that rule."""
        return next(rule.name for rule in RULES.values() if rule.task_field == self.task_field)

    def rereads(self, thing: Subset | MatTriplet) -> bool:
        """Whether a reader's own reading gives it another task than the base rule does."""
        return self._task(thing) != self._base_task(thing)

    @cached_property
    def _own_tasks(self) -> dict[str, str]:
        return dict(self.own_tasks)

    @cached_property
    def _own_names(self) -> dict[str, str]:
        return {old.casefold(): new for old, new in self.task_names}

    def _task(self, thing: Subset | MatTriplet) -> str:
        if isinstance(thing, MatTriplet):
            own = self._own_names.get(thing.task.casefold())
        else:
            own = self._own_tasks.get(thing.number)
        return self._base_task(thing) if own is None else own

    def _base_task(self, thing: Subset | MatTriplet) -> str:
        if isinstance(thing, MatTriplet):
            return _renamed(thing.task, TASK_GROUPS) if self.task_field == "task_group" else thing.task
        if self.task_field == "published_task":
            return thing.published_task
        return thing.task_group if self.task_field == "task_group" else thing.triplet.task


RULES: dict[str, RelationRule] = {
    rule.name: rule
    for rule in (
        RelationRule(
            "published",
            "published_task",
            "Task names compared as printed. The 53 subsets have 50 different ones, so hardly any two share a task.",
        ),
        RelationRule("short", "task", "Reviewed short tasks in the vocabulary of Tables 3-8; Cancer is not State."),
        RelationRule(
            "paper",
            "task_group",
            "Short tasks, with COVID and Cancer under State, as the paper groups them (appendix B.1).",
        ),
    )
}
DEFAULT_RULE = "paper"


def rule_named(name: str, *, merge_areas: bool = False) -> RelationRule:
    """The rule of that name. Raises UnknownNameError with the valid names."""
    if name not in RULES:
        raise UnknownNameError("relation rule", name, RULES)
    return replace(RULES[name], merge_areas=merge_areas)


def relation(first: Subset | MatTriplet, second: Subset | MatTriplet, rule: RelationRule) -> Relation:
    """Which elements the two share under the rule; names are compared without regard to case."""
    mine, theirs = rule.elements(first), rule.elements(second)
    shared = Relation.NONE
    for axis, flag in AXIS_FLAG.items():
        if mine[axis].casefold() == theirs[axis].casefold():
            shared |= flag
    return shared


@dataclass(frozen=True)
class Target:
    """What is to be understood without training on it: a subset, or a triple that need not exist."""

    triplet: MatTriplet
    subset: Subset | None = None

    @property
    def compared(self) -> Subset | MatTriplet:
        """What a rule reads: the subset when there is one, else the bare triple."""
        return self.subset or self.triplet

    @property
    def key(self) -> str:
        """How the target is written in links and commands: the subset's number, or the triple."""
        return self.subset.number if self.subset else str(self.triplet)


def find_target(text: str, subsets: Iterable[Subset]) -> Target:
    """The target written as a subset number (`28`, `5`) or a triple (`X-ray/Lung/COVID`).

    Raises UnknownNameError for a number that is no subset, or a text that is neither.
    """
    known = {subset.number: subset for subset in subsets}
    number = text.strip().upper()
    number = number.zfill(2) if number.isdigit() else number
    if number in known:
        return Target(known[number].triplet, known[number])
    try:
        return Target(MatTriplet.parse(text))
    except ValueError:
        hint = "A target may also be a triple that does not exist yet: MODALITY/AREA/TASK."
        raise UnknownNameError("target", text, known, hint) from None


def relations_to(target: Target, subsets: Iterable[Subset], rule: RelationRule) -> dict[str, Relation]:
    """Relation of every subset to the target, by number; the target itself is left out."""
    mine = [name.casefold() for name in _names(rule.elements(target.compared))]
    own = target.subset.number if target.subset else None
    shared = {}
    for subset in subsets:
        if subset.number != own:
            theirs = _names(rule.elements(subset))
            same = [name.casefold() == wanted for name, wanted in zip(theirs, mine, strict=True)]
            shared[subset.number] = ALL_RELATIONS[same[0] + 2 * same[1] + 4 * same[2]]
    return shared


def _names(triplet: MatTriplet) -> tuple[str, str, str]:
    return triplet.modality, triplet.area, triplet.task
