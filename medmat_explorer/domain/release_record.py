"""One record of a release, read into an item: the reference that any faster way of reading must agree with.

What can be mended is mended and named in `repairs`; what cannot raises RefusedRecordError with its reason.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from medmat_explorer.domain.facts import dataset_number
from medmat_explorer.domain.image_path import normal_image_path
from medmat_explorer.domain.options import (
    BLANKS,
    ParsedChoice,
    compose_question_choice,
    parse_question_choice,
)
from medmat_explorer.domain.qa import LETTERS
from medmat_explorer.errors import RefusedRecordError

CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
LETTER_FORM = re.compile(r"\(?([A-Za-z])(?:[).:](?:\s.*)?)?", re.DOTALL)
LONGEST_TEXT = 100_000
PLAIN_ID = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True)
class RecordOrigin:
    """What a record's file says about it. `dataset` is empty where the file holds a whole subset."""

    subset: str
    multi_label: bool
    dataset: str
    known_datasets: Collection[str]


@dataclass(frozen=True)
class ReadRecord:
    """A record that became an item; `question_choice` is None where it follows from the parts."""

    source_id: str
    image: str
    question: str
    options: tuple[str, ...]
    separator: str
    instruction: str
    question_choice: str | None
    letter: str
    labels: tuple[str, ...]
    caption: str
    dataset: str
    repairs: tuple[str, ...]


def read_record(record: Mapping[str, object], origin: RecordOrigin) -> ReadRecord:
    """Reads one record. Raises RefusedRecordError when it cannot become an item."""
    repairs: list[str] = []
    source_id = _source_id(record, repairs)
    image = _image(record, repairs)
    written = _text(record, "Question-choice", repairs)
    if not written.strip(BLANKS):
        raise RefusedRecordError("missing-question-choice", "The record has no Question-choice.")
    asked = _text(record, "Question", repairs)
    parsed = parse_question_choice(written, asked.strip(BLANKS))
    question = asked.strip(BLANKS) or parsed.question
    if not asked.strip(BLANKS):
        repairs.append("missing-question")
    if not question:
        raise RefusedRecordError("missing-question", "Neither Question nor Question-choice holds a question.")
    options = tuple(option.text for option in parsed.options)
    answer, letter = _answer(record, options, origin.multi_label, repairs)
    caption = _caption(record, repairs)
    return ReadRecord(
        source_id=source_id,
        image=image,
        question=question,
        options=options,
        separator=parsed.separator,
        instruction=parsed.instruction,
        question_choice=_unless_composable(written, question, options, parsed),
        letter=letter,
        labels=label_set(answer, origin.multi_label),
        caption=caption,
        dataset=_dataset(record, origin, repairs),
        repairs=tuple(dict.fromkeys(repairs)),
    )


def label_set(answer: str, multi_label: bool) -> tuple[str, ...]:
    """The right labels in order; in multi-label subsets a comma parts one label from the next."""
    if not multi_label:
        return (answer,)
    return tuple(sorted({part.strip(BLANKS) for part in answer.split(",")} - {""})) or (answer,)


def _unless_composable(written: str, question: str, options: tuple[str, ...], parsed: ParsedChoice) -> str | None:
    composed = compose_question_choice(question, options, parsed.separator, parsed.instruction)
    return None if composed == written else written


def _text(record: Mapping[str, object], key: str, repairs: list[str]) -> str:
    """The text under a key, empty where there is none; numbers and lists of texts are written out."""
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        repairs.append("list-as-text")
        value = ", ".join(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        repairs.append("number-as-text")
        value = str(value)
    if not isinstance(value, str):
        raise RefusedRecordError("wrong-type", f"{key} is not a text but {type(value).__name__}.")
    if len(value) > LONGEST_TEXT:
        raise RefusedRecordError("too-long", f"{key} has more than {LONGEST_TEXT:,} characters.")
    if LONE_SURROGATE.search(value):
        raise RefusedRecordError("not-utf8", f"{key} holds bytes that are not UTF-8.")
    if CONTROL.search(value):
        repairs.append("control-characters")
        value = CONTROL.sub("", value)
    return value


def _source_id(record: Mapping[str, object], repairs: list[str]) -> str:
    value = record.get("id")
    if isinstance(value, str) and value and not LONE_SURROGATE.search(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and PLAIN_ID.fullmatch(str(value)):
        return str(value)
    repairs.append("missing-id" if value in (None, "") else "unusable-id")
    return ""


def _image(record: Mapping[str, object], repairs: list[str]) -> str:
    value = record.get("image")
    if value is None or value == "":
        raise RefusedRecordError("missing-image-path", "The record names no image.")
    if not isinstance(value, str):
        raise RefusedRecordError("wrong-type", f"image is not a text but {type(value).__name__}.")
    path = normal_image_path(value)
    if path != value:
        repairs.append("path-normalised")
    return path


def _caption(record: Mapping[str, object], repairs: list[str]) -> str:
    if record.get("caption") is None:
        repairs.append("missing-caption")
    return _text(record, "caption", repairs)


def _answer(
    record: Mapping[str, object], options: tuple[str, ...], multi_label: bool, repairs: list[str]
) -> tuple[str, str]:
    """The right answer's text and its letter, each checked against the other or found from it."""
    answer = _text(record, "Answer", repairs).strip(BLANKS)
    letter = _letter(_text(record, "Answer-choice", repairs), options, repairs)
    if not answer and not letter:
        raise RefusedRecordError("missing-answer", "The record has neither Answer nor Answer-choice.")
    if not answer:
        repairs.append("missing-answer")
        return options[LETTERS.index(letter)], letter
    if letter:
        _refuse_contradiction(answer, letter, options, multi_label)
        return answer, letter
    repairs.append("missing-letter")
    return answer, _letter_of(answer, options, multi_label)


def _letter(written: str, options: tuple[str, ...], repairs: list[str]) -> str:
    """The right letter out of `B`, `b`, `(B)`, `B.` or `B: text`; empty where none is given."""
    text = written.strip(BLANKS)
    if not text:
        return ""
    form = LETTER_FORM.fullmatch(text)
    letter = form[1].upper() if form else ""
    if not letter or LETTERS.index(letter) >= len(options):
        raise RefusedRecordError("letter-not-an-option", f"Answer-choice '{text}' is the letter of no option.")
    if letter != written:
        repairs.append("letter-normalised")
    return letter


def _letter_of(answer: str, options: tuple[str, ...], multi_label: bool) -> str:
    wanted = _comparable(answer, multi_label)
    fitting = [LETTERS[i] for i, option in enumerate(options) if _comparable(option, multi_label) == wanted]
    if len(fitting) != 1:
        reason = "answer-ambiguous" if fitting else "answer-not-an-option"
        found = f"options {', '.join(fitting)}" if fitting else "no option"
        raise RefusedRecordError(reason, f"Answer-choice is missing and Answer '{answer}' is the text of {found}.")
    return fitting[0]


def _refuse_contradiction(answer: str, letter: str, options: tuple[str, ...], multi_label: bool) -> None:
    chosen = options[LETTERS.index(letter)]
    if _comparable(chosen, multi_label) == _comparable(answer, multi_label):
        return
    raise RefusedRecordError(
        "letter-contradicts-answer",
        f"Answer-choice {letter} is '{chosen}', but Answer is '{answer}'.",
    )


def _comparable(text: str, multi_label: bool) -> frozenset[str] | str:
    """Texts are the same answer whatever their case, blanks and closing dot; label sets whatever their order."""
    if multi_label:
        return frozenset(str(_comparable(part, False)) for part in label_set(text, True))
    return " ".join(text.split()).casefold().rstrip(".")


def _dataset(record: Mapping[str, object], origin: RecordOrigin, repairs: list[str]) -> str:
    """The source data set: the record's `data-no` where it is a known one, else what the file says."""
    value = record.get("data-no")
    number = dataset_number(_text(record, "data-no", repairs)) if value is not None else ""
    if not number:
        repairs.append("missing-data-no")
        return origin.dataset
    if number not in origin.known_datasets:
        repairs.append("unknown-data-no")
        return origin.dataset
    if origin.dataset and number != origin.dataset:
        repairs.append("data-no-differs-from-file")
    return number
