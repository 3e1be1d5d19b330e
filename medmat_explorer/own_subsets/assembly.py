"""Puts a subset together aside: every picture is looked at once, questions are made, files are laid out."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import medmat_explorer
from medmat_explorer.domain.identity import image_id
from medmat_explorer.domain.image_path import normal_image_path
from medmat_explorer.domain.own_subset import (
    OwnItem,
    RefusedPicture,
    SeenPicture,
    is_multi_label,
    make_items,
    with_alternatives,
    without_copies,
)
from medmat_explorer.domain.progress import Report
from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.release_record import RecordOrigin, read_record
from medmat_explorer.domain.subset import Subset
from medmat_explorer.errors import CollectionError, RefusedRecordError
from medmat_explorer.own_subsets.plan import ReadPictures, SubsetPlan, hindrances, remarks
from medmat_explorer.store.image_check import look_at
from medmat_explorer.store.image_states import ImageRecord
from medmat_explorer.store.own_folder import IMAGES, link_or_copy
from medmat_explorer.store.versions import OWN_IMAGES, writing

LOOKING, PLACING = "Looking at pictures", "Putting pictures in place"
CHUNK = 128
REFUSED_FILE, ABOUT_FILE = "refused.jsonl", "about.json"
SENTENCES = {
    "missing": "There is no such file.",
    "outside": "The path leads out of the folder.",
    "too-large": "The picture is larger than is opened here.",
}
"""Why a file cannot be used, by the reason that the look at it gives."""


@dataclass(frozen=True)
class Assembled:
    """A subset that lies ready aside. `looks` are what was found about its pictures, under their new paths."""

    subset: Subset
    items: Sequence[OwnItem]
    refused: Sequence[RefusedPicture]
    looks: Sequence[ImageRecord]
    notes: Sequence[str]


@dataclass
class Assembly:
    """One making of one subset."""

    plan: SubsetPlan
    read: ReadPictures
    progress: Report
    should_stop: Callable[[], bool]

    def run(self) -> Assembled:
        """Looks, asks, writes. Raises CollectionError when it is stopped or when nothing can be asked."""
        self._refuse(hindrances(self.read.pictures))
        looks = self._looks()
        seen = [SeenPicture(p, looks[p.image].sha256) for p in self.read.pictures if looks[p.image].state == "ok"]
        kept, copies = without_copies(seen)
        kept, alone = with_alternatives(kept)
        refused = [*self.read.refused, *self._unreadable(looks), *copies, *alone]
        if not kept:
            self._refuse([_nothing_left(refused)])
        wish = self.plan.wish
        items = make_items(kept, self.plan.wordings, options=wish.options, share=wish.share, seed=wish.seed)
        subset = replace(self.plan.subset, multi_label=is_multi_label(item.picture for item in items))
        places = self._places(items, looks)
        records, items, unasked = self._records(subset, items, places)
        refused += unasked
        notes = (*self.plan.notes, *self.read.notes, *remarks([item.picture for item in items], wish.share))
        used = {item.picture.image for item in items}
        self._lay_out({image: places[image] for image in sorted(used)})
        self._write(records, refused, notes)
        under_new_paths = [
            replace(looks[image], image=places[image], image_id=image_id(places[image])) for image in sorted(used)
        ]
        return Assembled(subset, items, refused, under_new_paths, notes)

    @property
    def _folder(self) -> Path:
        return self.plan.own.staging(self.plan.subset.number)

    def _refuse(self, sentences: Sequence[str]) -> None:
        if sentences:
            raise CollectionError(" ".join(sentences))

    def _looks(self) -> dict[str, ImageRecord]:
        """Every picture as it is, by its path below the folder."""
        images = sorted({picture.image for picture in self.read.pictures})
        found: dict[str, ImageRecord] = {}
        with ThreadPoolExecutor(min(8, (os.cpu_count() or 1) + 1)) as pool:
            for start in self._told(LOOKING, len(images)):
                for record in pool.map(self._look, images[start : start + CHUNK]):
                    found[record.image] = record
        return found

    def _look(self, image: str) -> ImageRecord:
        record = look_at(0, image, self.read.root)
        if record is None:  # only where something was known before
            raise RuntimeError(f"No look at {image!r}.")
        return record

    def _told(self, stage: str, total: int) -> Iterator[int]:
        """Starts of chunks, with progress and a chance to stop before each."""
        for start in range(0, total, CHUNK):
            self.progress(stage, start, total)
            if self.should_stop():
                raise CollectionError("Making the subset was stopped; nothing was changed.")
            yield start
        self.progress(stage, total, total)

    def _unreadable(self, looks: Mapping[str, ImageRecord]) -> list[RefusedPicture]:
        bad = (look for look in looks.values() if look.state != "ok")
        return [
            RefusedPicture(look.image, look.reason, SENTENCES.get(look.reason, "The file cannot be read as a picture."))
            for look in bad
        ]

    def _places(self, items: Sequence[OwnItem], looks: Mapping[str, ImageRecord]) -> dict[str, str]:
        """Where each picture will lie: under its own name, or under its content's where a release could not have it."""
        home = f"{OWN_IMAGES}/{self.plan.subset.number}"
        places = {}
        for image in {item.picture.image for item in items}:
            place = f"{home}/{image}"
            places[image] = place if _is_plain(place) else f"{home}/renamed/{looks[image].sha256[:24]}{_ending(image)}"
        return places

    def _records(
        self, subset: Subset, items: Sequence[OwnItem], places: Mapping[str, str]
    ) -> tuple[dict[Split, list[dict[str, Any]]], list[OwnItem], list[RefusedPicture]]:
        """Records by split, each read back as an import would; what would not come back as it is meant is refused."""
        records: dict[Split, list[dict[str, Any]]] = {split: [] for split in Split}
        kept, refused = [], []
        origin = RecordOrigin(subset.number, subset.multi_label, "", {subset.number})
        for item in items:
            written = records[item.split]
            record = item.record(len(written) + 1, places[item.picture.image], subset.number)
            if problem := _problem(record, origin, item):
                refused.append(RefusedPicture(item.picture.image, "cannot-be-asked", problem))
            else:
                written.append(record)
                kept.append(item)
        if not kept:
            self._refuse([_nothing_left(refused)])
        return records, kept, refused

    def _lay_out(self, places: Mapping[str, str]) -> None:
        """Links or copies the pictures."""
        home = f"{OWN_IMAGES}/{self.plan.subset.number}/"
        moves = list(places.items())
        with writing(self.plan.own.path):
            for start in self._told(PLACING, len(moves)):
                for image, place in moves[start : start + CHUNK]:
                    target = self._folder / IMAGES / place.removeprefix(home)
                    if not target.exists():
                        link_or_copy((self.read.root / image).resolve(), target)

    def _write(
        self,
        records: Mapping[Split, list[dict[str, Any]]],
        refused: Sequence[RefusedPicture],
        notes: Sequence[str],
    ) -> None:
        """The question files, what was refused with its reasons, and how the subset was made."""
        with writing(self.plan.own.path):
            for split, found in records.items():
                if found:
                    _write_list(self._folder / f"{split}.json", found)
            folder = self._folder / IMAGES
            lines = (json.dumps(asdict(one)) for one in refused)
            (folder / REFUSED_FILE).write_text("".join(f"{line}\n" for line in lines), "utf-8")
            (folder / ABOUT_FILE).write_text(json.dumps(self._about(refused, notes), indent=1), "utf-8")

    def _about(self, refused: Sequence[RefusedPicture], notes: Sequence[str]) -> dict[str, Any]:
        wish = self.plan.wish
        return {
            "made": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "program": f"medmat-explorer {medmat_explorer.__version__}",
            "folder": str(self.read.root),
            "table": str(wish.table or ""),
            "triplet": str(self.plan.subset.triplet),
            "options": wish.options,
            "test_share": wish.share,
            "seed": wish.seed,
            "wordings": list(self.plan.wordings),
            "refused": dict(Counter(one.reason for one in refused).most_common()),
            "notes": list(notes),
        }


def _problem(record: Mapping[str, Any], origin: RecordOrigin, item: OwnItem) -> str:
    """Why an import would not read the record as it is meant; nothing when it would."""
    try:
        read = read_record(record, origin)
    except RefusedRecordError as error:
        return str(error)
    if read.repairs:
        return f"The texts hold what an import mends: {', '.join(read.repairs)}."
    if read.options != item.options or read.labels != item.picture.labels or read.question != item.question:
        return "Question or labels would be read in another way than they are written."
    return ""


def _nothing_left(refused: Sequence[RefusedPicture]) -> str:
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in Counter(one.reason for one in refused).most_common())
    return f"No picture is left to ask about ({reasons}). The first: '{refused[0].image}': {refused[0].message}"


def _is_plain(place: str) -> bool:
    try:
        return normal_image_path(place) == place
    except RefusedRecordError:
        return False


def _ending(image: str) -> str:
    ending = Path(image).suffix.lower()
    return ending if ending[1:].isalnum() and ending.isascii() else ""


def _write_list(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """A list of records as JSON, one a line, on disk before the subset is put in place."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write("[\n")
        stream.write(",\n".join(json.dumps(record, ensure_ascii=False) for record in records))
        stream.write("\n]\n")
        stream.flush()
        os.fsync(stream.fileno())
