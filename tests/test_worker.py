"""A backbone's own process: real processes, really killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from math import exp
from pathlib import Path

import psutil
import pytest
from PIL import Image

from medmat_explorer.backbones.answering import LARGEST_BATCH, answer_in_batches, next_size
from medmat_explorer.backbones.contract import (
    Answer,
    Capability,
    LoadOptions,
    Posed,
    Question,
    Reply,
    Stopped,
    Timing,
    Unanswered,
    Writing,
    Written,
)
from medmat_explorer.backbones.job import Job
from medmat_explorer.backbones.pictures import greyed
from medmat_explorer.backbones.registry import BackboneRef, resolve
from medmat_explorer.backbones.scripted import Script, ScriptedBackbone
from medmat_explorer.backbones.worker import BackboneWorker, Phase
from medmat_explorer.errors import BackboneError, RunError
from tests.conftest import ROOT
from tests.tiny_models import build_llava

ENOUGH = 60.0


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (24, 16), (10, 200, 60)).save(path)
    return path


@pytest.fixture
def worker() -> Iterator[BackboneWorker]:
    worker = BackboneWorker()
    yield worker
    worker.unload()


def scripted(**script: object) -> BackboneRef:
    return BackboneRef(resolve("always-a").manifest, script=Script(**script))  # type: ignore[arg-type]


def questions(picture: Path, n: int, name: str = "q", **more: bool) -> list[Question]:
    return [Question(f"{name}{i}", "Which?\nA: x\nB: y", ("A", "B"), picture, **more) for i in range(n)]


def eventually(true: Callable[[], bool], seconds: float = ENOUGH) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.005)
    return true()


def test_it_loads_and_answers_in_order(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(letter="B", text="B: y"))
    assert worker.wait_until_loaded(ENOUGH).revision.startswith("scripted-")
    job = worker.submit(questions(picture, 20))
    assert job.wait(ENOUGH)
    replies = [reply for reply in job.poll() if isinstance(reply, Answer)]
    assert [reply.key for reply in replies] == [f"q{i}" for i in range(20)]
    assert {(reply.letter, reply.text) for reply in replies} == {("B", "B: y")}
    assert (job.error, job.stopped, job.poll()) == ("", False, [])


def test_answers_come_one_by_one_at_first(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(seconds=0.05))
    job = worker.submit(questions(picture, 100))
    assert eventually(lambda: job.answered > 0)
    assert job.answered < 10
    job.stop()


def test_a_job_is_taken_while_the_backbone_loads(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted())
    job = worker.submit(questions(picture, 2))
    assert worker.state.phase in (Phase.LOADING, Phase.READY)
    assert job.wait(ENOUGH)
    assert len(job.poll()) == 2


def test_a_killed_process_is_noticed_and_started_again(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(seconds=0.02))
    worker.wait_until_loaded(ENOUGH)
    job = worker.submit(questions(picture, 5000))
    assert eventually(lambda: job.answered > 2)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    assert job.wait(2)
    assert "process stopped (signal 9, SIGKILL" in job.error
    assert "Restart it" in job.error
    assert (worker.state.phase, worker.state.sentence) == (Phase.FAILED, job.error)
    assert len(job.poll()) == job.answered < 5000
    with pytest.raises(BackboneError, match="signal 9"):
        worker.submit(questions(picture, 1))
    worker.restart()
    again = worker.submit(questions(picture, 2))
    assert again.wait(ENOUGH)
    assert (len(again.poll()), worker.state.phase) == (2, Phase.READY)


def test_a_stopped_job_ends_and_the_next_one_is_answered(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(seconds=0.01))
    long = worker.submit(questions(picture, 5000))
    assert eventually(lambda: long.answered > 0)
    long.stop()
    assert long.wait(ENOUGH)
    assert (long.error, long.stopped) == ("", True)
    assert 0 < long.answered < 5000
    short = worker.submit(questions(picture, 1))
    assert short.wait(ENOUGH)
    assert len(short.poll()) == 1


def test_a_job_stopped_while_it_waits_is_never_answered(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(seconds=0.02))
    first, second = worker.submit(questions(picture, 8)), worker.submit(questions(picture, 8))
    third = worker.submit(questions(picture, 1))
    second.stop()
    assert (second.done, second.stopped, third.position) == (True, True, 1)
    assert third.wait(ENOUGH)
    assert (first.answered, second.answered, third.answered) == (8, 0, 1)


def test_first_come_first_served_and_each_knows_its_place(worker: BackboneWorker, picture: Path) -> None:
    ended: list[str] = []
    worker.start(scripted(seconds=0.01))

    def ask(name: str) -> Job:
        return worker.submit(questions(picture, 6, name), on_end=lambda job: ended.append(name))

    jobs = [ask(name) for name in ("first", "second", "third")]
    assert [job.position for job in jobs] == [0, 1, 2]
    assert all(job.wait(ENOUGH) for job in jobs)
    assert ended == ["first", "second", "third"]
    assert [job.position for job in jobs] == [0, 0, 0]
    assert [reply.key for reply in jobs[1].poll()] == [f"second{i}" for i in range(6)]


def waiting_for(worker: BackboneWorker, load: int) -> tuple[threading.Thread, list[str]]:
    """A thread that waits for a load for long, and what it was told."""
    told: list[str] = []

    def wait() -> None:
        try:
            told.append(worker.wait_until_loaded(ENOUGH, load).revision)
        except BackboneError as error:
            told.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    return thread, told


def test_who_waits_for_a_load_is_told_when_it_is_stopped(worker: BackboneWorker) -> None:
    thread, told = waiting_for(worker, worker.start(scripted()))
    worker.unload()
    thread.join(5)
    assert told == ["The backbone was unloaded: ask again."]


def test_the_load_of_another_backbone_is_no_success_for_who_waits(worker: BackboneWorker) -> None:
    first = worker.start(scripted())
    thread, told = waiting_for(worker, first)
    second = worker.start(scripted(letter="B"))
    thread.join(5)
    assert told == ["Another backbone was loaded meanwhile: ask again."]
    loaded = worker.wait_until_loaded(ENOUGH, second)
    with pytest.raises(BackboneError, match="Another backbone was loaded"):
        worker.wait_until_loaded(0, first)
    assert worker.start(scripted(letter="B")) == second
    assert worker.wait_until_loaded(0) == loaded


def test_who_waits_for_a_load_waits_through_its_restart(worker: BackboneWorker) -> None:
    thread, told = waiting_for(worker, worker.start(scripted()))
    worker.restart()
    thread.join(ENOUGH)
    assert told[0].startswith("scripted-")


def test_a_job_for_one_revision_is_not_given_to_another(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted())
    revision = worker.wait_until_loaded(ENOUGH).revision
    assert worker.submit(questions(picture, 1), revision=revision).wait(ENOUGH)
    worker.start(scripted(letter="B"))
    with pytest.raises(BackboneError, match=f"{revision} is no longer loaded: load it"):
        worker.submit(questions(picture, 1), revision=revision)


def test_a_process_that_cannot_begin_is_a_sentence_and_leaves_things_as_they_were(
    worker: BackboneWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(BackboneError, match="No process for the backbone could be started: No such file"):
        worker.start(scripted())
    assert (worker.state.phase, worker.ref) == (Phase.IDLE, None)
    monkeypatch.undo()
    worker.start(scripted())
    worker.wait_until_loaded(ENOUGH)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    for begin in (lambda: worker.start(scripted(letter="B")), worker.restart):
        with pytest.raises(BackboneError, match="No process"):
            begin()
    assert (worker.state.phase, worker.ref) == (Phase.READY, scripted())


def test_tens_of_thousands_of_questions_wait_for_a_busy_process_and_nobody_else_does(
    worker: BackboneWorker, picture: Path
) -> None:
    worker.start(scripted())
    assert worker.pid
    os.kill(worker.pid, signal.SIGSTOP)  # it reads nothing, as in the midst of an import
    jobs: list[Job] = []
    asked = questions(picture, 20_000, wants_text=False)
    thread = threading.Thread(target=lambda: jobs.append(worker.submit(asked)))
    thread.start()
    thread.join(5)
    taken = not thread.is_alive()
    os.kill(worker.pid, signal.SIGCONT)
    thread.join(ENOUGH)
    assert taken
    (job,) = jobs
    assert eventually(lambda: job.answered > 1)
    job.stop()
    assert job.wait(ENOUGH)
    assert (job.error, job.total) == ("", 20_000)


def test_a_full_queue_refuses_with_a_sentence(picture: Path) -> None:
    worker = BackboneWorker(waiting_limit=2)
    worker.start(scripted(seconds=0.05))
    for _ in range(2):
        worker.submit(questions(picture, 50))
    with pytest.raises(BackboneError, match="2 runs wait for this backbone"):
        worker.submit(questions(picture, 1))
    worker.unload()


def test_nothing_loaded_is_a_sentence(worker: BackboneWorker, picture: Path) -> None:
    with pytest.raises(BackboneError, match="load one first"):
        worker.submit(questions(picture, 1))
    with pytest.raises(BackboneError, match="choose one"):
        worker.restart()


def test_another_backbone_ends_the_jobs_of_the_first(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(seconds=0.05))
    job = worker.submit(questions(picture, 500))
    before = worker.pid
    worker.start(scripted(letter="B"))
    assert job.done
    assert job.error == "The backbone was changed."
    after = worker.submit(questions(picture, 1))
    assert after.wait(ENOUGH)
    assert [reply.letter for reply in after.poll() if isinstance(reply, Answer)] == ["B"]
    assert before != worker.pid


def test_the_same_backbone_is_not_loaded_twice(worker: BackboneWorker) -> None:
    worker.start(scripted())
    before = worker.pid
    worker.start(scripted())
    assert worker.pid == before


def test_unloading_ends_the_process(worker: BackboneWorker) -> None:
    worker.start(scripted())
    worker.wait_until_loaded(ENOUGH)
    pid = worker.pid
    worker.unload()
    assert worker.state.phase is Phase.IDLE
    assert pid
    assert eventually(lambda: not psutil.pid_exists(pid), 5)


def test_the_process_ends_with_the_program_even_when_that_is_killed(picture: Path) -> None:
    code = (
        "import sys, time\n"
        "from medmat_explorer.backbones.registry import resolve\n"
        "from medmat_explorer.backbones.worker import BackboneWorker\n"
        "worker = BackboneWorker()\n"
        "worker.start(resolve('always-a'))\n"
        "worker.wait_until_loaded(60)\n"
        "print(worker.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        child = int(program.stdout.readline())
        assert psutil.pid_exists(child)
        program.kill()
    assert eventually(lambda: not psutil.pid_exists(child), 5)


def test_an_interrupt_in_the_terminal_reaches_the_program_alone(worker: BackboneWorker) -> None:
    worker.start(scripted())
    worker.wait_until_loaded(ENOUGH)
    assert worker.pid
    assert os.getpgid(worker.pid) != os.getpgid(0)


def test_pictures_that_cannot_be_shown_do_not_break_a_job(
    worker: BackboneWorker, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    asked = [
        *questions(picture, 1),
        *questions(tmp_path / "text.png", 1, "text"),
        *questions(tmp_path / "none.png", 1, "none"),
        *questions(picture, 1, "last"),
    ]
    worker.start(scripted())
    job = worker.submit(asked)
    assert job.wait(ENOUGH)
    replies = {reply.key: reply for reply in job.poll()}
    missing = {key: reply.reason for key, reply in replies.items() if isinstance(reply, Unanswered)}
    assert missing == {"text0": "unreadable", "none0": "missing"}
    assert isinstance(replies["last0"], Answer)


def test_what_a_decoder_raises_is_told_of_one_question(worker: BackboneWorker, picture: Path) -> None:
    broken = picture.with_name("exif.jpg")
    Image.new("RGB", (24, 16)).save(broken, exif=b"Exif\0\0no TIFF header here")
    asked = [*questions(picture.with_name("zero\0byte.png"), 1), *questions(broken, 1, "exif")]
    worker.start(scripted())
    job = worker.submit([*asked, *questions(picture, 1, "last")])
    assert job.wait(ENOUGH)
    replies = {reply.key: reply for reply in job.poll()}
    assert (job.error, set(replies)) == ("", {"q0", "exif0", "last0"})
    assert isinstance(zero := replies["q0"], Unanswered) and zero.reason == "unreadable"
    assert isinstance(replies["last0"], Answer)


def test_a_job_has_ended_even_when_what_follows_its_end_fails() -> None:
    def failing(job: Job) -> None:
        raise OSError("no space left")

    job = Job(1, lambda job: None, None, failing)
    with pytest.raises(OSError, match="no space left"):
        job.end("The disk is full.")
    assert (job.done, job.error) == (True, "The disk is full.")


def test_what_cannot_be_stored_stops_the_job(worker: BackboneWorker, picture: Path) -> None:
    def full(reply: Reply) -> None:
        raise RunError("The disk is full.")

    worker.start(scripted(seconds=0.01))
    job = worker.submit(questions(picture, 500), on_reply=full)
    assert job.wait(ENOUGH)
    assert (job.error, job.answered) == ("The disk is full.", 0)
    assert worker.submit(questions(picture, 1)).wait(ENOUGH)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_while_hearing_leaves_no_job_hanging(worker: BackboneWorker, picture: Path) -> None:
    def faulty(reply: Reply) -> None:
        raise AttributeError("our bug")

    worker.start(scripted(seconds=0.01))
    job = worker.submit(questions(picture, 500), on_reply=faulty)
    assert job.wait(5)
    assert (bool(job.error), worker.state.phase) == (True, Phase.FAILED)
    assert eventually(lambda: all(thread.name != "backbone" for thread in threading.enumerate()))


def test_a_real_model_in_its_process(worker: BackboneWorker, picture: Path, tmp_path: Path) -> None:
    folder = build_llava(tmp_path / "llava")
    worker.start(resolve(str(folder)), LoadOptions(device="cpu", threads=1))
    assert worker.wait_until_loaded(ENOUGH).device == "cpu"
    job = worker.submit([*questions(picture, 3), *questions(picture, 1, "blank", blank=True, wants_text=False)])
    assert job.wait(ENOUGH)
    replies = [reply for reply in job.poll() if isinstance(reply, Answer)]
    assert [bool(reply.text) for reply in replies] == [True, True, True, False]
    assert replies[0].probabilities == pytest.approx(replies[1].probabilities, abs=1e-4)
    assert replies[0].probabilities != pytest.approx(replies[3].probabilities, abs=1e-4)


def test_a_model_that_cannot_be_loaded_is_a_sentence(worker: BackboneWorker, tmp_path: Path) -> None:
    folder = build_llava(tmp_path / "llava")
    (folder / "tokenizer.json").write_text("{}")
    worker.start(resolve(str(folder)), LoadOptions(device="cpu", threads=1))
    with pytest.raises(BackboneError, match="could not be loaded"):
        worker.wait_until_loaded(ENOUGH)
    assert worker.state.phase is Phase.FAILED


class Watching(ScriptedBackbone):
    """Keeps the batches that it is given, and when each was made ready and answered."""

    def __init__(self, script: Script | None = None) -> None:
        super().__init__(script or Script())
        self.batches: list[list[Posed]] = []
        self.events: list[str] = []

    def prepare(self, batch: Sequence[Posed]) -> Sequence[Posed]:
        """Notes it."""
        self.batches.append(list(batch))
        self.events.append(f"ready {batch[0].question.key}")
        return super().prepare(batch)

    def answer(self, ready: Sequence[Posed], stopped: Stopped, writing: Writing) -> list[Written]:
        """Notes when it is over."""
        written = super().answer(ready, stopped, writing)
        self.events.append(f"answered {ready[0].question.key}")
        return written

    def ask(self, asked: Sequence[Question]) -> list[Reply]:
        """All replies."""
        return list(answer_in_batches(self, asked, lambda: False, lambda key, text: None))


def test_a_blank_question_is_shown_grey_in_the_same_size(picture: Path) -> None:
    watching = Watching()
    watching.ask(questions(picture, 1, blank=True))
    ((posed,),) = watching.batches
    assert (posed.picture.size, posed.picture.getcolors()) == ((24, 16), [(384, (128, 128, 128))])


def test_a_hidden_part_is_filled_with_the_pictures_mean_colour(tmp_path: Path) -> None:
    path = tmp_path / "halves.png"
    halves = Image.new("RGB", (20, 10), (0, 0, 0))
    halves.paste((200, 100, 60), (10, 0, 20, 10))
    halves.save(path)
    watching = Watching()
    watching.ask([Question("q", "Which?", ("A", "B"), path, hidden=(0.5, 0.0, 1.0, 0.5))])
    ((posed,),) = watching.batches
    seen = posed.picture
    assert [seen.getpixel(place) for place in ((15, 2), (15, 7), (5, 2))] == [(100, 50, 30), (200, 100, 60), (0, 0, 0)]
    assert greyed(halves, (0.0, 0.0, 0.001, 0.001)).getpixel((0, 0)) == (100, 50, 30)  # never nothing


def test_questions_that_show_the_same_stay_together_and_share_one_opened_picture(tmp_path: Path) -> None:
    asked = []
    for item in range(12):
        Image.new("RGB", (24, 16), (item, 0, 0)).save(tmp_path / f"{item}.png")
        asked += questions(tmp_path / f"{item}.png", 3, f"item{item}-")
    asked += [
        question for item in range(4) for question in questions(tmp_path / f"{item}.png", 1, f"grey{item}-", blank=True)
    ]
    watching = Watching()
    assert [reply.key for reply in watching.ask(asked)] == [question.key for question in asked]
    for item in range(12):
        batches = [batch for batch in watching.batches if any(p.question.key.startswith(f"item{item}-") for p in batch)]
        (batch,) = batches
        shown = [posed.picture for posed in batch if posed.question.key.startswith(f"item{item}-")]
        assert len(shown) == 3 and all(picture is shown[0] for picture in shown)
    greys = [posed for batch in watching.batches for posed in batch if posed.question.blank]
    assert len({id(posed.picture) for posed in greys}) <= len(
        [batch for batch in watching.batches if any(posed.question.blank for posed in batch)]
    )


def test_the_next_batch_is_made_ready_while_one_is_answered(tmp_path: Path) -> None:
    asked = []
    for item in range(8):
        Image.new("RGB", (24, 16), (item, 0, 0)).save(tmp_path / f"{item}.png")
        asked += questions(tmp_path / f"{item}.png", 1, f"q{item}-")
    watching = Watching(Script(seconds=0.05))
    watching.ask(asked)
    ready = [event for event in watching.events if event.startswith("ready")]
    for now, following in pairwise(event.removeprefix("ready ") for event in ready):
        assert watching.events.index(f"ready {following}") < watching.events.index(f"answered {now}")


def test_a_small_job_is_not_held_up_by_a_large_one_of_another_owner(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(seconds=0.002))
    large = worker.submit(questions(picture, 2000), owner="one")
    assert eventually(lambda: large.answered > 20)
    small, before = worker.submit(questions(picture, 100), owner="other"), large.answered
    assert small.position == large.position == 0
    assert small.wait(ENOUGH)
    assert [reply.key for reply in small.poll()] == [f"q{i}" for i in range(100)]
    assert before + 3 * LARGEST_BATCH < large.answered < before + 20 * LARGEST_BATCH  # they took turns
    assert not large.done
    large.stop()
    assert large.wait(ENOUGH)


def test_jobs_of_one_owner_keep_their_order_and_know_their_place(worker: BackboneWorker, picture: Path) -> None:
    ended: list[str] = []
    worker.start(scripted(seconds=0.01))

    def ask(name: str, owner: str, n: int) -> Job:
        return worker.submit(questions(picture, n, name), on_end=lambda job: ended.append(name), owner=owner)

    jobs = [ask("a1", "a", 100), ask("a2", "a", 4), ask("b1", "b", 3), ask("a3", "a", 1), ask("b2", "b", 3)]
    assert [job.position for job in jobs] == [0, 1, 0, 2, 1]
    assert [job.began is None for job in jobs] == [False, True, False, True, True]
    assert all(job.wait(ENOUGH) for job in jobs)
    assert [name for name in ended if name.startswith("a")] == ["a1", "a2", "a3"]
    assert [name for name in ended if name.startswith("b")] == ["b1", "b2"]
    assert ended[0] == "b1"
    assert all(job.began is not None for job in jobs)


def test_what_a_question_wants_and_what_an_answer_carries_travels(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(letter="B", matters=(0.0, 0.0, 0.5, 1.0), seconds=0.001))
    loaded = worker.wait_until_loaded(ENOUGH)
    assert (loaded.capabilities, loaded.at_once) == (frozenset(Capability), 1)
    halves = ((0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0), (0.0, 0.0, 0.25, 1.0))
    asked = [Question("whole", "Which one?", ("A", "B"), picture, False, options=("x", "y"), tokens=5)]
    asked += [replace(asked[0], key=str(box), hidden=box) for box in halves]
    job = worker.submit(asked)
    assert job.wait(ENOUGH)
    whole, left, right, quarter = (reply for reply in job.poll() if isinstance(reply, Answer))
    assert whole.option_likelihoods == (-2.0, -0.1)
    assert (whole.prompt_tokens, whole.timing) == (2, Timing(prefill=0.001))
    assert left.probabilities == (0.5, 0.5)
    assert right.probabilities == whole.probabilities
    assert 0.5 < quarter.probabilities[1] < whole.probabilities[1] == pytest.approx(exp(3) / (exp(3) + 1))


def test_what_is_sent_and_where_it_looks_is_told_between_two_batches(worker: BackboneWorker, picture: Path) -> None:
    worker.start(scripted(seconds=0.01, matters=(0.0, 0.0, 0.5, 0.5)))
    worker.wait_until_loaded(ENOUGH)
    long = worker.submit(questions(picture, 5000))
    assert eventually(lambda: long.answered > 0)
    (question,) = questions(picture, 1, blank=True)
    sent, grid = worker.sent(question), worker.attention(question)
    assert not long.done
    assert (sent.text, sent.tokens, sent.shape) == (question.prompt, 5, (3, 16, 24))
    assert Image.open(BytesIO(sent.picture)).getcolors() == [(384, (128, 128, 128))]
    assert sum(map(sum, grid)) == pytest.approx(1)
    assert sum(sum(row[:4]) for row in grid[:4]) == pytest.approx(1)
    with pytest.raises(BackboneError, match=r"'none.png' is no longer there"):
        worker.sent(replace(question, picture=picture.with_name("none.png")))
    with pytest.raises(BackboneError, match="did not reply within 0 seconds"):
        worker.sent(question, 0)
    assert worker.pid
    os.kill(worker.pid, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (worker.pid, signal.SIGKILL)).start()
    with pytest.raises(BackboneError, match="process ended meanwhile"):
        worker.attention(question)
    with pytest.raises(BackboneError, match="signal 9"):
        worker.sent(question)


def test_what_a_library_prints_is_no_message() -> None:
    code = (
        "from medmat_explorer.backbones.worker_process import private_output\n"
        "target = private_output()\n"
        "print('noise')\n"
        "target.write(b'message')\n"
        "target.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("message", "noise\n")


@pytest.mark.parametrize(
    ("size", "seconds", "following"),
    [(1, 0.01, 2), (8, 0.1, LARGEST_BATCH), (16, 0.1, LARGEST_BATCH), (8, 0.5, 8), (8, 2.0, 4), (1, 30.0, 1)],
)
def test_batches_grow_while_they_are_quick_and_shrink_when_slow(size: int, seconds: float, following: int) -> None:
    assert next_size(size, seconds) == following
