"""The pictures of an export: copied under names of our own, and a list of those that could not be.

A copy is named after a hash of its path in the release, in one of 256 folders: no name can lead out of the folder, none
can stand for two images, and no folder grows too large to be listed.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media.picture_copy import picture_copy
from medmat_explorer.store.exports.csv_table import cell
from medmat_explorer.store.exports.record import ExportRecord, below

SUMS = "SHA256SUMS"
NOT_COPIED = "images-not-copied.csv"
COLUMNS = ("id", "subset", "dataset", "split", "image_path", "reason", "left_out")


class PictureCopier:
    """Copies the pictures of items into a folder; `place` is where in it, and may name the `{split}`.

    `image_of` finds an item's image file, within its collection; `shared` are the images of several items, copied once.
    """

    def __init__(
        self, image_of: Callable[[QAItem], Path], folder: Path, place: str, shared: frozenset[int], sums: TextIO
    ) -> None:
        self._image_of, self._folder, self._place, self._shared, self._sums = image_of, folder, place, shared, sums
        self._copied: dict[tuple[str, int], str | ImageRefusedError] = {}
        self.copied = self.converted = self.bytes = 0

    def copy(self, record: ExportRecord) -> str:
        """The copy's path below the folder. Raises ImageRefusedError when there can be none."""
        place = self._place.format(split=record.item.split.value)
        key = (place, record.image_id)
        known = self._copied.get(key)
        if known is None:
            known = self._made(record, place)
            if record.image_id in self._shared:
                self._copied[key] = known
        if isinstance(known, ImageRefusedError):
            raise known
        return known

    def _made(self, record: ExportRecord, place: str) -> str | ImageRefusedError:
        image = record.item.image
        try:
            copy = picture_copy(self._image_of(record.item), is_checked=record.image_state == "ok")
        except ImageRefusedError as error:
            return error
        name = hashlib.sha256(image.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        file = f"{place}/{name[:2]}/{name}{copy.suffix}"
        path = below(self._folder, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(copy.data)
        self._sums.write(f"{hashlib.sha256(copy.data).hexdigest()}  {file}\n")
        self.copied += 1
        self.converted += copy.converted
        self.bytes += len(copy.data)
        return file


class NotCopied:
    """The list of items whose picture could not be copied, written only when there are any."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NOT_COPIED
        self._file: TextIO | None = None
        self.reasons: Counter[str] = Counter()

    def add(self, record: ExportRecord, reason: str, *, left_out: bool) -> None:
        """Puts an item on the list."""
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(COLUMNS)
        item = record.item
        values = (item.key, item.subset, item.dataset, item.split.value, item.image, reason, left_out)
        csv.writer(self._file).writerow([cell(value) for value in values])
        self.reasons[reason] += 1

    def close(self) -> None:
        """Ends the list."""
        if self._file is not None:
            self._file.close()
