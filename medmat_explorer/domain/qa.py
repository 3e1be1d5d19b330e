"""Question-answer items in Med-MAT's multiple-choice form."""

from dataclasses import dataclass, field
from enum import StrEnum

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Split(StrEnum):
    """Which side of the training an item stands on. Where no test file exists we hold items out ourselves."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True)
class Option:
    """One answer to choose from."""

    letter: str
    text: str


@dataclass(frozen=True)
class QAItem:
    """One picture with one multiple-choice question.

    `question_choice` is the prompt exactly as released, options and instruction included. `labels` is the right
    answer: one label, or several for multi-label subsets. Raises ValueError when the right letter is no option.
    """

    id: int
    subset: str
    split: Split
    question: str
    question_choice: str
    options: tuple[Option, ...]
    answer_letter: str
    labels: frozenset[str]
    image: str
    dataset: str = ""
    caption: str = ""
    split_is_ours: bool = field(default=False)

    def __post_init__(self) -> None:
        if self.answer_letter not in {option.letter for option in self.options}:
            raise ValueError(f"The right letter '{self.answer_letter}' is none of the options of item {self.key}.")

    @property
    def key(self) -> str:
        """The id as it stands in links and files: sixteen hexadecimal digits."""
        return item_key(self.id)

    @property
    def answer(self) -> str:
        """The text of the right option."""
        return next(option.text for option in self.options if option.letter == self.answer_letter)

    @property
    def chance(self) -> float:
        """Accuracy of blind guessing on this item: one over its number of options."""
        return 1 / len(self.options)


def item_key(item_id: int) -> str:
    """The id of an item as text for links and files."""
    return f"{item_id:016x}"


def parse_item_key(text: str) -> int:
    """The id behind a key. Raises ValueError when the text is not sixteen hexadecimal digits."""
    if len(text) != 16 or any(c not in "0123456789abcdef" for c in text):
        raise ValueError(f"'{text}' is not an item key: sixteen hexadecimal digits are.")
    return int(text, 16)
