"""What an import did, in numbers: every record read is kept, merged with its twin, or refused for a reason."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from medmat_explorer.errors import CollectionError


@dataclass(frozen=True)
class Progress:
    """How far a long task has come; `done` and `total` count bytes while reading, else images or subsets."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class ImageCounts:
    """Image files by state."""

    ok: int = 0
    missing: int = 0
    unreadable: int = 0
    unchecked: int = 0

    @property
    def total(self) -> int:
        """All image files that items name."""
        return self.ok + self.missing + self.unreadable + self.unchecked

    def as_json(self) -> dict[str, int]:
        """The counts by state."""
        return asdict(self)


@dataclass(frozen=True)
class IngestReport:
    """The outcome of an import; kept + refused + duplicates_merged = records.

    `kept` includes the `repaired`. `reasons` counts refusals, repairs and remarks by their reason; one record may
    have several. `refused_file` has one line for each refusal and each remark on a whole file.
    """

    collection: str
    kept: int
    repaired: int
    refused: int
    duplicates_merged: int
    records: int
    reasons: Mapping[str, int]
    images: ImageCounts
    splits: Mapping[str, int]
    subsets: int
    refused_file: str
    seconds: float
    version: str = ""
    held_out_subsets: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {**asdict(self), "held_out_subsets": list(self.held_out_subsets)}

    @classmethod
    def read(cls, path: Path) -> "IngestReport":
        """The report that an import wrote. Raises CollectionError when it is gone, or not in the form of today."""
        try:
            stored = json.loads(path.read_text("utf-8"))
            stored["images"] = ImageCounts(**stored["images"])
            stored["held_out_subsets"] = tuple(stored["held_out_subsets"])
            return cls(**stored)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CollectionError(
                f"The report of collection '{path.parent.name}' cannot be read; import it again."
            ) from error
