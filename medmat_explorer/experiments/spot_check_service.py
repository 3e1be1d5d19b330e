"""A spot check as it runs: questions to the backbone's process, replies judged and stored before anyone sees them."""

import hashlib
import platform
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import medmat_explorer
from medmat_explorer.backbones.contract import Answer, Question, Reply, Unanswered
from medmat_explorer.backbones.job import Job
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import BackboneError, ImageRefusedError, RunError
from medmat_explorer.evaluation.label_key import label_key
from medmat_explorer.evaluation.prompts import prompt_form
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, RunHeader, RunKind, RunState, SpotCheckPlan
from medmat_explorer.evaluation.spot_check import (
    Controls,
    Scores,
    judge,
    score_answers,
    score_by_subset,
    score_controls,
)
from medmat_explorer.evaluation.variants import Variant, variants
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.runs import RunWriter, create_run, new_run_id, reopen_run

ImageOf = Callable[[QAItem], Path]
"""The image file of an item, links followed; raises ImageRefusedError when it is missing or outside its root."""

LabelCounts = Callable[[str], Mapping[str, int]]
"""How often each label stands in a subset of the collection."""


class LiveState(StrEnum):
    """Where a spot check stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Put:
    """A variant of an item with the question that is put for it."""

    variant: Variant
    question: Question


class LiveRun:
    """A spot check under way. It goes on and is stored whether or not anybody polls; nothing here waits."""

    def __init__(self, header: RunHeader, writer: RunWriter, earlier: Sequence[JudgedAnswer]) -> None:
        self.header = header
        self.total = 0
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

    def controls(self) -> Controls:
        """What the controls say so far."""
        return score_controls(self.answers)

    def begin(self, puts: Sequence[Put], refused: Iterable[JudgedAnswer], worker: BackboneWorker) -> None:
        """Stores what has no picture and hands the rest to the backbone."""
        for answer in refused:
            self._keep(answer)
        self._put = {put.question.key: put for put in puts}
        self.total = len(self._answers) + len(puts)
        questions = [put.question for put in puts]
        self._job = worker.submit(questions, self._hear, self._end, self.header.revision)

    def abandon(self) -> None:
        """Lets go of the stored run when it could not begin."""
        self._writer.close(finished=False)

    def _hear(self, reply: Reply) -> None:
        variant, question = self._put[reply.key].variant, self._put[reply.key].question
        usual = self.header.usual_labels.get(variant.item.subset, "")
        shown = "" if question.blank else self._digest(question.picture)
        self._keep(judge(variant.item, reply, variant.name, usual).model_copy(update={"picture": shown}))
        if variant.name == MAIN and isinstance(reply, Answer):
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
    worker: BackboneWorker,
    home: Path,
    label_counts: LabelCounts = lambda subset: {},
    kind: RunKind = RunKind.SPOT_CHECK,
) -> LiveRun:
    """Asks the items, and the plan's controls after them, and keeps everything under `home`.

    `label_counts` of the collection make the majority baseline; without it the asked items stand for the collection.
    Pictures that are missing, unreadable or outside become answers without a score. Raises BackboneError while
    no backbone is loaded, RunError when nothing can be stored or there are no items.
    """
    items = list({item.key: item for item in items}.values())
    refuse_nothing(items)
    header = _header(plan, items, worker, label_counts, kind)
    run = LiveRun(header, create_run(home, header.id, header.model_dump(mode="json")), ())
    return _begun(run, items, image_of, worker, set())


def refuse_nothing(items: Sequence[QAItem]) -> None:
    """Raises RunError when there is no item to ask about."""
    if not items:
        raise RunError("There is no item to ask about: choose subsets that hold items.")


def resume(run_id: str, items: Sequence[QAItem], image_of: ImageOf, worker: BackboneWorker, home: Path) -> LiveRun:
    """Asks what a stored run has left. `items` are those of its header, read again from its collection.

    Raises RunError when the loaded backbone is another one, items are missing, or the run is finished.
    """
    record = open_run(home, run_id)
    loaded = worker.state.loaded
    if loaded is None or loaded.revision != record.header.revision:
        wanted = record.header.plan.backbone
        raise RunError(f"Run {run_id} was asked of {wanted} ({record.header.revision}): load exactly that one first.")
    for what in ("adapter", "bits", "dtype"):
        before, now = getattr(record.header, what), getattr(loaded, what)
        if before != now:
            raise RunError(f"Run {run_id} was asked with {what} {before or 'none'}, not {now or 'none'}: load it so.")
    if record.state is RunState.UNFINISHED and {item.key for item in items} != set(record.header.item_keys):
        raise RunError(f"The items of run {run_id} are no longer all in its collection: start a new run.")
    done = {(answer.item, answer.variant) for answer in record.answers}
    run = LiveRun(record.header, reopen_run(home, run_id), record.answers)
    return _begun(run, items, image_of, worker, done)


def _begun(
    run: LiveRun,
    items: Sequence[QAItem],
    image_of: ImageOf,
    worker: BackboneWorker,
    done: set[tuple[str, str]],
) -> LiveRun:
    try:
        puts, refused = _puts(run.header.plan, items, image_of, done)
        run.begin(puts, refused, worker)
    except BaseException:
        run.abandon()
        raise
    return run


def _puts(
    plan: SpotCheckPlan, items: Sequence[QAItem], image_of: ImageOf, done: set[tuple[str, str]]
) -> tuple[list[Put], list[JudgedAnswer]]:
    """What is still to be asked, and the answers of what has no picture."""
    puts, refused = [], []
    pictures = {item.key: _picture(item, image_of) for item in items}
    for variant in variants(items, plan):
        picture = pictures[variant.item.key]
        if (variant.item.key, variant.name) in done:
            continue
        if isinstance(picture, Unanswered):
            refused.append(judge(variant.item, picture, variant.name))
        else:
            puts.append(_put(variant, plan, picture))
    return puts, refused


def _put(variant: Variant, plan: SpotCheckPlan, picture: Path) -> Put:
    item = variant.item
    letters = tuple(option.letter for option in item.options)
    prompt = prompt_form(plan.prompt).build(item)
    key = f"{item.key} {variant.name}"
    return Put(variant, Question(key, prompt, letters, picture, plan.text and variant.wants_text, variant.is_blank))


def _picture(item: QAItem, image_of: ImageOf) -> Path | Unanswered:
    """The item's file, or why it cannot be shown."""
    try:
        return image_of(item)
    except ImageRefusedError as error:
        return Unanswered(item.key, error.reason, str(error))


def _header(
    plan: SpotCheckPlan, items: Sequence[QAItem], worker: BackboneWorker, label_counts: LabelCounts, kind: RunKind
) -> RunHeader:
    loaded, ref, created = worker.state.loaded, worker.ref, datetime.now(UTC)
    if loaded is None or ref is None or ref.id != plan.backbone:
        raise BackboneError(f"The backbone {plan.backbone} is not loaded: load it first.")
    return RunHeader(
        id=new_run_id(created, Path(ref.id).name),
        created=created,
        plan=plan,
        item_keys=tuple(item.key for item in items),
        usual_labels=usual_labels({item.subset for item in items}, label_counts),
        backbone_title=ref.manifest.title,
        backbone_source=ref.manifest.source,
        revision=loaded.revision,
        device=loaded.device,
        dtype=loaded.dtype,
        libraries={
            "medmat-explorer": medmat_explorer.__version__,
            "python": platform.python_version(),
            **loaded.libraries,
        },
        kind=kind,
        commit=loaded.commit,
        adapter=loaded.adapter,
        bits=loaded.bits,
        attention=loaded.attention,
        subsets=dict(sorted(Counter(item.subset for item in items).items())),
    )


def usual_labels(subsets: Iterable[str], label_counts: LabelCounts) -> dict[str, str]:
    """The most frequent label of each subset, the first by name of several; subsets without counts are left out."""
    counts = {subset: label_counts(subset) for subset in sorted(subsets)}
    return {subset: _usual(found) for subset, found in counts.items() if found}


def _usual(counts: Mapping[str, int]) -> str:
    """The label that occurs most often in all its spellings, in the most frequent of them."""
    together: Counter[frozenset[str]] = Counter()
    for label, count in counts.items():
        together[label_key(label)] += count
    return min(counts, key=lambda label: (-together[label_key(label)], -counts[label], label))
