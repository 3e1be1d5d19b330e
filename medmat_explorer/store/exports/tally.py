"""What an export holds, counted as it is written."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medmat_explorer.store.exports.record import ExportRecord


@dataclass
class Tally:
    """Items written, by subset and split and by data set, and the ids of those that were left out."""

    items: int = 0
    lost: list[int] = field(default_factory=list)
    by_subset: dict[str, dict[str, int]] = field(default_factory=dict)
    splits: Counter[str] = field(default_factory=Counter)
    datasets: Counter[str] = field(default_factory=Counter)

    @property
    def left_out(self) -> int:
        """How many items were left out since their picture could not be copied."""
        return len(self.lost)

    def add(self, record: ExportRecord) -> None:
        """Counts an item that is written."""
        item = record.item
        self.items += 1
        self.splits[item.split.value] += 1
        self.datasets[item.dataset] += 1
        by_split = self.by_subset.setdefault(item.subset, {"train": 0, "test": 0})
        by_split[item.split.value] += 1


@dataclass(frozen=True)
class ExportReport:
    """What an export has become.

    `images` counts the pictures: `copied` files, how many of these were `converted` to PNG, and the items whose picture
    was `not_copied` by reason. `left_out` items are on the list `images-not-copied.csv`; `lost` are their ids. `size`
    is in bytes.
    """

    folder: Path
    format: str
    items: int
    left_out: int
    splits: Mapping[str, int]
    by_subset: Mapping[str, Mapping[str, int]]
    images: Mapping[str, Any]
    files: tuple[str, ...]
    size: int
    seconds: float
    manifest: Mapping[str, Any] = field(repr=False, default_factory=dict)
    lost: tuple[int, ...] = field(repr=False, default=())

    def as_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "format": self.format,
            "folder": str(self.folder),
            "items": self.items,
            "left_out": self.left_out,
            "splits": dict(self.splits),
            "subsets": {number: sum(by_split.values()) for number, by_split in self.by_subset.items()},
            "images": dict(self.images),
            "files": list(self.files),
            "bytes": self.size,
            "seconds": round(self.seconds, 3),
        }
