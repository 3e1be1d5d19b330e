"""What a backbone is asked, what it answers, and what every adapter can do. No torch here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image


class Capability(StrEnum):
    """What a backbone can be asked for, declared as data so that the interface greys a choice out."""

    LETTERS = "letters"
    TEXT = "text"
    OPTIONS = "options"
    """How likely the text of each option is; picture and question are read once for all of them."""
    ATTENTION = "attention"
    """Where on the picture the answer position attends, as a map over the image tokens."""


TEXT_TOKENS = 32
"""How long a written answer may be, in tokens, unless a question says otherwise."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom of a part of a picture, as shares of its width and height."""


@dataclass(frozen=True)
class Question:
    """One picture and one prompt with lettered options.

    `key` comes back with the answer and means nothing here. `blank` shows a grey picture of the same size instead, for
    seeing whether a model looks; `hidden` is a part of the picture that is greyed, for seeing where it looks.
    `options` are the option texts, in the order of the letters, where their likelihood is wanted besides. A written
    answer is at most `tokens` long. Raises ValueError without letters, when a letter stands twice, or when the option
    texts are not as many as the letters.
    """

    key: str
    prompt: str
    letters: tuple[str, ...]
    picture: Path
    wants_text: bool = True
    blank: bool = False
    hidden: Box | None = None
    options: tuple[str, ...] = ()
    tokens: int = TEXT_TOKENS

    def __post_init__(self) -> None:
        if not self.letters or len(set(self.letters)) != len(self.letters):
            raise ValueError(f"Question {self.key} needs different option letters, not {self.letters}.")
        if self.options and len(self.options) != len(self.letters):
            raise ValueError(f"Question {self.key} has {len(self.options)} option texts for {self.letters}.")


@dataclass(frozen=True)
class Posed:
    """A question with its picture opened: what an adapter is given."""

    question: Question
    picture: "Image"


@dataclass(frozen=True)
class Timing:
    """Where a question's time went, in seconds: its share of its batch.

    `prepare` is picture and words to tensors, `prefill` the reading of the prompt, `decode` the writing after it.
    """

    prepare: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What a backbone said: a probability for each option letter and, when asked for, greedy text.

    Probabilities are a softmax over the option letters alone at the answer position. A server may tell none: then there
    is a text alone, or `chosen`, the letter that it gave, which is no probability of 1. `seconds` is this question's
    share of its batch. `note` says what a reader must know, such as a picture that was sent smaller, or a number
    that is only a bound. `option_likelihoods` are mean natural logarithms a token, one an option, empty unless asked
    for. `prompt_tokens` counts image tokens too; 0: not known. Raises ValueError for numbers that are not as many as
    the letters, and for a chosen letter that is none of them.
    """

    key: str
    letters: tuple[str, ...]
    probabilities: tuple[float, ...]
    text: str | None = None
    seconds: float = 0.0
    note: str = ""
    option_likelihoods: tuple[float, ...] = ()
    prompt_tokens: int = 0
    timing: Timing | None = None
    chosen: str = ""

    def __post_init__(self) -> None:
        without = (self.text is not None or self.chosen) and not self.probabilities
        if not without and len(self.letters) != len(self.probabilities):
            raise ValueError(f"Answer {self.key} has {len(self.probabilities)} probabilities for {self.letters}.")
        if self.chosen and self.chosen not in self.letters:
            raise ValueError(f"Answer {self.key} chose {self.chosen}, which is none of {self.letters}.")

    @property
    def letter(self) -> str:
        """The most probable letter, the first of several equal ones; without probabilities the chosen one, if any."""
        return self.letters[self.probabilities.index(max(self.probabilities))] if self.probabilities else self.chosen


@dataclass(frozen=True)
class Unanswered:
    """A question that could not be asked, and why: `sentence` for the reader, `reason` in a word.

    The picture is `missing`, `unreadable` and the like, or the backbone has no way to say a `letter`.
    """

    key: str
    reason: str
    sentence: str


Reply = Answer | Unanswered


@dataclass(frozen=True)
class LoadOptions:
    """How to load: `auto` takes the best device and the number format that suits it; with 0 threads torch decides.

    `device` may be cuda:1 or cuda:all. `bits` 8 or 4 shrinks the language part's weights. `attention` names an
    implementation of transformers. `adapter` is the folder of a LoRA adapter to lay on top.
    """

    device: str = "auto"
    dtype: str = "auto"
    threads: int = 0
    bits: int = 0
    attention: str = "auto"
    compile: bool = False
    adapter: str = ""


@dataclass(frozen=True)
class Loaded:
    """Facts about a loaded backbone that a record needs: which weights, on what, with which libraries.

    `revision` is a hash of the folder's content, `commit` the hub's where the folder lies in its cache. `memory_gb` is
    what the device (on a CPU the process) holds once everything is loaded. `capabilities` is what this one, loaded so,
    can be asked for; `at_once` how many questions take it hardly longer than one.
    """

    revision: str
    device: str
    dtype: str
    seconds: float = 0.0
    libraries: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    adapter: str = ""
    bits: int = 0
    attention: str = ""
    memory_gb: float = 0.0
    capabilities: frozenset[Capability] = frozenset()
    at_once: int = 1


@dataclass(frozen=True)
class Sent:
    """What a model is given for a question: `text` with its own marks, `tokens` of it, and its pictures.

    `picture` is the picture as PNG bytes as it goes into the preparation, `shape` the size of the tensor after it.
    """

    text: str
    tokens: int
    picture: bytes
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Written:
    """What an adapter found out for one question; the fields mean what they mean in `Answer`.

    `probabilities` are empty where nothing is known of them, `text` where none was wanted.
    """

    probabilities: tuple[float, ...]
    text: str = ""
    chosen: str = ""
    note: str = ""
    option_likelihoods: tuple[float, ...] = ()
    prompt_tokens: int = 0
    timing: Timing | None = None


Stopped = Callable[[], bool]
"""Whether the answers are no longer wanted."""
Writing = Callable[[str, str], None]
"""Hears the key of a question and the text written for it so far."""
Grid = tuple[tuple[float, ...], ...]
"""Rows of numbers over a picture, from its top; they add up to 1."""


class Backbone(Protocol):
    """What every adapter can do once loaded. Batching, pictures, queues, prompts and scoring live outside it."""

    @property
    def loaded(self) -> Loaded:
        """Which weights these are, where they run, and what they can be asked for."""

    def refusal(self, question: Question) -> str:
        """Why it has no way to say one of the question's letters, as a sentence; empty when it has."""

    def prepare(self, batch: Sequence[Posed]) -> Any:
        """A batch in the adapter's own form, ready to be answered. Called in a thread while another is answered.

        Questions that show the very same picture object are meant to be read together where that is possible.
        """

    def answer(self, ready: Any, stopped: Stopped, writing: Writing) -> list[Written]:
        """What it says to a prepared batch, in its order: letters, and text and option texts where they are wanted.

        Texts are cut short once `stopped()` is true. While a single text is written, `writing` hears it so far.
        """

    def sent(self, posed: Posed) -> Sent:
        """What it is given for a question. Raises BackboneError where it does not tell."""

    def attention(self, posed: Posed) -> Grid:
        """Where on the picture, as it is sent, the answer position attends. Raises BackboneError where it cannot."""


Report = Callable[[str], None]
"""Told in a few words what a load is doing."""
