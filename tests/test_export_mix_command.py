"""`export-mix NAME --target T --arm A ...`: what it writes, what it says, and what it refuses in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from medmat_explorer.commands.export_mix import export_mix
from medmat_explorer.errors import MedmatError
from tests.command_line import assert_one_sentence, json_of, run
from tests.mixed_release import without_search


@pytest.fixture(scope="module")
def phantoms(phantoms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_search(phantoms_home, tmp_path_factory.mktemp("unsearched"))


def test_a_mix_is_written_as_asked(phantoms: Path, tmp_path: Path) -> None:
    given = ("--target", "P02", "--arm", "related", "--budget", "60", "--seed", "5", "--format", "jsonl")
    told: dict[str, Any] = json_of("export-mix", "phantoms", *given, "--out", str(tmp_path / "out"), home=phantoms)
    lines = [json.loads(line) for line in (tmp_path / "out" / "train.jsonl").read_text("utf-8").splitlines()]
    assert (told["arm"], told["items"], told["leaks_removed"]) == ("related", 60, 0)
    assert sum(told["subsets"].values()) == len(lines) == 60
    assert max(told["subsets"].values()) - min(told["subsets"].values()) <= 1
    assert "P02" not in told["subsets"] and {line["split"] for line in lines} == {"train"}
    assert {"train.jsonl", "held-out.jsonl", "removed.csv", "citations.bib", "SHA256SUMS"} <= set(told["files"])
    assert "Near duplicates were not looked for: run the search on the Data page." in told["warnings"]


def test_people_are_told_what_was_taken(phantoms: Path, tmp_path: Path) -> None:
    out = tmp_path / "for people"
    done = run("export-mix", "phantoms", "--target", "P02", "--arm", "own:P03+P09", "--out", str(out), home=phantoms)
    assert done.returncode == 0, done.stderr
    assert f"Wrote the mix own:P03+P09 for P02: 20 items of 2 subsets as llava into {out}." in done.stdout
    assert "were asked for" not in done.stdout
    told = run("export-mix", "phantoms", "--target", "P02", "--arm", "own:P03+P09", "--budget", "50",
               "--out", str(tmp_path / "asked"), home=phantoms)  # fmt: skip
    assert "50 items were asked for; 20 are all that this arm can give." in told.stdout


def test_all_arms_are_written_with_equal_budgets(phantoms: Path, tmp_path: Path) -> None:
    given = ("--target", "P02", "--all-arms", "--format", "llava", "--out", str(tmp_path / "arms"))
    told: dict[str, Any] = json_of("export-mix", "phantoms", *given, home=phantoms)
    assert set(told["arms"]) == {"related", "unrelated", "without-modality", "without-area", "without-task", "all"}
    assert {arm["items"] for arm in told["arms"].values()} == {told["budget"]}
    assert told["limiting"] == "without-task"
    assert told["sentence"].startswith(f"Each arm has {told['budget']} items")
    for arm in told["arms"].values():
        assert all(max(counts.values()) - min(counts.values()) <= 1 for counts in arm["letters"].values())
        assert (Path(arm["folder"]) / "train.json").is_file()


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"target": "P99"}, "There is no target 'P99'."),
        ({"arm": "most"}, "There is no arm 'most'. Valid: related, unrelated, without-modality"),
        ({"arm": "baseline"}, "The baseline trains on nothing"),
        ({"arm": "own:P02"}, "Subset P02 is the target P02, which is never trained on"),
        ({"arm": "recipe:P06+P07"}, "are no recipe of P02 under the rule 'paper'"),
        ({"arm": "basket"}, "Nothing is left for the arm 'basket' of P02"),
        ({"form": "csv"}, "There is no format of a training mix 'csv'."),
        ({"balance": "beauty"}, "There is no balance 'beauty'. Valid: subset, label, element."),
        ({"leaks": "all"}, "There is no leak rule 'all'. Valid: near, exact."),
        ({"rule": "mine"}, "mine"),
        ({"universe": "all"}, "There is no universe of subsets 'all'. Valid: collection, published."),
        ({"name": "nowhere"}, "There is no collection 'nowhere'."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    phantoms: Path, use_home: pytest.MonkeyPatch, tmp_path: Path, wish: dict[str, Any], said: str
) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms))
    with pytest.raises(MedmatError) as refused:
        export_mix(**{"name": "phantoms", "target": "P02", "out": tmp_path / "out", "arm": "related", **wish})
    assert said in str(refused.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("seed", "bound"), [(-1, "greater than or equal to 0"), (2**31, "equal to 2147483647")])
def test_a_seed_that_trainers_refuse_is_refused_with_the_bounds(
    phantoms: Path, tmp_path: Path, seed: int, bound: str
) -> None:
    given = ("--target", "P02", "--seed", str(seed), "--out", str(tmp_path / "out"))
    done = run("export-mix", "phantoms", *given, home=phantoms)
    assert done.returncode == 2 and bound in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_an_error_is_one_sentence_and_status_1(phantoms: Path, tmp_path: Path) -> None:
    given = ("--target", "P02", "--arm", "own:P02", "--out", str(tmp_path / "out"))
    assert_one_sentence(run("export-mix", "phantoms", *given, home=phantoms))
