"""Taking items away: a selection of a collection, or any items, as a folder that other programs read.

<out>/README.md                what lies here and how to read it
      manifest.json            from what it was made, counts, hashes
      citations.bib            whom to cite
      ...                      the items, by format (`exports/formats.py`)
      images-not-copied.csv    items whose picture could not be copied, when there are any
      SHA256SUMS               hashes of all other files, for `sha256sum -c`

A lasting export is the same byte for byte whenever it is made of the same items: what changes with the day stands in
`made.json`, which nothing speaks of, and fields of items that say what is known or noted today are left out.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

import medmat_explorer
from medmat_explorer.domain.bibliography import bibliography
from medmat_explorer.domain.facts import in_subset_order
from medmat_explorer.domain.progress import Report
from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import ExportError, ImageRefusedError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.exports.card import card
from medmat_explorer.store.exports.folder import LOCK, new_folder
from medmat_explorer.store.exports.formats import FORMATS, ExportFormat, format_named
from medmat_explorer.store.exports.lines import LINES, write_lines
from medmat_explorer.store.exports.origin import Origin
from medmat_explorer.store.exports.parquet import ParquetWriter
from medmat_explorer.store.exports.pictures import NOT_COPIED, SUMS, NotCopied, PictureCopier
from medmat_explorer.store.exports.record import PASSING, ExportRecord, RecordReader, shared_images
from medmat_explorer.store.exports.tables import write_tables
from medmat_explorer.store.exports.tally import ExportReport, Tally
from medmat_explorer.store.orders import order_named

__all__ = [
    "FORMATS",
    "MADE",
    "ExportReport",
    "ExportStopped",
    "Lasting",
    "Origin",
    "export_items",
    "export_selection",
    "hashed_file",
    "selected_places",
]

WRITING, ENDING = "Writing items", "Counting and hashing"
MADE = "made.json"
PICTURES_BETWEEN_REPORTS = 50

Places = Sequence[int] | npt.NDArray[np.int64]


class ExportStopped(ExportError):
    """The reader stopped an export; nothing of it is left."""


@dataclass(frozen=True)
class Lasting:
    """What makes an export a lasting one: more for its manifest, and a function that adds files to its folder.

    `manifest` is given the ids of the items that were left out since their picture could not be copied. `form` is a
    format to take instead of that of the same name in FORMATS.
    """

    manifest: Callable[[Sequence[int]], Mapping[str, Any]] = lambda lost: {}
    add_files: Callable[[Path], None] = lambda folder: None
    form: ExportFormat | None = None


def selected_places(
    catalog: Catalog, selection: Selection, sort: str = "subset", seed: int = 0
) -> npt.NDArray[np.int64]:
    """The places of a selection's items in an order of SORTS. Raises UnknownNameError for another order."""
    order, condition = order_named(sort, seed), catalog.connection.condition(selection)
    found = catalog.connection.columns(
        f"SELECT place FROM {order.source} WHERE {condition.sql} ORDER BY {order.sql}, place",
        {**condition.parameters, **order.parameters},
    )
    return np.asarray(found["place"], dtype=np.int64)


def export_selection(
    catalog: Catalog,
    selection: Selection,
    out: Path,
    format: str,
    *,
    images: bool = False,
    sort: str = "subset",
    seed: int = 0,
    program: str = medmat_explorer.__version__,
    progress: Report = lambda stage, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ExportReport:
    """Writes a selection into the folder `out`, which must be new or empty, in a format of FORMATS.

    With `images` their pictures are copied. `program` is the version that the manifest names. Raises UnknownNameError
    for another format or order, ExportError when there is no item or it cannot be written, ExportStopped when
    `should_stop` said yes. A stopped or killed export leaves no folder `out`.
    """
    format_named(format)
    places = selected_places(catalog, selection, sort, seed)
    return export_items(
        catalog,
        places,
        out,
        format,
        Origin.of(selection, sort, seed),
        images=images,
        program=program,
        progress=progress,
        should_stop=should_stop,
    )


def export_items(
    catalog: Catalog,
    places: Places,
    out: Path,
    format: str,
    origin: Origin,
    *,
    images: bool = False,
    program: str = medmat_explorer.__version__,
    progress: Report = lambda stage, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    lasting: Lasting | None = None,
) -> ExportReport:
    """Writes the items of any places, in their order, as `export_selection` does; `origin` says where they are from.

    With `lasting` the places have to be in order and of one split.
    """
    if not len(places):
        raise ExportError(f"No item is chosen ({origin.words}), so there is nothing to export: choose others.")
    began = time.monotonic()
    form, array = format_named(format), np.asarray(places, dtype=np.int64)
    form = lasting.form if lasting is not None and lasting.form is not None else form
    with new_folder(out) as folder:
        task = _Task(catalog, form, folder, images, progress, should_stop, lasting)
        tally = task.write(array)
        manifest = task.end(tally, origin, program)
        size = sum(file["bytes"] for file in manifest["files"]) + manifest["images"]["bytes"]
    return ExportReport(
        folder=Path(out).absolute(),
        format=form.name,
        items=tally.items,
        left_out=tally.left_out,
        splits={split: items for split, items in manifest["splits"].items() if items},
        by_subset=manifest["subsets"],
        images=manifest["images"],
        files=tuple(file["path"] for file in manifest["files"]),
        size=size,
        seconds=time.monotonic() - began,
        manifest=manifest,
        lost=tuple(tally.lost),
    )


@dataclass
class _Task:
    """One export under way in its folder."""

    catalog: Catalog
    form: ExportFormat
    folder: Path
    images: bool
    progress: Report
    should_stop: Callable[[], bool]
    lasting: Lasting | None = None

    def write(self, places: npt.NDArray[np.int64]) -> Tally:
        """All items, and their pictures where these are wanted."""
        tally, self.not_copied = Tally(), NotCopied(self.folder)
        shared = shared_images(self.catalog, places) if self.images else frozenset()
        with (self.folder / SUMS).open("w", encoding="utf-8", newline="\n") as sums:
            self.copier = PictureCopier(self.catalog.image_of, self.folder, self.form.images, shared, sums)
            is_plain = self.lasting is not None and not self.images
            if is_plain and self.form.name in LINES:
                return write_lines(self.catalog, places, self.folder, self.form.name, self._told)
            left_out = PASSING if self.lasting is not None else frozenset[str]()
            writer = self.form.open(self.folder, images=self.images, leave_out=left_out)
            try:
                if is_plain and isinstance(writer, ParquetWriter):
                    return write_tables(self.catalog, places, writer, self._told)
                for done, records in self._stretches(places):
                    kept = list(self._with_pictures(records, tally, done, len(places))) if self.images else records
                    writer.write(kept)
                    for record in kept:
                        tally.add(record)
            finally:
                writer.close()
                self.not_copied.close()
        return tally

    def _told(self, done: int, total: int) -> None:
        self._heed()
        self.progress(WRITING, done, total)

    def _stretches(self, places: npt.NDArray[np.int64]) -> Iterator[tuple[int, list[ExportRecord]]]:
        done = 0
        self.progress(WRITING, 0, len(places))
        for records in RecordReader(self.catalog).stretches(places):
            self._heed()
            yield done, records
            done += len(records)
            self.progress(WRITING, done, len(places))

    def _with_pictures(
        self, records: list[ExportRecord], tally: Tally, done: int, total: int
    ) -> Iterator[ExportRecord]:
        for number, record in enumerate(records):
            if number % PICTURES_BETWEEN_REPORTS == 0:
                self._heed()
                self.progress(WRITING, done + number, total)
            try:
                yield record.with_file(self.copier.copy(record))
            except ImageRefusedError as error:
                self.not_copied.add(record, error.reason, left_out=self.form.needs_file)
                if self.form.needs_file:
                    tally.lost.append(record.item.id)
                else:
                    yield record

    def _heed(self) -> None:
        if self.should_stop():
            raise ExportStopped("The export was stopped; nothing of it was kept.")

    def end(self, tally: Tally, origin: Origin, program: str) -> dict[str, Any]:
        """Citations, card, hashes and manifest."""
        self.progress(ENDING, 0, 0)
        datasets = self.catalog.datasets()
        cited = [dataset for number, dataset in datasets.items() if number in tally.datasets]
        self._write("citations.bib", bibliography(cited, of_med_mat=not self.catalog.declared))
        if self.lasting is not None:
            self.lasting.add_files(self.folder)
        manifest = self._manifest(tally, origin, program)
        if self.lasting is not None:
            self._part_passing(manifest, self.lasting.manifest(tally.lost))
        self._write("README.md", card(self.form, manifest, images=self.images))
        with (self.folder / SUMS).open("a", encoding="utf-8", newline="\n") as sums:
            manifest["files"] = [hashed_file(self.folder, file, sums) for file in self._own_files()]
        manifest["files"].append(hashed_file(self.folder, SUMS))
        self._write("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
        return manifest

    def _manifest(self, tally: Tally, origin: Origin, program: str) -> dict[str, Any]:
        catalog, copier = self.catalog, self.copier
        order = [subset for subset in in_subset_order(catalog.subsets()) if subset.number in tally.by_subset]
        return {
            "program": {"name": "MedMAT Explorer", "version": program},
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "format": self.form.name,
            "collection": {"name": catalog.name, "version": catalog.version, "own_facts": catalog.declared},
            "selection": {"words": origin.words, "parameters": dict(origin.parameters)},
            "sort": origin.sort,
            "seed": origin.seed,
            **origin.more,
            "items": tally.items,
            "left_out": tally.left_out,
            "splits": {split: tally.splits[split] for split in ("train", "test")},
            "subsets": {subset.number: tally.by_subset[subset.number] for subset in order},
            "datasets": dict(sorted(tally.datasets.items())),
            "images": {
                "wanted": self.images,
                "copied": copier.copied,
                "converted": copier.converted,
                "bytes": copier.bytes,
                "not_copied": dict(self.not_copied.reasons),
                "not_copied_list": NOT_COPIED if self.not_copied.reasons else None,
            },
        }

    def _part_passing(self, manifest: dict[str, Any], more: Mapping[str, Any]) -> None:
        """What is not the same another day goes into a file of its own."""
        version = manifest["collection"].pop("version")
        passing = {"made": manifest.pop("made"), "collection_version": version}
        self._write(MADE, json.dumps(passing, indent=1) + "\n")
        manifest["collection"].update(more.get("collection", {}))
        manifest.update({name: said for name, said in more.items() if name != "collection"})

    def _own_files(self) -> Iterator[str]:
        """All files but pictures, which were hashed as they were copied, and what is not finished yet."""
        pictures = {".jpg", ".png", ".bmp", ".gif", ".tif", ".webp"}
        shallow = [path for pattern in ("*", "data/*", "data/*/metadata.parquet") for path in self.folder.glob(pattern)]
        for path in sorted(shallow):
            if path.is_file() and path.name not in {SUMS, LOCK, MADE} and path.suffix not in pictures:
                yield path.relative_to(self.folder).as_posix()

    def _write(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text, "utf-8", newline="\n")


def hashed_file(folder: Path, file: str, sums: TextIO | None = None) -> dict[str, Any]:
    """A file as a manifest lists it; its hash is also written into `sums`."""
    path = folder / file
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if sums is not None:
        sums.write(f"{digest}  {file}\n")
    return {"path": file, "bytes": path.stat().st_size, "sha256": digest}
