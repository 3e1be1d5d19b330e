"""The second pass over image files: it can be watched, stopped, killed, taken up again, and repeated."""

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from PIL import Image

from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.store import image_check
from medmat_explorer.store.catalog import SubsetCount
from medmat_explorer.store.collections import list_collections, open_catalog
from medmat_explorer.store.health import check_health
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.image_states import PART
from medmat_explorer.store.report import ImageCounts, Progress
from medmat_explorer.store.versions import CHECK_LOCK, find_version, folder_lock
from tests.conftest import ROOT
from tests.release_folder import SUBSET_02, record, run_import, write

MANY = image_check.CHUNK * 3


def batches_of(home: Path) -> list[Path]:
    """Everything in the folder of image states."""
    return list((home / "collections" / "test").glob("images-*/*"))


@pytest.fixture
def release(tmp_path: Path, home: Path) -> Path:
    """Six items: three good images, one missing, one that is none, one good for two items."""
    found = [record(i, image=f"med-mat/{i}.png") for i in range(5)] + [record(9, "Stone", image="med-mat/0.png")]
    root = write(tmp_path / "release", **{SUBSET_02: found, "med-mat/4.png": "not a picture"})
    for number in range(3):
        Image.new("L", (10 + number, 8), number).save(root / "med-mat" / f"{number}.png")
    run_import(root, home, test_share=0.0)
    return root


def test_states_are_counted_and_stand_at_items(release: Path, home: Path) -> None:
    catalog = open_catalog("test", home)
    steps: list[Progress] = []
    assert check_images("test", home, progress=steps.append) == ImageCounts(ok=3, missing=1, unreadable=1)
    assert (steps[0], steps[-1]) == (Progress("Checking images", 0, 5), Progress("Checking images", 5, 5))
    assert catalog.summary().images == {"ok": 3, "missing": 1, "unreadable": 1, "unchecked": 0}
    assert catalog.subset_counts() == [SubsetCount("02", Split.TRAIN, 6, 5, 3, 1, 1, 0)]
    details = {d.item.image: d for d in (catalog.item(c.key) for c in catalog.page(Selection(), 0, 10))}
    assert {image: (d.image_state, d.width, d.height, d.mode) for image, d in details.items()} == {
        "med-mat/0.png": ("ok", 10, 8, "L"),
        "med-mat/1.png": ("ok", 11, 8, "L"),
        "med-mat/2.png": ("ok", 12, 8, "L"),
        "med-mat/3.png": ("missing", 0, 0, ""),
        "med-mat/4.png": ("unreadable", 0, 0, ""),
    }


def test_checking_again_looks_only_at_what_has_changed(release: Path, home: Path) -> None:
    check_images("test", home)
    batches = batches_of(home)
    catalog = open_catalog("test", home)
    assert check_images("test", home) == ImageCounts(ok=3, missing=1, unreadable=1)
    assert batches_of(home) == batches, "nothing new was found"
    Image.new("L", (9, 9)).save(release / "med-mat" / "3.png")
    Image.new("L", (9, 9)).save(release / "med-mat" / "4.png")
    (release / "med-mat" / "0.png").unlink()
    steps: list[Progress] = []
    stopped_before_joining = check_images("test", home, progress=steps.append, should_stop=lambda: len(steps) > 1)
    assert stopped_before_joining == ImageCounts(ok=4, missing=1)
    assert dict(catalog.summary().images) == stopped_before_joining.as_json()
    assert check_images("test", home) == stopped_before_joining
    assert catalog.summary().images == {"ok": 4, "missing": 1, "unreadable": 0, "unchecked": 0}


def test_what_is_known_outlives_another_import_of_the_same_folder(release: Path, home: Path, tmp_path: Path) -> None:
    check_images("test", home)
    assert run_import(release, home).images == ImageCounts(ok=3, missing=1, unreadable=1)
    moved = release.rename(tmp_path / "moved")
    assert run_import(moved, home).images == ImageCounts(unchecked=5)
    assert batches_of(home) == [], "what was known of the other folder is gone"


def many_images(tmp_path: Path, home: Path) -> None:
    found = [record(i, image=f"med-mat/{i}.png") for i in range(MANY)]
    root = write(tmp_path / "release", **{SUBSET_02: found})
    for number in range(MANY):
        path = root / "med-mat" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (4, 4)).save(path)
    run_import(root, home)


def test_a_stopped_check_keeps_what_it_found_and_goes_on_from_there(tmp_path: Path, home: Path) -> None:
    many_images(tmp_path, home)
    catalog = open_catalog("test", home)
    steps: list[Progress] = []
    found = check_images("test", home, progress=steps.append, should_stop=lambda: len(steps) > 1)
    assert found == ImageCounts(ok=MANY // 3, unchecked=MANY - MANY // 3)
    assert dict(catalog.summary().images) == found.as_json()
    assert check_images("test", home) == ImageCounts(ok=MANY)


KILLED = """
import sys, time
from pathlib import Path
from medmat_explorer.store import image_check

def wait(progress):
    if progress.done >= 2 * image_check.CHUNK:
        print("checking", flush=True)
        time.sleep(60)

image_check.BATCH = image_check.CHUNK
image_check.check_images("test", Path(sys.argv[1]), progress=wait)
"""


def test_a_killed_check_keeps_what_it_has_written(tmp_path: Path, home: Path) -> None:
    many_images(tmp_path, home)
    catalog = open_catalog("test", home)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(home)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"checking\n"
        assert catalog.summary().images["ok"] == MANY * 2 // 3, "seen while the check runs"
        with pytest.raises(CollectionError, match="another task"):
            check_images("test", home)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    assert check_images("test", home) == ImageCounts(ok=MANY)
    assert len(batches_of(home)) == 1
    assert not (home / "collections" / "test" / "check.lock").exists()


def test_a_collection_that_is_none_cannot_be_checked(home: Path) -> None:
    with pytest.raises(UnknownNameError):
        check_images("nothing", home)


def test_an_image_with_broken_exif_does_not_stop_the_check(tmp_path: Path, home: Path) -> None:
    names = ("a.jpg", "b.png", "c.png")
    found = [record(i, image=f"med-mat/{name}") for i, name in enumerate(names)]
    root = write(tmp_path / "release", **{SUBSET_02: found, "med-mat/.keep": ""})
    for name in names[:2]:
        Image.new("RGB", (4, 2)).save(root / "med-mat" / name, exif=b"Exif\x00\x00garbage, not a TIFF file")
    Image.new("L", (4, 4)).save(root / "med-mat" / names[2])
    run_import(root, home)
    assert check_images("test", home) == ImageCounts(ok=3)


def test_an_import_from_elsewhere_leaves_what_a_running_check_writes(release: Path, home: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", **{SUBSET_02: [record(1)]})
    check_images("test", home)
    kept = batches_of(home)
    with folder_lock(home / "collections" / "test", CHECK_LOCK):
        run_import(other, home)
        assert batches_of(home) == kept != []
    run_import(other, home)
    assert batches_of(home) == []


def test_a_check_that_cannot_write_says_so(release: Path, home: Path) -> None:
    version = find_version("test", home)
    version.images.write_text("a file, not a folder")
    with pytest.raises(CollectionError, match=f"'{version.images}' cannot be written"):
        check_images("test", home)


def test_states_of_another_format_are_refused_by_readers_and_replaced_by_the_next_import(
    release: Path, home: Path
) -> None:
    folder = find_version("test", home).images
    folder.mkdir()
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY (SELECT 1::BIGINT AS image_id, 'ok' AS state) TO '{folder}/{PART}000001.parquet'")
    for read in (open_catalog, check_health):
        with pytest.raises(CollectionError, match="import it again"):
            read("test", home)
    assert list_collections(home) == ()
    run_import(release, home)
    assert open_catalog("test", home).summary().images["unchecked"] == 5
    assert check_images("test", home) == ImageCounts(ok=3, missing=1, unreadable=1)


def test_what_an_earlier_version_knew_of_images_counts_as_unchecked_and_goes_with_the_next_check(
    release: Path, home: Path
) -> None:
    check_images("test", home)
    folder = find_version("test", home).images
    (batch,) = folder.glob("*.parquet")
    batch.rename(folder / "part-000001.parquet")
    assert open_catalog("test", home).summary().images["unchecked"] == 5
    assert check_health("test", home).unchecked == 5
    assert check_images("test", home) == ImageCounts(ok=3, missing=1, unreadable=1)
    assert [path.name[: len(PART)] for path in folder.iterdir()] == [PART]
