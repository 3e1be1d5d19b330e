"""A folder that Hugging Face `datasets` loads by its path.

Without images: a Parquet table a split. With images: an image folder, `data/<split>/` holding the pictures and a
`metadata.parquet` that names them, from which `datasets` makes a column of pictures. It is no `metadata.jsonl`, since
of JSON the types are guessed: texts that are all dates would become times, lists that are all empty would have no
type, and splits that were guessed differently are refused.
"""

from pathlib import Path
from typing import Any

from medmat_explorer.store.exports.llava import IMAGE, IN_TEXT
from medmat_explorer.store.exports.parquet import ParquetWriter
from medmat_explorer.store.exports.record import ExportRecord

TABLES = "data/{split}.parquet"
IMAGES = "data/{split}"
METADATA = "data/{split}/metadata.parquet"
FILE_NAME = "file_name"
"""The column in which an image folder looks for the name of a picture; loaded, it is the column `image`."""


FILE_NAMES = "images_file_names"
"""The same for a list of pictures; loaded, it is the column `images`, as trainers of chat models want it."""

MESSAGES = "messages"


def tables(folder: Path, *, images: bool, leave_out: frozenset[str] = frozenset()) -> ParquetWriter:
    """The writer for a folder with or without images."""
    if images:
        return ImageFolderWriter(folder, leave_out)
    return ParquetWriter(folder, images=False, leave_out=leave_out, pattern=TABLES)


def chat_tables(folder: Path, *, images: bool, leave_out: frozenset[str] = frozenset()) -> ParquetWriter:
    """The same with a conversation an item, in the columns `messages` and `images`."""
    return ChatWriter(folder, images, leave_out)


class ImageFolderWriter(ParquetWriter):
    """Writes a `metadata.parquet` beside the pictures of each split."""

    def __init__(self, folder: Path, leave_out: frozenset[str] = frozenset()) -> None:
        super().__init__(folder, images=False, leave_out=leave_out, pattern=METADATA)
        self.fields = [FILE_NAME, *self.fields]

    def row(self, record: ExportRecord) -> dict[str, Any]:
        """An item's values by column, its picture's name below its split's folder first."""
        below = IMAGES.format(split=record.item.split.value)
        return {FILE_NAME: record.file.removeprefix(f"{below}/"), **record.flat(images=False)}


class ChatWriter(ParquetWriter):
    """Writes items with their conversation: the released prompt of the user, the right letter of the assistant.

    An `<image>` inside the prompt is written `< image >`, as for LLaVA: trainers would look for a second picture.
    """

    def __init__(self, folder: Path, images: bool, leave_out: frozenset[str]) -> None:
        super().__init__(folder, images=False, leave_out=leave_out, pattern=METADATA if images else TABLES)
        self._with_images = images
        self.fields = [*([FILE_NAMES] if images else []), MESSAGES, *self.fields]

    def row(self, record: ExportRecord) -> dict[str, Any]:
        """An item's values by column."""
        below, item = IMAGES.format(split=record.item.split.value), record.item
        return {
            FILE_NAMES: [record.file.removeprefix(f"{below}/")],
            MESSAGES: [
                {"role": "user", "content": item.question_choice.replace(IMAGE, IN_TEXT)},
                {"role": "assistant", "content": item.answer_letter},
            ],
            **record.flat(images=False),
        }

    def _schema(self) -> Any:
        import pyarrow as pa

        message = pa.struct([("role", pa.string()), ("content", pa.string())])
        special = {FILE_NAMES: pa.list_(pa.string()), MESSAGES: pa.list_(message)}
        plain = super()._schema()
        return pa.schema([(name, special.get(name, plain.field(name).type)) for name in self.fields])
