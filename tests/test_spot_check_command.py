"""`spot-check` and `evaluate` as they are typed: controls, prompts and options, and what they print."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from medmat_explorer.__main__ import app
from medmat_explorer.backbones import placement
from medmat_explorer.collection_import import import_folder
from medmat_explorer.commands import asking_options
from medmat_explorer.errors import BackboneError, RunError
from medmat_explorer.evaluation.prompts import PROMPT_FORMS
from medmat_explorer.evaluation.run_record import ControlName
from medmat_explorer.experiments.run_context import PHANTOMS_ONLY
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.run_list import find_runs


@pytest.fixture
def mine(home: Path, phantoms_home: Path, use_home: pytest.MonkeyPatch) -> Path:
    """A home with the phantoms and no runs."""
    (home / "collections").symlink_to(phantoms_home / "collections")
    use_home.setenv("MEDMAT_HOME", str(home))
    return home


def command(*arguments: str) -> Any:
    done = CliRunner().invoke(app, (*arguments, "--json"))
    assert done.exit_code == 0, (done.exception, done.stderr)
    return json.loads(done.stdout)


def test_all_controls_are_asked_in_one_run_and_told(mine: Path) -> None:
    names = [part for name in ControlName if name != "rotations" for part in ("--control", name.value)]
    asked = ("spot-check", "phantoms", "--backbone", "always-a", "--n", "48", *names, "--rotations", "--options")
    told = command(*asked)
    record = open_run(mine, told["run_id"])
    assert record.header.plan.controls == tuple(ControlName) and record.header.plan.options
    assert {"blank", "shuffled", "across", "circular", "wordings"} <= told["controls"].keys()
    assert told["controls"]["circular"]["correct"] == 0
    for name in ("blank", "shuffled", "across"):
        assert told["controls"][name]["reliance"]["difference"] == 0.0
    assert told["scores"].keys() == {"letters", "text", "options"} and told["warnings"] == []
    assert told["position_bias"]["strength"] == pytest.approx(1.0)
    pictures = {(answer.item, answer.variant): answer.picture for answer in record.answers}
    shuffled = [answer for answer in record.answers if answer.variant == "shuffled"]
    assert shuffled and all(answer.picture == pictures[answer.shown, "asked"] for answer in shuffled)
    assert all(answer.picture != pictures[answer.item, "asked"] for answer in shuffled)
    wordings = [answer for answer in record.answers if answer.wording]
    assert {answer.wording for answer in wordings} == set(range(1, 7)) and len(wordings) == 48 * 6
    assert all(len(found) == 6 for found in record.header.wordings.values())


def test_an_open_question_shows_no_options_and_is_read_by_their_texts(mine: Path) -> None:
    told = command("spot-check", "phantoms", "--backbone", "always-a", "--n", "4", "--prompt", "open-1", "--options")
    (answer, *_) = open_run(mine, told["run_id"]).answers
    assert (answer.probabilities, answer.by_letter, len(answer.option_likelihoods)) == ((), None, len(answer.options))
    assert (told["prompt"], told["unparsed"], told["scores"].keys()) == ("open-1", 4, {"text", "options"})
    refused = ("spot-check", "phantoms", "--backbone", "always-a", "--prompt", "open-1", "--rotations")
    error = CliRunner().invoke(app, refused).exception
    assert isinstance(error, RunError) and "shows no options to turn" in str(error)


def test_a_control_that_no_item_can_be_asked_is_told(mine: Path) -> None:
    one_each = ("spot-check", "phantoms", "--backbone", "always-a", "--n", "3", "--control", "shuffled")
    told = command(*one_each)
    assert told["controls"] == {}
    assert told["controls_without_answers"] == {"shuffled": "No other picture of its subset is among the items."}
    assert "Nothing to say of the control 'shuffled'" in CliRunner().invoke(app, one_each).stdout


def test_people_are_told_the_controls_in_words(mine: Path) -> None:
    asked = ("spot-check", "phantoms", "--backbone", "always-a", "--n", "8", "--control", "blank", "--rotations")
    done = CliRunner().invoke(app, asked, env={"COLUMNS": "160"})
    assert done.exit_code == 0
    for words in (
        "Reliance on the picture",
        "not shown to rely",
        "Right under every rotation: 0.0%",
        "Bias for",
    ):
        assert words in done.stdout


def test_what_cannot_be_loaded_so_is_one_sentence(mine: Path) -> None:
    asked = ("evaluate", "phantoms", "--backbone", "phantom-llava", "--device", "cpu", "--bits", "4")
    error = CliRunner().invoke(app, asked).exception
    assert isinstance(error, BackboneError) and "4 bits need a CUDA GPU" in str(error)
    for wrong in (("--dtype", "int3"), ("--control", "mirror"), ("--prompt", "polite-9")):
        assert CliRunner().invoke(app, (*asked[:4], *wrong)).exit_code == 2
    assert find_runs(mine) == []


def test_the_options_are_what_there_is() -> None:
    assert [prompt.value for prompt in asking_options.Prompt] == list(PROMPT_FORMS)
    assert [dtype.value for dtype in asking_options.Dtype] == ["auto", *placement.DTYPES]
    assert [bits.value for bits in asking_options.Bits] == [str(bits) for bits in placement.BITS]
    assert [attention.value for attention in asking_options.Attention] == list(placement.ATTENTION)
    assert get_args(asking_options.Rotations)[0] is bool


def test_a_run_that_is_taken_up_knows_how_it_asks(mine: Path) -> None:
    asked = ("evaluate", "phantoms", "--backbone", "always-a", "--resume", "2026-01-01-000000-gone-0000", "--options")
    error = CliRunner().invoke(app, asked).exception
    assert isinstance(error, RunError) and "knows how its items are asked" in str(error)


def test_on_real_pictures_the_bundled_backbone_is_near_chance_and_says_why(
    home: Path, medmat_mini: Path, use_home: pytest.MonkeyPatch
) -> None:
    use_home.setenv("MEDMAT_HOME", str(home))
    import_folder(medmat_mini, "mini", home, check=False, progress=lambda stage, done, total: None)
    told = command("spot-check", "mini", "--backbone", "phantom-llava", "--n", "24", "--control", "blank")
    low, high = told["interval"]
    assert low <= told["chance"] <= high and told["warnings"] == [PHANTOMS_ONLY]
    assert told["standing"] == "not shown to differ from chance"
