"""A spot check as it runs: questions to the backbone's process, replies judged and stored before anyone sees them."""

import hashlib
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from medmat_explorer.backbones.contract import Answer, Reply
from medmat_explorer.backbones.job import Job
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import BackboneError, RunError
from medmat_explorer.evaluation.controls import ControlFacts
from medmat_explorer.evaluation.plan_refusal import plan_refusal
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, RunHeader, RunKind, RunState, SpotCheckPlan
from medmat_explorer.evaluation.spot_check import Scores, score_answers, score_by_subset
from medmat_explorer.experiments.asker import Asker
from medmat_explorer.experiments.run_header import LOCAL, LabelCounts, new_header, other_backbone, usual_labels
from medmat_explorer.experiments.spot_check_questions import ImageOf, Put, Refused, puts
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.runs import RunWriter, create_run, reopen_run

__all__ = ["ImageOf", "LabelCounts", "LiveRun", "LiveState", "refuse_nothing", "resume", "start", "usual_labels"]


class LiveState(StrEnum):
    """Where a spot check stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


class LiveRun:
    """A spot check under way. It goes on and is stored whether or not anybody polls; nothing here waits.

    `earlier` counts the answers that a resumed run began with.
    """

    def __init__(self, header: RunHeader, writer: RunWriter, earlier: Sequence[JudgedAnswer]) -> None:
        self.header = header
        self.total, self.earlier = 0, len(earlier)
        self._writer, self._answers = writer, list(earlier)
        self._shown = 0
        self._lock = threading.Lock()
        self._put: dict[str, Put] = {}
        self._digests: dict[Path, str] = {}
        self._job: Job | None = None
        self._main, self._last_main = 0, 0.0

    @property
    def id(self) -> str:
        """The stored run's id."""
        return self.header.id

    @property
    def answers(self) -> tuple[JudgedAnswer, ...]:
        """Everything answered so far, stored already; a resumed run begins with what it had."""
        with self._lock:
            return tuple(self._answers)

    @property
    def state(self) -> LiveState:
        """Where it stands."""
        job = self._job
        if job is None or not job.done:
            return LiveState.WAITING if job is None or job.position else LiveState.RUNNING
        if job.error:
            return LiveState.FAILED
        return LiveState.STOPPED if job.stopped and len(self.answers) < self.total else LiveState.FINISHED

    @property
    def sentence(self) -> str:
        """Why it failed and what to do, how many runs are before it, or nothing."""
        job = self._job
        if job is None or job.done:
            return job.error if job else ""
        runs = "run" if job.position == 1 else "runs"
        return f"Waiting for {job.position} other {runs} of this backbone." if job.position else ""

    @property
    def writing(self) -> tuple[str, str] | None:
        """Key of the item whose answer is being written, and its text so far."""
        now = self._job.writing if self._job else None
        return (self._put[now[0]].variant.item.key, now[1]) if now else None

    @property
    def questions_per_second(self) -> float:
        """Items answered in this session over the time from its turn to the last of them.

        Controls, items that cannot be asked, and waiting for other runs count neither way.
        """
        began = self._job.began if self._job else None
        return self._main / (self._last_main - began) if began is not None and self._main else 0.0

    def poll(self) -> list[JudgedAnswer]:
        """The answers since the last call."""
        with self._lock:
            fresh, self._shown = self._answers[self._shown :], len(self._answers)
        return fresh

    def stop(self) -> None:
        """Ends it after the question that is being answered; it can be resumed later."""
        if self._job:
            self._job.stop()

    def wait(self, seconds: float | None = None) -> bool:
        """Blocks until it has ended, for the command line. True when it has."""
        return self._job is None or self._job.wait(seconds)

    def score(self) -> Scores:
        """The scores of what is answered so far."""
        return score_answers(self.answers)

    def by_subset(self) -> dict[str, Scores]:
        """The same for each subset."""
        return score_by_subset(self.answers)

    def begin(self, puts: Sequence[Put], refused: Iterable[JudgedAnswer], worker: Asker, owner: str = "") -> None:
        """Stores what has no picture and hands the rest to the backbone, which takes turns between owners."""
        for answer in refused:
            self._keep(answer)
        self._put = {put.question.key: put for put in puts}
        self.total = len(self._answers) + len(puts)
        questions = [put.question for put in puts]
        self._job = worker.submit(questions, self._hear, self._end, self.header.revision, owner)

    def abandon(self) -> None:
        """Lets go of the stored run when it could not begin."""
        self._writer.close(finished=False)

    def _hear(self, reply: Reply) -> None:
        put = self._put[reply.key]
        usual = self.header.usual_labels.get(put.variant.item.subset, "")
        shown = "" if put.question.blank else self._digest(put.question.picture)
        self._keep(put.judged(reply, usual).model_copy(update={"picture": shown}))
        if put.variant.name == MAIN and isinstance(reply, Answer):
            self._main, self._last_main = self._main + 1, time.monotonic()

    def _digest(self, picture: Path) -> str:
        """SHA-256 of an image file, taken when its answer comes: the file was just read, so this costs little."""
        if picture not in self._digests:
            try:
                with picture.open("rb") as file:
                    self._digests[picture] = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                self._digests[picture] = ""
        return self._digests[picture]

    def _keep(self, judged: JudgedAnswer) -> None:
        answer = judged.model_copy(update={"at": datetime.now(UTC)})
        self._writer.append(answer.model_dump(mode="json"))
        with self._lock:
            self._answers.append(answer)

    def _end(self, job: Job) -> None:
        self._writer.close(finished=not job.error and len(self._answers) >= self.total)


def start(
    plan: SpotCheckPlan,
    items: Sequence[QAItem],
    image_of: ImageOf,
    worker: Asker,
    home: Path,
    label_counts: LabelCounts = lambda subset: {},
    kind: RunKind = RunKind.SPOT_CHECK,
    *,
    facts: ControlFacts | None = None,
    owner: str = "",
    engine: str = LOCAL,
) -> LiveRun:
    """Asks the items, and the plan's controls after them, and keeps everything under `home`.

    `label_counts` of the collection make the majority baseline; without it the asked items stand for the collection.
    `facts` are what some controls have to know of it. The backbone takes turns between `owner`s. Pictures that are
    missing, unreadable or outside become answers without a score. Raises BackboneError while no backbone is loaded,
    RunError when nothing can be stored, there are no items, or the plan makes no sense.
    """
    items, facts = list({item.key: item for item in items}.values()), facts or ControlFacts()
    refuse_nothing(items)
    loaded, ref = worker.state.loaded, worker.ref
    if loaded is None or ref is None or ref.id != plan.backbone:
        raise BackboneError(f"The backbone {plan.backbone} is not loaded: load it first.")
    if sentence := plan_refusal(plan, loaded.capabilities):
        raise RunError(sentence)
    header = new_header(plan, items, ref, loaded, label_counts, facts, kind, engine)
    asked = list(puts(plan, items, image_of, facts))
    run = LiveRun(header, create_run(home, header.id, header.model_dump(mode="json")), ())
    return _begun(run, asked, worker, owner)


def refuse_nothing(items: Sequence[QAItem]) -> None:
    """Raises RunError when there is no item to ask about."""
    if not items:
        raise RunError("There is no item to ask about: choose subsets that hold items.")


def resume(
    run_id: str,
    items: Sequence[QAItem],
    image_of: ImageOf,
    worker: Asker,
    home: Path,
    *,
    facts: ControlFacts | None = None,
    owner: str = "",
) -> LiveRun:
    """Asks what a stored run has left. `items` are those of its header, read again from its collection.

    Wordings are those that the run began with. Raises RunError when the loaded backbone is another one, items are
    missing, or the run is finished.
    """
    record = open_run(home, run_id)
    if sentence := other_backbone(record.header, worker.state.loaded):
        raise RunError(sentence)
    if record.state is RunState.UNFINISHED and {item.key for item in items} != set(record.header.item_keys):
        raise RunError(f"The items of run {run_id} are no longer all in its collection: start a new run.")
    writer = reopen_run(home, run_id)
    try:
        answers = open_run(home, run_id).answers  # once it is held: others may have stored more until then
        facts = replace(facts or ControlFacts(), wordings_of=record.header.wordings)
        done = {(answer.item, answer.variant) for answer in answers}
        left = [ask for ask in puts(record.header.plan, items, image_of, facts) if ask.place not in done]
    except BaseException:
        writer.close(finished=False)
        raise
    return _begun(LiveRun(record.header, writer, answers), left, worker, owner)


def _begun(run: LiveRun, asked: Sequence[Put | Refused], worker: Asker, owner: str) -> LiveRun:
    try:
        refused = [one.judged() for one in asked if isinstance(one, Refused)]
        run.begin([one for one in asked if isinstance(one, Put)], refused, worker, owner)
    except BaseException:
        run.abandon()
        raise
    return run
