"""The cube of the Lattice page: areas by modalities with the tasks in each cell, the target's cross, and the gaps."""

from collections.abc import Mapping, Sequence

import streamlit as st

from medmat_explorer.charts.cube_content import CubeFace, cube_face
from medmat_explorer.charts.cube_svg import cube_svg
from medmat_explorer.domain.element_cube import ElementCube, Place
from medmat_explorer.domain.gaps import Access, AtHand, GapFinder
from medmat_explorer.domain.relation import Target
from medmat_explorer.ui import url_state
from medmat_explorer.ui.compare_panel import draw_compare, read_other
from medmat_explorer.ui.components.lattice import ChipState
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.components.matrix import matrix
from medmat_explorer.ui.components.picture_files import picture_files
from medmat_explorer.ui.cube_cell import describe_sources, draw_cell
from medmat_explorer.ui.lattice_view import CELL, LatticeView, Stock
from medmat_explorer.ui.plain import counted, plain

MANY_CELLS = 150
"""A table of more cells is drawn as far as one can see it, and not as a page of its own."""

MANY_CODES = 24

ACCESS = {
    ChipState.IMAGES: Access.PICTURES,
    ChipState.QUESTIONS: Access.QUESTIONS,
    ChipState.ABSENT: Access.PUBLISHED,
    ChipState.ANNOUNCED: Access.ANNOUNCED,
}


def draw_cube(view: LatticeView) -> None:
    """Picture, chosen cell, comparison with a second target, and the same as a table."""
    finder = GapFinder(view.universe.subsets.values(), view.rule, at_hand(view.universe.stock))
    cube, other = finder.cube, read_other(view)
    face = _face(view, cube, other.target)
    _draw_sentence(view, cube)
    _draw_target_gap(view, finder)
    chosen = _chosen(cube, face)
    title = _title(view, other.target)
    matrix(
        face.matrix,
        face.legend,
        key="cube",
        label=f"{title}. Rows are areas, columns modalities; a mark names a task.",
        selected=(chosen[1], chosen[0]) if chosen else None,
        on_open=lambda row, column: url_state.write({CELL: _written((column, row))}),
        on_close=lambda: url_state.write({CELL: None}),
    )
    _draw_codes(_shown_codes(cube, face))
    _draw_left_out(face)
    if chosen:
        draw_cell(view, finder, chosen)
    picture_files(cube_svg(face, title), f"cube-{view.target.key}-{view.rule.name}", key="cube_files")
    draw_compare(view, other)
    _draw_table(view, cube)


def at_hand(stock: Mapping[str, Stock]) -> dict[str, AtHand]:
    """What of each subset can be used for training, as the search for recipes reads it."""
    return {number: AtHand(_access(here), here.training) for number, here in stock.items()}


def _access(here: Stock) -> Access:
    return Access.TEST_ONLY if here.items and not here.training else ACCESS[here.state]


def _face(view: LatticeView, cube: ElementCube, other: Target | None) -> CubeFace:
    target = view.rule.elements(view.target.compared)
    return cube_face(
        cube,
        target,
        at_hand(view.universe.stock),
        view.rule.elements(other.compared) if other else None,
    )


def _title(view: LatticeView, other: Target | None) -> str:
    names = " and ".join(name_of(target) for target in (view.target, other) if target)
    merged = ", areas merged" if view.rule.merge_areas else ""
    return f"Modalities and areas with the cross of {names}, rule {view.rule.name}{merged}"


def name_of(target: Target) -> str:
    """A target for people: `28 X-ray · Lung · COVID`, or a triple of one's own."""
    return target.subset.title if target.subset else str(target.triplet).replace("/", " · ", 2)


def _draw_sentence(view: LatticeView, cube: ElementCube) -> None:
    filled = len(cube.cells)
    total = len(cube.modalities) * len(cube.areas)
    triples = sum(len(cell) for cell in cube.cells.values())
    st.markdown(
        f"**{counted(len(view.universe.subsets), 'subset')}** stand in {filled:,} of {total:,} cells; "
        f"{total * len(cube.tasks) - triples:,} of {total * len(cube.tasks):,} triples are gaps. "
        f"By the rule *{plain(view.rule.name)}*; open a cell for its subsets and gaps."
    )


def _draw_target_gap(view: LatticeView, finder: GapFinder) -> None:
    """A target that no subset has is a gap itself: what would teach it."""
    wanted = finder.cube.written(view.rule.elements(view.target.compared))
    if wanted.task in finder.cube.tasks_in((wanted.modality, wanted.area)):
        return
    gap = finder.gap(wanted)
    if gap.recipe is None:
        st.markdown(f"The target {plain(str(wanted))} is a gap without any recipe under this rule.")
        return
    recipe = f"{' + '.join(gap.recipe.subsets)} ({gap.recipe.direction})"
    st.markdown(
        f"The target {plain(str(wanted))} is a gap. Its cheapest recipe: **{plain(recipe)}**; "
        f"{plain(describe_sources(gap))}."
    )


def _shown_codes(cube: ElementCube, face: CubeFace) -> list[tuple[str, str]]:
    """The codes of the tasks that have a mark in the picture."""
    shown = {task for place, cell in cube.cells.items() if _is_shown(place, face) for task in cell}
    return [(face.codes[task], task) for task in cube.tasks if task in shown]


def _draw_codes(codes: Sequence[tuple[str, str]]) -> None:
    """What the marks mean; where there are very many, to be opened."""
    with st.expander(f"What the {len(codes)} codes mean") if len(codes) > MANY_CODES else st.container():
        st.caption(plain(" · ".join(f"{code} {task}" for code, task in codes)))


def _is_shown(place: Place, face: CubeFace) -> bool:
    columns, rows = ({head.key for head in heads} for heads in (face.matrix.columns, face.matrix.rows))
    return place[0] in columns and place[1] in rows


def _draw_left_out(face: CubeFace) -> None:
    if face.rows_left_out or face.columns_left_out:
        st.caption(
            f"The picture shows the fullest rows and columns and those of the target: "
            f"{counted(face.rows_left_out, 'area')} and {face.columns_left_out:,} modalities are left out of it. "
            "The table below has all."
        )


def _chosen(cube: ElementCube, face: CubeFace) -> Place | None:
    """The cell in the address, in whatever case it is written; None when there is no such cell."""
    asked = url_state.value(CELL).casefold()
    heads = ((column.key, row.key) for column in face.matrix.columns for row in face.matrix.rows)
    places = [*cube.places(), *heads] if asked else []
    return next((place for place in places if _written(place).casefold() == asked), None)


def _written(place: Place) -> str:
    return f"{place[0]}/{place[1]}"


def _draw_table(view: LatticeView, cube: ElementCube) -> None:
    with st.expander("The cube as a table"):
        places = sorted(cube.cells, key=lambda place: (place[0].casefold(), place[1].casefold()))
        if len(places) > MANY_CELLS:
            st.dataframe(
                [{c.title: cell.text for c, cell in zip(COLUMNS, _row(view, cube, p), strict=True)} for p in places],
                hide_index=True,
                key="cube_table",
            )
            return
        linked_table(
            COLUMNS,
            [_row(view, cube, place) for place in places],
            key="cube_table",
            label="Cells of the cube that hold subsets",
            on_act=lambda place: url_state.write({CELL: place}),
        )
        empty = [p for p in cube.places() if p not in cube.cells]
        st.caption(f"{counted(len(empty), 'cell')} more, of every other modality and area, hold no subset.")


COLUMNS = [
    Column("Modality"),
    Column("Area"),
    Column("Tasks with their subsets"),
    Column("Shares with the target"),
    Column("Items here", amount=True),
    Column("Gaps", amount=True),
]


def _row(view: LatticeView, cube: ElementCube, place: Place) -> list[Cell]:
    tasks = cube.tasks_in(place)
    items = sum(view.universe.stock[number].items for numbers in tasks.values() for number in numbers)
    held = "; ".join(f"{task} ({', '.join(numbers)})" for task, numbers in tasks.items())
    written = _written(place)
    return [
        Cell(place[0]),
        Cell(place[1], act=written, title=f"Open {written}"),
        Cell(held),
        Cell(_shares(view, cube, place), tone="quiet"),
        Cell(f"{items:,}" if items else ""),
        Cell(str(len(cube.lacking(place)))),
    ]


def _shares(view: LatticeView, cube: ElementCube, place: Place) -> str:
    target = cube.written(view.rule.elements(view.target.compared))
    shared = ["modality"] if place[0] == target.modality else []
    shared += ["area"] if place[1] == target.area else []
    shared += ["task"] if target.task in cube.tasks_in(place) else []
    return " and ".join(shared) or "nothing"
