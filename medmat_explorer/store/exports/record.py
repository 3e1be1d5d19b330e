"""An item as it is exported, and how items are read in stretches, so that millions need no more memory than a few."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.domain.selection import Selection
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.item_rows import ITEM_FIELDS, item_of

STRETCH = 10_000
"""Items that are read at once."""

FIELDS: dict[str, str] = {
    "id": "the item's key: sixteen hexadecimal digits, the same after every import",
    "subset": "number of the subset",
    "modality": "how the image was made",
    "area": "part of the body",
    "task": "reviewed short task",
    "published_task": "task as the paper prints it",
    "split": "train or test",
    "split_is_ours": "whether the split was drawn by this program, since the release has none",
    "dataset": "number of the source data set; empty when the release names none",
    "dataset_name": "name of the source data set",
    "image_path": "image path below the collection's folder, as in the release",
    "image_file": "copied image, below this folder; empty when it could not be copied",
    "image_state": "ok, missing, unreadable or unchecked, as the image check found",
    "width": "pixels from left to right; 0 when unknown",
    "height": "pixels from top to bottom; 0 when unknown",
    "question": "the question without its options",
    "options": "the texts of the options, in order A, B, C ...",
    "question_choice": "the whole prompt as released: question, options and instruction",
    "answer_letter": "letter of the right option",
    "answer": "text of the right option",
    "labels": "the right labels; several for multi-label subsets",
    "caption": "caption in the release",
    "repairs": "what the import mended in the record",
    "leak": "whether the image stands in training and test: none, exact or near; empty when never looked for",
    "tags": "what readers wrote on the item",
}
"""What an export says of an item, and what it means; `image_file` only where images are copied."""


PASSING = frozenset({"image_state", "width", "height", "leak", "tags"})
"""Fields that say what is known or noted today, and not what the item is; lasting exports leave them out."""

LEAK = "coalesce((SELECT min(leak) FROM leaks WHERE leaks.image_id = items.image_id), 'none')"
TAGS = "(SELECT list_sort(list(tag)) FROM tags WHERE tags.id = items.id)"


@dataclass(frozen=True)
class ExportRecord:
    """An item with what belongs to it; `file` is the copied image's path below the folder, empty when there is none."""

    item: QAItem
    subset: Subset
    dataset: SourceDataset | None
    image_id: int
    image_state: str
    width: int
    height: int
    repairs: tuple[str, ...]
    leak: str = ""
    tags: tuple[str, ...] = ()
    file: str = ""

    def with_file(self, file: str) -> "ExportRecord":
        """The same with its image copied."""
        return replace(self, file=file)

    def flat(self, *, images: bool, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
        """All FIELDS by name, but for those to leave out."""
        item, triplet = self.item, self.subset.triplet
        values = {
            "id": item.key,
            "subset": item.subset,
            "modality": triplet.modality,
            "area": triplet.area,
            "task": triplet.task,
            "published_task": self.subset.published_task,
            "split": item.split.value,
            "split_is_ours": item.split_is_ours,
            "dataset": item.dataset,
            "dataset_name": self.dataset.name if self.dataset else "",
            "image_path": item.image,
            "image_file": self.file,
            "image_state": self.image_state,
            "width": self.width,
            "height": self.height,
            "question": item.question,
            "options": [option.text for option in item.options],
            "question_choice": item.question_choice,
            "answer_letter": item.answer_letter,
            "answer": item.answer,
            "labels": sorted(item.labels),
            "caption": item.caption,
            "repairs": list(self.repairs),
            "leak": self.leak,
            "tags": list(self.tags),
        }
        gone = leave_out if images else leave_out | {"image_file"}
        return {name: value for name, value in values.items() if name not in gone} if gone else values


class RecordReader:
    """Reads items by their places; safe to use while the image check goes on."""

    def __init__(self, catalog: Catalog) -> None:
        self._connection = catalog.connection
        self._connection.follow(Selection())
        self._leak = LEAK if self._connection.leaks_are_known else "''"
        self._subsets = {subset.number: subset for subset in catalog.subsets()}
        self._datasets = catalog.datasets()

    def stretches(self, places: Sequence[int] | npt.NDArray[np.int64]) -> Iterator[list[ExportRecord]]:
        """All items of these places in their order, a stretch at a time."""
        array = np.asarray(places, dtype=np.int64)
        for start in range(0, len(array), STRETCH):
            yield self._records(array[start : start + STRETCH])

    def _records(self, places: npt.NDArray[np.int64]) -> list[ExportRecord]:
        rows = self._connection.rows(
            "SELECT place, image_id, repairs, coalesce(state, 'unchecked'), coalesce(width, 0), coalesce(height, 0), "
            f"{self._leak}, {TAGS}, {ITEM_FIELDS} FROM items LEFT JOIN states USING (image_id) "
            "WHERE place BETWEEN $low AND $high AND place IN (SELECT unnest($places::BIGINT[]))",
            {"places": places.tolist(), "low": int(places.min()), "high": int(places.max())},
        )
        found = {row[0]: self._record(row) for row in rows}
        return [found[place] for place in places.tolist()]

    def _record(self, row: tuple[Any, ...]) -> ExportRecord:
        _, image_id, repairs, state, width, height, leak, tags, *fields = row
        item = item_of(tuple(fields))
        subset, dataset = self._subsets[item.subset], self._datasets.get(item.dataset)
        known = (image_id, state, width, height, tuple(repairs or ()), leak, tuple(tags or ()))
        return ExportRecord(item, subset, dataset, *known)


def shared_images(catalog: Catalog, places: npt.NDArray[np.int64]) -> frozenset[int]:
    """The image ids that more than one of these items has."""
    columns = catalog.connection.columns("SELECT place, image_id FROM items")
    chosen = np.asarray(columns["image_id"])[np.isin(np.asarray(columns["place"]), places)]
    images, counts = np.unique(chosen, return_counts=True)
    return frozenset(images[counts > 1].tolist())


def below(folder: Path, file: str) -> Path:
    """A file of an export; `file` has forward slashes."""
    return folder.joinpath(*file.split("/"))
