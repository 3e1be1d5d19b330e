"""One cell of the cube, opened: the subsets that stand in it, and its gaps with what would teach them."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from medmat_explorer.domain.element_cube import Place
from medmat_explorer.domain.gaps import Access, Gap, GapFinder, easiest_first
from medmat_explorer.domain.relation import RelationRule
from medmat_explorer.domain.selection import Facet
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.ui import frame, lattice_view, url_state
from medmat_explorer.ui.compare_panel import OTHER
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.lattice_view import LatticeView
from medmat_explorer.ui.plain import counted, plain

CELL = "cell"
"""The chosen cell in the address, as `CT/Brain`."""


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
        on_act=lambda number: _make_target(number),
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
    columns = [Column("Task"), Column("Cheapest recipe"), Column("Sources at hand"), Column("Items each", amount=True)]
    linked_table(
        [*columns, Column("")],
        [_gap_row(view, gap) for gap in gaps],
        key="cube_gaps",
        label=f"Gaps of {name}, each with its cheapest recipe",
        on_act=lambda triple: _make_target(triple),
    )


def _gap_row(view: LatticeView, gap: Gap) -> list[Cell]:
    triple = target_text(gap.triplet, view.rule, view.universe.subsets.values())
    act = Cell("make it the target", act=triple, title=f"Make {triple} the target")
    if gap.recipe is None:
        return [Cell(gap.triplet.task), Cell("no recipe exists", tone="quiet"), Cell(""), Cell(""), act]
    return [
        Cell(gap.triplet.task),
        Cell(f"{' + '.join(gap.recipe.subsets)}, {gap.recipe.direction}"),
        Cell(describe_sources(gap), tone="" if gap.access is Access.PICTURES else "quiet"),
        Cell(f"{gap.items:,}" if gap.items else "none", tone="" if gap.items else "quiet"),
        act,
    ]


def describe_sources(gap: Gap) -> str:
    """What of each source can be used, with its items: `28 (150 items) pictures here; 47 announced only`."""
    named: dict[Access, list[str]] = {}
    for number, source in zip(gap.recipe.subsets if gap.recipe else (), gap.sources, strict=True):
        items = f" ({counted(source.items, 'item')})" if source.items else ""
        named.setdefault(source.access, []).append(f"{number}{items}")
    return "; ".join(f"{', '.join(numbers)} {access.meaning}" for access, numbers in sorted(named.items()))


def target_text(triplet: MatTriplet, rule: RelationRule, subsets: Iterable[Subset]) -> str:
    """How the triple is written as a target, so that the rule reads it as this triple again.

    A rule of one's own may read a bare task's name as another task: then a name is taken that it reads as this one.
    """
    tasks = dict.fromkeys(name for s in subsets for name in (s.triplet.task, s.task_group, s.published_task))
    for task in (triplet.task, *tasks):
        asked = MatTriplet(triplet.modality, triplet.area, task)
        if rule.elements(asked).task.casefold() == triplet.task.casefold():
            return str(asked)
    return str(triplet)


def _make_target(text: str) -> None:
    """Opens the target's own view with this target."""
    kept = {lattice_view.VIEW: "target", lattice_view.SUBSET: None, CELL: None, OTHER: None}
    url_state.write({lattice_view.TARGET: text, **kept})
