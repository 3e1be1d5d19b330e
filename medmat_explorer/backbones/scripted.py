"""A backbone that follows a script: the true contract without a model, for tests and for teaching."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import exp

from medmat_explorer.backbones.contract import Loaded, Posed, Question, Stopped, Writing, Written


@dataclass(frozen=True)
class Script:
    """What to answer.

    `letter` gets all the probability, unless `logits` holds numbers for the question's key. `text` is what it writes
    (`texts` by key first). `seconds` is how long each question takes it. A letter that is no option of a question
    gives equal probabilities.
    """

    letter: str = "A"
    text: str = "A"
    logits: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class ScriptedBackbone:
    """Answers as the script says, whatever the picture shows."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.loaded = Loaded(f"scripted-{sha256(repr(script).encode()).hexdigest()[:8]}", "none", "none")

    def refusal(self, question: Question) -> str:
        """Every letter can be scripted."""
        return ""

    def letters(self, batch: Sequence[Posed]) -> list[tuple[float, ...]]:
        """The softmax of the script's logits for each question."""
        time.sleep(self.script.seconds * len(batch))
        return [self._probabilities(posed) for posed in batch]

    def write(self, batch: Sequence[Posed], stopped: Stopped, writing: Writing) -> list[Written]:
        """The script's text for each."""
        numbers = self.letters(batch)
        texts = [self.script.texts.get(posed.question.key, self.script.text) for posed in batch]
        if len(batch) == 1:
            writing(batch[0].question.key, texts[0])
        return [Written(*said) for said in zip(numbers, texts, strict=True)]

    def _probabilities(self, posed: Posed) -> tuple[float, ...]:
        question = posed.question
        chosen = tuple(100.0 if letter == self.script.letter else 0.0 for letter in question.letters)
        return softmax(self.script.logits.get(question.key, chosen))


def softmax(logits: Sequence[float]) -> tuple[float, ...]:
    """Numbers to probabilities that add up to 1."""
    weights = [exp(logit - max(logits)) for logit in logits]
    return tuple(weight / sum(weights) for weight in weights)
