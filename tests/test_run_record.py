"""What is kept of a run: records of every form read, and enough stands in them to ask the same again."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from medmat_explorer.evaluation.run_record import (
    ControlName,
    JudgedAnswer,
    RunHeader,
    RunKind,
    RunState,
    SpotCheckPlan,
    Verdict,
    Way,
)
from medmat_explorer.evaluation.spot_check import score_answers
from medmat_explorer.experiments.stored_runs import open_run, stored_runs

RUN = "2026-11-24-063012-phantom-llava-3f2a"
HEADER = """{
 "format": 1,
 "id": "2026-11-24-063012-phantom-llava-3f2a",
 "created": "2026-11-24T06:30:12.512911Z",
 "plan": {"collection": "phantoms", "version": "20261124T062001-9f1c2a", "backbone": "phantom-llava",
  "subsets": ["P02"], "n": 2, "seed": 7, "prompt": "released-1", "text": true, "blank": true, "rotations": false},
 "item_keys": ["00f1a2b3c4d5e6f7", "10f1a2b3c4d5e6f7"],
 "usual_labels": {"P02": "Cyst"},
 "backbone_title": "Phantom LLaVA (bundled)",
 "backbone_source": "bundled",
 "revision": "0123456789abcdef",
 "device": "cpu",
 "dtype": "float32",
 "libraries": {"medmat-explorer": "0.1.0", "torch": "2.13.0"}
}"""
ANSWERS = """\
{"item":"00f1a2b3c4d5e6f7","variant":"asked","subset":"P02","options":[["A","Cyst"],["B","Stone"]],"right":"A",\
"probabilities":[0.75,0.25],"text":"A","read":"A","problem":"","label":"Cyst","usual":"Cyst","seconds":0.01}
{"item":"10f1a2b3c4d5e6f7","variant":"asked","subset":"P02","options":[["A","Cyst"],["B","Stone"]],"right":"B",\
"probabilities":[],"text":null,"read":null,"problem":"There is no image.","label":"Stone","usual":"Cyst","seconds":0.0}
{"item":"00f1a2b3c4d5e6f7","variant":"blank","subset":"P02","options":[["A","Cyst"],["B","Stone"]],"right":"A",\
"probabilities":[0.5,0.5],"text":"no idea","read":null,"problem":"","label":"Cyst","usual":"Cyst","seconds":0.01}
"""
"""A run of form 1, as it stood on disk before form 2."""


def answer(**changes: object) -> JudgedAnswer:
    fields = {"item": "x", "subset": "02", "options": (("A", "Cyst"), ("B", "Stone")), "right": "B"}
    return JudgedAnswer.model_validate(fields | changes)


def test_a_run_of_the_first_form_reads_as_it_was(home: Path) -> None:
    folder = home / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "header.json").write_text(HEADER)
    (folder / "answers.jsonl").write_text(ANSWERS)
    (folder / "finished").touch()
    record = open_run(home, RUN)
    assert (record.state, record.lost_lines, len(record.answers)) == (RunState.FINISHED, 0, 3)
    assert (record.header.format, record.header.kind, record.header.adapter) == (1, RunKind.SPOT_CHECK, "")
    assert (record.header.plan.seed, record.header.plan.split, record.header.source) == (7, "", None)
    assert [one.verdict for one in record.answers] == [Verdict.CORRECT, Verdict.NO_PICTURE, Verdict.UNPARSED]
    assert (record.began, record.ended, record.pictures) == (
        datetime(2026, 11, 24, 6, 30, 12, 512911, tzinfo=UTC),
        None,
        {},
    )
    assert [entry.header.id for entry in stored_runs(home)] == [RUN]


def test_a_header_that_is_written_again_says_the_same() -> None:
    header = RunHeader.model_validate_json(HEADER)
    assert RunHeader.model_validate_json(header.model_dump_json()) == header
    again, first = header.model_dump(mode="json"), json.loads(HEADER)
    assert {name: again[name] for name in first if name != "plan"} == {k: v for k, v in first.items() if k != "plan"}
    kept = {name: value for name, value in first["plan"].items() if name not in ("blank", "rotations")}
    assert kept.items() <= {name: value for name, value in again["plan"].items() if name in kept}.items()
    assert again["plan"]["controls"] == ["blank"]


def test_controls_of_early_records_and_in_any_order_are_the_same_controls() -> None:
    fields = {"collection": "mini", "version": "1", "backbone": "b", "n": 1}
    early = SpotCheckPlan.model_validate({**fields, "blank": True, "rotations": True})
    later = SpotCheckPlan.model_validate({**fields, "controls": ["rotations", "blank", "rotations"]})
    assert early == later and later.controls == (ControlName.BLANK, ControlName.ROTATIONS)
    assert SpotCheckPlan.model_validate({**fields, "blank": False}).controls == ()
    with pytest.raises(ValidationError):
        SpotCheckPlan.model_validate({**fields, "controls": ["mirror"]})


def test_a_text_without_probabilities_is_an_answer_by_text_alone() -> None:
    said = answer(text="B", read="B")
    assert (said.letter, said.by_letter, said.by_text, said.verdict) == (None, None, Verdict.CORRECT, Verdict.CORRECT)
    assert not said.disagrees
    unread = answer(text="hm", read=None)
    assert (unread.verdict, unread.disagrees) == (Verdict.UNPARSED, False)
    scores = score_answers([said, unread, answer(item="y", probabilities=(0.1, 0.9), text="A", read="A")])
    assert scores.text and scores.letters
    assert (scores.text.n, scores.text.correct, scores.letters.n, scores.disagreements) == (3, 1, 1, 1)


def test_a_letter_chosen_without_probabilities_is_a_letter_and_no_certainty() -> None:
    told = answer(chosen="B")
    assert (told.letter, told.by_letter, told.by_text, told.probabilities) == ("B", Verdict.CORRECT, None, ())
    assert (told.ways, told.counted) == ((Way.LETTER,), "B")


def test_an_answer_to_an_open_question_is_taken_by_its_text_and_by_the_likeliest_option() -> None:
    told = answer(text="a stone", read="B", option_likelihoods=(-0.2, -0.9), prompt_tokens=40)
    assert (told.by_letter, told.by_text, told.by_option) == (None, Verdict.CORRECT, Verdict.WRONG)
    assert (told.ways, told.verdict, told.disagrees) == ((Way.WRITTEN, Way.OPTION_TEXT), Verdict.CORRECT, False)
    assert answer(option_likelihoods=(-0.2, -0.9)).verdict is Verdict.WRONG


def test_where_the_time_went_is_kept() -> None:
    kept = answer(probabilities=(0.5, 0.5), timing={"prepare": 0.1, "prefill": 0.2, "decode": 0.0})
    assert JudgedAnswer.model_validate(kept.model_dump(mode="json")) == kept
    assert kept.timing and kept.timing.prefill == 0.2


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-24T06:30:12",
        "2026-11-24T06:30:12Z",
        "2026-11-24T08:30:12+02:00",
        datetime(2026, 11, 24, 6, 30, 12),
    ],
)
def test_moments_are_universal_time_also_without_a_time_zone_or_with_another(said: object) -> None:
    header = RunHeader.model_validate({**json.loads(HEADER), "created": said})
    assert header.created == datetime(2026, 11, 24, 6, 30, 12, tzinfo=UTC)
    with pytest.raises(ValidationError):
        RunHeader.model_validate({**json.loads(HEADER), "created": "yesterday"})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"text": None},
        {"text": "B", "probabilities": (1.0,)},
        {"problem": "missing", "probabilities": (0.5, 0.5)},
        {"text": "C", "read": "C"},
        {"chosen": "C"},
        {"option_likelihoods": (-1.0,)},
        {"option_likelihoods": (-1.0, float("nan"))},
        {"problem": "missing", "chosen": "A"},
    ],
)
def test_an_answer_that_says_nothing_or_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        answer(**wrong)


def test_hashes_stand_for_the_pictures_that_were_shown(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"picture").hexdigest()
    kept = answer(probabilities=(0.5, 0.5), picture=digest, at="2026-11-24T07:00:00Z")
    assert JudgedAnswer.model_validate(kept.model_dump(mode="json")) == kept
    assert (kept.picture, kept.at) == (digest, datetime(2026, 11, 24, 7, tzinfo=UTC))


@pytest.mark.parametrize("variant", ["<b>x</b>", "../asked", "rotation-", "rotation-1000", "wording-x", ""])
def test_a_variant_of_a_name_that_no_control_has_is_refused(variant: str) -> None:
    with pytest.raises(ValidationError, match="variant"):
        answer(variant=variant, text="B")
    assert answer(variant="rotation-3", text="B").variant == "rotation-3"
