"""One CSV table of all items, safe to open in a spreadsheet.

A spreadsheet runs a cell that begins with = + - @ (or a tab or carriage return) as a formula. Such a text gets an
apostrophe in front, and so does a text that begins with apostrophes before one of these: taking one apostrophe away
from every cell that `GUARDED` fits gives back the text exactly (`unguarded`). Lists are JSON texts.
"""

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medmat_explorer.store.exports.record import FIELDS, ExportRecord

DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A text as a spreadsheet will show it and not run it."""
    return f"'{text}" if DANGEROUS.match(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` was given."""
    return cell[1:] if GUARDED.match(cell) else cell


def cell(value: Any) -> str:
    """A value as it stands in the table."""
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return guarded(value) if isinstance(value, str) else str(value)


class CsvWriter:
    """Writes `items.csv`, with a mark at its start by which spreadsheets know that it is UTF-8."""

    def __init__(self, folder: Path, *, images: bool, leave_out: frozenset[str] = frozenset()) -> None:
        self._images, self._leave_out = images, leave_out
        self._file = (folder / "items.csv").open("w", encoding="utf-8-sig", newline="")
        self._table = csv.writer(self._file, lineterminator="\r\n")
        self._table.writerow([name for name in FIELDS if name not in leave_out and (images or name != "image_file")])

    def write(self, records: Sequence[ExportRecord]) -> None:
        """Adds items."""
        for record in records:
            flat = record.flat(images=self._images, leave_out=self._leave_out)
            self._table.writerow([cell(value) for value in flat.values()])

    def close(self) -> None:
        """Ends the table."""
        self._file.close()
