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
from medmat_explorer.backbones.part_answers import PartAnswered
from medmat_explorer.backbones.pictures import pose
from medmat_explorer.errors import BackboneError

LARGEST_BATCH = 16
BATCH_SECONDS = 0.4

Opened = Posed | Unanswered
Numbers = tuple[float, ...]


def answer_in_batches(
    backbone: Backbone, questions: Sequence[Question], stopped: Stopped, writing: Writing
) -> Iterator[Reply]:
    """A reply to every question in their order, until stopped. `writing(key, text)` hears text as it is written.

    The first batch is one question, so that something is seen at once. A backbone with `at_once` is given that many
    from then on, however slow it is: they take hardly longer than one. Raises BackboneError when it stops answering,
    after what it did answer.
    """
    ahead, size, least = Ahead(questions), 1, int(getattr(backbone, "at_once", 1))
    try:
        while not stopped() and (batch := ahead.take(size)):
            begin = time.perf_counter()
            yield from _replies(backbone, batch, stopped, writing)
            size = next_size(size, time.perf_counter() - begin, least)
    finally:
        ahead.close()


def next_size(size: int, seconds: float, least: int = 1) -> int:
    """Twice as many while a batch is quick to answer, half as many when it is slow: the screen keeps moving."""
    if seconds > 2 * BATCH_SECONDS:
        return max(least, size // 2)
    return min(size * 2, max(LARGEST_BATCH, least)) if seconds < BATCH_SECONDS / 2 else max(least, size)


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
    """In the order of the questions, those that cannot be asked first, those that the backbone refused last."""
    able = [_able(backbone, entry) for entry in opened]
    yield from (entry for entry in able if isinstance(entry, Unanswered))
    batch = [entry for entry in able if isinstance(entry, Posed)]
    begin = time.perf_counter()
    said, parts = _said(backbone, batch, stopped, writing)
    seconds = (time.perf_counter() - begin) / max(len(batch), 1)
    if stopped() and not parts:
        return  # texts are cut short
    notes: dict[str, str] = getattr(backbone, "notes", {})
    for question in (posed.question for posed in batch if posed.question.key in said):
        note = notes.pop(question.key, "")
        yield Answer(question.key, question.letters, *said[question.key], seconds, note)
    for part in parts:
        yield from (Unanswered(key, refused.reason, refused.sentence) for key, refused in part.refused.items())
    if sentence := next((part.sentence for part in parts if part.sentence), ""):
        raise BackboneError(sentence)


def _able(backbone: Backbone, entry: Opened) -> Opened:
    """A question as it is, unless the backbone cannot say one of its letters."""
    if isinstance(entry, Posed) and (sentence := backbone.refusal(entry.question)):
        return Unanswered(entry.question.key, "letter", sentence)
    return entry


def _said(
    backbone: Backbone, batch: Sequence[Posed], stopped: Stopped, writing: Writing
) -> tuple[dict[str, tuple[Numbers, str | None]], list[PartAnswered]]:
    """Probabilities by key, with text where it was asked for, and what is missing of it."""
    said: dict[str, tuple[Numbers, str | None]] = {}
    parts: list[PartAnswered] = []
    if writers := [posed for posed in batch if posed.question.wants_text]:
        try:
            texts = dict(zip(_keys(writers), backbone.write(writers, stopped, writing), strict=True))
        except PartAnswered as part:
            parts, texts = [part], dict(part.said)
        said |= {key: (written.probabilities, written.text) for key, written in texts.items()}
    choosers = [posed for posed in batch if not posed.question.wants_text]
    if choosers and not any(part.sentence for part in parts):
        try:
            numbers = dict(zip(_keys(choosers), backbone.letters(choosers), strict=True))
        except PartAnswered as part:
            parts, numbers = [*parts, part], {key: written.probabilities for key, written in part.said.items()}
        said |= {key: (found, None) for key, found in numbers.items()}
    return said, parts


def _keys(batch: Sequence[Posed]) -> list[str]:
    return [posed.question.key for posed in batch]
