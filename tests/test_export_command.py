"""`export NAME --format F --out DIR`: what it writes, what it says, and what it refuses in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from medmat_explorer.commands.export import export
from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.collections import open_catalog
from tests.command_line import assert_one_sentence, json_of, run


def test_a_selection_is_written_as_chosen(phantoms_home: Path, tmp_path: Path) -> None:
    chosen = ("--where", "modality=CT", "--where", "modality=MRI", "--where-not", "split=test")
    told = json_of(
        "export", "phantoms", "--format", "jsonl", "--out", str(tmp_path / "out"), *chosen, home=phantoms_home
    )
    catalog = open_catalog("phantoms", phantoms_home)
    try:
        wanted = catalog.count(Selection.of(modality=["CT", "MRI"], split=["train"]))
    finally:
        catalog.close()
    lines = [json.loads(line) for line in (tmp_path / "out" / "train.jsonl").read_text("utf-8").splitlines()]
    assert told["items"] == len(lines) == wanted > 0
    assert told["splits"] == {"train": wanted}
    assert {line["modality"] for line in lines} == {"CT", "MRI"}
    assert not (tmp_path / "out" / "test.jsonl").exists()


def test_a_random_order_is_that_of_its_seed(phantoms_home: Path, use_home: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))
    orders = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        export("phantoms", "csv", tmp_path / name, ["subset=P01"], search="-nothing", sort="random", seed=seed)
        orders.append((tmp_path / name / "items.csv").read_text("utf-8-sig"))
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0].splitlines()) == sorted(orders[2].splitlines())


def test_people_are_told_where_it_lies_and_what_was_copied(phantoms_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "for people"
    arguments = ("--where", "subset=P01", "--images")
    done = run("export", "phantoms", "--format", "llava", "--out", str(out), *arguments, home=phantoms_home)
    assert done.returncode == 0, done.stderr
    assert f"Wrote 15 items (10 train, 5 test) of 'phantoms' as llava into {out}." in done.stdout
    assert "Pictures copied: 15." in done.stdout


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"form": "xml"}, "There is no export format 'xml'. Valid: llava, jsonl, parquet, csv, hf."),
        ({"where": ["colour=red"]}, "There is no facet 'colour'. Valid: modality, area, task"),
        ({"where": ["modality=PET"]}, "There is no modality 'PET'. Valid: "),
        ({"where_not": ["modality"]}, "There is no modality ''. Valid: "),
        ({"where": ["tag=seen"]}, "There is no tag 'seen'. There is no tag yet."),
        ({"where": ["set=0123456789abcdef"]}, "There is no set '0123456789abcdef'."),
        ({"sort": "beauty"}, "There is no order 'beauty'. Valid: subset, label, size, random."),
        ({"search": "no such word"}, "No item is chosen"),
    ],
)
def test_what_is_not_there_is_named_with_the_choices(
    phantoms_home: Path, use_home: pytest.MonkeyPatch, tmp_path: Path, wish: dict[str, Any], said: str
) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))
    with pytest.raises(MedmatError) as refused:
        export("phantoms", out=tmp_path / "out", **{"form": "csv", **wish})
    assert said in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_refused_and_left_alone(phantoms_home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = run("export", "phantoms", "--format", "csv", "--out", str(tmp_path), home=phantoms_home)
    assert_one_sentence(done)
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_tags_can_be_named(phantoms_home: Path, tmp_path: Path) -> None:
    catalog = open_catalog("phantoms", phantoms_home)
    try:
        ids = catalog.ids(Selection.of(split=["test"]))[:7]
        catalog.workspace.add_tag("for the command", ids)
        given = ("--format", "jsonl", "--out", str(tmp_path / "out"), "--where", "tag=for the command")
        told = json_of("export", "phantoms", *given, home=phantoms_home)
    finally:
        catalog.workspace.drop_tag("for the command")
        catalog.close()
    assert told["items"] == 7
    lines = (tmp_path / "out" / "test.jsonl").read_text("utf-8").splitlines()
    assert all(json.loads(line)["tags"] == ["for the command"] for line in lines)
