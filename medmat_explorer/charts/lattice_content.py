"""What is written in a target's Boolean lattice: eight nodes by what is shared, and every subset on one of them.

An element is written once, at the node that shares it; a chip names only the elements in which it differs from the
target (reduced labelling). Positions are in `lattice_layout`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from medmat_explorer.domain.relation import (
    AXIS_FLAG,
    SAME_TRIPLE,
    Relation,
    RelationRule,
    Target,
    relations_to,
)
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import Axis, MatTriplet

Elements = tuple[tuple[Axis, str], ...]

NODE_ORDER: tuple[Relation, ...] = tuple(Relation(value) for value in (7, 3, 5, 6, 1, 2, 4, 0))
"""Top to bottom, left to right: all three, the pairs, the single elements, none."""


@dataclass(frozen=True)
class ChipFace:
    """A subset on its node. `number` is empty for a target that is no subset, `mark` a sign beside the number."""

    number: str
    elements: Elements
    is_target: bool = False
    mark: str = ""


@dataclass(frozen=True)
class NodeFace:
    """One of the eight nodes: the shared axes, their elements in the rule's words, and the subsets that share them.

    `left_out` counts subsets that stand here and are not drawn.
    """

    relation: Relation
    elements: Elements
    chips: tuple[ChipFace, ...]
    left_out: int = 0

    @property
    def title(self) -> str:
        """The shared axes in words."""
        if self.relation is SAME_TRIPLE:
            return "all three"
        return " + ".join(axis.value for axis in self.relation.axes) or "none"

    @property
    def count(self) -> int:
        """How many subsets stand here, the target not counted."""
        return sum(not chip.is_target for chip in self.chips) + self.left_out


def lattice_nodes(
    target: Target, subsets: Iterable[Subset], rule: RelationRule, marks: Mapping[str, str] | None = None
) -> tuple[NodeFace, ...]:
    """The eight nodes in `NODE_ORDER` with every subset on the node of its relation to the target.

    A subset that is written just like the target is told apart by its published task. `marks` are signs by subset
    number.
    """
    marks = marks or {}
    known = {subset.number: subset for subset in subsets}
    shared = relations_to(target, known.values(), rule)
    compared, own = rule.elements(target.compared), written(target.compared, rule)
    chips: dict[Relation, list[ChipFace]] = {node: [] for node in NODE_ORDER}
    chips[SAME_TRIPLE].append(
        ChipFace(target.subset.number if target.subset else "", _chip_words(target.compared, Axis, rule), True)
    )
    for number in sorted(shared, key=subset_order):
        subset = known[number]
        differing = _chip_words(subset, _differing(own, written(subset, rule), shared[number]), rule)
        words = differing or ((Axis.TASK, subset.published_task),)
        chips[shared[number]].append(ChipFace(number, words, mark=marks.get(number, "")))
    return tuple(
        NodeFace(node, tuple((axis, compared[axis]) for axis in node.axes), tuple(chips[node])) for node in NODE_ORDER
    )


def with_fewer_chips(nodes: Iterable[NodeFace], most: int, first: Collection[str]) -> tuple[NodeFace, ...]:
    """The nodes with at most so many chips each, beside the target: those of `first`, then by number."""
    return tuple(_with_fewer_chips(node, most, first) for node in nodes)


def _with_fewer_chips(node: NodeFace, most: int, first: Collection[str]) -> NodeFace:
    others = [chip for chip in node.chips if not chip.is_target]
    if len(others) <= most:
        return node
    drawn = set(sorted(others, key=lambda chip: chip.number not in first)[:most])
    chips = tuple(chip for chip in node.chips if chip.is_target or chip in drawn)
    return replace(node, chips=chips, left_out=len(others) - most)


def written(thing: Subset | MatTriplet, rule: RelationRule) -> MatTriplet:
    """The triple as it is written for people: with the printed task where the rule compares printed tasks."""
    if isinstance(thing, MatTriplet):
        return thing
    if rule.task_field == "published_task":
        return MatTriplet(thing.triplet.modality, thing.triplet.area, thing.published_task)
    return thing.triplet


def element_text(thing: Subset | MatTriplet, axis: Axis, rule: RelationRule) -> str:
    """An element as written, with what the rule reads it as where that is another name: `Cancer (State)`."""
    own, read = written(thing, rule)[axis], rule.elements(thing)[axis]
    return own if own == read else f"{own} ({read})"


def _differing(own: MatTriplet, other: MatTriplet, shared: Relation) -> list[Axis]:
    """The axes of elements that are not shared, and of those shared only under another name (Cancer as State)."""
    return [axis for axis in Axis if AXIS_FLAG[axis] not in shared or own[axis].casefold() != other[axis].casefold()]


def _chip_words(thing: Subset | MatTriplet, axes: Iterable[Axis], rule: RelationRule) -> Elements:
    """Elements as a chip names them: as written, and with what a rule of the reader's own reads a task as."""
    own, rereads = written(thing, rule), rule.rereads(thing)
    return tuple(
        (axis, element_text(thing, axis, rule) if rereads and axis is Axis.TASK else own[axis]) for axis in axes
    )
