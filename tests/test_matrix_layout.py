"""Pictures of rows and columns: nothing overlaps, nothing is lost, at any width, for every target and rule."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medmat_explorer.charts.cube_content import MOST_COLUMNS, MOST_ROWS, cube_face
from medmat_explorer.charts.cube_svg import cube_svg
from medmat_explorer.charts.lattice_layout import Box, text_width
from medmat_explorer.charts.matrix_content import (
    GAP_SIGN,
    Badge,
    CellFace,
    HeadFace,
    MarkFace,
    MatrixFace,
    Tone,
)
from medmat_explorer.charts.matrix_layout import (
    BADGE,
    LEAST,
    LINE,
    MatrixLayout,
    head_words,
    mark_width,
    matrix_layout,
)
from medmat_explorer.charts.task_codes import task_codes
from medmat_explorer.charts.transfer import row_groups, transfer_face, transfers
from medmat_explorer.domain.element_cube import element_cube
from medmat_explorer.domain.gaps import Access, AtHand
from medmat_explorer.domain.relation import RULES, rule_named
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.paper.facts import subsets
from medmat_explorer.ui.components.matrix import WIDTHS, matrix_data

ROOM = {1440: 787, 1024: 700, 390: 340}
"""What the page's main column has for a picture in windows of these widths."""


def cube_of(number: str, rule: str = "paper", other: str = "", merge: bool = False) -> MatrixFace:
    compared = rule_named(rule, merge_areas=merge)
    known = subsets()
    against = compared.elements(known[other]) if other else None
    return cube_face(element_cube(known.values(), compared), compared.elements(known[number]), {}, against).matrix


def faults(face: MatrixFace, layout: MatrixLayout) -> list[str]:
    """What is wrong with a picture, in words; empty when nothing is."""
    canvas = Box(0, 0, layout.width, layout.height)
    parts = {"corner": layout.corner}
    parts |= {f"head of column {i}": box for i, box in enumerate(layout.columns)}
    parts |= {f"head of row {i}": box for i, box in enumerate(layout.rows)}
    if face.rows and face.columns:  # a row's cells lie between those of its neighbours when the heads do
        parts |= {
            f"cell {r} {r % len(face.columns)}": layout.cell(r, r % len(face.columns)) for r in range(len(face.rows))
        }
    found = [f"{name} leaves the picture" for name, box in parts.items() if not canvas.contains(box)]
    found += [f"{a} overlaps {b}" for (a, x), (b, y) in combinations(parts.items(), 2) if x.overlaps(y)]
    found += [f"{name} is too small" for name, box in parts.items() if box.width < LEAST or box.height < 18]
    for cell, boxes in zip(face.cells, layout.marks, strict=True):
        place = layout.cell(cell.row, cell.column)
        if len(boxes) != len(cell.marks):
            found.append(f"a mark of {cell.label} is lost")
        found += [f"a mark of {cell.label} leaves its cell" for box in boxes if not place.contains(box)]
        found += [f"marks of {cell.label} overlap" for x, y in combinations(boxes, 2) if x.overlaps(y)]
        found += [f"{m.text} is cut" for m, b in zip(cell.marks, boxes, strict=True) if b.width < mark_width(m)]
    return found + cut_heads(face, layout)


def cut_heads(face: MatrixFace, layout: MatrixLayout) -> list[str]:
    """Heads whose words or badges do not fit their box, so that they would be cut or lie over the next."""
    found = []
    for head, box in zip(face.columns, layout.columns, strict=True):
        if layout.turned:
            high: float = text_width(head.text) + LINE * bool(head.number) + BADGE * bool(head.badges)
            wide: float = max(LINE, round(text_width(head.number)), BADGE * len(head.badges))
        else:
            high = LINE * (1 + bool(head.number)) + BADGE * bool(head.badges)
            wide = max(head_words(head), BADGE * len(head.badges))
        found += [f"head of column {head.key} is cut"] * (high > box.height or wide > box.width)
    for head, box in zip(face.rows, layout.rows, strict=True):
        number = text_width(head.number) + 5 if head.number else 0.0
        wide = max(text_width(head.text) + number, text_width(head.note)) + BADGE * len(head.badges)
        high = LINE * (1 + bool(head.note))
        found += [f"head of row {head.key} is cut"] * (wide > box.width or high > box.height)
    return found


@pytest.mark.parametrize("window", ROOM)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("merge", [False, True])
def test_nothing_overlaps_or_is_cut_in_the_published_cube_for_any_target(window: int, rule: str, merge: bool) -> None:
    for number in list(subsets())[:: 3 if rule == "paper" else 9]:
        face = cube_of(number, rule, merge=merge)
        layout = matrix_layout(face, ROOM[window])
        assert not faults(face, layout), number
        assert window == 390 or layout.width <= ROOM[window]


@pytest.mark.parametrize("window", ROOM)
def test_nothing_overlaps_where_two_crosses_meet(window: int) -> None:
    for other in list(subsets())[::4]:
        if other != "28":
            face = cube_of("28", other=other)
            assert not faults(face, matrix_layout(face, ROOM[window])), other


@pytest.mark.parametrize("window", ROOM)
@pytest.mark.parametrize("group", row_groups())
def test_nothing_overlaps_or_is_cut_in_the_transfer_matrix(window: int, group: str) -> None:
    face = transfer_face(transfers(row_groups()[group]), subsets(), "28")
    layout = matrix_layout(face, ROOM[window])
    assert not faults(face, layout)
    assert window != 1440 or group == "all" or layout.width <= ROOM[window]


TEXT = st.text("abMW ·i", max_size=14)
MARKS = st.lists(st.builds(MarkFace, st.text("abMW+…▲", min_size=1, max_size=5)), max_size=6).map(tuple)


@settings(deadline=None)
@given(st.data(), st.integers(200, 1400))
def test_nothing_overlaps_in_any_picture(data: st.DataObject, width: int) -> None:
    rows, columns = (
        tuple(
            HeadFace(str(i), data.draw(TEXT), badges=(Badge(Axis.AREA),) * data.draw(st.integers(0, 2)))
            for i in range(data.draw(st.integers(1, 4)))
        )
        for _ in range(2)
    )
    cells = tuple(
        CellFace(r, c, data.draw(MARKS), f"{r} {c}")
        for r in range(len(rows))
        for c in range(len(columns))
        if data.draw(st.booleans())
    )
    face = MatrixFace(rows, columns, cells)
    layout = matrix_layout(face, width)
    assert not [fault for fault in faults(face, layout) if "is cut" not in fault]


def test_more_room_makes_a_picture_no_higher() -> None:
    heights = [matrix_layout(cube_of("28", "published"), width).height for width in range(600, 1400, 100)]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] < heights[0]


def test_column_heads_are_turned_only_where_they_do_not_fit() -> None:
    assert not matrix_layout(cube_of("28"), 787).turned
    assert matrix_layout(cube_of("28"), 340).turned


def test_the_browser_gets_a_layout_for_every_width_that_is_wide_enough_and_one_to_scroll() -> None:
    data = matrix_data(cube_of("28"), (), label="", selected=None)
    widths = [layout["width"] for layout in data["layouts"]]
    assert widths == sorted(set(widths))
    for room in (width for width in WIDTHS if width >= widths[0]):
        assert max(width for width in widths if width <= room) >= matrix_layout(cube_of("28"), room).width


def test_the_targets_cross_is_its_row_and_column_and_all_that_shares_its_task() -> None:
    face = cube_of("28")
    column = next(i for i, head in enumerate(face.columns) if head.key == "X-ray")
    row = next(i for i, head in enumerate(face.rows) if head.key == "Lung")
    assert face.columns[column].badges == (Badge(Axis.MODALITY),)
    assert face.rows[row].badges == (Badge(Axis.AREA),)
    for cell in face.cells:
        assert (Tone.COLUMN in cell.tones) == (cell.column == column)
        assert (Tone.ROW in cell.tones) == (cell.row == row)
        assert (Tone.OWN in cell.tones) == ((cell.row, cell.column) == (row, column))
        empty = any(mark.text == GAP_SIGN for mark in cell.marks)
        assert empty == (Tone.GAP in cell.tones)
        assert not empty or cell.row == row or cell.column == column
    in_column = {cell.row for cell in face.cells if cell.column == column}
    assert in_column == set(range(len(face.rows))), "every cell of the column stands out, a gap too"
    shared = [cell.label for cell in face.cells if any(Tone.TASK in mark.tones for mark in cell.marks)]
    assert len(shared) == 9
    assert "CT Brain: State (05, 06)" in shared


def test_a_second_target_has_a_cross_of_its_own() -> None:
    face = cube_of("28", other="05")
    own = [cell for cell in face.cells if Tone.OTHER_OWN in cell.tones]
    assert [cell.label for cell in own] == ["CT Brain: State (05, 06) (the other target's cell)"]
    assert {head.key for head in face.rows if Badge(Axis.AREA, other=True) in head.badges} == {"Brain"}
    assert sum(Tone.OTHER_ROW in cell.tones for cell in face.cells) == len(face.columns)


def test_a_mark_counts_its_subsets_and_says_when_nothing_of_it_is_here() -> None:
    rule = rule_named("paper")
    cube = element_cube(subsets().values(), rule)
    stock = {"05": AtHand(Access.PICTURES, 3), "02": AtHand(Access.ANNOUNCED)}
    face = cube_face(cube, rule.elements(subsets()["28"]), stock).matrix
    marks = {cell.label.split(":")[0]: cell.marks for cell in face.cells}
    assert marks["CT Brain"] == (MarkFace("Sta×2", (Tone.TASK,)),)
    assert marks["CT Kidney"] == (MarkFace("Dis", (Tone.ABSENT,)),)


def test_a_target_that_no_subset_has_still_has_its_row_and_column() -> None:
    cube = element_cube(subsets().values(), rule_named("paper"))
    face = cube_face(cube, MatTriplet("PET", "heart", "State"), {}).matrix
    assert "PET" in [head.key for head in face.columns]
    assert "heart" in [head.key for head in face.rows]
    assert not faults(face, matrix_layout(face, 787))


def test_a_large_cube_shows_its_fullest_rows_and_columns_and_the_targets() -> None:
    known = [
        Subset(f"A{n:04}", MatTriplet(f"m{n % 90:02}", f"a{n * 7 % 170:03}", f"t{n % 30}"), "p", "g")
        for n in range(1500)
    ]
    rare = Subset("B1", MatTriplet("only", "once", "here"), "p", "g")
    rule = rule_named("short")
    face = cube_face(element_cube([*known, rare], rule), rare.triplet, {})
    assert (len(face.matrix.rows), len(face.matrix.columns)) == (MOST_ROWS, MOST_COLUMNS)
    assert (face.rows_left_out, face.columns_left_out) == (171 - MOST_ROWS, 91 - MOST_COLUMNS)
    assert "once" in [head.key for head in face.matrix.rows]
    assert "only" in [head.key for head in face.matrix.columns]


def test_codes_of_tasks_are_short_and_no_two_alike() -> None:
    assert task_codes(["Diseases", "Cell Identification", "Disc/Cup Seg", "Level"]) == {
        "Diseases": "Dis",
        "Cell Identification": "CeI",
        "Disc/Cup Seg": "DCS",
        "Level": "Lev",
    }
    assert task_codes(["Lung Det", "Lungs Det"])["Lung Det"] != task_codes(["Lung Det", "Lungs Det"])["Lungs Det"]
    for rule in RULES:
        tasks = element_cube(subsets().values(), rule_named(rule)).tasks
        codes = task_codes(tasks)
        assert len(set(codes.values())) == len(tasks)
        assert max(map(len, codes.values())) <= 7


@settings(deadline=None)
@given(st.lists(st.text("aAbB -/1é", min_size=1, max_size=12).filter(str.strip), max_size=30, unique=True))
def test_codes_of_any_names_are_no_two_alike(names: list[str]) -> None:
    codes = task_codes(names)
    assert list(codes) == names
    assert len(set(codes.values())) == len(names)


@pytest.mark.parametrize("dark", [False, True])
def test_the_saved_cube_holds_every_head_mark_and_code(dark: bool) -> None:
    rule = rule_named("paper")
    face = cube_face(element_cube(subsets().values(), rule), rule.elements(subsets()["28"]), {})
    svg = cube_svg(face, "Cube <28>", dark=dark)
    assert "<title>Cube &lt;28&gt;</title>" in svg
    words = [head.text for head in (*face.matrix.rows, *face.matrix.columns)]
    words += [mark.text for cell in face.matrix.cells for mark in cell.marks]
    assert all(f">{word}</text>" in svg for word in words)
    assert "Lev Level" in svg
    assert "the target's cell".replace("'", "&apos;") in svg or "the target's cell" in svg
