"""The transfer view: every published row stands in the cell of each of its sources, with what its gain is worth."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.charts.matrix_content import MarkFace, Tone
from medmat_explorer.charts.transfer import (
    ALL,
    REPEATS,
    describe,
    row_groups,
    transfer_face,
    transfer_lines,
    transfer_svg,
    transfers,
)
from medmat_explorer.evaluation.evidence import Verdict
from medmat_explorer.paper.facts import composition_rows, subsets

LLAVA = "LLaVA-v1.5-7B"


def panel() -> None:
    import streamlit as st

    from medmat_explorer.ui import frame
    from medmat_explorer.ui.lattice_view import read_view
    from medmat_explorer.ui.transfer_panel import draw_transfer

    st.navigation([frame.page_named(name) for name in frame.PAGES])  # links lead to registered pages only
    draw_transfer(read_view(frame.current_catalog()))


@pytest.fixture
def in_phantoms(use_home: pytest.MonkeyPatch, phantoms_home: Path) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.subheader]
    return "\n".join(element.value for element in parts).replace("\\", "")


def test_every_row_is_in_one_group_and_in_all() -> None:
    groups = row_groups()
    assert next(iter(groups)) == LLAVA
    assert {row.table for row in groups[LLAVA]} == {"3", "4"}
    assert {row.table_v2 for row in groups[REPEATS]} == {"9"}
    assert groups[ALL] == composition_rows()
    assert sum(len(rows) for name, rows in groups.items() if name != ALL) == len(composition_rows())


@pytest.mark.parametrize("group", row_groups())
def test_every_row_stands_in_the_cell_of_each_of_its_sources_and_nowhere_else(group: str) -> None:
    rows = row_groups()[group]
    found = transfers(rows)
    for row in rows:
        standing = {pair for pair, transfer in found.items() if row in transfer.rows}
        assert standing == {(source, row.target) for source in row.related}
    assert sum(len(transfer.rows) for transfer in found.values()) == sum(len(row.related) for row in rows)


def test_the_six_rows_of_table_3_that_pass_are_the_cells_marked_beyond_noise() -> None:
    found = transfers([row for row in composition_rows() if row.table == "3"])
    passing = {pair for pair, transfer in found.items() if Verdict.BEYOND_NOISE in transfer.verdicts}
    rows = [row for row in composition_rows() if row.table == "3" and row.row in {"15", "16", "17", "24", "25", "26"}]
    assert passing == {(source, row.target) for row in rows for source in row.related}


def test_a_cell_says_how_many_rows_which_gains_and_what_they_are_worth() -> None:
    found = transfers(row_groups()[LLAVA])
    assert describe(found["03", "28"]) == (
        "03 to 28: 7 rows, gains -4 to +19 points over the better baseline; 4 beyond noise, 3 not shown "
        "(2 over Baseline only: no Baseline+ is printed)"
    )
    assert describe(found["04", "03"]).startswith("04 to 03: 2 rows, gains +3 to +25 points")
    assert describe(found["06", "03"]) == (
        "06 to 03: Table 3 row 26, gain +21 points over the better baseline (95 % +7 to +33, n 100); beyond noise"
    )
    assert describe(found["02", "29"]) == (
        "02 to 29: Table 4 row 8, gain +1 points over the better baseline; size unknown"
    )


def test_marks_tell_the_verdict_by_a_sign_and_the_gain_by_a_number() -> None:
    face = transfer_face(transfers(row_groups()[LLAVA]), subsets(), "28")
    marks = {cell.label.split(":")[0]: cell.marks for cell in face.cells}
    assert marks["03 to 28"] == (MarkFace("▲4/7", (Tone.STRONG,)), MarkFace("-4…+19", (Tone.STRONG,)))
    assert marks["28 to 03"] == (MarkFace("▲3", (Tone.STRONG,)), MarkFace("+21…31", (Tone.STRONG,)))
    assert marks["08 to 28"] == (MarkFace("▲*", (Tone.STRONG,)), MarkFace("+14", (Tone.STRONG,)))
    assert marks["02 to 29"] == (MarkFace("?", (Tone.QUIET,)), MarkFace("+1", (Tone.QUIET,)))
    assert marks["14 to 17"] == (MarkFace("○", (Tone.PLAIN,)), MarkFace("+6", (Tone.PLAIN,)))
    column = next(i for i, head in enumerate(face.columns) if head.key == "28")
    assert {cell.column for cell in face.cells if Tone.COLUMN in cell.tones} == {column}


def test_gains_of_segmentation_are_said_in_their_own_unit() -> None:
    found = transfers(row_groups()["NExT-Chat"])
    assert describe(found["38", "39"]).endswith("points of cIoU; 2 size unknown")
    assert found["29", "27"].unit == "points"


def test_the_table_and_the_saved_picture_say_what_the_matrix_says() -> None:
    found = transfers(row_groups()[LLAVA])
    lines = transfer_lines(found, subsets())
    assert len(lines) == len(found)
    line = next(
        one for one in lines if (one["Source"], one["Target"]) == (subsets()["03"].title, subsets()["28"].title)
    )
    assert (line["Rows"], line["Least gain"], line["Largest gain"], line["▲ beyond noise"]) == (7, -4, 19, 4)
    face = transfer_face(found, subsets(), "28")
    svg = transfer_svg(face, "Transfer")
    assert all(f">{mark.text}</text>" in svg for cell in face.cells for mark in cell.marks)
    assert "over Baseline only" in svg


@pytest.mark.usefixtures("in_phantoms")
def test_the_usual_view_counts_the_verdicts_of_tables_3_and_4() -> None:
    app = opened(universe="published")
    assert "**52 rows**: 8 beyond noise, 19 not shown, 25 size unknown (2 of those" in texts(app)
    assert app.selectbox[0].value == LLAVA
    assert len(app.dataframe) == 1


@pytest.mark.usefixtures("in_phantoms")
def test_a_chosen_cell_lists_its_rows_with_n_interval_and_verdict() -> None:
    app = opened(universe="published", transfer="03-28")
    rows = app.dataframe[0].value
    assert len(rows) == 7
    first = rows.set_index("Where").loc["Table 3 row 16"]
    assert (first["n"], first["95 % interval"], first["Verdict"]) == (150, "41 to 57", "▲ beyond noise")
    app.button(key="transfer_target_03").click().run()
    assert app.query_params["target"] == "03"
    assert app.query_params["view"] == "target"
    assert "transfer" not in app.query_params


@pytest.mark.usefixtures("in_phantoms")
def test_the_backbone_is_chosen_in_the_address_and_resets_the_cell() -> None:
    app = opened(universe="published", backbone="Qwen2-VL-7B-Instruct")
    assert "**8 rows**: 0 beyond noise, 0 not shown, 8 size unknown" in texts(app)
    app = opened(universe="published", transfer="03-28")
    app.selectbox[0].select(ALL).run()
    assert app.query_params["backbone"] == ALL
    assert "transfer" not in app.query_params
    assert f"**{len(composition_rows())} rows**" in texts(app)


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize(("name", "value"), [("backbone", "GPT"), ("transfer", "99-28"), ("transfer", "x")])
def test_what_does_not_exist_opens_the_usual_view(name: str, value: str) -> None:
    assert texts(opened(universe="published", **{name: value})) == texts(opened(universe="published"))


@pytest.mark.usefixtures("in_phantoms")
def test_a_collection_of_its_own_says_that_the_paper_did_not_measure_it() -> None:
    app = opened(universe="collection")
    assert "The paper measured Med-MAT's 53 subsets and no others" in texts(app)
    app.button(key="transfer_universe").click().run()
    assert app.query_params["universe"] == "published"
