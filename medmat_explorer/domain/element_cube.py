"""The cube of a universe of subsets: every modality, area and task that occurs, and who stands where.

The three axes are those of the paper (arXiv 2412.20070, section 3). Elements are a rule's; names that differ in case
only are one element, written as the first subset has it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from medmat_explorer.domain.relation import RelationRule
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import Axis, MatTriplet

Place = tuple[str, str]
"""A cell: modality and area, as the cube writes them."""


@dataclass(frozen=True)
class ElementCube:
    """Subset numbers by cell and task, and the triple of each number. Elements are sorted by name."""

    modalities: tuple[str, ...]
    areas: tuple[str, ...]
    tasks: tuple[str, ...]
    cells: Mapping[Place, Mapping[str, tuple[str, ...]]]
    triplets: Mapping[str, MatTriplet]

    def tasks_in(self, place: Place) -> Mapping[str, tuple[str, ...]]:
        """The tasks of a cell in the order of `tasks`, each with its subsets; empty where nothing stands."""
        return self.cells.get(place, {})

    def lacking(self, place: Place) -> tuple[str, ...]:
        """The tasks that occur elsewhere and not in this cell."""
        present = self.tasks_in(place)
        return tuple(task for task in self.tasks if task not in present)

    def places(self) -> Iterator[Place]:
        """Every cell, empty or not, modality by modality."""
        return ((modality, area) for modality in self.modalities for area in self.areas)

    def written(self, triplet: MatTriplet) -> MatTriplet:
        """The triple with each element as the cube writes it; one that does not occur stays as it is."""
        return MatTriplet(*(self._spelling[axis].get(triplet[axis].casefold(), triplet[axis]) for axis in Axis))

    @cached_property
    def _spelling(self) -> dict[Axis, dict[str, str]]:
        names = {Axis.MODALITY: self.modalities, Axis.AREA: self.areas, Axis.TASK: self.tasks}
        return {axis: {name.casefold(): name for name in found} for axis, found in names.items()}


def element_cube(subsets: Iterable[Subset], rule: RelationRule) -> ElementCube:
    """Sorts the subsets into the cells that the rule's elements make."""
    ordered = sorted(subsets, key=lambda subset: subset_order(subset.number))
    spelling: dict[Axis, dict[str, str]] = {axis: {} for axis in Axis}
    triplets = {subset.number: _as_first_written(rule.elements(subset), spelling) for subset in ordered}
    names = {axis: tuple(sorted(found.values(), key=str.casefold)) for axis, found in spelling.items()}
    cells: dict[Place, dict[str, tuple[str, ...]]] = {}
    for number, triplet in triplets.items():
        cell = cells.setdefault((triplet.modality, triplet.area), {})
        cell[triplet.task] = (*cell.get(triplet.task, ()), number)
    in_order = {
        place: dict(sorted(cell.items(), key=lambda entry: entry[0].casefold())) for place, cell in cells.items()
    }
    return ElementCube(names[Axis.MODALITY], names[Axis.AREA], names[Axis.TASK], in_order, triplets)


def _as_first_written(triplet: MatTriplet, spelling: dict[Axis, dict[str, str]]) -> MatTriplet:
    return MatTriplet(*(spelling[axis].setdefault(triplet[axis].casefold(), triplet[axis]) for axis in Axis))
