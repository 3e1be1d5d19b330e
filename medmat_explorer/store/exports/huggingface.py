"""A folder that Hugging Face `datasets` loads by its path.

Without images: a Parquet table a split. With images: an image folder, `data/<split>/` holding the pictures and a
`metadata.parquet` that names them, from which `datasets` makes a column of pictures. It is no `metadata.jsonl`, since
of JSON the types are guessed: texts that are all dates would become times, lists that are all empty would have no
type, and splits that were guessed differently are refused.
"""

from pathlib import Path
from typing import Any

from medmat_explorer.store.exports.parquet import ParquetWriter
from medmat_explorer.store.exports.record import FIELDS, ExportRecord

TABLES = "data/{split}.parquet"
IMAGES = "data/{split}"
METADATA = "data/{split}/metadata.parquet"
FILE_NAME = "file_name"
"""The column in which an image folder looks for the name of a picture; loaded, it is the column `image`."""


def tables(folder: Path, *, images: bool) -> ParquetWriter:
    """The writer for a folder with or without images."""
    return ImageFolderWriter(folder) if images else ParquetWriter(folder, images=False, pattern=TABLES)


class ImageFolderWriter(ParquetWriter):
    """Writes a `metadata.parquet` beside the pictures of each split."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, images=False, pattern=METADATA)
        self._fields = [FILE_NAME, *(name for name in FIELDS if name != "image_file")]

    def row(self, record: ExportRecord) -> dict[str, Any]:
        """An item's values by column, its picture's name below its split's folder first."""
        below = IMAGES.format(split=record.item.split.value)
        return {FILE_NAME: record.file.removeprefix(f"{below}/"), **record.flat(images=False)}
