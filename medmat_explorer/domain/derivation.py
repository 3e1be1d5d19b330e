"""Whether the definition gives what a table prints: each printed combination held against the engine.

A printed row names its subsets by words; which subsets those are is a reading of the row. The reading as mapped comes
first, then those that its column of alternatives allows, then the target as its label says it, which no subset need
have. Where no rule gives the row as mapped, the reason is worked out from the elements, not written down.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Protocol

from medmat_explorer.domain.recipes import PAIR_DIRECTION, TRIPLE_DIRECTION, Recipe, recipes, triple_recipes
from medmat_explorer.domain.relation import AXIS_FLAG, DEFAULT_RULE, RULES, RelationRule, Target, relation
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis, MatTriplet

ALL_RULES: tuple[RelationRule, ...] = tuple(
    replace(rule, merge_areas=merged) for merged in (False, True) for rule in RULES.values()
)
"""The three rules as they are, then the three with areas merged: six readings of who shares what."""

DIRECTION_AXIS: dict[str, Axis] = {f"fixed {axis.value}": axis for axis in Axis}
DIRECTIONS = (*DIRECTION_AXIS, PAIR_DIRECTION, TRIPLE_DIRECTION)

CLAUSE = re.compile(r"(?P<target>target )?(?P<what>.+?)\s*->\s*(?P<others>.+)")
OTHERS = re.compile(r"\d\d(?:\+\d\d)*")
IN_BRACKETS = re.compile(r"\(([^)]*)\)")


class PrintedRow(Protocol):
    """A row of the composition tables: labels as printed, the subsets that they are mapped to, other readings."""

    @property
    def related(self) -> tuple[str, ...]: ...
    @property
    def target(self) -> str: ...
    @property
    def related_labels(self) -> str: ...
    @property
    def target_label(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def fixed_element(self) -> str: ...
    @property
    def alternatives(self) -> str: ...


@dataclass(frozen=True)
class Reading:
    """Which subsets a row's labels mean. A source may be several subsets trained on together.

    `words` says how this differs from the row as mapped; empty for that one.
    """

    sources: tuple[tuple[str, ...], ...]
    target: Target
    words: str = ""


@dataclass(frozen=True)
class Derivation:
    """Which rules make a printed row a recipe of its target, in the printed direction.

    `as_mapped` are names of rules (`rule_title`); `otherwise` the other readings that some rule gives, with those
    rules; `tried` counts the other readings; `reason` says why no rule gives the row as mapped (worked out under one
    rule), else it is empty.
    """

    as_mapped: tuple[str, ...]
    otherwise: tuple[tuple[str, tuple[str, ...]], ...]
    tried: int
    reason: str


def rule_title(rule: RelationRule) -> str:
    """The rule's name, and whether areas are merged: `paper`, `paper, areas merged`."""
    return f"{rule.name}, areas merged" if rule.merge_areas else rule.name


def derive(
    row: PrintedRow,
    subsets: Mapping[str, Subset],
    rules: Sequence[RelationRule] = ALL_RULES,
    explained_by: RelationRule = RULES[DEFAULT_RULE],
) -> Derivation:
    """Holds a row against the engine under every rule and reading. Raises KeyError for a subset that is not known."""
    mapped, *others = readings(row, subsets)
    given = {other.words: _rules_that_give(other, row.direction, subsets, rules) for other in others}
    as_mapped = _rules_that_give(mapped, row.direction, subsets, rules)
    return Derivation(
        as_mapped=as_mapped,
        otherwise=tuple((words, names) for words, names in given.items() if names),
        tried=len(others),
        reason="" if as_mapped else why_not(row, subsets, explained_by),
    )


def gives(reading: Reading, direction: str, subsets: Mapping[str, Subset], rule: RelationRule) -> bool:
    """Whether the engine lists these sources as a recipe of the target, in this direction, under this rule.

    A source of several subsets must be a recipe with each of them.
    """
    if reading.target.subset is not None and any(reading.target.subset.number in source for source in reading.sources):
        return False
    return all(
        any(_same(found, chosen, direction) for found in _engine(reading.target, [subsets[n] for n in chosen], rule))
        for chosen in product(*reading.sources)
    )


def _engine(target: Target, sources: Sequence[Subset], rule: RelationRule) -> Iterable[Recipe]:
    """What the engine makes of these sources alone; whether others stand beside them changes no recipe."""
    return (*recipes(target, sources, rule), *triple_recipes(target, sources, rule))


def _same(found: Recipe, chosen: Sequence[str], direction: str) -> bool:
    return found.direction == direction and set(found.subsets) == set(chosen)


def _rules_that_give(
    reading: Reading, direction: str, subsets: Mapping[str, Subset], rules: Iterable[RelationRule]
) -> tuple[str, ...]:
    return tuple(rule_title(rule) for rule in rules if gives(reading, direction, subsets, rule))


# -- readings ------------------------------------------------------------------------------------------------------


def readings(row: PrintedRow, subsets: Mapping[str, Subset]) -> tuple[Reading, ...]:
    """The row as mapped, the other readings that its alternatives allow, and its target as printed."""
    choices = [[(number,), *_others_for(row, number, place)] for place, number in enumerate(row.related)]
    targets = [row.target, *(option[0] for option in _others_for(row, row.target, None))]
    found = []
    for target in targets:
        for sources in product(*choices):
            if all(target not in source for source in sources):
                meant = Target(subsets[target].triplet, subsets[target])
                found.append(Reading(sources, meant, _changes(row, sources, target)))
    printed, mapped = printed_target(row), subsets[row.target]
    if printed is not None and printed != mapped.triplet:
        found.append(Reading(tuple((n,) for n in row.related), Target(printed), f"target as printed, {printed}"))
    return tuple(found)


def _others_for(row: PrintedRow, number: str, place: int | None) -> Iterator[tuple[str, ...]]:
    """What else a source (at its place) or the target (without a place) may be; several numbers are one source."""
    label = "" if place is None else _plain_label(_source_label(row, place))
    for clause in row.alternatives.split(";"):
        found = CLAUSE.fullmatch(clause.strip())
        if found is None:
            continue
        means_target = bool(found["target"]) or (found["what"] == row.target and row.target not in row.related)
        named = found["what"] == number or (label != "" and _plain_label(found["what"]) == label)
        if named and means_target == (place is None):
            yield from (tuple(option.split("+")) for option in OTHERS.findall(found["others"]))


def _source_label(row: PrintedRow, place: int) -> str:
    """What the row prints for one source; empty where labels and sources do not pair up."""
    labels = row.related_labels.split(" + ")
    return labels[place] if len(labels) == len(row.related) else ""


def _plain_label(label: str) -> str:
    return " ".join(label.replace(",", " ").split()).casefold()


def _changes(row: PrintedRow, sources: tuple[tuple[str, ...], ...], target: str) -> str:
    """How a reading differs from the row as mapped: `25 as 35, target 17 as 16`."""
    changed = [
        f"{number} as {'+'.join(source)}"
        for number, source in zip(row.related, sources, strict=True)
        if source != (number,)
    ]
    return ", ".join([*changed, *([f"target {row.target} as {target}"] if target != row.target else [])])


def printed_target(row: PrintedRow) -> MatTriplet | None:
    """The target as the row says it: its label, with the fixed element where that stands apart. None if unclear."""
    parts = [IN_BRACKETS.sub("", part).strip() for part in row.target_label.split(",")]
    axis = DIRECTION_AXIS.get(row.direction)
    if axis is not None and len(parts) == 2:
        parts.insert(list(Axis).index(axis), row.fixed_element)
    return MatTriplet(*parts) if row.direction in DIRECTIONS and len(parts) == 3 and all(parts) else None


# -- reasons -------------------------------------------------------------------------------------------------------


def why_not(row: PrintedRow, subsets: Mapping[str, Subset], rule: RelationRule) -> str:
    """Why the row as mapped is no recipe under this rule, from its elements; empty where it is one."""
    target, sources = subsets[row.target], [subsets[number] for number in row.related]
    if gives(Reading(tuple((n,) for n in row.related), Target(target.triplet, target)), row.direction, subsets, rule):
        return ""
    reasons = [] if row.direction in DIRECTIONS else [f"'{row.direction}' is none of the definition's directions"]
    reasons += [*_misread(row, target, rule), *_untaught(row, target, sources, rule)]
    return "; ".join(reasons) or _not_alone(target, sources, rule)


def _misread(row: PrintedRow, target: Subset, rule: RelationRule) -> Iterator[str]:
    """Where the row's own words for its target are not the target's element."""
    printed = printed_target(row)
    if printed is None:
        return
    said, here = rule.elements(printed), rule.elements(target)
    for axis in Axis:
        if said[axis].casefold() != here[axis].casefold():
            yield f"the target's {axis.value} reads {_element(target, axis, rule)}, the row says {printed[axis]}"


def _untaught(row: PrintedRow, target: Subset, sources: Sequence[Subset], rule: RelationRule) -> Iterator[str]:
    """Elements of the target that no source teaches, and the fixed one where a source lacks it."""
    fixed = DIRECTION_AXIS.get(row.direction)
    for axis in Axis:
        lacking = [source for source in sources if AXIS_FLAG[axis] not in relation(target, source, rule)]
        read = ", ".join(f"{_kind(source)} reads {_element(source, axis, rule)}" for source in lacking)
        wanted = f"{axis.value} {_element(target, axis, rule)}"
        if len(lacking) == len(sources):
            yield f"no source teaches the {wanted}: {read}"
        elif lacking and axis is fixed:
            yield f"not every source has the fixed {wanted}: {read}"


def _not_alone(target: Subset, sources: Sequence[Subset], rule: RelationRule) -> str:
    """Every element is taught, but not as the direction asks: what each source shares."""
    shared = [(source.number, relation(target, source, rule).axes) for source in sources]
    listed = ", ".join(f"{n} shares {' and '.join(axis.value for axis in axes) or 'nothing'}" for n, axes in shared)
    return f"the elements do not come from one source each: {listed}"


def _kind(subset: Subset) -> str:
    return subset.number if subset.kind == "classification" else f"{subset.number} ({subset.kind})"


def _element(subset: Subset, axis: Axis, rule: RelationRule) -> str:
    """The element as the subset has it, with the rule's name for it where that is another."""
    own, read = subset.triplet[axis], rule.elements(subset)[axis]
    return own if own.casefold() == read.casefold() else f"{own} ({read})"
