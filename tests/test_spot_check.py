"""A spot check from items to score: judged, controlled, stored, stopped, resumed. Models are real or scripted."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import Answer, LoadOptions, Unanswered
from medmat_explorer.backbones.registry import BackboneRef, resolve
from medmat_explorer.backbones.scripted import Script
from medmat_explorer.backbones.worker import BackboneWorker, WorkerState
from medmat_explorer.domain.qa import Option, QAItem, Split
from medmat_explorer.errors import BackboneError, RunError, UnknownNameError
from medmat_explorer.evaluation.control_results import picture_controls, rotations
from medmat_explorer.evaluation.prompts import prompt_form, rotated
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunState, SpotCheckPlan, Verdict
from medmat_explorer.evaluation.spot_check import judge, majority_share, score_answers, score_by_subset
from medmat_explorer.evaluation.variants import variants
from medmat_explorer.experiments.blocking_spot_check import run_spot_check
from medmat_explorer.experiments.spot_check_service import ImageOf, LiveRun, LiveState, resume, start, usual_labels
from medmat_explorer.experiments.stored_runs import open_run, stored_runs
from medmat_explorer.media import resolve_inside
from tests.tiny_models import build_llava

ENOUGH = 60.0
TEXTS = ("Normal", "Cyst", "Stone", "Tumor")
INSTRUCTION = "Answer with the option's letter from the given choices directly."


def make_item(number: int, right: str = "A", subset: str = "02", texts: tuple[str, ...] = TEXTS) -> QAItem:
    options = tuple(Option("ABCD"[index], text) for index, text in enumerate(texts))
    question = "Which finding does this picture show?"
    lines = [question, *(f"{option.letter}: {option.text}" for option in options), INSTRUCTION]
    return QAItem(
        id=number,
        subset=subset,
        split=Split.TEST,
        question=question,
        question_choice="\n".join(lines),
        options=options,
        answer_letter=right,
        labels=frozenset({texts["ABCD".index(right)]}),
        image=f"images/{number}.png",
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with pictures for items 0 to 39."""
    (tmp_path / "root" / "images").mkdir(parents=True)
    for number in range(40):
        Image.new("RGB", (24, 24), (6 * number, 90, 200)).save(tmp_path / "root" / "images" / f"{number}.png")
    return tmp_path / "root"


@pytest.fixture
def worker() -> Iterator[BackboneWorker]:
    worker = BackboneWorker()
    yield worker
    worker.unload()


def pictures_in(root: Path) -> ImageOf:
    return lambda item: resolve_inside(Path(item.image), root)


def scripted(**script: object) -> BackboneRef:
    return BackboneRef(resolve("always-a").manifest, script=Script(**script))  # type: ignore[arg-type]


def make_plan(**more: object) -> SpotCheckPlan:
    fields = {"collection": "mini", "version": "1", "backbone": "always-a", "n": 8, "seed": 7}
    return SpotCheckPlan.model_validate(fields | more)


def begin(
    worker: BackboneWorker, ref: BackboneRef, items: list[QAItem], root: Path, home: Path, **plan: object
) -> LiveRun:
    worker.start(ref, LoadOptions(device="cpu", threads=1))
    worker.wait_until_loaded(ENOUGH)
    return start(make_plan(backbone=ref.id, **plan), items, pictures_in(root), worker, home)


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + ENOUGH
    while not true() and time.monotonic() < deadline:
        time.sleep(0.005)
    return true()


def said(item: QAItem, probabilities: tuple[float, ...], text: str | None) -> JudgedAnswer:
    letters = tuple(option.letter for option in item.options)
    return judge(item, Answer(item.key, letters, probabilities, text))


@pytest.mark.parametrize(
    ("probabilities", "text", "by_letter", "by_text", "disagrees"),
    [
        ((0.1, 0.7, 0.1, 0.1), "B", Verdict.CORRECT, Verdict.CORRECT, False),
        ((0.7, 0.1, 0.1, 0.1), "Cyst", Verdict.WRONG, Verdict.CORRECT, True),
        ((0.1, 0.7, 0.1, 0.1), "A lesion", Verdict.CORRECT, Verdict.UNPARSED, True),
        ((0.1, 0.1, 0.7, 0.1), None, Verdict.WRONG, None, False),
    ],
)
def test_both_scores_judge_an_answer(
    probabilities: tuple[float, ...], text: str | None, by_letter: Verdict, by_text: Verdict | None, disagrees: bool
) -> None:
    judged = said(make_item(1, right="B"), probabilities, text)
    assert (judged.by_letter, judged.by_text, judged.disagrees) == (by_letter, by_text, disagrees)
    assert judged.verdict == (by_text or by_letter)


def test_unparsed_answers_stay_in_n_and_missing_pictures_do_not() -> None:
    certain = (0.7, 0.1, 0.1, 0.1)
    answers = [
        said(make_item(1, right="A"), certain, "A"),
        said(make_item(2, right="A"), certain, "no idea"),
        said(make_item(3, right="B"), certain, "A"),
        judge(make_item(4), Unanswered("x", "missing", "The picture is missing.")),
    ]
    scores = score_answers(answers)
    assert scores.text and scores.letters and scores.headline is scores.text
    assert (scores.text.n, scores.text.correct, scores.text.wrong, scores.text.unparsed) == (3, 1, 1, 1)
    assert (scores.letters.n, scores.letters.correct, scores.letters.unparsed) == (3, 2, 0)
    assert (scores.disagreements, scores.no_picture) == (1, 1)
    assert answers[3].verdict is Verdict.NO_PICTURE


def test_chance_and_majority_belong_to_the_items() -> None:
    two = (0.9, 0.1)
    answers = [said(make_item(number, right, "03", ("Yes", "No")), two, None) for number, right in enumerate("AAB")]
    answers += [said(make_item(9, "C"), (0.25, 0.25, 0.25, 0.25), None)]
    scores = score_answers(answers)
    assert scores.letters and scores.text is None
    assert scores.letters.chance == pytest.approx((3 / 2 + 1 / 4) / 4)
    assert scores.letters.majority == pytest.approx((2 + 1) / 4)
    by_subset = score_by_subset(answers)
    assert {name: entry.letters.n for name, entry in by_subset.items() if entry.letters} == {"02": 1, "03": 3}


def test_the_majority_is_that_of_the_collection_where_it_is_known(
    worker: BackboneWorker, root: Path, home: Path
) -> None:
    counts = {"02": {"Cyst": 3, "Tumor": 5, "Stone": 5}, "05": {}}
    items = [make_item(0, "B"), make_item(1, "C"), make_item(2, "D", "05"), make_item(3, "B")]
    worker.start(scripted())
    worker.wait_until_loaded(ENOUGH)
    run = start(make_plan(), items, pictures_in(root), worker, home, counts.__getitem__)
    assert run.wait(ENOUGH)
    assert run.header.usual_labels == {"02": "Stone"}
    majorities = {subset: scores.letters.majority for subset, scores in run.by_subset().items() if scores.letters}
    assert majorities == {"02": pytest.approx(1 / 3), "05": 1.0}


def with_labels(item: QAItem, *labels: str) -> QAItem:
    return replace(item, labels=frozenset(labels))


def test_the_majority_of_label_sets_knows_them_in_any_order_and_spelling() -> None:
    texts = ("Pneumonia, Effusion", "effusion,  PNEUMONIA.", "Nodule", "Normal")
    items = [
        with_labels(make_item(1, "A", texts=texts), "Pneumonia", "Effusion"),
        with_labels(make_item(2, "B", texts=texts), "effusion", "PNEUMONIA."),
        with_labels(make_item(3, "C", texts=texts), "Nodule"),
    ]
    reply = Answer("x", ("A", "B", "C", "D"), (0.7, 0.1, 0.1, 0.1))
    known = [judge(item, reply, usual="Effusion, Pneumonia") for item in items]
    unknown = [judge(item, reply) for item in items]
    early = [answer.model_copy(update={"label": ""}) for answer in known]
    assert [answer.label for answer in known] == ["Effusion, Pneumonia", "PNEUMONIA., effusion", "Nodule"]
    for answers in (known, unknown, early):
        assert majority_share(answers) == pytest.approx(2 / 3)


def test_the_usual_label_counts_all_its_spellings() -> None:
    counts = {"02": {"Nodule": 5, "Effusion, Pneumonia": 4, "effusion, pneumonia.": 3}, "05": {}}
    assert usual_labels({"02", "05"}, counts.__getitem__) == {"02": "Effusion, Pneumonia"}


def test_no_answers_have_no_score() -> None:
    assert score_answers([]).headline is None
    assert rotations([]) is None and picture_controls([]) == ()


def test_the_default_prompt_is_the_data_sets_own_text() -> None:
    item = replace(make_item(1), question_choice="  Odd \u00a0 text\nA: Normal\n\n")
    assert prompt_form("released-1").build(item) == item.question_choice
    with pytest.raises(UnknownNameError, match="Valid: released-1"):
        prompt_form("polite-9")


def test_a_rotation_moves_texts_and_right_letter_and_nothing_else() -> None:
    item = make_item(1, right="B")
    turned = rotated(item, 1)
    assert [option.text for option in turned.options] == ["Tumor", "Normal", "Cyst", "Stone"]
    assert (turned.answer_letter, turned.answer) == ("C", "Cyst")
    assert turned.question_choice == (
        "Which finding does this picture show?\nA: Tumor\nB: Normal\nC: Cyst\nD: Stone\n" + INSTRUCTION
    )
    assert rotated(turned, 3) == item


@pytest.mark.parametrize(
    ("prompt", "texts", "turned"),
    [
        ("Is B: right? A. a B. ab", ("a", "ab"), "Is B: right? A. ab B. a"),
        ("Which?\n(A) big  cyst\n(B) A: stone", ("big cyst", "A: stone"), "Which?\n(A) A: stone\n(B) big cyst"),
        ("A) 1.5\nB) 1", ("1.5", "1"), "A) 1\nB) 1.5"),
    ],
)
def test_options_are_found_in_any_of_the_released_forms(prompt: str, texts: tuple[str, ...], turned: str) -> None:
    item = replace(make_item(1, texts=texts), question_choice=prompt)
    assert rotated(item, 1).question_choice == turned


def test_an_item_whose_prompt_lacks_its_options_is_not_rotated() -> None:
    item = replace(make_item(1), question_choice="See the picture.")
    with pytest.raises(ValueError, match="does not stand in its prompt"):
        rotated(item, 1)
    assert [variant.name for variant in variants([item], make_plan(controls=["rotations"]))] == ["asked"]


def test_controls_come_after_the_questions_themselves() -> None:
    items = [make_item(1), make_item(2, texts=("Yes", "No"))]
    names = [(v.item.id, v.name) for v in variants(items, make_plan(controls=["rotations", "blank"]))]
    assert names == [
        (1, "asked"),
        (2, "asked"),
        (1, "blank"),
        (2, "blank"),
        (1, "rotation-1"),
        (1, "rotation-2"),
        (1, "rotation-3"),
        (2, "rotation-1"),
    ]


def test_always_a_scores_chance_and_circular_zero(root: Path, home: Path) -> None:
    items = [make_item(number, "ABCD"[number % 4]) for number in range(16)]
    plan = make_plan(n=16, controls=["blank", "rotations"])
    result = run_spot_check(plan, items, pictures_in(root), resolve("always-a"), home)
    assert {key: result[key] for key in ("backbone", "n", "correct", "wrong", "unparsed", "accuracy", "chance")} == {
        "backbone": "always-a",
        "n": 16,
        "correct": 4,
        "wrong": 12,
        "unparsed": 0,
        "accuracy": 0.25,
        "chance": 0.25,
    }
    assert result["interval"] == pytest.approx([0.10182, 0.49504], abs=1e-4)
    controls = result["controls"]
    assert isinstance(controls, dict)
    assert (controls["circular"]["n"], controls["circular"]["accuracy"]) == (16, 0.0)
    assert controls["blank"]["accuracy"] == 0.25
    assert len(open_run(home, str(result["run_id"])).answers) == 16 + 16 + 48


def test_a_run_is_stored_whole_and_opens_again(worker: BackboneWorker, root: Path, home: Path) -> None:
    items = [make_item(number) for number in range(8)]
    run = begin(worker, scripted(text="The answer is A."), items, root, home)
    assert run.wait(ENOUGH)
    polled = run.poll()
    record = open_run(home, run.id)
    assert record.answers == tuple(polled) == run.answers
    assert (record.state, record.header, run.state, run.poll()) == (
        RunState.FINISHED,
        run.header,
        LiveState.FINISHED,
        [],
    )
    assert record.header.item_keys == tuple(item.key for item in items)
    assert record.header.libraries["medmat-explorer"]
    assert score_answers(record.answers) == run.score()
    assert [(entry.header.id, entry.answers) for entry in stored_runs(home)] == [(run.id, 8)]


def test_items_without_a_picture_are_counted_apart(worker: BackboneWorker, root: Path, home: Path) -> None:
    (root / "images" / "2.png").write_text("no picture")
    items = [
        make_item(0),
        replace(make_item(1), image="images/none.png"),
        make_item(2),
        replace(make_item(3), image="../../outside.png"),
    ]
    run = begin(worker, scripted(), items, root, home)
    assert run.wait(ENOUGH)
    scores = run.score()
    assert scores.text
    assert (scores.text.n, scores.no_picture, run.state) == (1, 3, LiveState.FINISHED)
    problems = {answer.item: answer.problem for answer in run.answers if answer.problem}
    assert "There is no image" in problems[items[1].key]
    assert "is not an image" in problems[items[2].key]
    assert "leads out" in problems[items[3].key]


def test_a_run_of_pictures_that_are_all_missing_ends_without_a_score(
    worker: BackboneWorker, root: Path, home: Path
) -> None:
    run = begin(worker, scripted(), [replace(make_item(1), image="none.png")], root, home)
    assert run.wait(ENOUGH)
    assert (run.score().headline, run.score().no_picture, run.state) == (None, 1, LiveState.FINISHED)


def test_a_stopped_run_is_resumed_and_asks_only_the_rest(worker: BackboneWorker, root: Path, home: Path) -> None:
    items = [make_item(number) for number in range(40)]
    run = begin(worker, scripted(seconds=0.02), items, root, home, n=40)
    assert eventually(lambda: len(run.answers) > 2)
    run.stop()
    assert run.wait(ENOUGH)
    kept = open_run(home, run.id)
    assert (run.state, kept.state) == (LiveState.STOPPED, RunState.UNFINISHED)
    assert 2 < len(kept.answers) < 40
    again = resume(run.id, items, pictures_in(root), worker, home)
    assert again.wait(ENOUGH)
    record = open_run(home, run.id)
    assert (again.state, record.state, len(record.answers)) == (LiveState.FINISHED, RunState.FINISHED, 40)
    assert {answer.item for answer in record.answers} == {item.key for item in items}


class Overtaken:
    """A loaded backbone; while a run is looked at for being resumed, something else happens first."""

    def __init__(self, worker: BackboneWorker, meanwhile: Callable[[], None]) -> None:
        self._worker, self._meanwhile = worker, [meanwhile]
        self.ref, self.submit = worker.ref, worker.submit

    @property
    def state(self) -> WorkerState:
        while self._meanwhile:
            self._meanwhile.pop()()
        return self._worker.state


def test_of_two_who_resume_a_run_at_once_the_later_one_asks_only_what_is_left(
    worker: BackboneWorker, root: Path, home: Path
) -> None:
    items = [make_item(number) for number in range(40)]
    run = begin(worker, scripted(seconds=0.02), items, root, home, n=40)

    def stop_with(running: LiveRun, answers: int) -> None:
        assert eventually(lambda: len(running.answers) > answers)
        running.stop()
        assert running.wait(ENOUGH)

    stop_with(run, 2)
    overtaken = Overtaken(worker, lambda: stop_with(resume(run.id, items, pictures_in(root), worker, home), 12))
    assert resume(run.id, items, pictures_in(root), overtaken, home).wait(ENOUGH)
    lines = (home / "runs" / run.id / "answers.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == len({json.loads(line)["item"] for line in lines}) == 40


def test_killing_the_backbone_fails_the_run_and_keeps_what_was_seen(
    worker: BackboneWorker, root: Path, home: Path
) -> None:
    items = [make_item(number) for number in range(40)]
    run = begin(worker, scripted(seconds=0.02), items, root, home, n=40)
    assert eventually(lambda: len(run.answers) > 2)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    assert run.wait(2)
    assert (run.state, "signal 9" in run.sentence) == (LiveState.FAILED, True)
    assert open_run(home, run.id).answers == run.answers
    worker.restart()
    worker.wait_until_loaded(ENOUGH)
    again = resume(run.id, items, pictures_in(root), worker, home)
    assert again.wait(ENOUGH)
    assert len(open_run(home, run.id).answers) == 40


def test_a_run_is_only_resumed_by_the_backbone_that_began_it(
    worker: BackboneWorker, root: Path, home: Path, tmp_path: Path
) -> None:
    items = [make_item(number) for number in range(40)]
    run = begin(worker, scripted(seconds=0.05), items, root, home, n=40)
    run.stop()
    assert run.wait(ENOUGH)
    with pytest.raises(RunError, match="no longer all in its collection"):
        resume(run.id, items[:3], pictures_in(root), worker, home)
    worker.start(scripted(seconds=0.0))
    worker.wait_until_loaded(ENOUGH)
    with pytest.raises(RunError, match=r"always-a \(scripted-\w+\): load exactly that one"):
        resume(run.id, items, pictures_in(root), worker, home)


def test_nothing_starts_without_items_or_backbone(worker: BackboneWorker, root: Path, home: Path) -> None:
    with pytest.raises(BackboneError, match="always-a is not loaded"):
        start(make_plan(), [make_item(1)], pictures_in(root), worker, home)
    with pytest.raises(RunError, match="no item to ask"):
        start(make_plan(), [], pictures_in(root), worker, home)
    assert stored_runs(home) == []


def test_a_command_without_items_loads_nothing(root: Path, home: Path, tmp_path: Path) -> None:
    ref = replace(scripted(), folder=tmp_path / "nowhere", script=None)
    with pytest.raises(RunError, match="no item to ask"):
        run_spot_check(make_plan(), [], pictures_in(root), ref, home)


def test_a_result_without_a_score_has_every_key(root: Path, home: Path) -> None:
    items = [replace(make_item(1), image="none.png")]
    result = run_spot_check(make_plan(), items, pictures_in(root), scripted(), home)
    counts = {"n": 0, "correct": 0, "wrong": 0, "unparsed": 0, "no_picture": 1, "items_per_second": 0.0}
    nothing = dict.fromkeys(("accuracy", "interval", "chance", "majority", "below_chance"))
    assert {key: result[key] for key in (*counts, *nothing)} == {**counts, **nothing}


def test_the_rate_counts_items_that_were_asked_from_the_runs_turn_on(
    worker: BackboneWorker, root: Path, home: Path
) -> None:
    first = begin(worker, scripted(seconds=0.05), [make_item(number) for number in range(8)], root, home)
    missing = [replace(make_item(number), image="none.png") for number in range(10, 40)]
    items = [make_item(number) for number in range(4)]
    second = begin(worker, scripted(seconds=0.05), [*items, *missing], root, home, controls=["blank", "rotations"])
    assert second.questions_per_second == 0.0
    assert first.wait(ENOUGH) and second.wait(ENOUGH)
    assert 8 < second.questions_per_second <= 20


def test_whatever_stops_a_run_from_beginning_lets_go_of_it(worker: BackboneWorker, root: Path, home: Path) -> None:
    with pytest.raises(UnknownNameError, match="prompt form"):
        begin(worker, scripted(), [make_item(1)], root, home, prompt="polite-9")
    assert stored_runs(home) == []
    busy = BackboneWorker(waiting_limit=0)
    try:
        with pytest.raises(BackboneError, match="0 runs wait"):
            begin(busy, scripted(), [make_item(1)], root, home)
    finally:
        busy.unload()
    (entry,) = stored_runs(home)
    assert not (home / "runs" / entry.header.id / "writing").exists()


def test_a_full_disk_ends_a_run_and_lets_go_of_it(worker: BackboneWorker, root: Path, home: Path) -> None:
    run = begin(worker, scripted(seconds=0.02), [make_item(number) for number in range(40)], root, home, n=40)
    assert eventually(lambda: len(run.answers) > 1)
    full = open("/dev/full", "ab")  # noqa: SIM115
    os.dup2(full.fileno(), run._writer._file.fileno())
    full.close()
    assert run.wait(ENOUGH)
    assert (run.state, "No space left" in run.sentence) == (LiveState.FAILED, True)
    assert not (home / "runs" / run.id / "writing").exists()
    again = resume(run.id, [make_item(n) for n in range(40)], pictures_in(root), worker, home)
    assert again.wait(ENOUGH)
    assert (again.state, len(open_run(home, run.id).answers)) == (LiveState.FINISHED, 40)


def test_a_run_waits_for_the_one_before_it(worker: BackboneWorker, root: Path, home: Path) -> None:
    first = begin(worker, scripted(seconds=0.05), [make_item(number) for number in range(40)], root, home, n=40)
    second = begin(worker, scripted(seconds=0.05), [make_item(1)], root, home, n=1)
    assert (second.state, second.sentence) == (LiveState.WAITING, "Waiting for 1 other run of this backbone.")
    first.stop()
    assert second.wait(ENOUGH)
    assert (second.state, second.sentence) == (LiveState.FINISHED, "")


def test_a_run_whose_header_is_not_ours_is_named_in_the_log(
    worker: BackboneWorker, root: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = begin(worker, scripted(), [make_item(1)], root, home)
    assert run.wait(ENOUGH)
    (home / "runs" / run.id / "header.json").write_text('{"id": "x"}')
    assert stored_runs(home) == []
    assert f"The header of run {run.id} is not one of ours" in caplog.text
    with pytest.raises(RunError, match="not one of ours"):
        open_run(home, run.id)


def test_lines_of_another_program_are_counted_not_believed(worker: BackboneWorker, root: Path, home: Path) -> None:
    run = begin(worker, scripted(), [make_item(1)], root, home)
    assert run.wait(ENOUGH)
    with (home / "runs" / run.id / "answers.jsonl").open("a") as file:
        file.write('{"item": "x", "right": "Z"}\nrubbish\n')
    record = open_run(home, run.id)
    assert (len(record.answers), record.lost_lines) == (1, 2)


def test_a_real_model_answers_a_spot_check(root: Path, home: Path, tmp_path: Path) -> None:
    bundled = resolve("phantom-llava")
    ref = resolve(str(build_llava(tmp_path / "llava"))) if bundled.problem else bundled
    items = [make_item(number, "ABCD"[number % 4]) for number in range(4)]
    plan = make_plan(backbone=ref.id, n=4, controls=["rotations"])
    stages: list[str] = []
    result = run_spot_check(
        plan,
        items,
        pictures_in(root),
        ref,
        home,
        LoadOptions(device="cpu", threads=1),
        lambda stage, done, total: stages.append(stage),
    )
    assert result["n"] == 4
    assert result["items_per_second"] > 0  # type: ignore[operator]
    assert "Reading the weights." in stages or "Starting torch and transformers." in stages
    assert stages[-1] == "Done."
    record = open_run(home, str(result["run_id"]))
    assert len(record.answers) == 4 + 12
    assert all(sum(answer.probabilities) == pytest.approx(1, abs=1e-3) for answer in record.answers)
    assert len(record.header.revision) == 16


def test_an_interrupted_run_keeps_what_was_answered(root: Path, home: Path) -> None:
    items = [make_item(number) for number in range(40)]

    def interrupt(stage: str, done: int, total: int) -> None:
        if done > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_spot_check(make_plan(n=40), items, pictures_in(root), scripted(seconds=0.05), home, None, interrupt)
    (entry,) = stored_runs(home)
    assert entry.state is RunState.UNFINISHED
    assert 2 < entry.answers < 40
    assert len(open_run(home, entry.header.id).answers) == entry.answers


def test_a_backbone_that_cannot_be_loaded_is_one_sentence(root: Path, home: Path, tmp_path: Path) -> None:
    ref = replace(scripted(), folder=tmp_path / "nowhere", script=None)
    with pytest.raises(BackboneError, match="does not exist"):
        run_spot_check(make_plan(), [make_item(1)], pictures_in(root), ref, home)
