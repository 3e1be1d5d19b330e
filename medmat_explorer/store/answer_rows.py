"""Answers that another program wrote down, one row each, before anybody knows which items they belong to."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

KEY_NAMES = ("item", "item_key", "key", "id", "index", "question_id", "questionid")
IMAGE_NAMES = ("image_path", "image_file", "image_name", "image", "img_path", "img")
QUESTION_NAMES = ("question", "question_choice", "question-choice")
ANSWER_NAMES = ("answer", "gt", "ground_truth", "target", "answer_letter")
LONGEST_NAME = 1000
"""A longer text in an image's column is the image itself, written in letters."""

LISTED = re.compile(r"""\[\s*(['"])(?P<one>[^'"]+)\1\s*\]""")

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class AnswerRow:
    """One row: what was said, and all that may tell of which item.

    `place` counts rows or lines from 1. `text` is None where the row holds no answer; `problem` then says why, in a
    word. `keys` are what may name the item. `question` is the question or the whole prompt. `options` are the letters
    and texts shown, empty where the row does not tell. `answer` is the right one as the row has it. `kept` holds what a
    run of ours tells besides.
    """

    place: int
    raw: Raw
    text: str | None = None
    keys: tuple[str, ...] = ()
    image: str = ""
    question: str = ""
    options: tuple[tuple[str, str], ...] = ()
    answer: str = ""
    problem: str = ""
    kept: Raw = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerFile:
    """A file of answers: its form, what it calls the model, and its rows; `header` is that of a run of ours."""

    form: str
    model: str
    rows: Iterable[AnswerRow]
    header: Raw = field(default_factory=dict)


def cell_text(value: object) -> str:
    """A value as text; numbers that are whole have no decimals, and nothing is the empty text."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).encode("utf-8", "replace").decode("utf-8")


def first_of(row: Raw, names: Iterable[str]) -> str:
    """The first of the named values that says anything."""
    return next((text for name in names if (text := cell_text(row.get(name)).strip())), "")


def keys_in(row: Raw) -> tuple[str, ...]:
    """All values that may name an item."""
    return tuple(dict.fromkeys(text for name in KEY_NAMES if (text := cell_text(row.get(name)).strip())))


def image_in(row: Raw) -> str:
    """The image's path or name; a list of one counts as that one."""
    names = [text for name in IMAGE_NAMES if (text := cell_text(row.get(name)).strip())]
    found = next((text for text in names if len(text) <= LONGEST_NAME), "")
    listed = LISTED.fullmatch(found)
    return (listed["one"] if listed else found).replace("\\", "/")


def lettered_options(row: Raw) -> tuple[tuple[str, str], ...]:
    """The columns `A`, `B`, ... as far as they follow one another and hold something."""
    found = []
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        text = cell_text(row.get(letter)).strip()
        if not text:
            break
        found.append((letter, text))
    return tuple(found) if len(found) > 1 else ()


def without_case(row: Raw) -> dict[str, Any]:
    """The row with names in small letters, but for the options' single letters."""
    return {(name if len(name) == 1 else name.casefold()): value for name, value in row.items()}
