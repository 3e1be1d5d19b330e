"""One cell of the cube, opened: the subsets that stand in it, and its gaps with what would teach them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from medmat_explorer.domain.element_cube import Place
from medmat_explorer.domain.gaps import Access, Gap, GapFinder, easiest_first
from medmat_explorer.domain.relation import RelationRule
from medmat_explorer.domain.selection import Facet
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.lattice_view import CELL, LatticeView, choose_target
from medmat_explorer.ui.plain import counted, plain

MANY_GAPS = 150
"""So many gaps of one cell are listed, the easiest to teach first."""


def draw_cell(view: LatticeView, finder: GapFinder, place: Place) -> None:
    """Its subsets with what of them is here, and each task it lacks with the cheapest recipe."""
    with st.container(border=True, key="cube_cell"):
        name = " · ".join(place)
        tasks = finder.cube.tasks_in(place)
        numbers = [number for held in tasks.values() for number in held]
        st.subheader(plain(name))
        if numbers:
            _draw_subsets(view, tasks, name)
            _draw_browse(view, numbers)
        else:
            st.write("No subset stands in this cell.")
        gaps = easiest_first(finder.gaps(place))
        st.markdown(f"**{counted(len(gaps), 'gap')}**: {_summed(gaps)}")
        if gaps:
            _draw_gaps(view, gaps, name)
        st.button("Close", key="cube_close", on_click=lambda: url_state.write({CELL: None}))


def _draw_subsets(view: LatticeView, tasks: Mapping[str, tuple[str, ...]], name: str) -> None:
    rows = [_subset_row(view, task, number) for task, numbers in tasks.items() for number in numbers]
    columns = [Column("Subset"), Column("Task"), Column("Printed as"), Column("Here"), Column("Items", amount=True)]
    linked_table(
        [*columns, Column("")],
        rows,
        key="cube_subsets",
        label=f"Subsets in {name}",
        on_act=lambda number: choose_target(number, show=True),
    )


def _subset_row(view: LatticeView, task: str, number: str) -> list[Cell]:
    subset, stock = view.universe.subsets[number], view.universe.stock[number]
    here = frame.address("browse", {Facet.SUBSET.value: number}) if stock.items else ""
    is_target = view.target.subset is not None and view.target.subset.number == number
    return [
        Cell(number, tone=""),
        Cell(task),
        Cell(subset.published_task, tone="quiet"),
        Cell(stock.state.meaning, tone="" if stock.items else "quiet"),
        Cell(f"{stock.items:,}" if stock.items else "", href=here, title=f"Browse the items of {number}"),
        Cell("the target") if is_target else Cell("make it the target", act=number, title=f"Make {number} the target"),
    ]


def _draw_browse(view: LatticeView, numbers: Sequence[str]) -> None:
    """All items of the cell, by modality and area: with areas merged, those of every area that it holds."""
    here = [view.universe.subsets[number] for number in numbers if view.universe.stock[number].items]
    if here:
        chosen = {
            Facet.MODALITY.value: _distinct(subset.triplet.modality for subset in here),
            Facet.AREA.value: _distinct(subset.triplet.area for subset in here),
        }
        frame.link("browse", "Browse the items of this cell", chosen, ":material/photo_library:")


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _summed(gaps: Sequence[Gap]) -> str:
    """How many of the gaps could be taught with what is at hand."""
    if not gaps:
        return "every task that occurs stands in this cell."
    ready = sum(gap.access is Access.PICTURES for gap in gaps)
    without = sum(gap.recipe is None for gap in gaps)
    parts = [f"{ready} with a recipe whose pictures are all here"] if ready else ["none with all its pictures here"]
    parts += [f"{without} without any recipe"] if without else []
    return "tasks that this cell lacks, the easiest to teach first; " + ", ".join(parts) + "."


def _draw_gaps(view: LatticeView, gaps: Sequence[Gap], name: str) -> None:
    columns = [Column("Task"), Column("Cheapest recipe"), Column("Sources at hand")]
    targets = TargetTexts(view.rule, view.universe.subsets)
    linked_table(
        [*columns, Column("Training items each", amount=True), Column("")],
        [gap_cells(gap, targets.text(gap.triplet)) for gap in gaps[:MANY_GAPS]],
        key="cube_gaps",
        label=f"Gaps of {name}, each with its cheapest recipe",
        on_act=lambda triple: choose_target(triple, show=True),
    )
    if len(gaps) > MANY_GAPS:
        st.caption(f"The first {MANY_GAPS} of {len(gaps):,} gaps: {len(gaps) - MANY_GAPS:,} harder ones are left out.")


def gap_cells(gap: Gap, target: str) -> list[Cell]:
    """One gap; without a text that the rule reads as its triple there is no button to make it the target."""
    act = Cell("make it the target", act=target, title=f"Make {target} the target") if target else Cell("")
    if gap.recipe is None:
        return [Cell(gap.triplet.task), Cell("no recipe exists", tone="quiet"), Cell(""), Cell(""), act]
    return [
        Cell(gap.triplet.task),
        Cell(f"{' + '.join(gap.recipe.subsets)}, {gap.recipe.direction}"),
        Cell(describe_sources(gap), tone="" if gap.access is Access.PICTURES else "quiet"),
        Cell(f"{gap.training:,}" if gap.training else "none", tone="" if gap.training else "quiet"),
        act,
    ]


def describe_sources(gap: Gap) -> str:
    """What of each source can be used: `28 (150 training items) pictures here; 47 announced only`."""
    named: dict[Access, list[str]] = {}
    for number, source in zip(gap.recipe.subsets if gap.recipe else (), gap.sources, strict=True):
        items = f" ({counted(source.training, 'training item')})" if source.training else ""
        named.setdefault(source.access, []).append(f"{number}{items}")
    return "; ".join(f"{', '.join(numbers)} {access.meaning}" for access, numbers in sorted(named.items()))


@dataclass(frozen=True)
class TargetTexts:
    """Writes triples as targets, so that the rule reads them as these triples again.

    A rule of one's own may read a bare task's name as another task: then a name is taken that it reads as this one.
    """

    rule: RelationRule
    subsets: Mapping[str, Subset]

    def text(self, triplet: MatTriplet) -> str:
        """The triple as an address names it; empty where no name of a task in use is read as its task."""
        if self._read(triplet.task) == triplet.task.casefold():
            return str(triplet)
        name = self._names.get(triplet.task.casefold())
        return str(MatTriplet(triplet.modality, triplet.area, name)) if name else ""

    def _read(self, name: str) -> str:
        """The task that the rule reads this name as, in a triple that no subset has."""
        return self.rule.elements(MatTriplet("any", "any", name)).task.casefold()

    @cached_property
    def _names(self) -> dict[str, str]:
        """For each task that some name in use is read as, the first such name."""
        names = (n for s in self.subsets.values() for n in (s.triplet.task, s.task_group, s.published_task))
        found: dict[str, str] = {}
        for name in dict.fromkeys(names):
            found.setdefault(self._read(name), name)
        return found
