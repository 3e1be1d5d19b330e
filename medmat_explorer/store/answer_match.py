"""Which item of a collection a row of foreign answers is about: found by what the row says, never guessed.

A key or id names its item. Where none does, the image's name and the question together do, if they fit one item alone.
Whatever the row tells besides must agree: the question, the options (in any order; letters are read in the row's own),
the right answer. A row that leaves two readings open is left out with its reason.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from medmat_explorer.domain.options import parse_question_choice
from medmat_explorer.domain.qa import LETTERS, Option, QAItem, item_key, parse_item_key
from medmat_explorer.errors import RefusedRecordError
from medmat_explorer.store.answer_rows import AnswerRow
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.item_rows import ITEM_FIELDS, item_of

BY_KEY, BY_ID, BY_PATH, BY_NAME = "item key", "id", "image path and question", "image name and question"
"""How a row found its item; by path, folder and name of the image agree, by name the name alone, which is weaker."""

REASONS: dict[str, str] = {
    "not-json": "the line is not JSON",
    "not-ours": "the line lacks what an exported run's answers have",
    "no-answer": "the row holds no answer",
    "several-answers": "the row holds several answers, or likelihoods instead of a text",
    "no-such-item": "neither its key or id nor its image and question fit an item of the collection",
    "several-items": "it fits several items of the collection",
    "other-question": "its key or id names an item with another question",
    "options-unknown": "it does not tell which options were shown, and in which order",
    "other-options": "its options are not those of the item",
    "other-answer": "what it calls the right answer is not the item's",
    "twice": "the item was answered by an earlier row",
}
"""Why a row is left out, by the word that counts use."""

LARGEST_ID = (1 << 63) - 1
AT_ONCE = 2000
"""Rows whose items are looked up by one query."""

BY_NAMES = (
    f"SELECT {ITEM_FIELDS} FROM items WHERE regexp_extract(image, '[^/]+$') IN (SELECT unnest($names::VARCHAR[]))"
)


@dataclass(frozen=True)
class Match:
    """A row with its item and the options as the row shows them; `right` is the right one's letter among these."""

    row: AnswerRow
    item: QAItem
    how: str
    options: tuple[Option, ...]
    right: str


@dataclass(frozen=True)
class Unmatched:
    """A row that is left out; `reason` is a key of REASONS."""

    row: AnswerRow
    reason: str


def match_rows(catalog: Catalog, rows: Iterable[AnswerRow]) -> Iterator[Match | Unmatched]:
    """What becomes of each row, in their order."""
    waiting = iter(rows)
    while stretch := list(islice(waiting, AT_ONCE)):
        by_key = catalog.items_found([key for row in stretch for key, _ in _keys(row)])
        lost = [row for row in stretch if row.image and not any(key in by_key for key, _ in _keys(row))]
        by_name = _items_by_name(catalog, {_name(row.image) for row in lost})
        for row in stretch:
            yield _matched(row, by_key, by_name)


def _matched(row: AnswerRow, by_key: Mapping[str, QAItem], by_name: Mapping[str, list[QAItem]]) -> Match | Unmatched:
    if row.problem:
        return Unmatched(row, row.problem)
    named = {key: how for key, how in _keys(row) if key in by_key}
    if len(named) > 1:
        return Unmatched(row, "several-items")
    for key, how in named.items():
        item = by_key[key]
        return _agreed(row, item, how) if _asks(row.question, item) else Unmatched(row, "other-question")
    fitting = _nearest(
        row, [item for item in by_name.get(_name(row.image), ()) if row.question and _asks(row.question, item)]
    )
    if len(fitting) == 1:
        return _agreed(row, fitting[0], BY_PATH if _shared_end(row.image, fitting[0].image) > 1 else BY_NAME)
    return Unmatched(row, "several-items" if fitting else "no-such-item")


def _keys(row: AnswerRow) -> list[tuple[str, str]]:
    """Item keys that the row may mean, with how it names them; a number means an item's id."""
    found = []
    for text in row.keys:
        try:
            if parse_item_key(text) <= LARGEST_ID:
                found.append((text, BY_KEY))
        except ValueError:
            if len(text) <= len(str(LARGEST_ID)) and text.isascii() and text.isdigit() and int(text) <= LARGEST_ID:
                found.append((item_key(int(text)), BY_ID))
    return found


def _items_by_name(catalog: Catalog, names: set[str]) -> dict[str, list[QAItem]]:
    """Items by the last part of their image's path."""
    found: defaultdict[str, list[QAItem]] = defaultdict(list)
    if names:
        for row in catalog.connection.rows(BY_NAMES, {"names": sorted(names)}):
            item = item_of(row)
            found[_name(item.image)].append(item)
    return found


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _nearest(row: AnswerRow, items: list[QAItem]) -> list[QAItem]:
    """Of several items those whose image path agrees furthest from its end, and whose options are the row's."""
    if len(items) > 1:
        agreeing = [_shared_end(row.image, item.image) for item in items]
        items = [item for item, parts in zip(items, agreeing, strict=True) if parts == max(agreeing)]
    if len(items) > 1:
        items = [item for item in items if isinstance(_agreed(row, item, BY_NAME), Match)] or items
    return items


def _shared_end(path: str, other: str) -> int:
    """How many parts two paths share, counted from their ends."""
    pairs = zip(reversed(path.split("/")), reversed(other.split("/")), strict=False)
    shared = 0
    for part, too in pairs:
        if part != too:
            break
        shared += 1
    return shared


def _asks(question: str, item: QAItem) -> bool:
    """Whether a question or prompt, where there is one, holds the item's question."""
    asked, wanted = _plain(question), _plain(item.question)
    return not asked or bool(wanted and wanted in asked) or asked == _plain(item.question_choice)


def _agreed(row: AnswerRow, item: QAItem, how: str) -> Match | Unmatched:
    """The row with the options that it shows, if they and its right answer are the item's."""
    options = _shown(row, item)
    if not options and how in (BY_PATH, BY_NAME):
        return Unmatched(row, "options-unknown")
    options = options or item.options  # the key stands for the options too: it is a hash of them
    texts, wanted = [_value(option.text) for option in options], [_value(option.text) for option in item.options]
    letters = [option.letter for option in options]
    if sorted(texts) != sorted(wanted) or len(set(letters)) != len(letters) or not set(letters) <= set(LETTERS):
        return Unmatched(row, "other-options")
    right = [option.letter for option in options if _value(option.text) == _value(item.answer)]
    if len(right) > 1 and options != item.options:
        return Unmatched(row, "other-options")  # the same text twice: which of them is right cannot be told
    letter = right[0] if len(right) == 1 else item.answer_letter
    if _contradicts(row.answer, options, letter):
        return Unmatched(row, "other-answer")
    return Match(row, item, how, options, letter)


def _shown(row: AnswerRow, item: QAItem) -> tuple[Option, ...]:
    """The options that the row tells, in columns or in its prompt; empty when it tells none."""
    if row.options:
        return tuple(Option(letter, text) for letter, text in row.options)
    if _plain(item.question_choice) in _plain(row.question):
        return item.options
    try:
        return parse_question_choice(row.question).options
    except RefusedRecordError:
        return ()


def _contradicts(answer: str, options: tuple[Option, ...], right: str) -> bool:
    """Whether what the row calls right is another option; what is none of them says nothing."""
    said = answer.strip().strip("().: ")
    if said in {option.letter for option in options}:
        return said != right
    named = {option.letter for option in options if _value(option.text) == _value(answer)}
    return bool(named) and right not in named


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _value(text: str) -> str:
    """A text for comparing; tables turn 1 into 1.0."""
    plain = _plain(text)
    try:
        return repr(float(plain))
    except ValueError:
        return plain
