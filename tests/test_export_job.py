"""Exports in the background of a server: progress, stop, the list of them, the archive, the size told before."""

import time
import zipfile
from pathlib import Path

import pytest

from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import CollectionError
from medmat_explorer.export_job import BackgroundExport, ExportWish, exports_folder
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.export import FORMATS, export_selection
from medmat_explorer.store.exports.archive import archive_of
from medmat_explorer.store.exports.estimate import estimate_export
from medmat_explorer.store.exports.stored import delete_export, stored_exports
from medmat_explorer.ui.export_panel import shown_bytes
from tests.release_folder import SUBSET_02, record, run_import, write


@pytest.fixture
def without_pictures(tmp_path: Path) -> Path:
    """A collection of a few thousand items without pictures, `test`."""
    root = write(tmp_path / "release", **{SUBSET_02: [record(i) for i in range(3000)]})
    run_import(root, tmp_path / "home")
    return tmp_path / "home"


def finished(job: BackgroundExport) -> BackgroundExport:
    assert job.wait(60)
    return job


def test_an_export_ends_in_a_folder_that_is_listed(without_pictures: Path) -> None:
    job = finished(BackgroundExport(ExportWish("test", Selection.of(subset=["02"]), "csv"), without_pictures))
    assert job.error == ""
    assert job.report is not None and job.report.items == 3000
    assert (job.done, job.total) in {(3000, 3000), (0, 0)}
    (listed,) = stored_exports(exports_folder(without_pictures), "test", 3)
    assert listed.folder == job.folder == job.report.folder
    assert listed.bytes == sum(file.stat().st_size for file in job.folder.iterdir() if file.name != "manifest.json")
    assert stored_exports(exports_folder(without_pictures), "another", 3) == []


def test_one_that_is_stopped_leaves_nothing(without_pictures: Path) -> None:
    job = BackgroundExport(ExportWish("test", Selection(), "jsonl"), without_pictures)
    job.stop()
    finished(job)
    assert job.report is None
    assert "stopped" in job.error
    assert list(exports_folder(without_pictures).iterdir()) == []


def test_what_goes_wrong_is_a_sentence(without_pictures: Path) -> None:
    job = finished(BackgroundExport(ExportWish("test", Selection.of("no such word"), "jsonl"), without_pictures))
    assert job.error.startswith("No item is chosen")
    gone = finished(BackgroundExport(ExportWish("nowhere", Selection(), "jsonl"), without_pictures))
    assert gone.error.startswith("There is no collection 'nowhere'.")


def test_two_exports_of_one_second_get_folders_of_their_own(without_pictures: Path) -> None:
    wish = ExportWish("test", Selection(), "parquet")
    jobs = [finished(BackgroundExport(wish, without_pictures)) for _ in range(3)]
    assert len({job.folder for job in jobs}) == 3
    assert len(stored_exports(exports_folder(without_pictures), "test", 9)) == 3
    assert [x.folder for x in stored_exports(exports_folder(without_pictures), "test", 2)] == [
        jobs[2].folder,
        jobs[1].folder,
    ]


def test_damaged_and_unfinished_exports_are_not_listed(without_pictures: Path) -> None:
    job = finished(BackgroundExport(ExportWish("test", Selection(), "csv"), without_pictures))
    whole = (job.folder / "manifest.json").read_text("utf-8")
    for name, text in (("broken", whole[:50]), ("odd", "[]"), ("new.partial", whole), ("older", '{"collection": 1}')):
        write(exports_folder(without_pictures), **{f"{name}/manifest.json": text})
    (exports_folder(without_pictures) / "a file").write_text("x")
    assert [x.folder for x in stored_exports(exports_folder(without_pictures), "test", 9)] == [job.folder]


def test_the_archive_holds_every_file_and_goes_with_the_export(without_pictures: Path) -> None:
    job = finished(BackgroundExport(ExportWish("test", Selection(), "hf"), without_pictures))
    archive = archive_of(job.folder)
    with zipfile.ZipFile(archive) as packed:
        assert packed.testzip() is None
        there = {f"{job.folder.name}/{x.relative_to(job.folder)}" for x in job.folder.rglob("*") if x.is_file()}
        assert set(packed.namelist()) == there
    made = archive.stat().st_mtime_ns
    time.sleep(0.01)
    assert archive_of(job.folder).stat().st_mtime_ns == made, "it is made once"
    (listed,) = stored_exports(exports_folder(without_pictures), "test", 3)
    delete_export(listed)
    assert list(exports_folder(without_pictures).iterdir()) == []


def test_an_archive_that_cannot_be_written_is_a_sentence(without_pictures: Path) -> None:
    job = finished(BackgroundExport(ExportWish("test", Selection(), "csv"), without_pictures))
    with pytest.raises(CollectionError, match="cannot be written"):
        archive_of(job.folder.parent / "nowhere" / "export")


@pytest.fixture(scope="module")
def real_home(medmat_mini: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real sample, imported once as `mini`."""
    from medmat_explorer.collection_import import import_folder

    home = tmp_path_factory.mktemp("real")
    import_folder(medmat_mini, "mini", home, progress=lambda stage, done, total: None, check=False)
    return home


@pytest.mark.parametrize("format", list(FORMATS))
def test_the_size_told_before_is_about_that_of_the_files(
    format: str, real_home: Path, medmat_mini: Path, tmp_path: Path
) -> None:
    catalog = open_catalog("mini", real_home)
    try:
        expected = estimate_export(catalog, Selection(), format)
        made = export_selection(catalog, Selection(), tmp_path / "out", format)
    finally:
        catalog.close()
    assert expected.items == made.items == 1176
    assert expected.images == 1176
    data = sum(file.stat().st_size for file in (tmp_path / "out").rglob("*") if file.suffix not in {".md", ".bib"})
    assert expected.text_bytes == pytest.approx(data, rel=0.5)
    pictures = sum(file.stat().st_size for file in (medmat_mini / "med-mat").rglob("*") if file.is_file())
    assert expected.image_bytes == pytest.approx(pictures, rel=0.3)


def test_nothing_chosen_has_no_size(without_pictures: Path) -> None:
    catalog = open_catalog("test", without_pictures)
    try:
        assert estimate_export(catalog, Selection.of("no such word"), "csv").items == 0
        assert estimate_export(catalog, Selection(), "csv").image_bytes == 0, "no picture is there to copy"
    finally:
        catalog.close()


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12_345, "12 kB"),
        (999_999, "1,000 kB"),
        (5_540_000, "5.5 MB"),
        (31_000_000_000, "31 GB"),
        (2_500_000_000_000_000, "2,500 TB"),
    ],
)
def test_sizes_are_shown_for_people(size: int, shown: str) -> None:
    assert shown_bytes(size) == shown
