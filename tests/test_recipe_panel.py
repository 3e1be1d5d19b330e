"""Recipes on the Lattice page: the published rows beside them, with n and interval, and what the rule makes of each."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.paper.facts import CompositionRow, composition_rows
from medmat_explorer.ui.recipe_panel import gains, interval, where


def panel() -> None:
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.lattice_view import read_view
    from medmat_explorer.ui.recipe_panel import draw_recipes

    draw_recipes(read_view(frame.current_catalog()))


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


def row(table: str, number: str) -> CompositionRow:
    return next(r for r in composition_rows() if (r.table, r.row) == (table, number))


@pytest.mark.usefixtures("in_phantoms")
def test_the_recipes_of_a_target_stand_with_the_rows_that_tried_them_and_those_first() -> None:
    app = opened(target="05", rule="paper")
    assert app.subheader[0].value == "Recipes · 18"
    recipes, evidence = (element.value for element in app.dataframe)
    assert list(recipes["Sources"][:2]) == ["03 + 06", "03 + 32"]
    assert list(recipes["In the paper"][:3]) == ["+24, Table 3 row 3", "+27, Table 3 row 23", ""]
    assert recipes["Who teaches what"][0] == "03: COVID (State), 06: Brain"
    assert list(evidence["Where"]) == ["Table 3 row 3", "Table 3 row 23", "Table 4 row 3", "Table 4 row 4"]
    assert list(evidence["By this rule"]) == ["a recipe", "a recipe", "a recipe", "no recipe"]


@pytest.mark.usefixtures("in_phantoms")
def test_a_published_number_has_its_n_and_interval_where_the_n_is_known() -> None:
    evidence = opened(target="28").dataframe[1].value.set_index("Where")
    assert evidence.loc["Table 3 row 16", ["Trained", "95 % interval", "n"]].tolist() == [49, "41 to 57", 150]
    assert evidence.loc["Table 5 row 6", "95 % interval"] == ""


@pytest.mark.usefixtures("in_phantoms")
def test_a_target_without_recipes_gets_a_sentence() -> None:
    app = opened(universe="published", target="PET/Heart/Rhythm")
    assert app.subheader[0].value == "Recipes · 0"
    assert "No two subsets teach this target" in app.markdown[0].value
    assert not app.dataframe


@pytest.mark.usefixtures("in_phantoms")
def test_a_collection_of_its_own_has_recipes_and_no_published_rows() -> None:
    app = opened(universe="collection")
    assert len(app.dataframe) == 1
    assert set(app.dataframe[0].value["In the paper"]) == {""}


def test_the_interval_is_wilsons() -> None:
    assert interval(49.0, 150) == "41 to 57"
    assert interval(100.0, 33) == "90 to 100"
    assert interval(49.0, None) == interval(None, 150) == ""


def test_a_row_says_where_it_stands_and_what_it_gained() -> None:
    sixteen, twenty_seven = row("3", "16"), row("3", "27")
    assert where(sixteen) == "Table 3 row 16"
    assert gains([]) == ""
    assert gains([sixteen]) == "+19, Table 3 row 16"
    assert gains([sixteen, twenty_seven]) == "2 rows, -2 to +19"
    assert where(row("", "3.1")) == "v2 Table 9 row 3.1"
    assert where(row("", "")) == "v2 Table 5"
