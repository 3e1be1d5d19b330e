"""Recipes on the Lattice page: what the paper tried first, what is known of each, and where the chosen one leads."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.domain.recipe_book import DIRECTIONS, PAIR_DIRECTION, TRIPLE_DIRECTION, Recipe, RecipeBook
from medmat_explorer.domain.relation import SAME_TRIPLE, Relation
from medmat_explorer.paper.facts import composition_rows
from medmat_explorer.store.recipe_leaks import SharedImages
from medmat_explorer.ui.recipe_facts import CODES, RecipeFacts, recipe_key, recipe_of_key, tried_first
from medmat_explorer.ui.recipe_panel import recipe_cells

M, A, T = Relation.MODALITY, Relation.AREA, Relation.TASK


def panel() -> None:
    import streamlit as st

    from medmat_explorer.domain.recipe_book import RecipeBook
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.lattice_view import read_view
    from medmat_explorer.ui.recipe_facts import facts_of, published_on, recipe_lines, tried_first
    from medmat_explorer.ui.recipe_panel import draw_recipes

    st.navigation([frame.page_named(name) for name in frame.PAGES])  # links lead to registered pages only
    st.session_state[frame.SHOWN] = "lattice"
    catalog = frame.current_catalog()
    view = read_view(catalog)
    draw_recipes(view)
    book = RecipeBook(view.relations)
    found = facts_of(view, catalog, book, tried_first(book, published_on(view), 200, "", ""))
    st.session_state["facts"], st.session_state["lines"] = found, recipe_lines(view, found)


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


def facts(app: AppTest) -> tuple[RecipeFacts, ...]:
    found: tuple[RecipeFacts, ...] = app.session_state["facts"]
    return found


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption]).replace("\\", "")


def some_facts(**changes: object) -> RecipeFacts:
    given = {
        "recipe": Recipe(("04", "28"), "fixed area", (M, T)),
        "taught": {"04": ["CT"], "28": ["COVID (State)"]},
        "training": 1200,
        "overlap": 0.25,
        "shared": {},
        "published": (),
        "same_triple": (),
    }
    return RecipeFacts(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.usefixtures("in_phantoms")
def test_the_recipes_that_the_paper_tried_stand_first_with_their_rows() -> None:
    app = opened(target="05", rule="paper")
    assert app.subheader[0].value == "Recipes · 114"
    first, second, third = facts(app)[:3]
    assert (first.recipe.subsets, second.recipe.subsets) == (("03", "06"), ("03", "32"))
    assert [recipe_cells(one, True)[3].text for one in (first, second, third)] == [
        "+24, Table 3 row 3",
        "+27, Table 3 row 23",
        "+31, Table 4 row 3",
    ]
    assert first.taught_text == "03: COVID (State), 06: Brain"
    assert len(facts(app)) == len({one.key for one in facts(app)}) == 114


@pytest.mark.usefixtures("in_phantoms")
def test_triples_of_sources_are_counted_and_listed_and_their_rows_named() -> None:
    app = opened(target="03", rule="paper")
    assert app.subheader[0].value == "Recipes · 190"
    filter_ = app.button_group[0]
    assert list(filter_.options) == [
        "All · 190",
        "Fixed area · 1",
        "Fixed modality · 2",
        "Fixed task · 5",
        "Modality-area pair · 10",
        "Three sources · 172",
    ]
    listed = [one.recipe for one in facts(app)]
    assert sum(recipe.direction == TRIPLE_DIRECTION for recipe in listed) == 172
    used = [one for one in facts(app) if one.published]
    rows = [
        row for row in composition_rows() if row.target == "03" and row in {r for one in used for r in one.published}
    ]
    assert listed[: len(used)] == [one.recipe for one in used]
    assert {row.table for row in rows} >= {"3"}


@pytest.mark.usefixtures("in_phantoms")
def test_a_source_of_the_same_coarse_triple_is_flagged_and_its_pairs_are_listed() -> None:
    flagged = [one for one in facts(opened(target="03", rule="paper")) if one.same_triple]
    assert {one.same_triple[0] for one in flagged} == {"04"}
    assert ("04", "28") in {one.recipe.subsets for one in flagged}
    assert recipe_cells(flagged[0], True)[7].text == "⚠ 04: same coarse triple"
    assert not [one for one in facts(opened(target="03", rule="short")) if one.same_triple]


@pytest.mark.usefixtures("in_phantoms")
def test_the_recipes_that_are_taken_along_name_target_and_rule() -> None:
    app = opened(target="03", rule="paper", merge="1")
    lines = app.session_state["lines"]
    assert {(line["target"], line["rule"], line["areas_merged"]) for line in lines} == {("03", "paper", "yes")}
    line = next(line for line in lines if (line["recipe"], line["direction"]) == ("04 + 28", "fixed area"))
    assert line["taught"] == "04: CT, 28: COVID (State)"
    assert line["published"].startswith("Table 3 row 15: +")
    assert (line["training_items_here"], line["label_overlap"], line["same_coarse_triple"]) == (0, None, "04")
    assert line["target_images_in_sources"] == "not known"


@pytest.mark.usefixtures("in_phantoms")
def test_direction_and_source_choose_what_is_listed() -> None:
    app = opened(target="28", direction="pair", source="03")
    assert app.button_group[0].value == "pair"
    assert app.selectbox[0].value == "03"
    book = RecipeBook({one: Relation(value) for one, value in (("01", 7), ("02", 7), ("03", 4))})
    assert tried_first(book, (), 200, PAIR_DIRECTION, "03") == list(book.recipes(PAIR_DIRECTION, "03"))
    app = opened(target="28", direction="sideways", source="99")
    assert (app.button_group[0].value, app.selectbox[0].value) == ("", None)
    app.selectbox[0].select("03").run()
    assert app.query_params["source"] == "03"


@pytest.mark.usefixtures("in_phantoms")
def test_the_chosen_recipe_is_told_in_words_and_leads_to_a_mix() -> None:
    app = opened(target="03", rule="paper", recipe="area:04+28", merge="1")
    said = texts(app)
    assert "**Recipe 04 + 28** · fixed area" in said
    assert "28 X-ray · Lung · COVID teaches COVID (State)" in said
    assert "Table 3 row 15: +" in said
    assert "04: same coarse triple as the target under this rule" in said
    next(button for button in app.button if button.label == "Make a training mix").click().run()
    assert dict(app.query_params) == {
        "view": "mix",
        "arm": "recipe:04+28",
        "target": "03",
        "rule": "paper",
        "universe": "published",
        "merge": "1",
        "collection": "phantoms",
    }


@pytest.mark.usefixtures("in_phantoms")
def test_the_items_of_the_chosen_recipe_are_looked_at_in_browse() -> None:
    first = facts(opened(universe="collection"))[0]
    app = opened(universe="collection", recipe=first.key)
    (link,) = (element.proto for element in app.get("page_link"))
    assert link.label == f"Browse its {15 * len(first.recipe.subsets)} items"
    asked = parse_qs(link.query_string)
    assert set(asked["subset"]) == set(first.recipe.subsets)


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize("key", ["area:04+29", "area:04", "nothing", "far:04+28", "three:04+28+04", "area:<b>+28"])
def test_what_is_no_recipe_of_the_target_is_not_told(key: str) -> None:
    assert "**Recipe" not in texts(opened(target="03", rule="paper", recipe=key))


@pytest.mark.usefixtures("in_phantoms")
def test_a_target_without_recipes_gets_a_sentence() -> None:
    app = opened(universe="published", target="PET/Heart/Rhythm")
    assert app.subheader[0].value == "Recipes · 0"
    assert "No two subsets teach this target" in app.markdown[0].value


@pytest.mark.usefixtures("in_phantoms")
def test_a_collection_of_its_own_has_items_and_labels_and_no_published_rows() -> None:
    app = opened(universe="collection")
    found = facts(app)
    assert found
    assert not any(one.published for one in found)
    assert all(0 < one.training < 15 * len(one.recipe.subsets) for one in found)
    assert all(one.overlap is not None and 0 <= one.overlap <= 1 for one in found)
    assert any(one.overlap for one in found)
    assert all(one.shared is None for one in found)
    assert recipe_cells(found[0], False)[6].text == "not looked for"
    assert "known once duplicates were looked for" in texts(app)


def test_a_recipe_is_named_by_direction_and_sources_in_order() -> None:
    book = RecipeBook({"04": SAME_TRIPLE, "28": A | T, "30": M, "31": A, "32": T})
    for recipe in book.recipes():
        assert recipe_of_key(recipe_key(recipe), book) == recipe
    assert recipe_key(Recipe(("28", "04"), PAIR_DIRECTION, (M | A, T))) == "pair:04+28"
    assert set(CODES.values()) == set(DIRECTIONS)


def test_leaks_are_told_by_source_and_split_and_none_is_not_the_same_as_not_looked_for() -> None:
    shared = {"04": SharedImages(train=3, test=1200), "28": SharedImages(test=1)}
    cell = recipe_cells(some_facts(shared=shared), True)[6]
    assert (cell.text, cell.tone) == ("⚠ 04: 3 train, 1,200 test; 28: 1 test", "warn")
    assert recipe_cells(some_facts(), True)[6].text == "none found"
    assert recipe_cells(some_facts(shared=None), False)[6].text == "not looked for"
    assert [cell.text for cell in recipe_cells(some_facts(), True)[4:6]] == ["1,200", "0.25"]
    assert recipe_cells(some_facts(overlap=None), True)[5].text == ""
