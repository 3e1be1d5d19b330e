"""The formats of an export."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.exports import huggingface
from medmat_explorer.store.exports.csv_table import CsvWriter
from medmat_explorer.store.exports.jsonl import JsonlWriter
from medmat_explorer.store.exports.llava import LlavaWriter
from medmat_explorer.store.exports.parquet import ParquetWriter
from medmat_explorer.store.exports.record import ExportRecord


class Writer(Protocol):
    """Takes items and writes them into a folder of its own."""

    def write(self, records: Sequence[ExportRecord]) -> None:
        """Adds items."""

    def close(self) -> None:
        """Ends the files."""


@dataclass(frozen=True)
class ExportFormat:
    """A way to write items. `images` is where copied pictures lie, by split where it says so.

    An item whose picture could not be copied is left out where the format's reader would fail on it (`needs_file`).
    """

    name: str
    title: str
    meaning: str
    writer: Callable[..., Writer]
    images: str = "images"
    needs_file: bool = False

    def open(self, folder: Path, *, images: bool, leave_out: frozenset[str] = frozenset()) -> Writer:
        """A writer into an empty folder, which leaves some of the FIELDS out."""
        return self.writer(folder, images=images, leave_out=leave_out)


FORMATS: dict[str, ExportFormat] = {
    one.name: one
    for one in (
        ExportFormat(
            "llava",
            "LLaVA conversations",
            "train.json and test.json as LLaVA's training code reads them.",
            LlavaWriter,
            needs_file=True,
        ),
        ExportFormat("jsonl", "JSON Lines", "train.jsonl and test.jsonl, every field of an item a line.", JsonlWriter),
        ExportFormat("parquet", "Parquet", "items.parquet, a table with a column for the split.", ParquetWriter),
        ExportFormat("csv", "CSV", "items.csv, a table that is safe to open in a spreadsheet.", CsvWriter),
        ExportFormat(
            "hf",
            "Hugging Face datasets",
            "A folder that datasets.load_dataset opens by its path, with splits.",
            huggingface.tables,
            images=huggingface.IMAGES,
            needs_file=True,
        ),
    )
}


def format_named(name: str) -> ExportFormat:
    """A format of FORMATS. Raises UnknownNameError."""
    if name not in FORMATS:
        raise UnknownNameError("export format", name, FORMATS)
    return FORMATS[name]
