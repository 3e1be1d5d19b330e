"""Questions to replies in batches that start small and grow, with the next pictures opened meanwhile."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from medmat_explorer.backbones.contract import (
    Answer,
    Backbone,
    Posed,
    Question,
    Reply,
    Stopped,
    Unanswered,
    Writing,
)
from medmat_explorer.backbones.pictures import pose

LARGEST_BATCH = 16
BATCH_SECONDS = 0.4

Opened = Posed | Unanswered


def answer_in_batches(
    backbone: Backbone, questions: Sequence[Question], stopped: Stopped, writing: Writing
) -> Iterator[Reply]:
    """A reply to every question in their order, until stopped. `writing(key, text)` hears text as it is written.

    The first batch is one question, so that something is seen at once.
    """
    ahead, size = Ahead(questions), 1
    try:
        while not stopped() and (batch := ahead.take(size)):
            begin = time.perf_counter()
            yield from _replies(backbone, batch, stopped, writing)
            size = next_size(size, time.perf_counter() - begin)
    finally:
        ahead.close()


def next_size(size: int, seconds: float) -> int:
    """Twice as many while a batch is quick to answer, half as many when it is slow: the screen keeps moving."""
    if seconds > 2 * BATCH_SECONDS:
        return max(1, size // 2)
    return min(size * 2, LARGEST_BATCH) if seconds < BATCH_SECONDS / 2 else size


class Ahead:
    """Opens the pictures of the next batch in a thread while the model answers this one."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._rest = iter(questions)
        self._opener = ThreadPoolExecutor(1)
        self._opening: deque[Future[Opened]] = deque()

    def take(self, size: int) -> list[Opened]:
        """The next `size` questions, fewer at the end; twice as many more are put to be opened."""
        for question in islice(self._rest, max(0, 3 * size - len(self._opening))):
            self._opening.append(self._opener.submit(pose, question))
        return [self._opening.popleft().result() for _ in range(min(size, len(self._opening)))]

    def close(self) -> None:
        """Drops what was not taken."""
        self._opener.shutdown(wait=False, cancel_futures=True)


def _replies(backbone: Backbone, opened: Sequence[Opened], stopped: Stopped, writing: Writing) -> Iterator[Reply]:
    """In the order of the questions, those that cannot be asked first."""
    able = [_able(backbone, entry) for entry in opened]
    yield from (entry for entry in able if isinstance(entry, Unanswered))
    batch = [entry for entry in able if isinstance(entry, Posed)]
    begin = time.perf_counter()
    said = _said(backbone, batch, stopped, writing)
    seconds = (time.perf_counter() - begin) / max(len(batch), 1)
    if stopped():
        return
    for posed in batch:
        question = posed.question
        numbers, text = said[question.key]
        yield Answer(question.key, question.letters, numbers, text, seconds)


def _able(backbone: Backbone, entry: Opened) -> Opened:
    """A question as it is, unless the backbone cannot say one of its letters."""
    if isinstance(entry, Posed) and (sentence := backbone.refusal(entry.question)):
        return Unanswered(entry.question.key, "letter", sentence)
    return entry


def _said(
    backbone: Backbone, batch: Sequence[Posed], stopped: Stopped, writing: Writing
) -> dict[str, tuple[tuple[float, ...], str | None]]:
    """Probabilities by key, with text where it was asked for."""
    said: dict[str, tuple[tuple[float, ...], str | None]] = {}
    if writers := [posed for posed in batch if posed.question.wants_text]:
        for posed, written in zip(writers, backbone.write(writers, stopped, writing), strict=True):
            said[posed.question.key] = written.probabilities, written.text
    if choosers := [posed for posed in batch if not posed.question.wants_text]:
        for posed, numbers in zip(choosers, backbone.letters(choosers), strict=True):
            said[posed.question.key] = numbers, None
    return said
