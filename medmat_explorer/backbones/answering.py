"""Questions to replies in batches that start small and grow, the next one made ready while this one is answered."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from medmat_explorer.backbones.contract import (
    Answer,
    Backbone,
    Posed,
    Question,
    Reply,
    Stopped,
    Unanswered,
    Writing,
    Written,
)
from medmat_explorer.backbones.memory_shortage import MemoryShortageError
from medmat_explorer.backbones.part_answers import PartAnswered
from medmat_explorer.backbones.pictures import Pictures, same_picture
from medmat_explorer.errors import BackboneError

LARGEST_BATCH = 16
TOGETHER = 8
"""Questions that show the same picture and are read together, however small the batch: an item's rotations and more."""
BATCH_SECONDS = 0.4


@dataclass(frozen=True)
class Batch:
    """Questions made ready: those that cannot be asked, and the others in the backbone's own form."""

    size: int
    unanswered: tuple[Unanswered, ...]
    posed: tuple[Posed, ...]
    ready: Any = None


class Asking:
    """One caller's questions on their way through a backbone, a batch at a time.

    The first batch is one question, so that something is seen at once. A backbone that takes many `at_once` is given
    that many from then on, however slow it is: they take hardly longer than one.
    """

    def __init__(self, backbone: Backbone, questions: Sequence[Question], stopped: Stopped, writing: Writing) -> None:
        self._backbone, self._stopped, self._writing = backbone, stopped, writing
        self._rest = deque(questions)
        self._pictures = Pictures()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="prepare")
        self._next: Future[Batch] | None = None
        self._least, self._most = backbone.loaded.at_once, max(LARGEST_BATCH, backbone.loaded.at_once)
        self._each: float | None = None
        self._begin(1)

    @property
    def over(self) -> bool:
        """Whether everything was asked, or nothing more is wanted."""
        return self._next is None or self._stopped()

    def step(self) -> Iterator[Reply]:
        """The replies of one batch, in the order of its questions, those that cannot be asked first.

        Raises BackboneError when the backbone stops answering, after what it did answer.
        """
        if self._next is None:
            return
        batch = self._next.result()
        self._begin(self._following(batch.size))
        begin = time.perf_counter()
        yield from batch.unanswered
        yield from self._replies(batch)
        if batch.posed:
            self._each = (time.perf_counter() - begin) / len(batch.posed)

    def close(self) -> None:
        """Drops what was not asked."""
        self._rest.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._pictures.close()

    def _following(self, size: int) -> int:
        """How large the batch after one of this size should be, from how long a question took before it."""
        if self._each is None:
            return min(max(2 * size, self._least), self._most)
        return min(next_size(size, size * self._each, self._least), self._most)

    def _begin(self, size: int) -> None:
        """The next batch is made ready in the thread."""
        asked = self._take(size)
        self._next = self._thread.submit(self._made_ready, asked) if asked else None

    def _take(self, size: int) -> list[Question]:
        """The next questions, with those beside the last one that show the same picture: they are read together."""
        asked = [self._rest.popleft() for _ in range(min(size, len(self._rest)))]
        most = min(self._most, max(size, TOGETHER))
        while self._rest and len(asked) < most and same_picture(self._rest[0], asked[-1]):
            asked.append(self._rest.popleft())
        return asked

    def _made_ready(self, asked: Sequence[Question]) -> Batch:
        if self._stopped():
            return Batch(len(asked), (), ())
        entries = [self._able(entry) for entry in self._pictures.pose(asked)]
        posed = tuple(entry for entry in entries if isinstance(entry, Posed))
        unanswered = tuple(entry for entry in entries if isinstance(entry, Unanswered))
        return Batch(len(asked), unanswered, posed, self._backbone.prepare(posed) if posed else None)

    def _able(self, entry: Posed | Unanswered) -> Posed | Unanswered:
        """A question as it is, unless the backbone cannot say one of its letters."""
        if isinstance(entry, Posed) and (sentence := self._backbone.refusal(entry.question)):
            return Unanswered(entry.question.key, "letter", sentence)
        return entry

    def _replies(self, batch: Batch) -> Iterator[Reply]:
        """What was answered, then what the backbone refused."""
        if not batch.posed or self._stopped():
            return
        begin = time.perf_counter()
        try:
            said, part = self._said(batch.posed, batch.ready), None
        except PartAnswered as raised:
            said, part = dict(raised.said), raised
        if self._stopped() and part is None:
            return  # texts are cut short
        seconds = (time.perf_counter() - begin) / len(batch.posed)
        asked = [posed.question for posed in batch.posed if posed.question.key in said]
        yield from (answered(question, said[question.key], seconds) for question in asked)
        if part is not None:
            yield from (Unanswered(key, refused.reason, refused.sentence) for key, refused in part.refused.items())
            if part.sentence:
                raise BackboneError(part.sentence)

    def _said(self, posed: Sequence[Posed], ready: Any) -> dict[str, Written]:
        """Answers by key. What is too large for the memory is tried again in halves, and later batches are smaller."""
        try:
            written = self._backbone.answer(ready, self._stopped, self._writing)
        except MemoryShortageError:
            if len(posed) == 1:
                raise
        else:
            return {one.question.key: said for one, said in zip(posed, written, strict=True)}
        half = (len(posed) + 1) // 2
        self._most = self._least = min(self._most, half)
        halves = (posed[:half], posed[half:])
        return {key: said for part in halves for key, said in self._said(part, self._backbone.prepare(part)).items()}


def answered(question: Question, written: Written, seconds: float) -> Answer:
    """The answer to a question. A text counts where one was wanted."""
    return Answer(
        question.key,
        question.letters,
        written.probabilities,
        written.text if question.wants_text else None,
        seconds,
        written.note,
        written.option_likelihoods,
        written.prompt_tokens,
        written.timing,
        written.chosen,
    )


def answer_in_batches(
    backbone: Backbone, questions: Sequence[Question], stopped: Stopped, writing: Writing
) -> Iterator[Reply]:
    """A reply to every question, until stopped. `writing(key, text)` hears text as it is written.

    Raises BackboneError when the backbone stops answering, after what it did answer.
    """
    asking = Asking(backbone, questions, stopped, writing)
    try:
        while not asking.over:
            yield from asking.step()
    finally:
        asking.close()


def next_size(size: int, seconds: float, least: int = 1) -> int:
    """Twice as many while a batch is quick to answer, half as many when it is slow: the screen keeps moving."""
    if seconds > 2 * BATCH_SECONDS:
        return max(least, size // 2)
    return min(size * 2, max(LARGEST_BATCH, least)) if seconds < BATCH_SECONDS / 2 else max(least, size)
