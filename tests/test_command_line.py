"""The command line is a contract: names, JSON keys, exit status, one sentence for what the user can mend."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from tests.command_line import assert_one_sentence, json_of, run, run_apart


def test_phantoms_then_collections(home: Path) -> None:
    made = json_of("phantoms", "--items", "6", "--seed", "3", "--name", "little", home=home)
    assert made == {"collection": "little", "kept": 24 * 6, "subsets": 24}
    listed = json_of("collections", home=home)["collections"]
    assert listed == [
        {
            "name": "little",
            "items": 144,
            "subsets": 24,
            "datasets": 19,
            "images": {"ok": 144, "missing": 0, "unreadable": 0, "unchecked": 0},
        }
    ]


def test_import_of_the_real_sample_keeps_every_item(home: Path, medmat_mini: Path) -> None:
    result = json_of("import", str(medmat_mini), "--name", "mini", home=home)
    seconds = result.pop("seconds")
    assert isinstance(seconds, float)
    expected = {
        "collection": "mini",
        "kept": 1176,
        "repaired": 0,
        "refused": 0,
        "duplicates_merged": 1176,
        "reasons": {},
        "images": {"ok": 1176, "missing": 0, "unreadable": 0, "unchecked": 0},
        "splits": {"train": 787, "test": 389},
        "subsets": 10,
    }
    assert {key: result[key] for key in expected} == expected
    assert Path(str(result["refused_file"])).read_text() == ""


def test_health_counts_what_is_wrong_with_the_images(phantoms_home: Path, home: Path) -> None:
    shutil.copytree(phantoms_home, home, dirs_exist_ok=True)  # the search leaves what it found with the collection
    result = json_of("health", "phantoms", home=home)
    assert {key: result[key] for key in ("missing", "unreadable", "unchecked", "exact_duplicates", "leaks")} == {
        "missing": 0,
        "unreadable": 0,
        "unchecked": 0,
        "exact_duplicates": 0,
        "leaks": [],
    }


def test_relate_names_what_is_shared(home: Path) -> None:
    result = json_of("relate", "28", "--rule", "short", home=home)
    assert result["target"] == {"modality": "X-ray", "area": "Lung", "task": "COVID"}
    related = result["related"]
    assert isinstance(related, dict)
    assert related["03"] == ["area", "task"]
    assert related["30"] == ["modality", "area"]
    assert related["25"] == ["modality"]
    unrelated = result["unrelated"]
    assert isinstance(unrelated, list)
    assert len(related) + len(unrelated) == 52


def test_relate_takes_a_triple_that_does_not_exist(home: Path) -> None:
    result = json_of("relate", "MRI/Lung/Cancer", home=home)
    assert result["target"] == {"modality": "MRI", "area": "Lung", "task": "Cancer"}
    assert result["compared"] == {"modality": "MRI", "area": "Lung", "task": "State"}
    related = result["related"]
    assert isinstance(related, dict)
    assert related["22"] == ["modality"]
    assert related["03"] == ["area", "task"]


def test_recipes_name_direction_and_published_rows(home: Path) -> None:
    result = json_of("recipes", "03", home=home)["recipes"]
    assert isinstance(result, list)
    found = [r for r in result if set(r["subsets"]) == {"04", "28"} and r["direction"] == "fixed area"]
    assert len(found) == 1
    assert {"table": "3", "row": "15"} in found[0]["published"]


def test_backbones_lists_the_bundled_one(home: Path) -> None:
    listed = json_of("backbones", home=home)["backbones"]
    assert isinstance(listed, list)
    bundled = next(b for b in listed if b["id"] == "phantom-llava")
    assert {"id", "source", "available", "needs", "capabilities"} <= set(bundled)
    assert bundled["available"] is True


def test_spot_check_reports_numbers_that_never_travel_alone(phantoms_home: Path) -> None:
    asked = ("--backbone", "phantom-llava", "--n", "24", "--seed", "1", "--json")
    done = run_apart("spot-check", "phantoms", *asked, home=phantoms_home)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {"run_id", "interval", "chance", "majority", "controls", "items_per_second"} <= set(result)
    assert result["n"] == 24
    assert result["correct"] + result["wrong"] + result["unparsed"] == 24
    low, high = result["interval"]
    assert 0 <= low <= result["accuracy"] <= high <= 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("relate", "99"), "There is no target '99'"),
        (("relate", "28", "--rule", "mine"), "There is no relation rule 'mine'. Valid: published, short, paper."),
        (("import", "/nowhere/at/all", "--name", "x"), "/nowhere/at/all"),
        (("spot-check", "nothing", "--backbone", "phantom-llava", "--n", "5"), "There is no collection 'nothing'"),
    ],
)
def test_what_the_user_can_mend_is_one_sentence(home: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = run(*arguments, home=home)
    assert_one_sentence(done)
    assert sentence in done.stderr


def test_wrong_usage_has_its_own_status(home: Path) -> None:
    assert run("relate", home=home).returncode == 2
    assert run("unheard-of", home=home).returncode == 2


def test_a_process_of_its_own_ends_as_told_here(home: Path) -> None:
    """The other tests of commands do not start Python anew; these do, one for each way to end."""
    listed = run_apart("relate", "28", "--json", home=home)
    assert listed == run("relate", "28", "--json", home=home)
    assert (listed.returncode, listed.stderr) == (0, "")
    mended = run_apart("relate", "99", home=home)
    assert mended == run("relate", "99", home=home)
    assert_one_sentence(mended)
    assert run_apart("relate", home=home).returncode == 2


def test_a_taken_port_gets_a_sentence_before_anything_else_is_done(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_apart("serve", home=home, MEDMAT_PORT=str(taken.getsockname()[1]))
    assert_one_sentence(done)
    assert "cannot be used" in done.stderr
    assert "MEDMAT_PORT=" in done.stderr
    assert list(home.iterdir()) == []


def test_a_bad_setting_gets_a_sentence(home: Path) -> None:
    done = run("collections", home=home, MEDMAT_PORT="eighty")
    assert_one_sentence(done)
    assert "MEDMAT_PORT='eighty'" in done.stderr
