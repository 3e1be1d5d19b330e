"""A rule of the reader's own on the Lattice page: made in the table, kept, shown in the switch, named everywhere."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.domain.relation import DEFAULT_RULE, Relation, rule_named
from medmat_explorer.domain.task_rule import readings_of, task_rule
from medmat_explorer.paper.facts import subsets
from medmat_explorer.store.own_rules import OwnRules
from medmat_explorer.store.workspace import Workspace
from medmat_explorer.ui.rule_panel import OPEN, READ_AS, edited, task_rows


def panel() -> None:
    import streamlit as st

    from medmat_explorer.ui import frame, lattice_page
    from medmat_explorer.ui.lattice_view import read_view
    from medmat_explorer.ui.rule_panel import draw_rule_editor

    catalog = frame.current_catalog()
    view = read_view(catalog)
    lattice_page.draw_controls(view)
    draw_rule_editor(view, catalog)
    st.session_state["view"] = view


@pytest.fixture
def workspace(use_home: pytest.MonkeyPatch, phantoms_home: Path) -> Iterator[Workspace]:
    """That of the phantoms, without any rule before and after."""
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))
    found = Workspace(phantoms_home, "phantoms")
    shutil.rmtree(found.folder / "rules", ignore_errors=True)
    yield found
    shutil.rmtree(found.folder / "rules", ignore_errors=True)


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=60)
    for name, value in {"universe": "published", **address}.items():
        app.query_params[name] = value
    return again(app)


def again(app: AppTest) -> AppTest:
    """Draws the page once more, with the editor open: AppTest does not keep an expander's state."""
    app.session_state[OPEN] = True
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption]).replace("\\", "")


def kept(workspace: Workspace, name: str = "graded", **tasks: str) -> str:
    """Keeps a rule that reads subsets otherwise (`s17="Level"`); returns its full name."""
    rule = task_rule(name, "paper", {key.removeprefix("s"): task for key, task in tasks.items()}, {}, "They grade it.")
    OwnRules(workspace).keep(rule)
    return rule.name


def test_the_editor_is_folded_away_until_it_is_wanted(workspace: Workspace) -> None:
    app = opened()
    app.session_state[OPEN] = False
    app.run()
    assert not [box for box in app.text_input if box.label == "Name of the rule"]


def test_a_rule_is_kept_and_the_address_names_it_with_what_it_does(workspace: Workspace) -> None:
    app = opened(target="17")
    assert "A rule of your own that reads every subset as paper does." in texts(app)
    app.text_input(key="own rule name paper").input("as printed")
    again(app)
    next(one for one in app.button if one.label == "Keep this rule").click()
    again(app)
    (rule,) = OwnRules(workspace).all()
    assert app.query_params["rule"] == rule.name
    assert rule.name.startswith("as printed@")
    assert dict(rule.own_tasks) == readings_of(subsets().values(), rule_named("paper"))
    assert app.session_state["view"].rule == rule


def test_a_rule_that_is_kept_here_decides_who_is_related_and_is_named(workspace: Workspace) -> None:
    name = kept(workspace, s17="Level")
    usual, own = opened(target="34").session_state["view"], opened(target="34", rule=name).session_state["view"]
    assert usual.relations["17"] is Relation.MODALITY | Relation.AREA
    assert own.relations["17"] is Relation.MODALITY | Relation.AREA | Relation.TASK
    assert own.rule.name == name
    app = opened(rule="graded")
    assert app.session_state["view"].rule.name == name
    assert "They grade it." in texts(app)
    switch = next(group for group in app.button_group if group.label == "Rule for comparing names")
    assert list(switch.options) == ["published", "short", "paper", "graded"]
    assert switch.value == name


def test_an_older_rule_of_a_name_is_shown_in_full_and_a_bare_name_is_the_newest(workspace: Workspace) -> None:
    older, newer = kept(workspace, s17="Level"), kept(workspace, s17="State")
    app = opened(rule=older)
    switch = next(group for group in app.button_group if group.label == "Rule for comparing names")
    assert [option.replace("\\", "") for option in switch.options][3:] == ["graded", older]
    assert opened(rule="graded").session_state["view"].rule.name == newer


@pytest.mark.parametrize("text", ["graded@00000000", "nobody", "<b>"])
def test_a_link_to_a_rule_that_is_not_kept_here_gets_one_sentence_and_the_usual_rule(
    workspace: Workspace, text: str
) -> None:
    kept(workspace, s17="Level")
    app = opened(rule=text, merge="1")
    assert app.session_state["view"].rule == rule_named(DEFAULT_RULE, merge_areas=True)
    (error,) = app.error
    assert error.value.replace("\\", "") == (
        f"The rule '{text}' is not kept beside the collection phantoms: it was made beside another one, or deleted. "
        "The rule paper stands in for it."
    )


def test_a_name_that_cannot_be_one_gets_a_sentence_and_nothing_is_kept(workspace: Workspace) -> None:
    app = opened()
    for name in ("", "paper", "a/b", "x@y"):
        app.text_input(key="own rule name paper").input(name)
        again(app)
        next(one for one in app.button if one.label == "Keep this rule").click()
        again(app)
        assert len(app.error) == 1, name
        assert f"'{name}'" in app.error[0].value.replace("\\", "")
    assert OwnRules(workspace).all() == ()
    assert "rule" not in app.query_params


def test_a_rule_is_deleted_and_the_address_lets_go_of_it(workspace: Workspace) -> None:
    name, other = kept(workspace, s17="Level"), kept(workspace, "other", s17="Level")
    app = opened(rule=name)
    app.button(key=f"delete rule {name}").click()
    again(app)
    assert [rule.name for rule in OwnRules(workspace).all()] == [other]
    assert "rule" not in app.query_params
    assert not app.error


def test_a_csv_becomes_a_rule_called_as_the_file(workspace: Workspace) -> None:
    app = opened(target="34")
    app.file_uploader[0].set_value(("rule-my_reading (2).csv", b"subset_no,task\n17,Level\n", "text/csv"))
    again(app)
    (rule,) = OwnRules(workspace).all()
    assert rule.name.startswith("my_reading 2@")
    assert rule.own_tasks == (("17", "Level"),)
    assert app.query_params["rule"] == rule.name
    assert app.session_state["view"].relations["17"].size == 3


def test_a_csv_with_an_unknown_subset_is_refused_by_its_number(workspace: Workspace) -> None:
    app = opened()
    app.file_uploader[0].set_value(("mine.csv", b"subset_no,task\n17,Level\n99,Level\n", "text/csv"))
    again(app)
    (error,) = app.error
    assert error.value.replace("\\", "").startswith("There is no subset '99'. Valid: 01, 02")
    assert "('mine.csv', row 3.)" in error.value.replace("\\", "")
    assert OwnRules(workspace).all() == ()


def test_the_reading_of_an_own_rule_starts_from_it_and_another_base_starts_over(workspace: Workspace) -> None:
    name = kept(workspace, s17="Level")
    app = opened(rule=name)
    assert "A rule of your own: paper, but 17 as Level." in texts(app)
    app.selectbox(key=f"own rule base {name}").select("short")
    again(app)
    assert "A rule of your own that reads every subset as short does." in texts(app)


def test_names_that_do_not_follow_from_the_table_stay_with_the_rule(workspace: Workspace) -> None:
    known = subsets().values()
    tasks = {**readings_of(known, rule_named("paper")), "03": "COVID", "28": "COVID"}
    rule = task_rule("mine", "paper", tasks, {"COVID": "COVID", "Rhythm": "State"})
    OwnRules(workspace).keep(rule)
    app = opened(rule=rule.name)
    assert "In triples that no subset has, too: COVID as COVID, Rhythm as State." in texts(app)
    app.text_input(key=f"own rule name {rule.name}").input("again")
    again(app)
    next(one for one in app.button if one.label == "Keep this rule").click()
    again(app)
    assert OwnRules(workspace).named("again").task_names == rule.task_names


def test_edits_go_by_row_and_an_emptied_task_is_read_as_usual() -> None:
    seed, usual = {"01": "Quality", "02": "Mine", "P03": "State"}, {"01": "Quality", "02": "Diseases", "P03": "State"}
    assert edited(seed, usual, {}) == seed
    edits: dict[int, dict[str, str | None]] = {0: {READ_AS: "  Level "}, 1: {READ_AS: None}, 2: {}}
    assert edited(seed, usual, edits) == {"01": "Level", "02": "Diseases", "P03": "State"}


def test_every_row_says_how_sure_the_short_task_is_and_why() -> None:
    known = subsets()
    usual = readings_of(known.values(), rule_named("paper"))
    rows = task_rows(known, usual, usual, "paper")
    assert len(rows) == 53
    assert rows[16] == {
        "Subset": "17 FP · Fundus",
        READ_AS: "Quality",
        "By paper": "Quality",
        "Sure": "a fair reading, another is possible",
        "Why": "acts as Level in row 37",
        "Published task": "Retinal Images Quality Evaluation",
    }
