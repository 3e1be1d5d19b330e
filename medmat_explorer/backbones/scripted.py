"""A backbone that follows a script: the true contract without a model, for tests and for teaching."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import exp

from medmat_explorer.backbones.contract import Loaded, Posed


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

    def letters(self, batch: Sequence[Posed]) -> list[tuple[float, ...]]:
        """The softmax of the script's logits for each question."""
        time.sleep(self.script.seconds * len(batch))
        return [self._probabilities(posed) for posed in batch]

    def stream(self, posed: Posed, stopped: Callable[[], bool]) -> Iterator[str]:
        """The script's text, word by word."""
        text = self.script.texts.get(posed.question.key, self.script.text)
        for index, word in enumerate(text.split(" ")):
            if stopped():
                return
            yield word if index == 0 else f" {word}"

    def texts(self, batch: Sequence[Posed], stopped: Callable[[], bool]) -> list[str]:
        """The script's text for each."""
        return ["".join(self.stream(posed, stopped)) for posed in batch]

    def _probabilities(self, posed: Posed) -> tuple[float, ...]:
        question = posed.question
        chosen = tuple(100.0 if letter == self.script.letter else 0.0 for letter in question.letters)
        return softmax(self.script.logits.get(question.key, chosen))


def softmax(logits: Sequence[float]) -> tuple[float, ...]:
    """Numbers to probabilities that add up to 1."""
    weights = [exp(logit - max(logits)) for logit in logits]
    return tuple(weight / sum(weights) for weight in weights)
