"""The search for duplicates: what is found, what leaks, when it is out of date, and that it never leaves halves."""

import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageOps

from medmat_explorer.domain.selection import Selection
from medmat_explorer.duplicate_search import BackgroundSearch
from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.media.looks import looks_of
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.duplicates import find_duplicates, search_record, seen_images
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.near_looks import NEARLY
from medmat_explorer.store.pair_report import (
    Place,
    PlaceCount,
    pairs_between,
    pairs_between_datasets,
    place_counts,
    twins_of,
)
from medmat_explorer.store.report import Progress
from medmat_explorer.store.versions import SEARCH_LOCK, Version, find_version, folder_lock, sweep
from tests.conftest import ROOT
from tests.planted_release import jpeg, planted_release, resized, soft_pictures
from tests.release_folder import SUBSET_02, record, run_import, write

TRAIN, TEST = Place("02", "train"), Place("02", "test")


@pytest.fixture
def searched(tmp_path: Path, home: Path) -> tuple[Catalog, Version]:
    """The planted release, imported, looked at and searched."""
    return searched_release(planted_release(tmp_path / "release", soft_pictures(8)), home)


def searched_release(root: Path, home: Path) -> tuple[Catalog, Version]:
    run_import(root, home, test_share=0.0)
    check_images("test", home)
    assert find_duplicates("test", home) is not None
    return open_catalog("test", home), find_version("test", home)


def leaking(catalog: Catalog) -> dict[str, set[str]]:
    """Image names by what the facet says."""
    found = {leak: catalog.page(Selection.of(leak=[leak]), 0, 50) for leak in ("exact", "near", "none")}
    return {leak: {Path(catalog.item(card.key).item.image).name for card in cards} for leak, cards in found.items()}


def test_every_kind_of_copy_but_a_rotated_one_is_found_where_it_stands(searched: tuple[Catalog, Version]) -> None:
    catalog, version = searched
    assert place_counts(catalog, version) == (
        PlaceCount(TEST, TRAIN, exact=2, near=1, mirrored=1),
        PlaceCount(TRAIN, Place("03", "train"), near=1),
    )
    found = pairs_between(catalog, version, TEST, TRAIN, "", 0, 10)
    assert [(p.kind, Path(p.a.image).name, Path(p.b.image).name, p.conflict) for p in found[2:]] == [
        ("near", "resized2.png", "p2.png", False),
        ("mirrored", "mirrored3.png", "p3.png", False),
    ]
    assert {(p.kind, Path(p.a.image).name, Path(p.b.image).name, p.conflict) for p in found[:2]} == {
        ("exact", "p0.png", "p0.png", False),
        ("exact", "copy1.png", "p1.png", True),
    }
    assert {p.distance for p in found[:2]} == {0}
    assert max(p.distance for p in found) <= NEARLY
    assert [p.a.image for p in pairs_between(catalog, version, TEST, TRAIN, "mirrored", 0, 10)] == [
        "med-mat/mirrored3.png"
    ]
    assert len(pairs_between(catalog, version, TEST, TRAIN, "", 3, 10)) == 1, "the last page"


def test_images_on_both_sides_of_a_split_leak_and_can_be_left_out(searched: tuple[Catalog, Version]) -> None:
    found = leaking(searched[0])
    assert found["exact"] == {"p0.png", "p1.png", "copy1.png"}
    assert found["near"] == {"p2.png", "resized2.png", "p3.png", "mirrored3.png"}
    assert found["none"] == {"p4.png", "encoded4.jpg", "p5.png", "rotated5.png", "p6.png", "p7.png", "gone.png"}


def test_pairs_between_data_sets_are_counted(searched: tuple[Catalog, Version]) -> None:
    assert pairs_between_datasets(*searched, frozenset({"2", "3", "4"})) == {("2", "4"): 1}
    assert pairs_between_datasets(*searched, frozenset({"2", "3"})) == {}


def test_real_pictures_planted_the_same_way_are_found_the_same_way(
    medmat_mini: Path, tmp_path: Path, home: Path
) -> None:
    folders = sorted(path for path in (medmat_mini / "med-mat").iterdir() if path.is_dir())
    files = [next(path for path in sorted(folder.rglob("*")) if path.is_file()) for folder in folders]
    pictures = []
    for file in files:
        with Image.open(file) as opened:
            pictures.append(opened.convert("RGB"))
    catalog, version = searched_release(planted_release(tmp_path / "release", pictures), home)
    assert place_counts(catalog, version) == (
        PlaceCount(TEST, TRAIN, exact=2, near=1, mirrored=1),
        PlaceCount(TRAIN, Place("03", "train"), near=1),
    )


@pytest.mark.parametrize("number", range(6))
def test_looks_stay_under_the_changes_that_count_as_the_same(number: int) -> None:
    picture = soft_pictures(6, side=120)[number]
    look, mirrored = looks_of(picture)
    assert look is not None
    assert mirrored is not None
    with Image.open(BytesIO(jpeg(picture, 50))) as encoded:
        changed = [encoded.convert("RGB"), resized(picture, 0.5), resized(picture, 2.0)]
    changed.append(ImageEnhance.Brightness(picture).enhance(1.1))
    assert max(((look ^ (looks_of(one)[0] or 0)) % 2**64).bit_count() for one in changed) <= NEARLY
    assert ((mirrored ^ (looks_of(ImageOps.mirror(picture))[0] or 0)) % 2**64).bit_count() <= NEARLY
    assert ((look ^ mirrored) % 2**64).bit_count() > NEARLY
    assert ((look ^ (looks_of(picture.rotate(90))[0] or 0)) % 2**64).bit_count() > NEARLY


def test_a_picture_of_one_colour_looks_like_nothing() -> None:
    assert looks_of(Image.new("RGB", (40, 30), (7, 7, 7))) == (None, None)


def test_many_copies_of_one_picture_do_not_make_pairs_of_each_with_each(tmp_path: Path, home: Path) -> None:
    (picture,) = soft_pictures(1)
    files = {f"med-mat/{i}.jpg": jpeg(picture, 95) for i in range(40)}
    records = [record(i, image=f"med-mat/{i}.jpg") for i in range(40)]
    catalog, version = searched_release(write(tmp_path / "r", **{SUBSET_02: records}, **files), home)
    assert place_counts(catalog, version) == (PlaceCount(TRAIN, TRAIN, exact=39),)


def test_what_was_searched_is_written_down_and_more_images_make_it_old(tmp_path: Path, home: Path) -> None:
    root = planted_release(tmp_path / "release", soft_pictures(8))
    run_import(root, home, test_share=0.0)
    version = find_version("test", home)
    assert search_record(version) is None
    by_path = find_duplicates("test", home)
    assert by_path is not None
    assert (by_path.states, by_path.pairs, by_path.leaks) == (0, 1, 1)
    check_images("test", home)
    assert seen_images(version).states == 14
    again = find_duplicates("test", home)
    assert again == search_record(version) != by_path
    assert again is not None
    assert (again.readable, again.copies, again.near, again.mirrored) == (13, 1, 4, 2)
    assert again.mark == seen_images(version).mark
    soft_pictures(30)[29].save(root / "med-mat" / "p7.png")
    check_images("test", home)
    assert again.mark != seen_images(version).mark


def test_a_stopped_search_leaves_what_the_last_one_found(searched: tuple[Catalog, Version], home: Path) -> None:
    _, version = searched
    before = files_of(version)
    steps: list[Progress] = []
    assert find_duplicates("test", home, progress=steps.append, should_stop=lambda: len(steps) > 4) is None
    assert files_of(version) == before
    assert [step.done for step in steps[1:]] == [0, 1, 2, 3]


KILLED = """
import sys, time
from pathlib import Path
from medmat_explorer.store.duplicates import find_duplicates

def wait(progress):
    if progress.done == 3:
        print("searching", flush=True)
        time.sleep(60)

find_duplicates("test", Path(sys.argv[1]), progress=wait)
"""


def test_a_killed_search_leaves_all_whole_and_the_next_one_works(searched: tuple[Catalog, Version], home: Path) -> None:
    _, version = searched
    before = files_of(version)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(home)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"searching\n"
        with pytest.raises(CollectionError, match="another task"):
            find_duplicates("test", home)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    assert files_of(version) == before
    sweep(home)
    assert not (version.folder / SEARCH_LOCK).exists()
    assert not (version.folder / ".search").exists()
    record = find_duplicates("test", home)
    assert record is not None
    assert record.pairs == 5


def files_of(version: Version) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in (version.pairs, version.leaks, version.folder / f"pairs-{version.stamp}.json")
    }


def test_what_was_found_goes_with_its_version(searched: tuple[Catalog, Version], home: Path, tmp_path: Path) -> None:
    _, version = searched
    run_import(tmp_path / "release", home, test_share=0.0)
    assert not version.pairs.exists()
    assert not version.leaks.exists()
    assert leaking(open_catalog("test", home))["exact"] == set()


def test_the_background_search_looks_at_images_first_and_then_finds(tmp_path: Path, home: Path) -> None:
    run_import(planted_release(tmp_path / "release", soft_pictures(8)), home, test_share=0.0)
    job = BackgroundSearch("test", home, check=True)
    assert job.wait(60)
    assert job.error == ""
    assert job.record is not None
    assert (job.record.readable, job.record.leaks) == (13, 7)
    assert (job.stage, job.done, job.total) == ("Looking for duplicates", 15, 15)


def test_the_background_search_says_why_it_cannot(tmp_path: Path, home: Path) -> None:
    run_import(planted_release(tmp_path / "release", soft_pictures(8)), home, test_share=0.0)
    with folder_lock(find_version("test", home).folder, SEARCH_LOCK):
        job = BackgroundSearch("test", home, check=False)
        assert job.wait(60)
    assert "another task" in job.error
    assert job.record is None


def test_a_collection_that_is_none_cannot_be_searched(home: Path) -> None:
    with pytest.raises(UnknownNameError):
        find_duplicates("nothing", home)


def test_an_item_knows_the_other_files_with_its_picture(searched: tuple[Catalog, Version]) -> None:
    catalog, version = searched
    keys = {item.image: item.key for item in catalog.items([card.key for card in catalog.page(Selection(), 0, 50)])}

    def twins(name: str) -> list[tuple[str, str]]:
        found = twins_of(catalog, version, keys[f"med-mat/{name}"])
        return [(catalog.item(key).item.image, kind) for key, kind in found]

    assert {name: twins(name) for name in ("p1.png", "copy1.png", "mirrored3.png", "p5.png")} == {
        "p1.png": [("med-mat/copy1.png", "exact")],
        "copy1.png": [("med-mat/p1.png", "exact")],
        "mirrored3.png": [("med-mat/p3.png", "mirrored")],
        "p5.png": [],
    }
