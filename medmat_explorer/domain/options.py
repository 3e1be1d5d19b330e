"""The options of a multiple-choice question, parsed out of the text that a model is asked.

    Which category does this CT slice belong to?       the question
    A: Cyst                                            options: letters from A on, each at the start of a line,
    B: Tumor, of the kidney: large                     followed by the same sign (`:` `.` or `)`) throughout
    Answer with the option's letter ... directly.      the instruction

An option may go on over several lines and hold colons, commas and dots. Where no options start lines, they may
stand in one line (`... A: yes, B: no`).
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from medmat_explorer.domain.qa import LETTERS, Option
from medmat_explorer.errors import RefusedRecordError

BLANKS = " \t\n\r\f"
LINE_MARKER = re.compile(r"(?:^|(?<=\n))[ \t]*\(?([A-Z])([:.)])(?:[ \t]+|(?=\n|$))")
INLINE_MARKER = re.compile(r"(?:^|(?<=[\s,;?!]))\(?([A-Z])([:.)])[ \t]+")
INSTRUCTION = re.compile(r"\n[ \t]*(?=(?:answer|please|choose|select|respond|reply|pick|give|output)\b)", re.IGNORECASE)
STRAY_REACH = 4
"""A line that starts like an option, with a letter used before or up to so many letters on, is a broken list."""


class ParsedChoice(NamedTuple):
    """A question-choice text in its parts; `separator` is the sign between letter and option."""

    question: str
    options: tuple[Option, ...]
    instruction: str
    separator: str = ":"


@dataclass(frozen=True)
class _Marker:
    letter: str
    sign: str
    start: int
    end: int


def parse_question_choice(text: str, question: str = "") -> ParsedChoice:
    """The question, its options and the instruction.

    Where the question is known and the text starts with it, options are only looked for behind it, so that a
    question may itself hold lines such as `A: ...`. Raises RefusedRecordError with the reason `no-options` (fewer
    than two), `options-out-of-order` (a letter missing or twice) or `empty-option`.
    """
    begin = len(question) if question and text.startswith(question) else 0
    tail_start = _instruction_start(text, begin)
    chain = _line_chain(text, begin, tail_start) or _inline_chain(text, begin, tail_start)
    if not chain:
        raise RefusedRecordError("no-options", "Fewer than two options (A: ... B: ...) stand in Question-choice.")
    ends = [marker.start for marker in chain[1:]] + [tail_start]
    texts = [text[marker.end : end].strip(BLANKS) for marker, end in zip(chain, ends, strict=True)]
    if not all(texts):
        raise RefusedRecordError("empty-option", f"Option {chain[texts.index('')].letter} has no text.")
    options = tuple(Option(marker.letter, option) for marker, option in zip(chain, texts, strict=True))
    asked = text[: chain[0].start].strip(BLANKS)
    return ParsedChoice(asked, options, text[tail_start:].strip(BLANKS), chain[0].sign)


def compose_question_choice(question: str, options: tuple[str, ...], separator: str, instruction: str) -> str:
    """The text in the release's usual form, from its parts."""
    lines = [question, *(f"{LETTERS[i]}{separator} {option}" for i, option in enumerate(options))]
    return "\n".join([*lines, instruction] if instruction else lines)


def _instruction_start(text: str, begin: int) -> int:
    """Where the closing instruction starts: the first line that asks for an answer, behind the last marker line."""
    last = begin
    for marker in LINE_MARKER.finditer(text, begin):
        last = marker.end()
    found = INSTRUCTION.search(text, last)
    return found.start() if found else len(text)


def _line_chain(text: str, begin: int, end: int) -> list[_Marker]:
    """The options that start lines. Raises RefusedRecordError when letters are missing or stand twice."""
    markers = _markers(LINE_MARKER, text, begin, end)
    starts = [i for i, marker in enumerate(markers) if marker.letter == "A"]
    for start in starts:
        chain, strays = _follow(markers[start:])
        if len(chain) > 1 or strays:
            _refuse_strays(chain, strays)
            return chain
    return []


def _inline_chain(text: str, begin: int, end: int) -> list[_Marker]:
    """The options that stand in one line; the last `A` from which a chain follows starts it."""
    markers = _markers(INLINE_MARKER, text, begin, end)
    for start in reversed([i for i, marker in enumerate(markers) if marker.letter == "A"]):
        chain, _ = _follow(markers[start:])
        if len(chain) > 1:
            return _without_commas(text, chain)
    return []


def _markers(pattern: re.Pattern[str], text: str, begin: int, end: int) -> list[_Marker]:
    return [_Marker(m[1], m[2], m.start(), m.end()) for m in pattern.finditer(text, begin, end)]


def _follow(markers: list[_Marker]) -> tuple[list[_Marker], list[_Marker]]:
    """From an `A` on: the markers in the order of letters with the same sign, and those that break the order."""
    chain, strays = [markers[0]], []
    for marker in markers[1:]:
        if marker.sign != chain[0].sign:
            continue
        step = LETTERS.index(marker.letter) - LETTERS.index(chain[-1].letter)
        if step == 1:
            chain.append(marker)
        elif step <= STRAY_REACH:
            strays.append(marker)
    return chain, strays


def _refuse_strays(chain: list[_Marker], strays: list[_Marker]) -> None:
    if strays:
        order = "".join(marker.letter for marker in sorted([*chain, *strays], key=lambda marker: marker.start))
        raise RefusedRecordError("options-out-of-order", f"The options' letters do not follow one another: {order}.")


def _without_commas(text: str, chain: list[_Marker]) -> list[_Marker]:
    """Lets each option of one line end before the comma that parts it from the next."""
    trimmed = chain[:1]
    for marker in chain[1:]:
        before = text[: marker.start].rstrip(BLANKS + ",;")
        trimmed.append(_Marker(marker.letter, marker.sign, max(len(before), trimmed[-1].end), marker.end))
    return trimmed
