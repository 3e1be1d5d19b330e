"""A backbone that follows a script: the true contract without a model, for tests and for teaching."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import exp

from medmat_explorer.backbones.contract import (
    Box,
    Capability,
    Grid,
    Loaded,
    Posed,
    Question,
    Sent,
    Stopped,
    Timing,
    Writing,
    Written,
)
from medmat_explorer.backbones.pictures import png

SURE, LOOKING = 100.0, 3.0
"""Logits of the letter: one that nothing moves, and one that falls gently."""
CELLS = 8
"""Rows and columns of the map of where it attends."""


@dataclass(frozen=True)
class Script:
    """What to answer.

    `letter` gets all the probability, unless `logits` holds numbers for the question's key. `text` is what it writes
    (`texts` by key first). `seconds` is how long each question takes it. A letter that is no option of a question
    gives equal probabilities.

    `matters` is a part of the picture that it looks at: its letter has a logit of 3 then, and all logits shrink by the
    share of that part that a question hides, down to equal probabilities where nothing of it can be seen. `option` is
    the option text that it finds likelier than all others; without one it is the text beside the letter.
    """

    letter: str = "A"
    text: str = "A"
    logits: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    matters: Box | None = None
    option: str = ""


class ScriptedBackbone:
    """Answers as the script says; of the picture it sees whether the part that matters is there."""

    def __init__(self, script: Script) -> None:
        self.script = script
        revision = f"scripted-{sha256(repr(script).encode()).hexdigest()[:8]}"
        self.loaded = Loaded(revision, "none", "none", capabilities=frozenset(Capability))

    def refusal(self, question: Question) -> str:
        """Every letter can be scripted."""
        return ""

    def prepare(self, batch: Sequence[Posed]) -> Sequence[Posed]:
        """There is nothing to make ready."""
        return batch

    def answer(self, ready: Sequence[Posed], stopped: Stopped, writing: Writing) -> list[Written]:
        """The softmax of the script's logits, and its text and option texts where they are wanted."""
        time.sleep(self.script.seconds * len(ready))
        texts = [self.script.texts.get(posed.question.key, self.script.text) for posed in ready]
        if len(ready) == 1 and ready[0].question.wants_text:
            writing(ready[0].question.key, texts[0])
        return [self._written(posed.question, text) for posed, text in zip(ready, texts, strict=True)]

    def sent(self, posed: Posed) -> Sent:
        """The question and the picture; a script counts words for tokens."""
        words = len(posed.question.prompt.split())
        return Sent(posed.question.prompt, words, png(posed.picture), (3, posed.picture.height, posed.picture.width))

    def attention(self, posed: Posed) -> Grid:
        """Evenly over the part that matters, or over everything."""
        box = self.script.matters or (0.0, 0.0, 1.0, 1.0)
        places = [(place / CELLS, (place + 1) / CELLS) for place in range(CELLS)]
        shares = [[overlap((left, top, right, low), box) for left, right in places] for top, low in places]
        whole = sum(map(sum, shares))
        return tuple(tuple(share / whole for share in row) for row in shares)

    def _written(self, question: Question, text: str) -> Written:
        likelihoods = self._likelihoods(question)
        timing = Timing(prefill=self.script.seconds)
        numbers, words = softmax(self._logits(question)), len(question.prompt.split())
        return Written(numbers, text, option_likelihoods=likelihoods, prompt_tokens=words, timing=timing)

    def _logits(self, question: Question) -> tuple[float, ...]:
        sure = SURE if self.script.matters is None else LOOKING
        chosen = tuple(sure if letter == self.script.letter else 0.0 for letter in question.letters)
        logits = self.script.logits.get(question.key, chosen)
        return tuple(logit * self._seen(question) for logit in logits)

    def _seen(self, question: Question) -> float:
        """The share of the part that matters which can be seen."""
        if self.script.matters is None:
            return 1.0
        return 0.0 if question.blank else 1.0 - overlap(self.script.matters, question.hidden or (0.0, 0.0, 0.0, 0.0))

    def _likelihoods(self, question: Question) -> tuple[float, ...]:
        if not question.options:
            return ()
        pairs = zip(question.letters, question.options, strict=True)
        likely = [text == self.script.option if self.script.option else letter == self.script.letter
                  for letter, text in pairs]  # fmt: skip
        return tuple(-0.1 if first else -2.0 for first in likely)


def overlap(box: Box, other: Box) -> float:
    """The share of a box that another one covers."""
    wide = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
    high = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
    return wide * high / ((box[2] - box[0]) * (box[3] - box[1]))


def softmax(logits: Sequence[float]) -> tuple[float, ...]:
    """Numbers to probabilities that add up to 1."""
    weights = [exp(logit - max(logits)) for logit in logits]
    return tuple(weight / sum(weights) for weight in weights)
