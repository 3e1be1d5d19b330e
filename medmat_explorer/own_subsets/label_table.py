"""A table of labels, read: which column holds what is told from the head, encoding and separator are found out."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.domain.own_subset import LabelledPicture, RefusedPicture
from medmat_explorer.domain.qa import Split
from medmat_explorer.errors import LayoutError

TABLE_SUFFIXES = {".csv", ".tsv"}
SEPARATORS = (",", "\t", ";", "|")
LARGEST = 512 << 20
"""Bytes; a table of labels is smaller by far."""

COLUMNS = {
    "image": (
        "image",
        "path",
        "file",
        "filename",
        "file_name",
        "image_path",
        "image_name",
        "image_id",
        "img",
        "image index",
    ),
    "label": ("label", "labels", "class", "diagnosis", "dx", "answer", "category", "finding labels"),
    "split": ("split", "set", "fold", "partition"),
    "question": ("question",),
    "caption": ("caption", "description"),
    "group": ("group", "patient", "patient_id", "patient id", "case", "case_id", "subject", "lesion_id"),
}
"""Names that a column may have, the best first; case and blanks around do not count."""

SPLIT_NAMES = {
    "train": Split.TRAIN,
    "training": Split.TRAIN,
    "val": Split.TRAIN,
    "valid": Split.TRAIN,
    "validation": Split.TRAIN,
    "test": Split.TEST,
    "testing": Split.TEST,
}
"""How folders and tables call the sides; Med-MAT has training and test only, so validation is training."""


@dataclass(frozen=True)
class LabelTable:
    """The rows that have an image and a label; `image` is as the table writes it."""

    path: Path
    rows: tuple[LabelledPicture, ...]
    refused: tuple[RefusedPicture, ...]
    notes: tuple[str, ...]


def read_table(path: Path) -> LabelTable:
    """Reads a table. Raises LayoutError when it cannot be read, or has no column of images or none of labels."""
    text = _text(path)
    try:
        columns, rows = _parsed(path, text)
        read = _Reader(columns)
        for number, row in enumerate(rows, start=2):
            read.take(number, row)
    except csv.Error as error:
        raise LayoutError(f"'{path}' cannot be read as a table: {error}.") from error
    return LabelTable(path, tuple(read.rows), tuple(read.refused), tuple(read.notes()))


def _text(path: Path) -> str:
    """The table's text, in UTF-8, UTF-16 or else Windows' western letters."""
    try:
        if path.stat().st_size > LARGEST:
            raise LayoutError(f"'{path}' has more than {LARGEST >> 20} MB: that is no table of labels.")
        data = path.read_bytes()
    except OSError as error:
        raise LayoutError(f"'{path}' cannot be read ({error.strerror}): give read access to it.") from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _parsed(path: Path, text: str) -> tuple[dict[str, int], Iterator[list[str]]]:
    """Which column holds what, and the rows behind the head, by the separator that makes sense of the head."""
    head: list[str] = []
    for separator in SEPARATORS:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        head = next(rows, [])
        columns = _columns(head)
        if {"image", "label"} <= columns.keys():
            return columns, rows
    raise LayoutError(
        f"'{path}' has no column of images ({', '.join(COLUMNS['image'][:3])} ...) or none of labels "
        f"({', '.join(COLUMNS['label'][:3])} ...); its head is '{(text.splitlines() or [''])[0][:120]}'."
    )


def _columns(head: list[str]) -> dict[str, int]:
    """Columns by what they hold; of several that would do, the one with the best name."""
    names = {name.strip().lower(): place for place, name in reversed(list(enumerate(head)))}
    found = {}
    for kind, known in COLUMNS.items():
        place = next((names[name] for name in known if name in names), None)
        if place is not None:
            found[kind] = place
    return found


class _Reader:
    """Rows taken one by one."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self.columns = columns
        self.rows: list[LabelledPicture] = []
        self.refused: list[RefusedPicture] = []
        self._validation = 0

    def take(self, number: int, row: list[str]) -> None:
        """One row of the table; `number` is its number as an editor shows it."""
        cells = {kind: row[place].strip() if place < len(row) else "" for kind, place in self.columns.items()}
        image, labels = cells["image"], _labels(cells["label"])
        if not any(cells.values()):
            return
        side = cells.get("split", "").lower()
        if not image:
            self._refuse(f"row {number}", "no-image", f"Row {number} names no image.")
        elif not labels:
            self._refuse(image, "no-label", f"Row {number} gives '{image}' no label.")
        elif side and side not in SPLIT_NAMES:
            self._refuse(image, "unknown-split", f"Row {number} has the split '{side}': train and test are known.")
        else:
            self._validation += side.startswith("val")
            further = (" ".join(cells.get(name, "").split()) for name in ("question", "caption", "group"))
            self.rows.append(LabelledPicture(image, labels, SPLIT_NAMES.get(side), *further))

    def notes(self) -> list[str]:
        """What is worth knowing of the whole table."""
        notes = []
        if self._validation:
            notes.append("Pictures for validation are taken for training: Med-MAT has no third side.")
        if "group" in self.columns:
            notes.append("Pictures of one group stay on one side of the split.")
        return notes

    def _refuse(self, image: str, reason: str, message: str) -> None:
        self.refused.append(RefusedPicture(image, reason, message))


def _labels(written: str) -> tuple[str, ...]:
    """The labels of a cell, parted by | or ; in the order of the alphabet."""
    parts = (" ".join(part.split()) for part in written.replace(";", "|").split("|"))
    return tuple(sorted({part for part in parts if part}))
