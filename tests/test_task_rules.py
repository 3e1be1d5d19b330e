"""Rules of a reader's own: what they read, how they are called, how they are kept, written and read as a table."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from medmat_explorer.__main__ import app
from medmat_explorer.charts.lattice_content import element_text, lattice_nodes, written
from medmat_explorer.domain.relation import RULES, Relation, Target, find_target, relation, relations_to, rule_named
from medmat_explorer.domain.task_rule import (
    changed_readings,
    names_read_alike,
    readings_of,
    reason_of,
    rule_name_parts,
    task_rule,
)
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.errors import CollectionError, MedmatError, RuleError, UnknownNameError
from medmat_explorer.paper.facts import subsets
from medmat_explorer.store.own_rules import OwnRules, find_rule
from medmat_explorer.store.rule_table import COLUMNS, rule_from_table, written_table
from medmat_explorer.store.workspace import Workspace

M, A, T = Relation.MODALITY, Relation.AREA, Relation.TASK
LEVEL_17 = task_rule("level 17", "paper", {"17": "Level"}, {})


@pytest.fixture
def rules(home: Path) -> OwnRules:
    return OwnRules(Workspace(home, "mini"))


# -- what a rule reads ---------------------------------------------------------------------------------------------


def test_row_37_of_table_3_is_a_recipe_once_its_target_is_read_as_level() -> None:
    known = subsets().values()
    shared = relations_to(find_target("17", known), known, LEVEL_17)
    assert (shared["14"], shared["19"]) == (M | A, T)
    usual = relations_to(find_target("17", known), known, rule_named("paper"))
    assert (usual["14"], usual["19"]) == (M | A, Relation.NONE)


def test_subsets_that_a_rule_does_not_read_itself_are_read_by_its_base() -> None:
    for base in RULES:
        rule = task_rule("mine", base, {"17": "Level"}, {})
        assert rule.base == base
        for number, subset in subsets().items():
            expected = "Level" if number == "17" else rule_named(base).elements(subset).task
            assert rule.elements(subset).task == expected


def test_areas_are_merged_under_an_own_rule_as_under_any_other(rules: OwnRules) -> None:
    rules.keep(LEVEL_17)
    assert find_rule("level 17", rules, merge_areas=True).elements(subsets()["31"]).area == "Lung"
    assert find_rule("level 17", rules).elements(subsets()["31"]).area == "Chest"


def test_a_triple_that_no_subset_has_is_read_as_the_table_reads_its_task_wherever_that_stands() -> None:
    known = subsets().values()
    covid = [s.number for s in known if s.triplet.task == "COVID"]
    tasks = {**readings_of(known, rule_named("paper")), **dict.fromkeys(covid, "Infection"), "17": "Level"}
    names = names_read_alike(known, tasks, "paper")
    assert names == {"COVID": "Infection"}  # 01 is read as Quality still, so that Quality alone says nothing
    rule = task_rule("mine", "paper", tasks, names)
    assert rule.elements(MatTriplet("MRI", "Lung", "covid")).task == "Infection"
    assert rule.elements(MatTriplet("MRI", "Lung", "Cancer")).task == "State"
    assert rule.elements(MatTriplet("MRI", "Lung", "Quality")).task == "Quality"
    assert relation(Target(MatTriplet("MRI", "Lung", "COVID")).compared, subsets()["28"], rule) is A | T


def test_a_task_that_a_subset_is_read_as_is_read_so_in_triples_too() -> None:
    known = subsets().values()
    tasks = {**readings_of(known, rule_named("paper")), "03": "COVID"}
    names = names_read_alike(known, tasks, "paper")
    assert names == {"COVID": "COVID"}  # by paper alone it would be State, and the target no longer that of 03
    rule = task_rule("mine", "paper", tasks, names)
    assert relation(Target(MatTriplet("MRI", "Lung", "COVID")).compared, subsets()["03"], rule) is A | T
    assert relation(Target(MatTriplet("MRI", "Lung", "COVID")).compared, subsets()["28"], rule) is A


def test_a_name_that_moves_to_other_subsets_stands_for_those() -> None:
    known = subsets().values()
    level = [s.number for s in known if s.triplet.task == "Level"]
    tasks = {**readings_of(known, rule_named("paper")), **dict.fromkeys(level, "State"), "17": "Level"}
    names = names_read_alike(known, tasks, "paper")
    assert "Level" not in names  # all that were called so are State now, but 17 is Level
    rule = task_rule("mine", "paper", tasks, names)
    assert rule.elements(MatTriplet("MRI", "Lung", "Level")).task == rule.elements(subsets()["17"]).task == "Level"


TASK_NAMES = st.sampled_from(["COVID", "Cancer", "State", "Level", "Quality", "covid", "New"])


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(subsets())), TASK_NAMES), st.sampled_from(sorted(RULES)))
def test_whatever_the_table_says_every_reading_is_read_as_itself(edits: dict[str, str], base: str) -> None:
    known = subsets().values()
    tasks = {**readings_of(known, rule_named(base)), **edits}
    rule = task_rule("mine", base, tasks, names_read_alike(known, tasks, base))
    for task in set(tasks.values()):
        assert rule.elements(MatTriplet("any", "any", task)).task.casefold() == task.casefold()


def test_names_read_alike_go_by_printed_names_where_the_base_compares_those() -> None:
    known = subsets().values()
    tasks = {**readings_of(known, rule_named("published")), "05": "Bleeding"}
    assert names_read_alike(known, tasks, "published") == {"Brain Hemorrhage Classification": "Bleeding"}


def test_a_reading_is_written_beside_the_task_that_it_replaces() -> None:
    known = subsets()
    assert element_text(known["17"], Axis.TASK, LEVEL_17) == "Quality (Level)"
    assert element_text(known["28"], Axis.TASK, LEVEL_17) == "COVID (State)"
    assert written(known["17"], LEVEL_17).task == "Quality"
    own = task_rule("mine", "published", {"17": "Level"}, {})
    assert element_text(known["17"], Axis.TASK, own) == "Retinal Images Quality Evaluation (Level)"


def test_a_chip_says_what_its_subset_is_read_as() -> None:
    known = subsets()
    nodes = lattice_nodes(find_target("01", known.values()), known.values(), LEVEL_17)
    chip = next(chip for node in nodes for chip in node.chips if chip.number == "17")
    assert (Axis.TASK, "Quality (Level)") in chip.elements  # else it would look like the target's own Quality
    target = lattice_nodes(find_target("17", known.values()), known.values(), LEVEL_17)[0].chips[0]
    assert target.elements[2] == (Axis.TASK, "Quality (Level)")
    cancer = next(chip for node in nodes for chip in node.chips if chip.number == "04")
    assert (Axis.TASK, "Cancer") in cancer.elements


# -- what it is called ---------------------------------------------------------------------------------------------


def test_the_name_stands_for_the_readings_and_nothing_else() -> None:
    again = task_rule("level 17", "paper", {"17": "Level"}, {}, "Because row 37 says so.")
    assert again.name == LEVEL_17.name == "level 17@10874912"  # links name it so: it must never change
    assert rule_name_parts(LEVEL_17.name) == ("level 17", LEVEL_17.name[-8:])
    others = [
        task_rule("level 17", "short", {"17": "Level"}, {}),
        task_rule("level 17", "paper", {"17": "State"}, {}),
        task_rule("level 17", "paper", {"17": "Level", "01": "Quality"}, {}),
        task_rule("level 17", "paper", {"17": "Level"}, {"Quality": "Level"}),
    ]
    assert len({rule.name for rule in [*others, LEVEL_17]}) == 5
    assert {rule_name_parts(rule.name)[0] for rule in others} == {"level 17"}
    two = {"17": "Level", "01": "State"}
    assert task_rule("x", "paper", two, {}).name == task_rule("x", "paper", dict(reversed(two.items())), {}).name


def test_a_bare_name_has_no_mark() -> None:
    assert rule_name_parts(" my  rule ") == ("my rule", "")
    assert rule_name_parts("rule@123") == ("rule@123", "")


@pytest.mark.parametrize("name", ["", " ", "paper", "Short", "a@b", "../x", "a\nb/", "x" * 41, "-a", "<b>", "a.csv"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(RuleError, match=r"cannot name a rule|comes with the program"):
        task_rule(name, "paper", {"17": "Level"}, {})


@pytest.mark.parametrize("task", ["", " \t", "x" * 61, "a\x07b"])
def test_a_task_that_cannot_be_one_is_refused_with_its_subset(task: str) -> None:
    with pytest.raises(RuleError, match="cannot be the task of 17"):
        task_rule("mine", "paper", {"17": task}, {})


def test_a_rule_needs_readings_and_a_base() -> None:
    with pytest.raises(RuleError, match="reads no subset"):
        task_rule("mine", "paper", {}, {})
    with pytest.raises(UnknownNameError, match="There is no relation rule 'loose'"):
        task_rule("mine", "loose", {"17": "Level"}, {})


def test_a_rule_says_in_words_what_it_reads_otherwise() -> None:
    known = subsets().values()
    changed = changed_readings(known, LEVEL_17)
    assert changed == {"17": ("Quality", "Level")}
    assert reason_of(changed, "paper") == "A rule of your own: paper, but 17 as Level."
    many = task_rule("m", "short", {f"{i:02}": "Level" for i in range(1, 11)}, {})
    assert reason_of(changed_readings(known, many), "short").endswith("06 as Level and 4 more otherwise.")


# -- kept ----------------------------------------------------------------------------------------------------------


def test_a_kept_rule_is_found_by_its_name_and_mark_and_the_newest_by_its_name(rules: OwnRules) -> None:
    older, newer = task_rule("mine", "paper", {"17": "State"}, {}, "Why not."), LEVEL_17
    newer = task_rule("mine", "paper", {"17": "Level"}, {"Quality": "Level"})
    for rule in (older, newer, LEVEL_17):
        rules.keep(rule)
    assert rules.all() == (LEVEL_17, newer, older)
    assert rules.newest() == (LEVEL_17, newer)
    assert rules.named(older.name) == older
    assert rules.named("mine") == rules.named(" mine ") == newer
    rules.keep(older)
    assert rules.named("mine") == older
    assert len(rules.all()) == 3
    assert find_rule(older.name, rules, merge_areas=True).merge_areas


def test_a_rule_that_is_not_kept_is_refused_with_those_that_are(rules: OwnRules) -> None:
    rules.keep(LEVEL_17)
    for text in ("level 17@00000000", "other", "level", ""):
        with pytest.raises(
            UnknownNameError, match=rf"no relation rule '{text}'. Valid: .*paper, {LEVEL_17.name}\. A rule"
        ):
            rules.named(text)
    with pytest.raises(UnknownNameError, match=r"Valid: published, short, paper\.$"):
        find_rule("other")


def test_a_deleted_rule_is_gone_and_others_of_its_name_stay(rules: OwnRules) -> None:
    other = task_rule("level 17", "short", {"17": "Level"}, {})
    rules.keep(LEVEL_17)
    rules.keep(other)
    rules.delete(LEVEL_17.name)
    rules.delete("never@00000000")
    assert rules.all() == (other,)


def test_a_damaged_file_is_left_out_and_named(rules: OwnRules) -> None:
    rules.keep(LEVEL_17)
    (file,) = rules.folder.glob("*.json")
    stored = json.loads(file.read_text())
    for number, content in enumerate(
        ("{", "[]", "{}", json.dumps({**stored, "tasks": {"17": "State"}}), '{"tasks": 3}')
    ):
        (rules.folder / f"{number}.json").write_text(content)
    (rules.folder / "5.json").write_bytes(b"\xff\xfe")
    assert rules.all() == (LEVEL_17,)
    assert [path.name for path in rules.unreadable()] == [f"{i}.json" for i in range(6)]
    stored["tasks"]["17"] = "State"  # what the name stands for is no longer what the file says
    file.write_text(json.dumps(stored))
    os.utime(file, ns=(1, 1))
    assert rules.all() == ()


def test_a_folder_that_cannot_be_written_gets_a_sentence(rules: OwnRules) -> None:
    rules.folder.parent.mkdir(parents=True)
    rules.folder.write_text("in the way")
    with pytest.raises(CollectionError, match="cannot be written"):
        rules.keep(LEVEL_17)


# -- as a table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", RULES)
def test_a_table_gives_back_the_rule_that_was_written(base: str) -> None:
    known = subsets()
    tasks = {**readings_of(known.values(), rule_named(base)), "17": '=Level, "so" to say', "01": "'-x"}
    rule = task_rule("mine", base, tasks, {"COVID": "Infection", "+a": "@b"})
    content = written_table(known, rule)
    assert content.decode("utf-8-sig").splitlines()[0] == ",".join(COLUMNS)
    assert content.decode("utf-8-sig").splitlines()[4] == (
        f"04,CT,Lung,Lung Cancer Classification,{rule.elements(known['04']).task},high,'= State,{base}"
    )
    assert not [
        cell for line in content.decode("utf-8-sig").splitlines() for cell in line.split(",") if cell[:1] == "="
    ]
    read = rule_from_table(content, "mine", known, "short")
    assert read.name == rule.name
    assert (read.own_tasks, read.task_names) == (rule.own_tasks, rule.task_names)


def test_a_rule_of_the_program_has_a_table_too_and_read_back_it_reads_the_same() -> None:
    known = subsets()
    read = rule_from_table(written_table(known, rule_named("short")), "mine", known)
    assert readings_of(known.values(), read) == readings_of(known.values(), rule_named("short"))
    assert read.base == "short"
    assert read.reason == "A rule of your own that reads every subset as short does."


def test_two_columns_are_enough_in_any_order_and_with_any_common_separator() -> None:
    known = subsets()
    for content in (
        b"task,subset_no\r\nLevel,17\r\n",
        b"Subset_No;Task\n17; Level \n\n",
        b"subset_no\ttask\n17\tLevel",
    ):
        assert rule_from_table(content, "level 17", known) == task_rule(
            "level 17", "paper", {"17": "Level"}, {}, "A rule of your own: paper, but 17 as Level."
        )
    assert rule_from_table(b"subset_no,task\n5,Level\n", "x", known, "short").own_tasks == (("05", "Level"),)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "'t.csv' has no column 'subset_no'"),
        (b"subset_no,label\n17,Level\n", "'t.csv' has no column 'task'"),
        (b"subset_no,task\n17,Level\n99,Level\n", r"no subset '99'\. Valid: 01, .*\('t.csv', row 3\.\)"),
        (b"subset_no,task\n,Level\n", r"no subset '\(empty\)'"),
        (b"subset_no,task\n17,\n", "cannot be the task of 't.csv', row 2"),
        (b"subset_no,task\n17\n", "cannot be the task of 't.csv', row 2"),
        (b"subset_no,task\n17,Level,more\n", "row 2 has 3 cells and the table 2 columns"),
        (b"subset_no,task\n17,Level\n17,State\n", "row 3 reads 17 as 'State', an earlier row as 'Level'"),
        (b"subset_no,task,base\n17,Level,paper\n18,State,short\n", r"several base rules \(paper, short\)"),
        (b"subset_no,task,base\n17,Level,loose\n", "no base rule 'loose'. Valid: published, short, paper"),
        (b"subset_no,task\n", "reads no subset"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"subset_no,task\n17,a\0b\n", "is no table of a rule"),
        (b'subset_no,task\n17,"' + b"x" * 200_000, "cannot be read as CSV near row"),
        (b"subset_no,published_task,task\n*,,Level\n", "cannot be the task of 't.csv', row 2"),
    ],
)
def test_a_bad_table_gets_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(MedmatError, match=sentence) as caught:
        rule_from_table(content, "mine", subsets(), what="'t.csv'")
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_bytes_at_all_lead_to_anything_but_a_rule_or_a_sentence(content: bytes) -> None:
    for head in (b"", b"subset_no,task\n"):
        try:
            assert rule_from_table(head + content, "mine", subsets()).own_tasks
        except MedmatError as error:
            assert str(error)


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


@given(
    st.dictionaries(st.sampled_from(sorted(subsets())), PRINTABLE, min_size=1), st.dictionaries(PRINTABLE, PRINTABLE)
)
@settings(max_examples=80, deadline=None)
def test_any_readings_survive_table_and_file(tasks: dict[str, str], names: dict[str, str]) -> None:
    rule = task_rule("any", "paper", tasks, names)
    read = rule_from_table(written_table(subsets(), rule), "any", subsets())
    assert readings_of(subsets().values(), read) == readings_of(subsets().values(), rule)
    assert read.task_names == rule.task_names


# -- on the command line -------------------------------------------------------------------------------------------


def json_of(*arguments: str) -> dict[str, Any]:
    """What a command prints, run in this process."""
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_a_table_in_a_file_is_a_rule_on_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "rule-level 17.csv"
    file.write_bytes(b"subset_no,task\n17,Level\n")
    related = json_of("relate", "17", "--rule", str(file))
    assert related["rule"] == LEVEL_17.name
    assert (related["compared"]["task"], related["related"]["19"]) == ("Level", ["task"])
    found = json_of("recipes", "17", "--rule", str(file))
    assert found["rule"] == LEVEL_17.name
    in_row_37 = [r for r in found["recipes"] if {"table": "3", "row": "37"} in r["published"]]
    assert [(r["subsets"], r["direction"]) for r in in_row_37] == [(["14", "19"], "modality-area pair")]
    assert sum(found["counts"].values()) == len(found["recipes"])
    assert not found["truncated"]
    some = json_of("recipes", "17", "--rule", str(file), "--most", "3")
    assert some == {**found, "recipes": found["recipes"][:3], "truncated": True}


def test_a_kept_rule_is_known_where_its_collection_is_named(use_home: pytest.MonkeyPatch, phantoms_home: Path) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))
    rules = OwnRules(Workspace(phantoms_home, "phantoms"))
    rules.keep(LEVEL_17)
    try:
        for name in ("level 17", LEVEL_17.name):
            found = json_of("relate", "17", "--rule", name, "--collection", "phantoms", "--merge-areas")
            assert (found["rule"], found["related"]["19"]) == (LEVEL_17.name, ["task"])
        own = json_of("recipes", "P01", "--rule", "level 17", "--collection", "phantoms")
        assert own["rule"] == LEVEL_17.name
        assert own["recipes"]
        assert not any(recipe["published"] for recipe in own["recipes"])
        with pytest.raises(UnknownNameError, match="no relation rule 'level 17'. Valid: published, short, paper"):
            json_of("relate", "17", "--rule", "level 17")
    finally:
        rules.delete(LEVEL_17.name)


def test_a_file_that_is_no_rule_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"nowhere\.csv' cannot be read: No such file or directory"):
        json_of("relate", "17", "--rule", str(tmp_path / "nowhere.csv"))
    file = tmp_path / "paper.csv"
    file.write_bytes(b"subset_no,task\n17,Level\n")
    with pytest.raises(RuleError, match="'paper' is the name of a rule that comes with the program"):
        json_of("relate", "17", "--rule", str(file))
    file = tmp_path / "bad.csv"
    file.write_bytes(b"subset_no,task\n77,Level\n")
    with pytest.raises(UnknownNameError, match=r"no subset '77'.*'bad\.csv', row 2"):
        json_of("recipes", "17", "--rule", str(file))
