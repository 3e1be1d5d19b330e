"""Reads a JSON list record by record, keeping every whole record of a file that is broken somewhere.

Bounded memory: a window of the file slides over it, and no record may be longer than `LONGEST_RECORD`.
"""

import codecs
import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

LONGEST_RECORD = 1 << 20
CHUNK = 1 << 22
BETWEEN = re.compile(r"[\s,]*")
NEXT_RECORD = re.compile(
    r"(?<=\})[\s,]*+(?=\{)"  # behind a record
    r"|(?<=\})(?=\s*+\]\s*+\Z)"  # behind the last record
    r"|\n[ \t]*+(?=\{\s*+\")"  # a line that starts a record
    r"|(?=\{\s*+\"id\")"  # what can only be a record
)
ESCAPED_BYTE = re.compile(r"[\udc80-\udcff]")


class Piece(NamedTuple):
    """One element of the list, or a stretch of text that is none (`broken` then says why).

    `ordinal` counts from 0, `line` from 1. `repair` names what was wrong around a whole record.
    """

    ordinal: int
    line: int
    text: str
    value: dict[str, object]
    broken: str = ""
    repair: str = ""


class _KeyTwice(dict[str, object]):
    """A record in which a key stands twice."""


def _record(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    return record if len(record) == len(pairs) else _KeyTwice(record)


class TolerantReader:
    """Iterates over a file's pieces; when it is through, `remarks` says what was wrong with the file as a whole.

    With `only`, just the pieces of these ordinals come out.
    """

    def __init__(self, path: Path, only: Collection[int] | None = None) -> None:
        self.path = path
        self.remarks: list[str] = []
        self._only = only
        self._decoder = json.JSONDecoder(object_pairs_hook=_record)
        self._text, self._at, self._line, self._ordinal = "", 0, 1, 0
        self._ended = False
        self._in_list = self._closed = self._cut = False

    def __iter__(self) -> Iterator[Piece]:
        with self.path.open("rb") as stream:
            self._bytes, self._decode = stream, _decoder_for(stream)
            while self._skip_to_next():
                piece = self._next_piece()
                if self._only is None or piece.ordinal in self._only:
                    yield piece
        self._conclude()

    def read_all(self) -> "TolerantReader":
        """Goes through the whole file, so that `remarks` are there."""
        for _ in self:
            pass
        return self

    def _fill(self) -> None:
        """Slides the window on, so that a whole record lies ahead unless the file ends."""
        while not self._ended and len(self._text) - self._at < LONGEST_RECORD:
            data = self._bytes.read(CHUNK)
            self._ended = not data
            self._text = self._text[self._at :] + self._decode.decode(data, self._ended)
            self._at = 0

    def _move_to(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _skip_to_next(self) -> bool:
        """Moves to the next element, over blanks, commas and the list's brackets; False at the end."""
        while True:
            self._fill()
            gap = BETWEEN.match(self._text, self._at)
            self._move_to(gap.end() if gap else self._at)
            sign = self._text[self._at : self._at + 1]
            if sign == "[" and (self._closed or (not self._in_list and not self._ordinal)):
                self._in_list, self._closed = True, False
            elif sign == "]" and self._in_list and not self._closed:
                self._closed = True
            elif sign:
                self._fill()
                return True
            elif self._ended:
                return False
            else:
                continue
            self._at += 1

    def _next_piece(self) -> Piece:
        start, line, ordinal = self._at, self._line, self._ordinal
        self._ordinal += 1
        try:
            value, end = self._decoder.raw_decode(self._text, start)
        except (ValueError, RecursionError):
            return self._broken_piece(ordinal, line)
        if end - start > LONGEST_RECORD:
            return self._broken_piece(ordinal, line)
        text = self._text[start:end]
        self._move_to(end)
        repair = "" if self._in_list else "not-a-list"
        return Piece(ordinal, line, text, *_judge(value, text), repair=repair)

    def _broken_piece(self, ordinal: int, line: int) -> Piece:
        """Everything up to where the next record starts; of a stretch longer than a record only its beginning."""
        head, length, opened = "", 0, self._text.startswith(("{", "["), self._at)
        found = NEXT_RECORD.search(self._text, self._at + 1)
        while found is None and not self._ended:
            head = head or self._text[self._at : self._at + LONGEST_RECORD]
            length += len(self._text) - 1 - self._at
            self._move_to(len(self._text) - 1)
            self._fill()
            found = NEXT_RECORD.search(self._text, self._at)
        end = found.start() if found else len(self._text)
        text = head or self._text[self._at : end]
        length += end - self._at
        self._move_to(end)
        self._cut = found is None and opened
        reason = "truncated-json" if self._cut else "not-json"
        text = text[:LONGEST_RECORD].strip()
        return Piece(ordinal, line, text, {}, broken="too-long" if opened and length > LONGEST_RECORD else reason)

    def _conclude(self) -> None:
        if self._ordinal == 0:
            self.remarks.append("empty-list" if self._in_list else "empty-file")
        if self._in_list and not self._closed and not self._cut:
            self.remarks.append("truncated-json")


def _judge(value: object, text: str) -> tuple[dict[str, object], str]:
    """The record, and why it is none: bytes that are not UTF-8, a key that stands twice, no object."""
    if ESCAPED_BYTE.search(text):
        return {}, "not-utf8"
    if isinstance(value, _KeyTwice):
        return {}, "key-twice"
    if not isinstance(value, dict):
        return {}, "not-an-object"
    return value, ""


def _decoder_for(stream: BinaryIO) -> codecs.IncrementalDecoder:
    """Reads UTF-8, and UTF-16 where the file says so; bytes that are not UTF-8 come out as lone surrogates."""
    start = stream.read(3)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        stream.seek(0)
        return codecs.getincrementaldecoder("utf-16")("replace")
    stream.seek(3 if start == codecs.BOM_UTF8 else 0)
    return codecs.getincrementaldecoder("utf-8")("surrogateescape")
