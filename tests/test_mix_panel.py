"""The training mix on the Lattice page: the address decides the mix, a preview says what is in it, it is exported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.exports.stored import stored_exports
from medmat_explorer.store.workspace import BASKET
from medmat_explorer.ui.mix_panel import mix_params
from tests.mixed_release import without_search


def panel() -> None:
    import streamlit as st

    from medmat_explorer.ui import frame
    from medmat_explorer.ui.lattice_view import read_view
    from medmat_explorer.ui.mix_panel import draw_mix

    st.navigation([frame.page_named(name) for name in frame.PAGES])  # links lead to registered pages only
    catalog = frame.current_catalog()
    draw_mix(read_view(catalog), catalog)


@pytest.fixture(scope="module")
def home_here(phantoms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_search(phantoms_home, tmp_path_factory.mktemp("unsearched"))


@pytest.fixture
def phantoms(use_home: pytest.MonkeyPatch, home_here: Path) -> Iterator[Catalog]:
    use_home.setenv("MEDMAT_HOME", str(home_here))
    catalog = open_catalog("phantoms", home_here)
    yield catalog
    catalog.close()


def opened(**address: str | list[str]) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in [*app.markdown, *app.caption, *app.warning, *app.info, *app.error])


def widget(app: AppTest, kind: str, label: str) -> Any:
    return next(one for one in app.get(kind) if getattr(one, "label", "") == label)


@pytest.mark.usefixtures("phantoms")
def test_the_related_subsets_are_the_usual_mix() -> None:
    app = opened(target="P02")
    assert widget(app, "selectbox", "Arm").value == "related"
    assert "**130 items** of 13 subsets" in texts(app)
    assert "Near duplicates were not looked for: run the search on the Data page" in texts(app).replace("\\", "")
    assert "were asked for" not in texts(app)
    asked = texts(opened(target="P02", budget="500")).replace("\\", "")
    assert "500 items were asked for; 130 are all that this arm can give" in asked


@pytest.mark.usefixtures("phantoms")
def test_an_arm_that_is_none_is_said() -> None:
    said = texts(opened(target="P02", arm="related:03")).replace("\\", "")
    assert "There is no arm 'related:03'. Valid: related, unrelated" in said


@pytest.mark.usefixtures("phantoms")
def test_arm_budget_balance_seed_and_letters_stand_in_the_address() -> None:
    app = opened(target="P02", arm="unrelated", budget="40", balance="label", seed="7", letters="1")
    assert "**40 items** of 10 subsets" in texts(app)
    assert widget(app, "number_input", "Items at most").value == 40
    assert widget(app, "number_input", "Seed").value == 7
    assert widget(app, "toggle", "Every right letter equally often").value is True
    widget(app, "selectbox", "Arm").select("without-task").run()
    assert app.query_params["arm"] == "without-task"
    widget(app, "number_input", "Items at most").set_value(12).run()
    assert app.query_params["budget"] == "12"
    assert "**12 items** of " in texts(app)


@pytest.mark.usefixtures("phantoms")
def test_a_recipe_stands_in_the_address_and_another_can_be_chosen() -> None:
    app = opened(target="P01", arm="recipe:P02+P05")
    assert "**20 items** of 2 subsets" in texts(app)
    assert widget(app, "selectbox", "Recipe").value == "recipe:P02+P05"
    widget(app, "selectbox", "Recipe").select_index(0).run()
    assert str(app.query_params["arm"]).startswith("recipe:")
    assert "items** of " in texts(app)


@pytest.mark.usefixtures("phantoms")
def test_what_is_no_recipe_is_said_with_the_way_out() -> None:
    said = texts(opened(target="P02", arm="recipe:P06+P07")).replace("\\", "")
    assert "P06 and P07 are no recipe of P02 under the rule 'paper'" in said
    assert "own:P06+P07" in said


@pytest.mark.usefixtures("phantoms")
def test_an_own_choice_is_of_the_subsets_in_the_address() -> None:
    app = opened(target="P02", arm="own")
    assert "Name the subsets that you want to mix" in texts(app)
    app = opened(target="P02", arm="own", sources=["P05", "P11"])
    assert "**20 items** of 2 subsets" in texts(app)
    assert widget(app, "multiselect", "Subsets").value == ["P05", "P11"]


@pytest.mark.usefixtures("phantoms")
def test_the_target_among_ones_own_choice_is_refused() -> None:
    app = opened(target="P02", arm="own", sources=["P05", "P02"])
    assert "Subset P02 is the target P02, which is never trained on" in texts(app).replace("\\", "")
    assert not [one for one in app.button if one.key == "export mix"]


def test_a_basket_becomes_a_mix_without_its_test_items_and_the_target(phantoms: Catalog) -> None:
    ids = [
        *phantoms.ids(Selection.of(subset=["P03"], split=["train"]))[:4],
        *phantoms.ids(Selection.of(subset=["P03"], split=["test"]))[:2],
        *phantoms.ids(Selection.of(subset=["P02"], split=["train"]))[:3],
    ]
    assert "Nothing is left for the arm 'basket'" in texts(opened(target="P02", arm="basket")).replace("\\", "")
    phantoms.workspace.add_tag(BASKET, ids)
    try:
        app = opened(target="P02", arm="basket")
        assert "**4 items** of 1 subset, 3 removed as the target's" in texts(app)
    finally:
        phantoms.workspace.drop_tag(BASKET)


def test_a_mix_and_all_arms_are_exported_in_the_background(phantoms: Catalog, home_here: Path) -> None:
    from medmat_explorer.ui.mix_panel import _jobs

    app = opened(target="P02", arm="without-task", budget="20", export="jsonl")
    for key in ("export mix", "export arms"):
        app.button(key=key).click().run()
        assert _jobs()["phantoms"].wait(60)
        app.run()
    assert "Mixes on this machine" in texts(app)
    arms, mix = stored_exports(home_here / "exports", "phantoms", 9)
    told = mix.manifest
    assert (told["mix"]["arm"], told["items"], told["format"]) == ("without-task", 20, "jsonl")
    assert (mix.folder / "train.jsonl").read_text("utf-8").count("\n") == 20
    names = ["related", "unrelated", "without-modality", "without-area", "without-task", "all"]
    assert (arms.manifest["arms"], arms.manifest["budget"]) == (names, 20)
    assert all((arms.folder / arm / "train.jsonl").read_text("utf-8").count("\n") == 20 for arm in names)


def test_links_to_a_mix_and_sources_from_elsewhere() -> None:
    assert mix_params("recipe:03+30", "28") == {"view": "mix", "arm": "recipe:03+30", "target": "28"}


@pytest.mark.usefixtures("phantoms")
def test_a_subset_is_added_to_ones_own_mix_from_its_card() -> None:
    def add() -> None:
        from medmat_explorer.ui.mix_panel import add_source

        add_source("P05")
        add_source("P09")
        add_source("P05")

    app = AppTest.from_function(add, default_timeout=30)
    app.query_params["target"] = "P02"
    app.run()
    assert not app.exception
    assert (app.query_params["view"], app.query_params["arm"], app.query_params["target"]) == ("mix", "own", "P02")
    assert app.query_params["sources"] == ["P05", "P09"]
