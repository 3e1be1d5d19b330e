"""The subsets that a reader made for a collection: a folder of their own, in Med-MAT's layout, beside the release.

<home>/own_subsets/<collection>/Aggregated_Subsets/Subset--U01-train.json ...
                                own-subsets/U01/...          the pictures, and what was refused or noted on the way
                                subsets.csv, datasets.csv    what the subsets are, and where they come from
                                .ready-U01/                  a subset made whole, about to be put in its places
                                .removing-U01/               a subset about to be taken away
                                make.lock, .making-*         the process that makes one, and its passing files

Making and taking away are each one renaming or one new folder; what follows from it is done at once, or by the next
who looks (`settle`). So a killed process leaves a subset there wholly or not at all.
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from medmat_explorer.domain.facts import Facts, in_subset_order, subset_number
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.errors import LayoutError, UnknownNameError
from medmat_explorer.store.layout import Release, ReleaseFile, declared_facts, find_release
from medmat_explorer.store.versions import OWN_IMAGES, collection_folder, own_root, write_atomically, writing

READY, REMOVING, MAKING = ".ready-", ".removing-", ".making-"
MAKE_LOCK = "make.lock"
IMAGES, RECORD = "images", "record.json"
QUESTIONS = "Aggregated_Subsets"
SPLITS = ("test", "train")
TABLES = {"subset": ("subsets.csv", "subset_no"), "dataset": ("datasets.csv", "dataset_no")}


@dataclass(frozen=True)
class OwnFolder:
    """The own subsets of one collection. Nothing needs to exist yet."""

    path: Path

    @classmethod
    def of(cls, name: str, home: Path) -> "OwnFolder":
        """That of a collection. Raises CollectionError for a name that cannot be one."""
        return cls(own_root(collection_folder(name, home)))

    def subsets(self) -> tuple[Subset, ...]:
        """The subsets that are there, by number. Raises LayoutError when their table cannot be read."""
        return in_subset_order(declared_facts(self.path, Facts({}, {})).subsets.values())

    def numbers(self) -> tuple[str, ...]:
        """Their numbers."""
        return tuple(subset.number for subset in self.subsets())

    def staging(self, number: str) -> Path:
        """Where a subset is put together: `images/`, `train.json`, `test.json`."""
        return self.path / f"{MAKING}{number}"

    def images(self, number: str) -> Path:
        """Where a subset's pictures and notes lie in the end."""
        return self.path / OWN_IMAGES / number

    def commit(self, subset: Subset, dataset: SourceDataset) -> None:
        """Puts what was staged in its places; only for who holds the collection's lock."""
        staged = self.staging(subset.number)
        record = {"subset": subset_row(subset), "dataset": dataset_row(dataset)}
        with writing(self.path):
            write_atomically(staged / RECORD, json.dumps(record, ensure_ascii=False).encode())
            staged.rename(self.path / f"{READY}{subset.number}")
        self.settle()

    def remove(self, number: str) -> None:
        """Takes a subset away, with the pictures that were linked or copied for it; only for who holds the lock.

        Raises UnknownNameError for a subset that is not there.
        """
        if subset_number(number) not in self.numbers():
            raise UnknownNameError("own subset", number, self.numbers())
        with writing(self.path):
            (self.path / f"{REMOVING}{subset_number(number)}").mkdir(exist_ok=True)
        self.settle()

    def settle(self) -> None:
        """Ends what was begun: subsets that stand ready and that are being taken away."""
        with writing(self.path):
            for ready in sorted(self.path.glob(f"{READY}*")):
                self._put_in_place(ready, ready.name.removeprefix(READY))
            for mark in sorted(self.path.glob(f"{REMOVING}*")):
                self._take_away(mark.name.removeprefix(REMOVING))
                mark.rmdir()

    def clear_leftovers(self) -> None:
        """Removes what a killed process was putting together; only for who holds the lock for making."""
        for path in self.path.glob(f"{MAKING}*"):
            shutil.rmtree(path, ignore_errors=True)

    def _put_in_place(self, ready: Path, number: str) -> None:
        """Every step may have been done before; the questions come last, and with them the subset is there."""
        record = json.loads((ready / RECORD).read_text("utf-8"))
        for kind in TABLES:
            self._rewrite_table(kind, number, record[kind])
        if (ready / IMAGES).exists():
            shutil.rmtree(self.images(number), ignore_errors=True)
            self.images(number).parent.mkdir(parents=True, exist_ok=True)
            (ready / IMAGES).rename(self.images(number))
        (self.path / QUESTIONS).mkdir(exist_ok=True)
        for split in SPLITS:
            with suppress(FileNotFoundError):
                (ready / f"{split}.json").replace(self._questions(number, split))
        shutil.rmtree(ready)

    def _take_away(self, number: str) -> None:
        for split in SPLITS:
            self._questions(number, split).unlink(missing_ok=True)
        for kind in TABLES:
            self._rewrite_table(kind, number, None)
        shutil.rmtree(self.images(number), ignore_errors=True)

    def _questions(self, number: str, split: str) -> Path:
        return self.path / QUESTIONS / f"Subset--{number}-{split}.json"

    def _rewrite_table(self, kind: str, number: str, row: Mapping[str, str] | None) -> None:
        """Replaces, adds or drops the row of a number; a table without rows goes."""
        name, key = TABLES[kind]
        path, rows = self.path / name, dict[str, Mapping[str, str]]()
        with suppress(FileNotFoundError), path.open(encoding="utf-8-sig", newline="") as stream:
            rows = {found[key]: found for found in csv.DictReader(stream)}
        rows.pop(number, None)
        if row is not None:
            rows[number] = row
        if rows:
            write_atomically(path, _table(rows.values()).encode())
        else:
            path.unlink(missing_ok=True)


def joined_release(
    release: Release, facts: Facts, own: OwnFolder, without: str = ""
) -> tuple[Release, Facts, tuple[str, ...]]:
    """A release with a collection's own subsets: files, facts, and the numbers of the own ones.

    `without` leaves one of the own ones out. Raises LayoutError when the release has a subset of an own one's number.
    """
    numbers = tuple(number for number in own.numbers() if number != without)
    if own.path.resolve() == release.root:
        return replace(release, files=_all_but(release.files, without)), facts, numbers
    if not numbers:
        return release, facts, numbers
    taken = {file.number for file in release.files} | _declared_numbers(release)
    if both := sorted(taken & set(numbers)):
        raise LayoutError(
            f"Subset {both[0]} stands in '{release.root}' and among your own subsets of this collection: remove your "
            f"own one (make-subset --name {own.path.name} --remove {both[0]}), or import the folder under another name."
        )
    more = find_release(own.path)
    files = release.files + _all_but(more.files, without)
    whole = replace(release, files=files, unrecognised=release.unrecognised + more.unrecognised)
    return whole, declared_facts(own.path, facts), numbers


def link_or_copy(source: Path, target: Path) -> None:
    """Puts a file there without using room where the file system can, else as a copy with its time of change."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def subset_row(subset: Subset) -> dict[str, str]:
    """A subset as a row of `subsets.csv`."""
    return {
        "subset_no": subset.number,
        "modality": subset.triplet.modality,
        "area": subset.triplet.area,
        "published_task": subset.published_task,
        "task": subset.triplet.task,
        "task_group": subset.task_group,
        "kind": subset.kind,
        "multi_label": "yes" if subset.multi_label else "no",
        "distribution": subset.distribution,
        "task_confidence": subset.task_confidence,
        "task_note": subset.task_note,
        "dataset_nos": " ".join(subset.dataset_numbers),
    }


def dataset_row(dataset: SourceDataset) -> dict[str, str]:
    """A source data set as a row of `datasets.csv`."""
    return {
        "dataset_no": dataset.number,
        "name": dataset.name,
        "modality": dataset.modality,
        "area": dataset.area,
        "description": dataset.description,
        "published_qa": "yes" if dataset.published_qa else "no",
        "url": dataset.url,
        "citation": dataset.citation,
    }


def _all_but(files: tuple[ReleaseFile, ...], number: str) -> tuple[ReleaseFile, ...]:
    return tuple(file for file in files if file.number != number)


def _declared_numbers(release: Release) -> set[str]:
    return set(declared_facts(release.root, Facts({}, {})).subsets)


def _table(rows: Iterable[Mapping[str, str]]) -> str:
    listed = list(rows)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(listed[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return stream.getvalue()
