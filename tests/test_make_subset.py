"""What befalls a subset of one's own: odd names, bad files, other tasks at work, a stop or a kill at any moment."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.encoder_ref import BUNDLED, resolve_encoder
from medmat_explorer.collection_import import import_folder
from medmat_explorer.domain.qa import QAItem, item_key
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.embedding_job import embed_collection
from medmat_explorer.errors import CollectionError
from medmat_explorer.own_subsets.making import make_subset, own_subset_titles, remove_subset
from medmat_explorer.own_subsets.plan import SubsetWish
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.versions import find_version
from tests.conftest import ROOT
from tests.drawn_pictures import as_jpeg, class_folders, drawn
from tests.release_folder import SUBSET_02, record, write

TRIPLET = MatTriplet("CT", "Kidney", "Stones")
QUIET: Callable[[str, int, int], None] = lambda stage, done, total: None  # noqa: E731


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three labels with ten pictures each."""
    return class_folders(tmp_path / "pictures")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Twelve pictures of subset 02, all there."""
    root = write(
        tmp_path / "release", **{SUBSET_02: [record(n, ["Cyst", "Normal", "Stone"][n % 3]) for n in range(12)]}
    )
    for n in range(12):
        label = ["Cyst", "Normal", "Stone"][n % 3]
        path = root / f"med-mat/CT_Kidney/{label}/{label}- ({n}).jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_jpeg(drawn(5000 + n)))
    return root


def make(folder: Path, home: Path, **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"folder": folder, "collection": "mine", "triplet": TRIPLET, "share": 0.2} | more
    return make_subset(SubsetWish(**fields), home, progress=QUIET)


def opened(home: Path, name: str = "mine") -> closing[Catalog]:
    return closing(open_catalog(name, home))


def all_items(catalog: Catalog, subset: str = "U01") -> list[QAItem]:
    chosen = Selection(chosen={Facet.SUBSET: frozenset({subset})})
    return catalog.items([item_key(int(number)) for number in catalog.ids(chosen)])


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def refusals(made: dict[str, Any]) -> dict[str, str]:
    lines = Path(made["refused_file"]).read_text("utf-8").splitlines()
    return {(line := json.loads(text))["image"]: line["reason"] for text in lines}


def test_it_joins_a_collection_and_leaves_the_rest_as_it_was(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET, test_share=0.25, seed=9)
    with opened(home) as catalog:
        before = {item.key: (item, catalog.image_of(item)) for item in all_items(catalog, "02")}
        splits = {count.split: count.items for count in catalog.subset_counts()}
    made = make(folder, home, share=0.5, seed=1)
    version = find_version("mine", home)
    assert (made["splits"], version.root, version.test_share, version.seed) == (
        {"train": 15, "test": 15},
        release.resolve(),
        0.25,
        9,
    )
    with opened(home) as catalog:
        assert {item.key: (item, catalog.image_of(item)) for item in all_items(catalog, "02")} == before
        assert {count.split: count.items for count in catalog.subset_counts() if count.subset == "02"} == splits
        assert catalog.summary().images == {"ok": 42, "missing": 0, "unreadable": 0, "unchecked": 0}


def test_its_pictures_are_encoded_beside_the_releases(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    make(folder, home)
    found = embed_collection(
        "mine", home, resolve_encoder(BUNDLED), LoadOptions(device="cpu", threads=1), progress=QUIET
    )
    assert (found.images, found.encoded, found.left, found.refused) == (42, 42, 0, {})


def test_pictures_that_cannot_be_used_are_refused_each_with_its_reason(folder: Path, home: Path) -> None:
    (folder / "Cyst" / "broken.png").write_bytes(drawn(1)[:60])
    (folder / "Cyst" / "words.png").write_text("no picture")
    (folder / "Cyst" / "empty.png").touch()
    (folder / "Stone" / "copy.png").write_bytes((folder / "Stone" / "000.png").read_bytes())
    (folder / "Stone" / "same.png").write_bytes((folder / "Normal" / "000.png").read_bytes())
    secret = folder.parent / "secret.png"
    secret.write_bytes(drawn(77))
    os.symlink(secret, folder / "Stone" / "link.png")
    os.symlink(folder.parent / "nowhere.png", folder / "Stone" / "dangling.png")
    os.symlink(folder / "Cyst" / "001.png", folder / "Cyst" / "inside.png")
    made = make(folder, home)
    found = refusals(made)
    assert {image: reason for image, reason in found.items() if reason in {"two-labels", "copy", "outside"}} == {
        "Stone/copy.png": "copy",
        "Cyst/inside.png": "copy",
        "Stone/same.png": "two-labels",
        "Normal/000.png": "two-labels",
        "Stone/link.png": "outside",
        "Stone/dangling.png": "outside",
    }
    assert {"Cyst/broken.png", "Cyst/words.png", "Cyst/empty.png"} < found.keys()
    assert (made["items"], made["refused"], sum(made["reasons"].values())) == (29, 9, 9)
    assert not [path for path in (home / "own_subsets").rglob("*") if path.is_symlink()]
    assert secret.read_bytes() not in tree(home / "own_subsets").values()


def test_odd_names_come_through(tmp_path: Path, home: Path) -> None:
    odd = [
        "100% sure #1?.png",
        "a b (c).PNG",
        "ünïcødé 腎.png",
        "no_ending",
        "q'uo\"te.png",
        "back\\slash.png",
        "x" * 200 + ".png",
        "new\nline.png",
        "-dash.png",
        "<b>&.png",
        "dots..png",
    ]
    for place, label in enumerate(("Kidney & <i>stones</i>", "Zöliakie, probably")):
        folder = tmp_path / "pictures" / label
        folder.mkdir(parents=True)
        for number, name in enumerate(odd):
            (folder / name).write_bytes(drawn(100 * place + number))
    made = make(tmp_path / "pictures", home)
    assert (made["items"], made["refused"]) == (2 * len(odd), 0)
    with opened(home) as catalog:
        assert catalog.summary().images["ok"] == 2 * len(odd)
        contents = Counter(catalog.image_of(item).read_bytes() for item in all_items(catalog))
        assert contents == Counter(path.read_bytes() for path in (tmp_path / "pictures").rglob("*") if path.is_file())


def test_identical_pictures_and_patients_do_not_straddle_the_split(folder: Path, home: Path) -> None:
    rows = ["image,label,patient"]
    rows += [f"{label}/{n:03}.png,{label},{n // 2}" for label in ("Cyst", "Normal", "Stone") for n in range(10)]
    (folder / "labels.csv").write_text("\n".join(rows))
    make(folder, home)
    with opened(home) as catalog:
        sides: dict[int, set[str]] = {}
        for item in all_items(catalog):
            sides.setdefault(int(Path(item.image).stem) // 2, set()).add(item.split)
    assert all(len(side) == 1 for side in sides.values())
    assert {side for found in sides.values() for side in found} == {"train", "test"}


def test_it_survives_that_the_folder_it_was_made_from_goes(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    make(folder, home)
    for path in folder.rglob("*.png"):
        path.unlink()
    assert import_folder(release, "mine", home, progress=QUIET)["images"]["ok"] == 42


def test_a_number_used_again_shows_the_new_pictures(folder: Path, home: Path, release: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    make(folder, home)
    remove_subset("mine", "U01", home)
    for place, path in enumerate(sorted(folder.rglob("*.png"))):
        path.write_bytes(drawn(9000 + place))
    make(folder, home)
    with opened(home) as catalog:
        for item in all_items(catalog):
            assert catalog.image_of(item).read_bytes() == (folder / item.image.split("/", 2)[2]).read_bytes()
        assert catalog.summary().images == {"ok": 42, "missing": 0, "unreadable": 0, "unchecked": 0}


def test_a_stop_at_any_moment_leaves_all_as_it_was_or_all_made(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    wish = SubsetWish(folder, "mine", TRIPLET)
    stopped = 0
    for after in range(100):
        before, calls = tree(home), count()

        def should_stop(calls: Iterator[int] = calls, after: int = after) -> bool:
            return next(calls) >= after

        try:
            make_subset(wish, home, progress=QUIET, should_stop=should_stop)
            break
        except CollectionError as error:
            stopped += 1
            assert "stopped" in str(error)
            changed = {name for name, data in tree(home).items() if before.get(name) != data}
            assert {name for name in changed if "images-" not in name} == set()
            assert own_subset_titles("mine", home) == {}
    assert stopped >= 3
    with opened(home) as catalog:
        assert len(all_items(catalog)) == 30


KILLED = """
import sys, time
from pathlib import Path
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.own_subsets.making import make_subset
from medmat_explorer.own_subsets.plan import SubsetWish

def wait_there(stage, done, total):
    if stage.startswith(sys.argv[3]) and done == total:
        print("there", flush=True)
        time.sleep(60)

make_subset(
    SubsetWish(Path(sys.argv[1]), "mine", MatTriplet("CT", "Kidney", "Stones")), Path(sys.argv[2]), progress=wait_there
)
"""


@pytest.mark.parametrize(("stage", "is_there"), [("Looking", False), ("Putting", False), ("Reading files", True)])
def test_a_killed_process_leaves_it_made_or_not_and_the_next_one_goes_on(
    folder: Path, release: Path, home: Path, stage: str, is_there: bool
) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    command = [sys.executable, "-c", KILLED, str(folder), str(home), stage]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    with opened(home) as catalog:
        assert [subset.number for subset in catalog.subsets()] == ["02"]
    assert list(own_subset_titles("mine", home)) == (["U01"] if is_there else [])
    import_folder(release, "mine", home, progress=QUIET)
    other = class_folders(folder.parent / "other", 4, ("Acne", "Eczema"))
    made = make(other, home, triplet=MatTriplet("Der", "Skin", "Diseases"))
    assert made["subset"] == ("U02" if is_there else "U01")
    lying = home / "own_subsets" / "mine" / "own-subsets" / made["subset"]
    assert {path.relative_to(lying) for path in lying.rglob("*.png")} == {
        path.relative_to(other) for path in other.rglob("*.png")
    }
    with opened(home) as catalog:
        assert len(catalog.subsets()) == (3 if is_there else 2)
    assert {path.name for path in (home / "own_subsets" / "mine").iterdir()} == {
        "Aggregated_Subsets",
        "own-subsets",
        "subsets.csv",
        "datasets.csv",
    }


def test_two_at_once_wait_or_say_so(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    caught: list[str] = []

    def meanwhile(stage: str, done: int, total: int) -> None:
        if stage.startswith("Looking") and not caught:
            with pytest.raises(CollectionError) as error:
                make(folder, home)
            caught.append(str(error.value))

    make_subset(SubsetWish(folder, "mine", TRIPLET), home, progress=meanwhile)
    assert "being written by another task" in caught[0]
    assert list(own_subset_titles("mine", home)) == ["U01"]
