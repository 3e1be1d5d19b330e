"""What is written in a target's Boolean lattice: eight nodes by what is shared, and every subset on one of them.

An element is written once, at the node that shares it; a chip names only the elements in which it differs from the
target (reduced labelling). Positions are in `lattice_layout`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

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
    """A subset on its node. `number` is empty for a target that is no subset."""

    number: str
    elements: Elements
    is_target: bool = False


@dataclass(frozen=True)
class NodeFace:
    """One of the eight nodes: the shared axes, their elements in the rule's words, and the subsets that share them."""

    relation: Relation
    elements: Elements
    chips: tuple[ChipFace, ...]

    @property
    def title(self) -> str:
        """The shared axes in words."""
        if self.relation is SAME_TRIPLE:
            return "all three"
        return " + ".join(axis.value for axis in self.relation.axes) or "none"

    @property
    def count(self) -> int:
        """How many subsets stand here, the target not counted."""
        return sum(not chip.is_target for chip in self.chips)


def lattice_nodes(target: Target, subsets: Iterable[Subset], rule: RelationRule) -> tuple[NodeFace, ...]:
    """The eight nodes in `NODE_ORDER` with every subset on the node of its relation to the target."""
    known = {subset.number: subset for subset in subsets}
    shared = relations_to(target, known.values(), rule)
    compared, own = rule.elements(target.compared), written(target.compared, rule)
    chips: dict[Relation, list[ChipFace]] = {node: [] for node in NODE_ORDER}
    chips[SAME_TRIPLE].append(
        ChipFace(target.subset.number if target.subset else "", tuple((axis, own[axis]) for axis in Axis), True)
    )
    for number in sorted(shared, key=subset_order):
        subset = known[number]
        chips[shared[number]].append(ChipFace(number, _difference(own, written(subset, rule), shared[number], subset)))
    return tuple(
        NodeFace(node, tuple((axis, compared[axis]) for axis in node.axes), tuple(chips[node])) for node in NODE_ORDER
    )


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


def _difference(own: MatTriplet, other: MatTriplet, shared: Relation, subset: Subset) -> Elements:
    """The elements that are not shared, and those shared only under another name (Cancer as State).

    A subset that is written just like the target is told apart by its published task.
    """
    differing = tuple(
        (axis, other[axis])
        for axis in Axis
        if AXIS_FLAG[axis] not in shared or own[axis].casefold() != other[axis].casefold()
    )
    return differing or ((Axis.TASK, subset.published_task),)
