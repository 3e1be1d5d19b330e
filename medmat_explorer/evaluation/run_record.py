"""What is kept of a run: enough to score it again without the collection, and to ask the same again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    field_validator,
    model_validator,
)

from medmat_explorer.backbones.contract import Timing
from medmat_explorer.evaluation.control_name import PICTURE_CONTROLS as PICTURE_CONTROLS
from medmat_explorer.evaluation.control_name import ControlName as ControlName
from medmat_explorer.evaluation.prompts import DEFAULT_PROMPT


class Stored(BaseModel):
    """Frozen, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _in_utc(value: Any) -> Any:
    """A moment in UTC; one without a time zone is one of ours: early imports took such from their files."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, datetime):
        return found
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError("no calendar in UTC has this moment") from error


Moment = Annotated[AwareDatetime, BeforeValidator(_in_utc)]


class RunKind(StrEnum):
    """How a run came about: drawn items, a whole split, or answers that another program gave."""

    SPOT_CHECK = "spot check"
    EVALUATION = "evaluation"
    IMPORTED = "imported"


UNKNOWN_PROMPT = "unknown"
"""Stands for the prompt form of answers that another program asked for."""


FORM = 3
"""The form of the records written now. Form 1 knew nothing of a header from `kind` on, form 2 two of the controls."""


class Verdict(StrEnum):
    """What became of a question."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNPARSED = "unparsed"
    NO_PICTURE = "no picture"


class Way(StrEnum):
    """How an answer was taken: the three scores."""

    LETTER = "letter likelihood"
    WRITTEN = "written letter"
    OPTION_TEXT = "option text likelihood"


class SpotCheckPlan(Stored):
    """What is asked of whom: `n` items drawn from the subsets with the seed, and which controls besides.

    `split` is the split that they were drawn from; it is empty where that was not recorded. `text` also lets the model
    write its answer, `options` also asks how likely the text of each option is. `controls` stand in their own order,
    each once, however they were given; early records say `blank` and `rotations` for two of them.
    """

    collection: str
    version: str
    backbone: str
    subsets: tuple[str, ...] = ()
    n: int = Field(ge=1)
    seed: int = 0
    prompt: str = DEFAULT_PROMPT
    text: bool = True
    options: bool = False
    controls: tuple[ControlName, ...] = ()
    split: str = ""

    @model_validator(mode="before")
    @classmethod
    def _early(cls, fields: Any) -> Any:
        """Controls as early records tell them: two of them, as yes or no."""
        if not isinstance(fields, Mapping):
            return fields
        early = [name for name in (ControlName.BLANK, ControlName.ROTATIONS) if fields.get(name.value)]
        kept = {name: value for name, value in fields.items() if name not in (ControlName.BLANK, ControlName.ROTATIONS)}
        return {**kept, "controls": [*kept.get("controls", ()), *early]} if early else kept

    @field_validator("controls")
    @classmethod
    def _in_order(cls, given: Sequence[ControlName]) -> tuple[ControlName, ...]:
        return tuple(name for name in ControlName if name in given)


MAIN = "asked"
BLANK, SHUFFLED, ACROSS = (name.value for name in PICTURE_CONTROLS)
ROTATION, WORDING = "rotation-", "wording-"
VARIANT = rf"^({MAIN}|{BLANK}|{SHUFFLED}|{ACROSS}|({ROTATION}|{WORDING})[0-9]{{1,3}})$"
"""What a variant may be called: names reach pages from files of others too."""


def rotation(by: int) -> str:
    """The variant's name for options moved on by so many letters."""
    return f"{ROTATION}{by}"


def wording(number: int) -> str:
    """The variant's name for the subset's wording of that number, from 1."""
    return f"{WORDING}{number}"


def control_of(variant: str) -> ControlName | None:
    """Which control a variant belongs to; None for the question as asked, and for names that are none of ours."""
    if variant.startswith(ROTATION):
        return ControlName.ROTATIONS
    if variant.startswith(WORDING):
        return ControlName.WORDINGS
    return ControlName(variant) if variant in PICTURE_CONTROLS else None


class JudgedAnswer(Stored):
    """One question as it was put, what was said, and what that is worth.

    `variant` is `asked`, or a control's: `blank`, `shuffled`, `across`, `rotation-N`, `wording-N`. `options` are
    (letter, text) in the order shown. `problem` says why it was not asked; then there is nothing else. `label` is the
    item's labels, joined by commas. `usual` is the most frequent such label of the subset in its collection, where that
    is known: what blind habit would answer.

    What was said: a probability for each letter; a `chosen` letter alone, where a server tells no probabilities; the
    `text` written and the letter `read` from it; `option_likelihoods`, mean natural logarithms a token. An open
    question, whose prompt shows no options, has neither probabilities nor a chosen letter: only the last two.

    `shown` is the item whose picture was shown, where it was not this one's; `wording` the number of the wording that
    the question as asked has, where its subset's wordings are asked. `picture` is the SHA-256 of the image file that
    was shown, `at` the moment when the answer was stored, `note` what a reader must know of it (a server's bound, a
    picture made smaller), `timing` where its seconds went, `prompt_tokens` how long the prompt was (0: not known). All
    of these are empty where they were not recorded.
    """

    item: str
    variant: Annotated[str, Field(pattern=VARIANT)] = MAIN
    subset: str
    options: tuple[tuple[str, str], ...] = Field(min_length=1)
    right: str
    probabilities: tuple[Annotated[float, Field(ge=0, le=1)], ...] = ()
    chosen: str = ""
    text: str | None = None
    read: str | None = None
    option_likelihoods: tuple[FiniteFloat, ...] = ()
    problem: str = ""
    label: str = ""
    usual: str = ""
    seconds: float = 0.0
    shown: str = ""
    wording: int = Field(default=0, ge=0)
    picture: str = ""
    note: str = ""
    prompt_tokens: int = Field(default=0, ge=0)
    timing: Timing | None = None
    at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "JudgedAnswer":
        letters = self.letters
        if strange := [x for x in (self.right, self.read, self.chosen) if x and x not in letters] or not self.right:
            raise ValueError(f"The letters {strange} must be among the options {letters}.")
        said = (self.probabilities, self.option_likelihoods)
        if any(len(numbers) not in (0, len(letters)) for numbers in said):
            raise ValueError(f"{len(said[0])} probabilities and {len(said[1])} likelihoods for the options {letters}.")
        if bool(self.problem) == bool(any(said) or self.chosen or self.text is not None):
            raise ValueError("An answer needs either a problem or something that was said.")
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
        """The most probable letter, or the one chosen where no probabilities are known; None where neither is."""
        if self.probabilities:
            return self.letters[self.probabilities.index(max(self.probabilities))]
        return self.chosen or None

    @property
    def option(self) -> str | None:
        """The letter of the option whose text is likeliest; None where that is not known, or where two are.

        The likelihoods are means over tokens and are not divided by a length again (lmms-eval's issue 370 does).
        """
        best = max(self.option_likelihoods, default=None)
        found = [x for x, mean in zip(self.letters, self.option_likelihoods, strict=False) if mean == best]
        return found[0] if len(found) == 1 else None

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways in which it can be taken, that of its verdict first: what was written, letters, option texts."""
        asked = {
            Way.WRITTEN: self.text is not None,
            Way.LETTER: self.letter is not None,
            Way.OPTION_TEXT: bool(self.option_likelihoods),
        }
        return tuple(way for way, has in asked.items() if has)

    def said(self, way: Way) -> str | None:
        """The letter taken in one of its ways: None where it could not be read, or where two options are equal."""
        return {Way.WRITTEN: self.read, Way.LETTER: self.letter, Way.OPTION_TEXT: self.option}[way]

    def by(self, way: Way) -> Verdict | None:
        """The verdict in one way; None when it was not asked for."""
        return self._verdict(self.said(way)) if self.problem or way in self.ways else None

    @property
    def by_letter(self) -> Verdict | None:
        """Score 1: the most probable letter; None when no letter was asked for."""
        return self.by(Way.LETTER)

    @property
    def by_text(self) -> Verdict | None:
        """Score 2: the letter read from the text; None when no text was asked for."""
        return self.by(Way.WRITTEN)

    @property
    def by_option(self) -> Verdict | None:
        """Score 3: the option whose text is likeliest, two equal ones unparsed; None when that was not asked for."""
        return self.by(Way.OPTION_TEXT)

    @property
    def counted(self) -> str | None:
        """The letter that its verdict comes from."""
        return self.said(self.ways[0]) if self.ways else None

    @property
    def verdict(self) -> Verdict:
        """By what the model wrote, where it wrote; else by its most probable letter; else by its likeliest option."""
        return self._verdict(self.counted)

    @property
    def disagrees(self) -> bool:
        """Whether the text says another letter than the most probable one, or none that can be read."""
        return self.text is not None and self.letter is not None and self.read != self.letter

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
    `bits` what they were shrunk to (0: not at all). `wordings` are the questions of each subset, where the plan asks
    all of them: the first is wording 1.
    """

    format: int = FORM
    id: str
    created: Moment
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
    wordings: Mapping[str, tuple[str, ...]] = {}
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
