"""The cube of the Lattice page: the address decides which cell and which second target it shows."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.domain.gaps import Access, AtHand, Gap, GapFinder
from medmat_explorer.domain.recipes import PAIR_DIRECTION, Recipe
from medmat_explorer.domain.relation import Relation, RelationRule, find_target, rule_named
from medmat_explorer.domain.task_rule import names_read_alike, task_rule
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.paper.facts import subsets
from medmat_explorer.ui.components.linked_table import Cell
from medmat_explorer.ui.cube_cell import TargetTexts, describe_sources, gap_cells
from medmat_explorer.ui.cube_panel import at_hand
from medmat_explorer.ui.lattice_view import Stock

MA, T = Relation.MODALITY | Relation.AREA, Relation.TASK


def panel() -> None:
    import streamlit as st

    from medmat_explorer.ui import frame
    from medmat_explorer.ui.cube_panel import draw_cube
    from medmat_explorer.ui.lattice_view import read_view

    st.navigation([frame.page_named(name) for name in frame.PAGES])  # links lead to registered pages only
    draw_cube(read_view(frame.current_catalog()))


@pytest.fixture
def in_phantoms(use_home: pytest.MonkeyPatch, phantoms_home: Path) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))


def opened(script: Callable[[], None] = panel, **address: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.subheader, *app.error]
    return "\n".join(element.value for element in parts).replace("\\", "")


@pytest.mark.usefixtures("in_phantoms")
def test_the_cube_says_how_many_cells_are_filled_and_how_many_triples_are_gaps() -> None:
    app = opened(universe="published")
    assert "**53 subsets** stand in 22 of 176 cells; 2,948 of 2,992 triples are gaps. By the rule *paper*" in texts(app)
    assert "Dis Diseases" in texts(app)
    assert "gaps**: tasks that this cell lacks" not in texts(app)


@pytest.mark.usefixtures("in_phantoms")
def test_a_link_opens_a_cell_with_its_subsets_and_gaps_in_whatever_case_it_is_written() -> None:
    app = opened(universe="collection", cell="ct/LUNG")
    assert "CT · Lung" in texts(app)
    assert "**3 gaps**: tasks that this cell lacks, the easiest to teach first; 3 with a recipe" in texts(app)
    app.button(key="cube_close").click().run()
    assert "cell" not in app.query_params
    assert "gaps**: tasks that" not in texts(app)


@pytest.mark.usefixtures("in_phantoms")
def test_an_empty_cell_says_so_and_has_every_task_as_a_gap() -> None:
    app = opened(universe="published", cell="CT/Liver")
    assert "No subset stands in this cell." in texts(app)
    assert "**17 gaps**" in texts(app)
    assert "none with all its pictures here, 1 without any recipe" in texts(app)


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize("cell", ["CT", "CT/Nowhere", "<b>/Lung", "/"])
def test_a_cell_that_does_not_exist_is_not_opened(cell: str) -> None:
    app = opened(universe="published", cell=cell)
    assert not [button for button in app.button if button.key == "cube_close"]


@pytest.mark.usefixtures("in_phantoms")
def test_a_target_that_no_subset_has_is_a_gap_with_its_recipe() -> None:
    said = texts(opened(universe="collection", target="mri/skin/State"))
    assert "The target MRI/Skin/State is a gap. Its cheapest recipe: **" in said
    assert "pictures here." in said
    assert "PET/Heart/Rhythm is a gap without any recipe" in texts(opened(target="PET/Heart/Rhythm"))
    assert "The target" not in texts(opened(target="28"))


@pytest.mark.usefixtures("in_phantoms")
def test_the_rule_decides_the_gaps() -> None:
    assert "8,747 of 8,800 triples are gaps" in texts(opened(universe="published", rule="published"))
    merged = texts(opened(universe="published", merge="1"))
    assert "of 154 cells" in merged


@pytest.mark.usefixtures("in_phantoms")
def test_a_second_target_is_compared_in_sentences() -> None:
    app = opened(universe="published", target="28", other="03")
    said = texts(app)
    assert "**28** and **03** share area and task." in said
    assert "In a pair recipe of each:" in said
    assert app.selectbox(key="lattice_other").value == "03"
    next(button for button in app.button if button.label == "End the comparison").click().run()
    assert "other" not in app.query_params


@pytest.mark.usefixtures("in_phantoms")
def test_the_pickers_write_the_second_target() -> None:
    app = opened(universe="published", target="28")
    app.selectbox(key="lattice_other").select("05").run()
    assert app.query_params["other"] == "05"
    app.text_input(key="lattice_other_triple").input("MRI/Knee/Level").run()
    assert app.query_params["other"] == "MRI/Knee/Level"
    assert app.selectbox(key="lattice_other").value is None
    assert "**28** and **MRI/Knee/Level** share nothing" in texts(app)


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("99", "'99' is no subset here and no triple: write a number such as 01, or MODALITY/AREA/TASK."),
        ("28", "28 is the target itself: choose another to compare it with."),
        ("<b>x</b>", "'<b>x</b>' is no subset here"),
    ],
)
def test_a_second_target_that_is_none_gets_a_sentence(other: str, sentence: str) -> None:
    app = opened(universe="published", target="28", other=other)
    assert sentence in app.error[0].value.replace("\\", "")


@pytest.mark.usefixtures("in_phantoms")
def test_one_cell_of_the_comparison_lists_its_subsets() -> None:
    app = opened(universe="published", target="28", other="05", both="modality+area|nothing")
    assert "Shares modality+area with the target, nothing with the other** · 3 subsets" in texts(app)


def test_the_sources_of_a_gap_say_what_of_them_is_at_hand() -> None:
    recipe = Recipe(("28", "47"), PAIR_DIRECTION, (MA, T))
    gap = Gap(MatTriplet("a", "b", "c"), recipe, (AtHand(Access.PICTURES, 150), AtHand(Access.ANNOUNCED)))
    assert describe_sources(gap) == "28 (150 training items) pictures here; 47 announced only"
    both = Gap(gap.triplet, recipe, (AtHand(Access.PUBLISHED), AtHand(Access.PUBLISHED)))
    assert describe_sources(both) == "28, 47 not in this collection"
    assert describe_sources(Gap(gap.triplet)) == ""


def test_of_a_source_only_its_training_items_are_at_hand() -> None:
    stock = {
        "01": Stock(items=90, readable=90, training=60),
        "02": Stock(items=30, training=30),
        "03": Stock(items=30, readable=30),
        "04": Stock(),
        "05": Stock(published=False),
    }
    assert at_hand(stock) == {
        "01": AtHand(Access.PICTURES, 60),
        "02": AtHand(Access.QUESTIONS, 30),
        "03": AtHand(Access.TEST_ONLY, 0),
        "04": AtHand(Access.PUBLISHED),
        "05": AtHand(Access.ANNOUNCED),
    }
    recipe = Recipe(("01", "03"), PAIR_DIRECTION, (MA, T))
    gap = Gap(MatTriplet("a", "b", "c"), recipe, (at_hand(stock)["01"], at_hand(stock)["03"]))
    cells = gap_cells(gap, "a/b/c")
    assert [cell.text for cell in cells[2:4]] == ["01 (60 training items) pictures here; 03 test items only", "none"]


def test_a_gap_is_written_so_that_the_rule_reads_it_as_itself() -> None:
    known = subsets()
    gap = MatTriplet("MRI", "Lung", "State")
    assert TargetTexts(rule_named("paper"), known).text(gap) == "MRI/Lung/State"
    own = RelationRule(
        "mine", "task", "", own_tasks=(("28", "State"),), task_names=(("State", "Fracture"), ("COVID", "State"))
    )
    assert own.elements(MatTriplet("MRI", "Lung", "State")).task == "Fracture"
    assert TargetTexts(own, known).text(gap) == "MRI/Lung/COVID"


def test_every_gap_of_an_own_rule_opens_as_itself() -> None:
    known = subsets()
    tasks = {"03": "COVID"}
    rule = task_rule("only 03", "paper", tasks, names_read_alike(known.values(), tasks, "paper"))
    finder, targets = GapFinder(known.values(), rule, {}), TargetTexts(rule, known)
    for gap in (gap for place in finder.cube.places() for gap in finder.gaps(place)):
        opened_as = find_target(targets.text(gap.triplet), known.values())
        assert finder.cube.written(rule.elements(opened_as.compared)) == gap.triplet
    assert targets.text(MatTriplet("MRI", "Lung", "COVID")) == "MRI/Lung/COVID"


def test_a_gap_that_no_name_leads_to_has_no_button() -> None:
    without_names = task_rule("only 03", "paper", {"03": "COVID"}, {})  # as from a CSV that says nothing of triples
    gap = Gap(MatTriplet("MRI", "Lung", "COVID"))
    target = TargetTexts(without_names, subsets()).text(gap.triplet)
    assert target == ""
    assert gap_cells(gap, target)[-1] == Cell("")
    assert gap_cells(gap, "MRI/Lung/COVID")[-1].act == "MRI/Lung/COVID"


def crowded() -> None:
    from dataclasses import replace

    from medmat_explorer.domain.relation import Target
    from medmat_explorer.domain.subset import Subset
    from medmat_explorer.domain.triplet import MatTriplet
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.cube_panel import draw_cube
    from medmat_explorer.ui.lattice_view import Stock, read_view

    triplets = [MatTriplet("CT", "Lung", f"task {n}") for n in range(200)] + [MatTriplet("MRI", "Brain", "task 0")]
    known = {f"U{n:03}": Subset(f"U{n:03}", t, t.task, t.task) for n, t in enumerate(triplets)}
    view = read_view(frame.current_catalog())
    universe = replace(view.universe, subsets=known, stock=dict.fromkeys(known, Stock()))
    draw_cube(replace(view, universe=universe, target=Target(triplets[0], known["U000"]), chosen=None))


@pytest.mark.usefixtures("in_phantoms")
def test_of_very_many_gaps_the_first_are_listed_and_the_others_counted() -> None:
    said = texts(opened(crowded, cell="MRI/Brain"))
    assert "**199 gaps**" in said
    assert "The first 150 of 199 gaps: 49 harder ones are left out." in said


@pytest.mark.usefixtures("in_phantoms")
def test_a_target_from_a_link_is_no_markdown() -> None:
    app = opened(universe="published", target="CT/*Lung*/<b>")
    assert app.selectbox(key="lattice_other").label == r"Compare CT/\*Lung\*/\<b\> with"
