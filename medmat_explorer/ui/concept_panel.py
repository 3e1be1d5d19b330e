"""All concepts of the subsets that are looked at: the picture, the same as a table, and files of the picture."""

from collections.abc import Mapping
from functools import lru_cache

import streamlit as st

from medmat_explorer.charts.concept_content import describe
from medmat_explorer.charts.concept_svg import concept_svg
from medmat_explorer.domain.concepts import (
    MOST_CONCEPTS,
    Concept,
    ConceptLattice,
    Neighbourhood,
    neighbourhood,
    target_cone,
)
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.ui import frame, lattice_view
from medmat_explorer.ui.components.concept_lattice import ConceptNote, concept_lattice_picture
from medmat_explorer.ui.components.lattice import ChipNote
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.components.picture_files import picture_files
from medmat_explorer.ui.lattice_view import LatticeView
from medmat_explorer.ui.plain import counted, plain

COLUMNS = (
    Column("Shared elements"),
    Column("Subsets", amount=True),
    Column("Their numbers"),
    Column("Items", amount=True),
)
MOST_LINKED = 400
"""So many subset numbers go into one address."""
MOST_WRITTEN = 400
"""So many subset numbers are written in one cell of the table."""


def draw_concepts(view: LatticeView) -> None:
    """The lattice of all concepts, or of the target's neighbourhood where all are too many for one picture."""
    drawn = neighbourhood(view.target, view.universe.subsets.values(), view.rule)
    summary = _summary(view, drawn)
    st.markdown(f"**{plain(summary)}** · {plain(_target_words(view))}")
    if drawn.concepts_in_all > len(drawn.lattice.concepts):
        st.info(plain(left_out(drawn, view.target.key)), icon=":material/filter_alt:")
    behind = items_behind(view, drawn.lattice)
    _draw_picture(view, drawn, summary, behind)
    _draw_table(drawn, behind)


def _summary(view: LatticeView, drawn: Neighbourhood) -> str:
    merged = ", areas merged" if view.rule.merge_areas else ""
    concepts, subsets = counted(len(drawn.lattice.concepts), "concept"), counted(drawn.subsets, "subset")
    return f"{concepts} of {subsets} by the rule {view.rule.name}{merged}"


def _target_words(view: LatticeView) -> str:
    if view.target.subset is None:
        return f"lit: what is made of the elements of {view.target.triplet}, which no subset has"
    return f"lit: what the target {view.target.subset.title} can be compared with"


def left_out(drawn: Neighbourhood, target: str) -> str:
    """Why not everything is drawn, and what is."""
    why = (
        f"All subsets together make {counted(drawn.concepts_in_all, 'concept')}, more than the {MOST_CONCEPTS} that are"
    )
    if drawn.only_elements:
        return f"{why} legible. Of all elements only those of the target {target} are drawn; every subset is counted."
    named = " or ".join(f"its {axis.value}" for axis in drawn.axes)
    shared = named if len(drawn.axes) < len(Axis) else f"at least {counted(drawn.least, 'element')} with it"
    return (
        f"{why} legible. Drawn is the neighbourhood of {target}: the concepts of the "
        f"{counted(drawn.subsets, 'subset')} that share {shared}. "
        f"{counted(drawn.left_out, 'subset')} {'is' if drawn.left_out == 1 else 'are'} left out."
    )


def _draw_picture(view: LatticeView, drawn: Neighbourhood, summary: str, behind: Mapping[int, ConceptNote]) -> None:
    subsets, stock, lattice = view.universe.subsets, view.universe.stock, drawn.lattice
    lit = target_cone(lattice, view.target, view.rule)
    number = view.target.subset.number if view.target.subset else ""
    concept_lattice_picture(
        lattice,
        {n: ChipNote(subsets[n].title, stock[n].state) for n in lattice.of_subset},
        behind,
        key="concepts",
        label=f"Lattice of {summary}. Arrow keys walk along the order, Enter shows a subset's card.",
        lit=lit,
        target=number,
        selected=view.chosen.number if view.chosen else "",
        search_texts={n: f"{subsets[n].title} {subsets[n].published_task}" for n in lattice.of_subset},
        on_select=lattice_view.choose_subset,
        on_target=lattice_view.choose_target,
    )
    name = f"concepts-{view.target.key}-{view.rule.name}"
    picture_files(_file(lattice, f"{summary}, {_target_words(view)}", lit, number), name, key="concepts_files")


@lru_cache(maxsize=32)
def _file(lattice: ConceptLattice, title: str, lit: frozenset[int], target: str) -> str:
    return concept_svg(lattice, title, lit=lit, target=target)


def items_behind(view: LatticeView, lattice: ConceptLattice) -> dict[int, ConceptNote]:
    """For each concept with items in the collection, how many and a link to them in Browse.

    The link names no subset where these are all items of the collection. Where they are of more subsets than an
    address can hold, there is none.
    """
    stocked = {number for number, stock in view.universe.stock.items() if stock.items}
    notes = {}
    for place, concept in enumerate(lattice.concepts):
        held = [number for number in concept.subsets if number in stocked]
        if held:
            items = sum(view.universe.stock[number].items for number in held)
            all_of_them = len(held) == len(stocked) and view.universe.name == lattice_view.COLLECTION
            href = frame.address("browse", None if all_of_them else {"subset": held})
            notes[place] = ConceptNote(href if all_of_them or len(held) <= MOST_LINKED else "", counted(items, "item"))
    return notes


def _draw_table(drawn: Neighbourhood, behind: Mapping[int, ConceptNote]) -> None:
    """The equal of the picture: every concept with its subsets."""
    concepts = drawn.lattice.concepts
    with st.expander(f"The same as a table · {counted(len(concepts), 'concept')}"):
        rows = [_row(concept, behind.get(place, ConceptNote())) for place, concept in enumerate(concepts)]
        linked_table(COLUMNS, rows, key="concepts_table", label=f"Concepts, {len(concepts)}")


def _row(concept: Concept, behind: ConceptNote) -> list[Cell]:
    words, items = describe(concept), behind.items.split(" ")[0] or "0"
    more = len(concept.subsets) - MOST_WRITTEN
    return [
        Cell(words),
        Cell(f"{len(concept.subsets):,}"),
        Cell(" ".join(concept.subsets[:MOST_WRITTEN]) + (f" and {more:,} more" if more > 0 else "")),
        Cell(items, behind.href, title=f"Browse {behind.items} of {words}" if behind.href else ""),
    ]
