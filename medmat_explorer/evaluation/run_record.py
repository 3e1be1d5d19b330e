"""What is kept of a run: enough to score it again without the collection, and to ask the same again."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from medmat_explorer.evaluation.prompts import DEFAULT_PROMPT


class Stored(BaseModel):
    """Frozen, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RunKind(StrEnum):
    """How a run came about: drawn items, a whole split, or answers that another program gave."""

    SPOT_CHECK = "spot check"
    EVALUATION = "evaluation"
    IMPORTED = "imported"


UNKNOWN_PROMPT = "unknown"
"""Stands for the prompt form of answers that another program asked for."""


class Verdict(StrEnum):
    """What became of a question."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNPARSED = "unparsed"
    NO_PICTURE = "no picture"


class SpotCheckPlan(Stored):
    """What is asked of whom: `n` items drawn from the subsets with the seed, and which controls besides.

    `split` is the split that they were drawn from; it is empty where that was not recorded.

    `text` also lets the model write its answer; `blank` asks again with a grey picture, `rotations` under every
    cyclic order of the options.
    """

    collection: str
    version: str
    backbone: str
    subsets: tuple[str, ...] = ()
    n: int = Field(ge=1)
    seed: int = 0
    prompt: str = DEFAULT_PROMPT
    text: bool = True
    blank: bool = False
    rotations: bool = False
    split: str = ""


MAIN = "asked"
BLANK = "blank"


def rotation(by: int) -> str:
    """The variant's name for options moved on by so many letters."""
    return f"rotation-{by}"


class JudgedAnswer(Stored):
    """One question as it was put, what was said, and what that is worth.

    `variant` is `asked`, `blank` or `rotation-N`. `options` are (letter, text) in the order shown. `problem` says why
    it was not asked; then there are no probabilities. `label` is the item's labels, joined by commas. `usual` is the
    most frequent such label of the subset in its collection, where that is known: what blind habit would answer.
    Answers from elsewhere may have a text and no probabilities. `picture` is the SHA-256 of the image file that was
    shown, `at` the moment when the answer was stored, and `note` what a reader must know of it (a server's bound, a
    picture made smaller); all are empty in early records.
    """

    item: str
    variant: str = MAIN
    subset: str
    options: tuple[tuple[str, str], ...] = Field(min_length=1)
    right: str
    probabilities: tuple[Annotated[float, Field(ge=0, le=1)], ...] = ()
    text: str | None = None
    read: str | None = None
    problem: str = ""
    label: str = ""
    usual: str = ""
    seconds: float = 0.0
    picture: str = ""
    note: str = ""
    at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "JudgedAnswer":
        letters = self.letters
        if self.right not in letters or (self.read and self.read not in letters):
            raise ValueError(f"The letters {self.right} and {self.read} must be among the options {letters}.")
        said_without = bool(self.problem) or (self.text is not None and not self.probabilities)
        if len(self.probabilities) != (0 if said_without else len(letters)):
            raise ValueError(f"{len(self.probabilities)} probabilities for the options {letters}.")
        return self

    @property
    def letters(self) -> tuple[str, ...]:
        """The option letters in the order shown."""
        return tuple(letter for letter, _ in self.options)

    @property
    def right_text(self) -> str:
        """The label: the right option's text."""
        return dict(self.options)[self.right]

    @property
    def letter(self) -> str | None:
        """The most probable letter; None without a picture or without probabilities."""
        return self.letters[self.probabilities.index(max(self.probabilities))] if self.probabilities else None

    @property
    def by_letter(self) -> Verdict | None:
        """Score 1: the most probable letter; None when there are no probabilities."""
        return self._verdict(self.letter) if self.probabilities or self.problem else None

    @property
    def by_text(self) -> Verdict | None:
        """Score 2: the letter read from the text; None when no text was asked for."""
        return None if self.text is None and not self.problem else self._verdict(self.read)

    @property
    def verdict(self) -> Verdict:
        """By what the model wrote, where it wrote; else by its most probable letter."""
        return self.by_text or self._verdict(self.letter)

    @property
    def disagrees(self) -> bool:
        """Whether the text says another letter than the probabilities, or none that can be read."""
        return self.text is not None and bool(self.probabilities) and self.read != self.letter

    def _verdict(self, letter: str | None) -> Verdict:
        if self.problem:
            return Verdict.NO_PICTURE
        if letter is None:
            return Verdict.UNPARSED
        return Verdict.CORRECT if letter == self.right else Verdict.WRONG


class ImportSource(Stored):
    """Where imported answers come from: the file's form, name and SHA-256, and what became of its rows.

    `matched` counts rows by the way in which their item was found, `unmatched` those left out, by reason.
    """

    form: str
    file: str
    sha256: str
    matched: Mapping[str, int]
    unmatched: Mapping[str, int]


class RunHeader(Stored):
    """Everything about a run that is known before its first answer.

    `subsets` counts the items asked by subset. `commit` is the hub's, `adapter` what was laid on top of the weights,
    `bits` what they were shrunk to (0: not at all). Form 1 knew nothing from `kind` on, and reads as it is.
    """

    format: int = 2
    id: str
    created: datetime
    plan: SpotCheckPlan
    item_keys: tuple[str, ...]
    usual_labels: Mapping[str, str]
    backbone_title: str
    backbone_source: str
    revision: str
    device: str
    dtype: str
    libraries: Mapping[str, str]
    kind: RunKind = RunKind.SPOT_CHECK
    engine: str = "local"
    commit: str = ""
    adapter: str = ""
    bits: int = 0
    attention: str = ""
    subsets: Mapping[str, int] = {}
    source: ImportSource | None = None


class RunState(StrEnum):
    """How a stored run stands; `unfinished` runs can be resumed."""

    FINISHED = "finished"
    UNFINISHED = "unfinished"


class RunRecord(Stored):
    """A stored run opened again. `lost_lines` counts lines that a crash left unreadable."""

    header: RunHeader
    answers: tuple[JudgedAnswer, ...]
    state: RunState
    lost_lines: int = 0

    @property
    def began(self) -> datetime:
        """When its first answer was stored; of early records, when the run was created."""
        return min((answer.at for answer in self.answers if answer.at), default=self.header.created)

    @property
    def ended(self) -> datetime | None:
        """When its last answer was stored; None where that was not recorded."""
        return max((answer.at for answer in self.answers if answer.at), default=None)

    @property
    def pictures(self) -> Mapping[str, str]:
        """SHA-256 of the image file shown for each item, where it is known."""
        return {a.item: a.picture for a in self.answers if a.picture and a.variant == MAIN}
