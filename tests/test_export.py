"""An export as a whole: what its manifest says, what happens to pictures, and that it is there wholly or not at all."""

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pybtex.database import parse_string  # type: ignore[import-untyped]

from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import ExportError, UnknownNameError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.export import (
    FORMATS,
    ExportStopped,
    Origin,
    export_items,
    export_selection,
    selected_places,
)
from medmat_explorer.store.exports.record import RecordReader
from tests.conftest import ROOT
from tests.export_collection import BROKEN, DICOM, MISSING, OUTSIDE, TEST_IMAGES, TRAIN_IMAGES, make_collection

EVERYTHING = Selection()
ITEMS = len(TRAIN_IMAGES) + len(TEST_IMAGES)


@pytest.fixture(scope="module")
def odd_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("export")


@pytest.fixture(scope="module")
def catalog(odd_home: Path) -> Iterator[Catalog]:
    opened = make_collection(odd_home)
    yield opened
    opened.close()


# -- what stands in it


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("form", FORMATS)
def test_every_file_of_an_export_is_in_its_list_of_hashes(
    catalog: Catalog, tmp_path: Path, form: str, images: bool
) -> None:
    report = export_selection(catalog, EVERYTHING, tmp_path / "out", form, images=images)
    sums = [line.split("  ", 1) for line in (report.folder / "SHA256SUMS").read_text("utf-8").splitlines()]
    there = {path.relative_to(report.folder).as_posix() for path in report.folder.rglob("*") if path.is_file()}
    assert there == {name for _, name in sums} | {"SHA256SUMS", "manifest.json"}
    for digest, name in sums:
        assert hashlib.sha256((report.folder / name).read_bytes()).hexdigest() == digest
    manifest = json.loads((report.folder / "manifest.json").read_text("utf-8"))
    hashes = {name: digest for digest, name in sums}
    listed = {file["path"]: file["sha256"] for file in manifest["files"]}
    assert {name: digest for name, digest in listed.items() if name != "SHA256SUMS"}.items() <= hashes.items()
    assert listed["SHA256SUMS"] == hashlib.sha256((report.folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert [name for name in there - set(listed) if name != "manifest.json" and "/" not in name] == []
    assert (report.folder / "README.md").read_text("utf-8").strip()


def test_the_manifest_says_what_was_chosen_and_what_came_of_it(catalog: Catalog, tmp_path: Path) -> None:
    selection = Selection.of("which", split=["test"]).but_not(label=["Tumor"])
    report = export_selection(catalog, selection, tmp_path / "out", "jsonl", sort="random", seed=7, images=True)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest == report.manifest
    assert manifest["selection"] == {
        "words": 'split test · not label Tumor · "which"',
        "parameters": {"split": ["test"], "not.label": ["Tumor"], "q": "which"},
    }
    assert (manifest["sort"], manifest["seed"], manifest["format"]) == ("random", 7, "jsonl")
    assert manifest["collection"]["version"] == catalog.version
    assert manifest["splits"] == {"train": 0, "test": len(TEST_IMAGES)}
    assert manifest["subsets"] == {"02": {"train": 0, "test": len(TEST_IMAGES)}}
    assert manifest["datasets"] == {"2": len(TEST_IMAGES)}
    assert manifest["images"]["not_copied"] == {"missing": 1, "unreadable": 1, "outside": 1}
    assert manifest["program"]["version"]
    assert report.as_json()["subsets"] == {"02": len(TEST_IMAGES)}


def test_the_order_and_the_seed_are_those_that_were_asked_for(catalog: Catalog, tmp_path: Path) -> None:
    def ids(name: str, sort: str, seed: int) -> list[str]:
        report = export_selection(
            catalog, Selection.of(split=["train"]), tmp_path / name, "jsonl", sort=sort, seed=seed
        )
        return [json.loads(line)["id"] for line in (report.folder / "train.jsonl").read_text("utf-8").splitlines()]

    first = ids("a", "random", 3)
    assert first == ids("b", "random", 3)
    assert first != ids("c", "random", 4)
    assert sorted(first) == sorted(ids("d", "subset", 0))
    page = [card.key for card in catalog.page(Selection.of(split=["train"]), 0, 100, "random", 3)]
    assert first == page


def test_items_of_any_places_are_written_in_their_order_with_what_they_come_from(
    catalog: Catalog, tmp_path: Path
) -> None:
    places = selected_places(catalog, EVERYTHING)[::-1][:4].tolist()
    origin = Origin("a mix", {"target": "02"}, seed=5, more={"mix": {"arm": "related", "budget": 4}})
    report = export_items(catalog, places, tmp_path / "out", "csv", origin)
    with (report.folder / "items.csv").open(encoding="utf-8-sig", newline="") as stream:
        ids = [row["id"] for row in csv.DictReader(stream)]
    (records,) = RecordReader(catalog).stretches(places)
    assert ids == [record.item.key for record in records]
    assert report.manifest["mix"] == {"arm": "related", "budget": 4}
    assert (report.manifest["seed"], report.manifest["selection"]["words"]) == (5, "a mix")


def test_sources_that_occur_are_cited_and_no_others(catalog: Catalog, tmp_path: Path) -> None:
    report = export_selection(catalog, EVERYTHING, tmp_path / "out", "jsonl")
    cited = parse_string((report.folder / "citations.bib").read_text("utf-8"), "bibtex")
    assert list(cited.entries) == ["cai2025medmat", "dataset2-ct-kidney"]


# -- pictures


def test_pictures_get_names_of_our_own_and_stay_as_they_were(catalog: Catalog, tmp_path: Path, odd_home: Path) -> None:
    report = export_selection(catalog, EVERYTHING, tmp_path / "out", "jsonl", images=True)
    lines = [
        json.loads(line)
        for split in ("train", "test")
        for line in (report.folder / f"{split}.jsonl").read_text("utf-8").splitlines()
    ]
    for line in lines:
        if not line["image_file"]:
            continue
        copy = report.folder / line["image_file"]
        assert copy.resolve().is_relative_to(report.folder.resolve())
        assert copy.suffix in {".png", ".jpg", ".bmp", ".gif", ".tif", ".webp"}
        if line["image_path"] != DICOM:
            assert copy.read_bytes() == (odd_home / "release" / line["image_path"]).read_bytes()
        else:
            assert copy.read_bytes().startswith(b"\x89PNG")
    assert report.images["converted"] == 1


@pytest.mark.parametrize(("form", "left_out"), [("jsonl", 0), ("llava", 3), ("hf", 3)])
def test_no_item_without_a_picture_is_lost_silently(catalog: Catalog, tmp_path: Path, form: str, left_out: int) -> None:
    report = export_selection(catalog, EVERYTHING, tmp_path / "out", form, images=True)
    assert (report.items, report.left_out) == (ITEMS - left_out, left_out)
    with (report.folder / "images-not-copied.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["image_path"]: (row["reason"], row["left_out"]) for row in csv.DictReader(stream)}
    said = "true" if left_out else "false"
    assert rows == {BROKEN: ("unreadable", said), MISSING: ("missing", said), OUTSIDE: ("outside", said)}
    assert "images-not-copied.csv" in (report.folder / "README.md").read_text("utf-8")


def test_a_picture_that_changed_since_the_check_is_looked_at_before_it_is_copied(tmp_path: Path) -> None:
    catalog = make_collection(tmp_path)
    (tmp_path / "release" / MISSING).write_bytes((tmp_path / "release" / "med-mat/test.png").read_bytes())
    (tmp_path / "release" / "med-mat/test.png").unlink()
    try:
        report = export_selection(catalog, Selection.of(split=["test"]), tmp_path / "out", "llava", images=True)
    finally:
        catalog.close()
    assert report.images["not_copied"] == {"unreadable": 1, "missing": 1, "outside": 1}


# -- wholly or not at all


def test_a_folder_with_something_in_it_is_left_alone(catalog: Catalog, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="is not empty"):
        export_selection(catalog, EVERYTHING, out, "jsonl")
    with pytest.raises(ExportError, match="is a file"):
        export_selection(catalog, EVERYTHING, out / "mine.txt", "jsonl")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine.txt"]
    (tmp_path / "other.partial").mkdir()
    (tmp_path / "other.partial" / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="in the way"):
        export_selection(catalog, EVERYTHING, tmp_path / "other", "jsonl")
    assert (tmp_path / "other.partial" / "mine.txt").read_text() == "mine"


def test_an_empty_folder_is_taken(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    report = export_selection(catalog, EVERYTHING, tmp_path / "out", "jsonl")
    assert (tmp_path / "out" / "manifest.json").exists()
    assert report.folder == tmp_path / "out"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_stopped_export_leaves_nothing(catalog: Catalog, tmp_path: Path, after: int) -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    seen: list[tuple[str, int, int]] = []
    with pytest.raises(ExportStopped):
        export_selection(
            catalog,
            EVERYTHING,
            tmp_path / "out",
            "jsonl",
            images=True,
            progress=lambda *step: seen.append(step),
            should_stop=should_stop if after < 3 else lambda: bool(seen),
        )
    assert list(tmp_path.iterdir()) == []
    assert seen[0] == ("Writing items", 0, ITEMS)


def test_nothing_to_write_and_names_that_do_not_exist_get_a_sentence(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="nothing to export"):
        export_selection(catalog, Selection.of("no such word"), tmp_path / "out", "jsonl")
    with pytest.raises(UnknownNameError, match="llava, jsonl, parquet, csv, hf"):
        export_selection(catalog, EVERYTHING, tmp_path / "out", "xml")
    with pytest.raises(UnknownNameError, match="order"):
        export_selection(catalog, EVERYTHING, tmp_path / "out", "csv", sort="colour")
    assert list(tmp_path.iterdir()) == []


EXPORT = """
import resource, sys, time
from pathlib import Path
from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.export import export_selection

home, out, most, pause = sys.argv[1:]
if int(most):
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
catalog = open_catalog("odd", Path(home))
if int(most):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))

def told(stage, done, total):
    print(stage, done, flush=True)
    time.sleep(float(pause))

try:
    export_selection(catalog, Selection(), Path(out), "jsonl", images=True, progress=told)
except MedmatError as error:
    print("SAID", error, flush=True)
"""


def start_export(home: Path, out: Path, *, most: int = 0, pause: float = 0.0) -> "subprocess.Popen[str]":
    """An export in a process of its own that may write no file longer than `most` bytes."""
    return subprocess.Popen(
        [sys.executable, "-c", EXPORT, str(home), str(out), str(most), str(pause)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.usefixtures("catalog")
def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(odd_home: Path, tmp_path: Path) -> None:
    said, _ = start_export(odd_home / "home", tmp_path / "out", most=900).communicate(timeout=60)
    assert "SAID The export to" in said
    assert "make room, or choose another folder" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("catalog")
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_killed_export_leaves_no_folder_that_looks_whole_and_the_next_one_replaces_it(
    catalog: Catalog, odd_home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start_export(odd_home / "home", out, pause=30)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Writing items")
    with pytest.raises(ExportError, match="another export"):
        export_selection(catalog, EVERYTHING, out, "jsonl")
    assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=20)
    assert not out.exists()
    assert (tmp_path / "out.partial").is_dir()
    report = export_selection(catalog, EVERYTHING, out, "jsonl")
    assert report.items == ITEMS
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.usefixtures("catalog")
def test_a_collection_of_phantoms_says_so_in_its_citations(phantoms_home: Path, tmp_path: Path) -> None:
    catalog = open_catalog("phantoms", phantoms_home)
    began = time.monotonic()
    try:
        report = export_selection(catalog, EVERYTHING, tmp_path / "out", "llava", images=True)
    finally:
        catalog.close()
    assert time.monotonic() - began < 30
    assert (report.items, report.images["copied"], report.left_out) == (360, 360, 0)
    notes = [entry.fields["note"] for entry in parse_citations(report.folder) if "eprint" not in entry.fields]
    assert notes
    assert not [note for note in notes if "Med-MAT" in note]


def parse_citations(folder: Path) -> list[Any]:
    found = parse_string((folder / "citations.bib").read_text("utf-8"), "bibtex")
    return list(found.entries.values())
