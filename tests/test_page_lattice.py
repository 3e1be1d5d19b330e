"""The Lattice page: the address decides what it shows, its widgets write the address, bad input gets a sentence."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.charts.evidence_marks import BEYOND, HELPED, TRIED, source_marks
from medmat_explorer.domain.relation import AREA_MERGES, RULES, Relation, rule_named
from medmat_explorer.paper.facts import subsets
from medmat_explorer.ui.lattice_view import LatticeView, Stock
from medmat_explorer.ui.subset_card import describe_shared


def page() -> None:
    import runpy

    import streamlit as st

    from medmat_explorer.config import ROOT
    from medmat_explorer.ui import frame

    st.navigation([frame.page_named(name) for name in frame.PAGES])  # links lead to registered pages only
    runpy.run_path(str(ROOT / "pages" / "lattice.py"))


def view_only() -> None:
    import streamlit as st

    from medmat_explorer.ui import frame
    from medmat_explorer.ui.lattice_view import read_view

    st.session_state["view"] = read_view(frame.current_catalog())


def target_buttons() -> None:
    import streamlit as st

    from medmat_explorer.ui.lattice_view import choose_target

    st.button("stay", on_click=choose_target, args=("03",))
    st.button("show", on_click=choose_target, args=("MRI/Lung/State",), kwargs={"show": True})


@pytest.fixture
def in_phantoms(use_home: pytest.MonkeyPatch, phantoms_home: Path) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def view_of(**address: str) -> LatticeView:
    app = AppTest.from_function(view_only, default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    found: LatticeView = app.session_state["view"]
    assert type(found).__name__ == LatticeView.__name__
    return found


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.subheader])


@pytest.mark.usefixtures("in_phantoms")
def test_the_usual_view_of_a_collection_with_subsets_of_its_own() -> None:
    view = view_of()
    assert view.universes == ("collection", "published")
    assert view.universe.name == "collection"
    assert (view.target.key, view.rule, view.problem) == ("P01", rule_named("paper"), "")
    assert view.chosen == view.target.subset
    assert set(view.related) | set(view.unrelated) | {"P01"} == set(view.universe.subsets)
    assert all(stock.items and stock.readable for stock in view.universe.stock.values())


@pytest.mark.usefixtures("in_phantoms")
def test_a_link_names_target_rule_merging_and_subset() -> None:
    view = view_of(target="28", rule="short", merge="1", subset="31")
    assert view.universe.name == "published"  # the only one that has a 28
    assert view.target.subset == subsets()["28"]
    assert view.rule == rule_named("short", merge_areas=True)
    assert view.chosen == subsets()["31"]
    assert view.relations["31"] is Relation.MODALITY | Relation.AREA
    assert view.related[:6] == ("03", "30", "31", "47", "48", "50")
    assert (len(view.related), len(view.unrelated)) == (17, 35)
    assert {stock.items for stock in view.universe.stock.values()} == {0}


@pytest.mark.usefixtures("in_phantoms")
def test_the_published_universe_can_be_asked_for() -> None:
    view = view_of(universe="published")
    assert (view.universe.name, view.target.key) == ("published", "28")
    assert len(view.universe.subsets) == 53


@pytest.mark.usefixtures("in_phantoms")
def test_a_target_may_be_a_triple_that_does_not_exist() -> None:
    view = view_of(universe="published", target="MRI/Knee/Level")
    assert (view.target.key, view.target.subset, view.chosen) == ("MRI/Knee/Level", None, None)
    assert len(view.relations) == 53
    app = opened(universe="published", target="MRI/Knee/Level")
    assert app.selectbox(key="lattice_target").value is None
    assert app.text_input(key="lattice_triple").value == "MRI/Knee/Level"
    assert "MRI/Knee/Level is a triple of your own" in texts(app).replace("\\", "")


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize("text", ["99", "X-ray/Lung", "<b>"])
def test_a_target_that_is_neither_gets_one_sentence_and_the_usual_picture(text: str) -> None:
    app = opened(target=text)
    assert [error.value.replace("\\", "") for error in app.error] == [
        f"'{text}' is no subset here and no triple: write a number such as P01, or MODALITY/AREA/TASK, for example "
        "CT/Brain/State. The picture shows P01 instead."
    ]
    assert app.text_input(key="lattice_triple").value == text
    assert "12 related and 11 unrelated" in texts(app)


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize(("name", "value"), [("rule", "loose"), ("subset", "99"), ("universe", "mine"), ("merge", "x")])
def test_other_unknown_values_in_the_address_open_the_usual_view(name: str, value: str) -> None:
    usual, given = view_of(), view_of(**{name: value})
    assert (given.rule, given.chosen, given.universe.name) == (usual.rule, usual.chosen, usual.universe.name)


@pytest.mark.usefixtures("in_phantoms")
def test_the_widgets_write_the_address_and_reset_the_chosen_subset() -> None:
    app = opened(universe="published", subset="30")
    app.selectbox(key="lattice_target").select("05").run()
    assert app.query_params["target"] == "05"
    assert "subset" not in app.query_params
    assert "05 CT · Brain · State" in texts(app).replace("\\", "")
    app.text_input(key="lattice_triple").input("X-ray/Lung/COVID").run()
    assert app.query_params["target"] == "X-ray/Lung/COVID"
    app.toggle[0].set_value(True).run()
    assert app.query_params["merge"] == "1"
    app.toggle[0].set_value(False).run()
    assert "merge" not in app.query_params


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize("rule", RULES)
def test_the_rule_is_shown_with_its_reason(rule: str) -> None:
    app = opened(rule=rule)
    assert RULES[rule].reason in texts(app).replace("\\", "")
    assert all(name in app.toggle[0].help for name in AREA_MERGES)


@pytest.mark.usefixtures("in_phantoms")
def test_the_card_says_how_sure_the_task_is_where_the_data_come_from_and_what_is_wrong() -> None:
    app = opened(target="28", subset="43")
    card = texts(app).replace("\\", "")
    assert "**Subset 43** · unrelated" in card
    assert "Cancer Det/Seg" in card
    assert "a sure reading" in card
    assert "**1 source data set**" in card
    assert "97 BUSI [source](<https://www.kaggle.com/" in card
    assert "its only data set, 97 (BUSI), shows the breast" in card
    assert "its questions are announced, none are published" in card


@pytest.mark.usefixtures("in_phantoms")
def test_the_lists_count_what_the_picture_shows() -> None:
    app = opened(target="28", rule="paper")
    assert [element.value for element in app.subheader if " · " in element.value] == [
        "Recipes · 684",
        "Published evidence · 23",
        "Related · 23",
        "Unrelated · 29",
    ]
    assert "23 related and 29 unrelated by the rule *paper*" in texts(app)


def test_what_is_shared_is_said_in_words() -> None:
    assert describe_shared(Relation.NONE) == "unrelated"
    assert describe_shared(Relation.AREA | Relation.TASK) == "shares area and task"
    assert describe_shared(Relation.MODALITY | Relation.AREA | Relation.TASK) == "shares all three elements"


def test_stock_says_what_is_here() -> None:
    assert Stock().state.meaning == "not in this collection"
    assert Stock(published=False).state.meaning == "announced, no questions published"
    assert Stock(items=3).state.meaning == "questions only"
    assert Stock(items=3, readable=1).state.meaning == "pictures here"
    assert Stock(items=3, unchecked=1).state.meaning == "pictures here"


@pytest.mark.usefixtures("in_phantoms")
def test_stock_tells_training_items_from_those_of_the_test() -> None:
    stock = view_of(universe="collection").universe.stock
    assert stock
    assert all(0 < held.training < held.items for held in stock.values())


@pytest.mark.parametrize(("button", "target", "shown"), [(0, "03", "cube"), (1, "MRI/Lung/State", "target")])
def test_a_new_target_ends_what_was_chosen_beside_the_old_one(button: int, target: str, shown: str) -> None:
    app = AppTest.from_function(target_buttons)
    chosen = {"recipe": "area:04+28", "cell": "CT/Lung", "transfer": "03-28", "other": "05", "both": "area|task"}
    for name, value in {**chosen, "subset": "30", "target": "28", "rule": "short", "view": "cube"}.items():
        app.query_params[name] = value
    app.run().button[button].click().run()
    assert {name: app.query_params[name] for name in app.query_params} == {
        "target": target,
        "rule": "short",
        "view": shown,
    }


@pytest.mark.usefixtures("in_phantoms")
def test_detection_and_segmentation_are_announced_only_and_nothing_else_is() -> None:
    stock = view_of(universe="published").universe.stock
    announced = {number for number, held in stock.items() if held.state.value == "announced"}
    assert announced == {str(number) for number in range(38, 54)}


def test_a_source_is_marked_by_the_best_that_came_of_it() -> None:
    marks = source_marks("28")
    assert marks["30"].sign == BEYOND, "rows 16 and 17 of Table 3"
    assert marks["32"].sign == HELPED, "rows 28 and 30 helped within the noise"
    assert marks["32"].words == "source in 2 published rows for this target: 2 helped, 0 beyond noise"
    assert source_marks("06")["05"].sign == TRIED, "row 18 lost 5 points"
    assert source_marks("43") == {}


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize(("asked", "shown"), [("", "target"), ("cube", "cube"), ("mix", "mix"), ("none", "target")])
def test_the_address_names_the_view(asked: str, shown: str) -> None:
    assert view_of(**({"view": asked} if asked else {})).shown == shown
