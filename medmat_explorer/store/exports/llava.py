"""LLaVA's conversations: a JSON list a split, as its training code reads it.

[{"id": ..., "image": ..., "conversations": [{"from": "human", "value": "<image>\\n..."}, {"from": "gpt", ...}]}]
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medmat_explorer.store.exports.record import ExportRecord
from medmat_explorer.store.exports.text_files import SplitFiles

IMAGE = "<image>"
IN_TEXT = "< image >"
"""How the mark of a picture is written where it stands in a text: training code would look for a second picture."""


def conversation(record: ExportRecord) -> dict[str, Any]:
    """One item: the released prompt with its picture, answered by the right letter as the prompt demands."""
    item = record.item
    return {
        "id": item.key,
        "image": record.file or item.image,
        "conversations": [
            {"from": "human", "value": f"{IMAGE}\n{item.question_choice.replace(IMAGE, IN_TEXT)}"},
            {"from": "gpt", "value": item.answer_letter},
        ],
    }


class LlavaWriter:
    """Writes `train.json` and `test.json`."""

    def __init__(self, folder: Path, *, images: bool, leave_out: frozenset[str] = frozenset()) -> None:
        self._files = SplitFiles(folder, "{split}.json")

    def write(self, records: Sequence[ExportRecord]) -> None:
        """Adds items."""
        for record in records:
            file, is_new = self._files.of(record.item.split.value)
            file.write(("[\n" if is_new else ",\n") + json.dumps(conversation(record), ensure_ascii=False))

    def close(self) -> None:
        """Ends the lists."""
        for file in self._files:
            file.write("\n]\n")
        self._files.close()
