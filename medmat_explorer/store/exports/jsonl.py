"""JSON Lines: every field of an item on a line of its own, a file a split."""

import json
from collections.abc import Sequence
from pathlib import Path

from medmat_explorer.store.exports.record import ExportRecord
from medmat_explorer.store.exports.text_files import SplitFiles


class JsonlWriter:
    """Writes `train.jsonl` and `test.jsonl`."""

    def __init__(self, folder: Path, *, images: bool, leave_out: frozenset[str] = frozenset()) -> None:
        self._files, self._images, self._leave_out = SplitFiles(folder, "{split}.jsonl"), images, leave_out

    def write(self, records: Sequence[ExportRecord]) -> None:
        """Adds items."""
        for record in records:
            file, _ = self._files.of(record.item.split.value)
            flat = record.flat(images=self._images, leave_out=self._leave_out)
            file.write(json.dumps(flat, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Ends the files."""
        self._files.close()
