"""Which files of a folder are Med-MAT's, and what their names say.

<root>/Aggregated_Subsets/Subset--NN-train.json         a whole subset
<root>/Original_Medical_Datasets/Ori--NN-train.json     one source data set (also `ori--NN`)
<root>/Subset-NN-train.json                             the later upload: one dash, at the root
<root>/med-mat/...                                      the images
<root>/subsets.csv, datasets.csv                        further subsets and data sets, declared by the folder
"""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from medmat_explorer.domain.facts import (
    Facts,
    dataset_from_row,
    dataset_number,
    subset_from_row,
    subset_number,
)
from medmat_explorer.domain.qa import Split
from medmat_explorer.errors import LayoutError

T = TypeVar("T")
FOLDERS = ("aggregated_subsets", "original_medical_datasets")
FILE_NAME = re.compile(r"(subset|ori)-{1,2}([a-z]?\d{1,4})(?:-(train|test))?\.json", re.IGNORECASE)


class FileKind(StrEnum):
    """What one file holds."""

    SUBSET = "subset"
    DATASET = "dataset"


@dataclass(frozen=True)
class ReleaseFile:
    """One JSON file; `number` is that of a subset or of a data set."""

    path: Path
    kind: FileKind
    number: str
    split: Split
    size: int


@dataclass(frozen=True)
class Release:
    """A folder in Med-MAT's layout."""

    root: Path
    files: tuple[ReleaseFile, ...]
    unrecognised: tuple[Path, ...]
    declares_subsets: bool


def find_release(source: Path) -> Release:
    """The files of a release, from its root or from one of its two folders. Raises LayoutError when there are none."""
    source = Path(source).expanduser()
    if not source.is_dir():
        raise LayoutError(f"'{source}' is not a folder: give the folder that holds Aggregated_Subsets and med-mat.")
    source = source.resolve()
    root = source.parent if source.name.lower() in FOLDERS else source
    folders = [source] if root != source else [root, *sorted(_release_folders(root))]
    found = [path for folder in folders for path in _listed(folder) if path.suffix.lower() == ".json"]
    files = [(path, _described(path)) for path in found if path.is_file() or FILE_NAME.fullmatch(path.name)]
    known = tuple(file for _, file in files if file is not None)
    if not known:
        raise LayoutError(
            f"No Med-MAT files in '{source}': looked for Subset--NN-train.json, Subset-NN-train.json and "
            "Ori--NN-train.json (or -test), there and in Aggregated_Subsets and Original_Medical_Datasets."
        )
    strangers = tuple(path for path, file in files if file is None)
    return Release(root, known, strangers, (root / "subsets.csv").is_file())


def declared_facts(root: Path, facts: Facts) -> Facts:
    """The facts, extended by what the folder's own `subsets.csv` and `datasets.csv` declare."""
    return facts.extended(_rows(root / "subsets.csv", subset_from_row), _rows(root / "datasets.csv", dataset_from_row))


def _release_folders(root: Path) -> list[Path]:
    return [path for path in _listed(root) if path.is_dir() and path.name.lower() in FOLDERS]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise LayoutError(f"'{folder}' cannot be read ({error.strerror}): give read access to it.") from error


def _described(path: Path) -> ReleaseFile | None:
    name = FILE_NAME.fullmatch(path.name)
    if name is None:
        return None
    kind = FileKind.SUBSET if name[1].lower() == "subset" else FileKind.DATASET
    number = subset_number(name[2]) if kind is FileKind.SUBSET else dataset_number(name[2])
    if number.isdigit():
        number = subset_number(str(int(number))) if kind is FileKind.SUBSET else number
    return ReleaseFile(path, kind, number, Split((name[3] or "train").lower()), _size(path))


def _size(path: Path) -> int:
    """Bytes of a file; none of what cannot be read, which the import refuses when its turn comes."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _rows(path: Path, read: Callable[[Mapping[str, str]], T]) -> list[T]:
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [read(row) for row in csv.DictReader(stream)]
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise LayoutError(f"'{path}' cannot be read as a table of facts: {error}.") from error
