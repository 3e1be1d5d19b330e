"""Images of a target that also stand in the subsets that would teach it: by source and by the split they are in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.duplicates import find_duplicates
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.recipe_leaks import SharedImages, images_shared_with
from tests.planted_release import TEST_02, TRAIN_03, jpeg, png, resized, soft_pictures
from tests.release_folder import SUBSET_02, record, run_import, write

TRAIN_22 = "Aggregated_Subsets/Subset--22-train.json"


def items(first: str, *names: str, data_no: str = "2") -> list[dict[str, Any]]:
    """A record for each picture."""
    return [record(int(first) * 100 + i, image=f"med-mat/{name}", data_no=data_no) for i, name in enumerate(names)]


@pytest.fixture
def catalog(tmp_path: Path, home: Path) -> Iterator[Catalog]:
    """02: p0 and two copies of it, p1, p2 in training, p3 and p4 in test. 03: a copy of p0, p1 itself, p3 resized, p4
    mirrored, and p5. 22: p6 and p2 re-encoded.
    """
    p = soft_pictures(7)
    files = {f"p{i}.png": png(picture) for i, picture in enumerate(p)}
    files |= {name: png(p[0]) for name in ("copy0a.png", "copy0b.png", "copy0c.png")}
    files |= {"small3.png": png(resized(p[3], 0.5)), "mirrored4.png": png(ImageOps.mirror(p[4]))}
    files |= {"encoded2.jpg": jpeg(p[2], 50)}
    release = write(
        tmp_path / "release",
        **{
            SUBSET_02: items("02", "p0.png", "copy0a.png", "copy0b.png", "p1.png", "p2.png"),
            TEST_02: items("12", "p3.png", "p4.png"),
            TRAIN_03: items("03", "copy0c.png", "p1.png", "small3.png", "mirrored4.png", "p5.png", data_no="3"),
            TRAIN_22: items("22", "p6.png", "encoded2.jpg", data_no="45"),
            **{f"med-mat/{name}": data for name, data in files.items()},
        },
    )
    run_import(release, home, test_share=0.0)
    opened = open_catalog("test", home)
    yield opened
    opened.close()


def test_nothing_is_known_before_duplicates_were_looked_for(catalog: Catalog) -> None:
    assert images_shared_with(catalog, "02") is None


def test_images_of_the_target_are_counted_by_source_and_split_with_all_their_copies(
    catalog: Catalog, home: Path
) -> None:
    check_images("test", home)
    assert find_duplicates("test", home) is not None
    found = images_shared_with(catalog, "02") or {}
    assert found == {
        "03": SharedImages(train=4, test=2, exact=4),  # p0 with its two copies, p1; p3 and p4 in test, nearly so
        "22": SharedImages(train=1),  # p2
    }
    assert found["03"].images == 6
    assert images_shared_with(catalog, "03") == {"02": SharedImages(train=4, exact=2)}
    assert images_shared_with(catalog, "22") == {"02": SharedImages(train=1)}
    assert images_shared_with(catalog, "99") == {}
