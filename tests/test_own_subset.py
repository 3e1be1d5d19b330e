"""A folder of labelled pictures becomes a subset that takes part in everything, and is removed without a trace."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medmat_explorer.backbones.registry import BackboneRef, resolve
from medmat_explorer.backbones.scripted import Script
from medmat_explorer.collection_import import import_folder
from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.relation import Relation, find_target, relations_to, rule_named
from medmat_explorer.errors import CollectionError, LayoutError, MedmatError, UnknownNameError
from medmat_explorer.evaluation.run_record import SpotCheckPlan
from medmat_explorer.experiments.blocking_spot_check import run_spot_check
from medmat_explorer.own_subsets.making import make_subset, own_subset_titles, remove_subset
from medmat_explorer.own_subsets.plan import SubsetWish, preview_subset, triplet_of
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import delete_collection, list_collections, open_catalog
from medmat_explorer.store.ingest import import_collection
from medmat_explorer.store.own_folder import READY, OwnFolder
from medmat_explorer.store.versions import collection_folder, read_pointer
from tests.conftest import ROOT
from tests.labelled_pictures import labelled_pictures, picture
from tests.release_folder import FACTS, SUBSET_02, record, write
from tests.test_command_line import assert_one_sentence, json_of, run

TRIPLET = triplet_of("CT", "Liver", "Tumor")


def quiet(stage: str, done: int, total: int) -> None:
    """Nobody looks."""


def wish(folder: Path, collection: str = "mine", **more: Any) -> SubsetWish:
    return SubsetWish(**{"folder": folder, "collection": collection, "triplet": TRIPLET, **more})


def make(folder: Path, home: Path, collection: str = "mine", **more: Any) -> dict[str, Any]:
    return make_subset(wish(folder, collection, **more), home, progress=quiet)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty pictures under three labels."""
    return labelled_pictures(tmp_path / "pictures")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A release with one subset of two pictures."""
    found = [record(n, answer, image=f"med-mat/{n}.png") for n, answer in enumerate(("Cyst", "Stone"))]
    root = write(tmp_path / "release", **{SUBSET_02: found})
    for number in range(2):
        picture(root / "med-mat" / f"{number}.png", 900 + number)
    return root


def everything_under(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def items_of(catalog: Catalog, number: str) -> list[tuple[Any, ...]]:
    query = "SELECT id, split, image, question, options, letter FROM items WHERE subset = $number ORDER BY id"
    return catalog.connection.rows(query, {"number": number})


def test_a_new_collection_is_made_of_the_folder_alone(folder: Path, home: Path) -> None:
    made = make(
        folder, home, title="Liver lumps", citation="Doe et al.", link="https://example.org", licence="CC BY 4.0"
    )
    assert {key: made[key] for key in ("collection", "subset", "items", "labels", "splits", "refused", "notes")} == {
        "collection": "mine",
        "subset": "U01",
        "items": 30,
        "labels": {"Cyst": 10, "Normal": 10, "Stone": 10},
        "splits": {"train": 27, "test": 3},
        "refused": 0,
        "notes": [],
    }
    with closing(open_catalog("mine", home)) as catalog:
        (subset,) = catalog.subsets()
        assert (subset.triplet, subset.published_task, subset.multi_label) == (TRIPLET, "Liver lumps", False)
        found = catalog.datasets()["U01"]
        assert (found.name, found.citation, found.links) == ("Liver lumps", "Doe et al.", ("https://example.org",))
        assert "Licence: CC BY 4.0" in found.description
        assert dict(catalog.summary().images) == {"ok": 30, "missing": 0, "unreadable": 0, "unchecked": 0}
        assert len({row[3] for row in items_of(catalog, "U01")}) == 6
        assert catalog.report.repaired == catalog.report.refused == 0


def test_it_joins_a_collection_and_every_later_import_of_it(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "both", home, progress=quiet, test_share=0.0, seed=9)
    make(folder, home, "both")
    with closing(open_catalog("both", home)) as catalog:
        assert [subset.number for subset in catalog.subsets()] == ["02", "U01"]
        assert catalog.summary().images["ok"] == 32
        before = items_of(catalog, "U01")
        keys = [item.key for item in catalog.sample(100, 0, split=None)]
        roots = {catalog.image_path(key).relative_to(base).parts[0] for key in keys for base in (home, release)
                 if catalog.image_path(key).is_relative_to(base)}  # fmt: skip
        assert roots == {"own_subsets", "med-mat"}
        assert catalog.root == release
    pointer = read_pointer(collection_folder("both", home))
    assert pointer is not None
    assert (pointer.test_share, pointer.seed, pointer.own) == (0.0, 9, ("U01",))
    import_folder(release, "both", home, progress=quiet)
    with closing(open_catalog("both", home)) as catalog:
        assert items_of(catalog, "U01") == before


def test_the_written_folder_is_a_med_mat_folder(folder: Path, home: Path, tmp_path: Path) -> None:
    make(folder, home)
    report = import_collection(home / "own_subsets" / "mine", "plain", tmp_path / "other", FACTS)
    assert (report.kept, report.repaired, report.refused, report.reasons) == (30, 0, 0, {})
    assert report.splits == {"train": 27, "test": 3}
    question = json.loads((home / "own_subsets/mine/Aggregated_Subsets/Subset--U01-test.json").read_text())[0]
    assert list(question) == [
        "id", "caption", "image", "Question", "Answer", "Question-choice", "Answer-choice", "data-no",
    ]  # fmt: skip


def test_the_same_wish_gives_the_same_items_and_another_seed_others(folder: Path, home: Path, tmp_path: Path) -> None:
    found = []
    for place, seed in enumerate((3, 3, 4)):
        make(folder, home / str(place), seed=seed)
        with closing(open_catalog("mine", home / str(place))) as catalog:
            found.append(items_of(catalog, "U01"))
    assert found[0] == found[1] != found[2]


def test_it_is_related_to_others_by_the_papers_rule(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "both", home, progress=quiet)
    make(folder, home, "both", triplet=triplet_of("ct", "Lung", "Diseases"))
    with closing(open_catalog("both", home)) as catalog:
        own = find_target("U01", catalog.subsets())
        assert str(own.triplet) == "CT/Lung/Diseases"  # written as the others write it
        assert relations_to(own, catalog.subsets(), rule_named("paper")) == {"02": Relation.MODALITY | Relation.TASK}


def test_a_model_can_be_asked_about_it(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "both", home, progress=quiet)
    make(folder, home, "both")
    with closing(open_catalog("both", home)) as catalog:
        items = catalog.sample(6, 0, subsets=["U01", "02"], split=None)
        plan = SpotCheckPlan(collection="both", version=catalog.version, backbone="always-a", n=6, seed=0)
        scripted = BackboneRef(resolve("always-a").manifest, script=Script())
        result = run_spot_check(plan, items, catalog.image_of, scripted, home, label_counts=catalog.label_counts)
    assert (result["n"], result["no_picture"]) == (len(items), 0)
    assert set(result["by_subset"]) == {"U01", "02"}  # type: ignore[call-overload]


def test_what_cannot_be_used_is_refused_with_reasons_and_the_rest_is_made(
    folder: Path, home: Path, tmp_path: Path
) -> None:
    (folder / "Cyst" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    (folder / "Cyst" / "out.png").symlink_to(picture(tmp_path / "secret.png", 999))
    picture(folder / "Stone" / "as cyst 0.png", 0)
    picture(folder / "Cyst" / "as cyst 1.png", 1)
    picture(folder / "Rare" / "only.png", 500)
    made = make(folder, home)
    assert made["labels"] == {"Cyst": 9, "Normal": 10, "Rare": 1, "Stone": 10}
    assert made["reasons"] == {"two-labels": 2, "outside": 1, "unreadable": 1, "copy": 1}
    assert any("One picture only: 'Rare'" in note for note in made["notes"])
    lines = [json.loads(line) for line in Path(made["refused_file"]).read_text().splitlines()]
    assert {line["image"]: line["reason"] for line in lines} == {
        "Cyst/Cyst (0).png": "two-labels",
        "Stone/as cyst 0.png": "two-labels",
        "Cyst/broken.png": "unreadable",
        "Cyst/out.png": "outside",
        "Cyst/as cyst 1.png": "copy",
    }
    assert all(line["message"].endswith(".") for line in lines)
    assert not list((home / "own_subsets").rglob("out.png"))


def test_names_that_a_release_could_not_hold_are_replaced(tmp_path: Path, home: Path) -> None:
    root = labelled_pictures(tmp_path / "pictures", ("Cyst", "Normal"), each=4)
    odd = picture(root / "Cyst" / "a\\b\n%#ü.png", 77)
    picture(root / "Cyst" / "ünïcode (1) #%.png", 78)
    made = make(root, home)
    assert (made["items"], made["refused"]) == (10, 0)
    assert odd.exists()
    with closing(open_catalog("mine", home)) as catalog:
        images = {row[2] for row in items_of(catalog, "U01")}
        assert catalog.summary().images["ok"] == 10
    assert "own-subsets/U01/Cyst/ünïcode (1) #%.png" in images
    assert sum(image.startswith("own-subsets/U01/renamed/") for image in images) == 1


def test_several_labels_make_a_subset_with_several_labels(tmp_path: Path, home: Path) -> None:
    root = tmp_path / "pictures"
    rows = ["image,labels"]
    for number in range(12):
        picture(root / f"{number}.png", number)
        rows.append(f"{number}.png,{('Edema|Mass', 'Mass', 'Normal')[number % 3]}")
    (root / "labels.csv").write_text("\n".join(rows))
    made = make(root, home, share=0.25)
    assert made["labels"] == {"Edema, Mass": 4, "Mass": 4, "Normal": 4}
    with closing(open_catalog("mine", home)) as catalog:
        assert catalog.subsets()[0].multi_label
        item = next(item for item in catalog.sample(12, 0, split=None) if len(item.labels) == 2)
        assert item.labels == {"Edema", "Mass"}
        assert item.answer == "Edema, Mass"


def test_a_given_split_is_kept(tmp_path: Path, home: Path) -> None:
    root = tmp_path / "pictures"
    for place, (side, label) in enumerate(
        (s, c) for s in ("train", "test") for c in ("Cyst", "Stone") for _ in range(3)
    ):
        picture(root / side / label / f"{place}.png", place)
    assert make(root, home, share=0.9)["splits"] == {"train": 6, "test": 6}
    with closing(open_catalog("mine", home)) as catalog:
        assert all(row[2].split("/")[2] == row[1] for row in items_of(catalog, "U01"))


@pytest.mark.parametrize(
    ("labels", "more", "sentence"),
    [
        (("Cyst",), {}, r"All 10 pictures have the same label \('Cyst'\)"),
        (("Cyst", "Stone"), {"share": 0.95}, "A test share of 0.95 makes no sense"),
        (("Cyst", "Stone"), {"options": 1}, "1 options cannot be lettered"),
        (("Cyst", "Stone"), {"number": "12"}, "Plain numbers are Med-MAT's"),
        (("Cyst", "Stone"), {"number": "D3"}, "cannot be the number of an own subset"),
        (("Cyst", "Stone"), {"wordings": tuple("abcdefg")}, "7 wordings are given"),
        (("Cyst", "Stone"), {"collection": "../x"}, "cannot name a collection"),
        (("Cyst", "Stone"), {"table": Path("none.csv")}, "There is no table 'none.csv'"),
    ],
)
def test_what_cannot_be_made_gets_a_sentence_and_leaves_nothing(
    tmp_path: Path, home: Path, labels: tuple[str, ...], more: dict[str, Any], sentence: str
) -> None:
    root = labelled_pictures(tmp_path / "pictures", labels)
    with pytest.raises(MedmatError, match=sentence):
        make(root, home, **more)
    assert everything_under(home) == set()


def test_only_unreadable_pictures_get_a_sentence(tmp_path: Path, home: Path) -> None:
    for label in ("Cyst", "Stone"):
        (tmp_path / "p" / label).mkdir(parents=True)
        (tmp_path / "p" / label / "a.png").write_bytes(b"no picture")
    with pytest.raises(CollectionError, match=r"No picture is left to ask about \(unreadable 2\)"):
        make(tmp_path / "p", home)
    assert everything_under(home) == set()


def test_numbers_follow_each_other_and_are_not_given_twice(folder: Path, home: Path) -> None:
    assert [make(folder, home, number=number)["subset"] for number in ("", "x7", "")] == ["U01", "X7", "U02"]
    with pytest.raises(CollectionError, match="There is an own subset U01 already"):
        make(folder, home, number="u01")
    assert list(own_subset_titles("mine", home)) == ["U01", "U02", "X7"]


def test_a_release_with_the_same_number_is_not_mixed_with_it(folder: Path, release: Path, home: Path) -> None:
    make(folder, home)
    write(release, **{"Aggregated_Subsets/Subset--U01-train.json": [record(1)]})
    with pytest.raises(LayoutError, match="Subset U01 stands in .* and among your own subsets"):
        import_folder(release, "mine", home, progress=quiet)
    assert [c.items for c in list_collections(home)] == [30]


def test_deleting_a_collection_keeps_the_own_subsets_for_later(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "both", home, progress=quiet)
    make(folder, home, "both")
    delete_collection("both", home)
    import_folder(release, "both", home, progress=quiet)
    assert [c.items for c in list_collections(home)] == [32]


def test_removing_one_leaves_the_collection_and_the_users_folder(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "both", home, progress=quiet)
    before = everything_under(folder)
    make(folder, home, "both")
    make(folder, home, "both", triplet=triplet_of("MRI", "Liver", "Tumor"))
    remove_subset("both", "U01", home)
    with closing(open_catalog("both", home)) as catalog:
        assert [subset.number for subset in catalog.subsets()] == ["02", "U02"]
        assert catalog.summary().images["ok"] == 32
    assert everything_under(folder) == before
    assert not any("U01" in path for path in everything_under(home / "own_subsets"))
    with pytest.raises(UnknownNameError, match=r"no own subset 'U01'. Valid: U02"):
        remove_subset("both", "U01", home)
    remove_subset("both", "U02", home)
    assert [c.items for c in list_collections(home)] == [2]


def test_removing_the_last_one_of_a_collection_of_its_own_removes_that(folder: Path, home: Path) -> None:
    make(folder, home)
    make(folder, home)
    assert remove_subset("mine", "U01", home)["collection_left"]
    assert [c.items for c in list_collections(home)] == [30]
    assert not remove_subset("mine", "U02", home)["collection_left"]
    assert list_collections(home) == ()
    assert everything_under(home) == set()


@pytest.mark.parametrize("stage", ["Looking at pictures", "Putting pictures in place", "Reading files (bytes)"])
def test_stopped_at_any_stage_it_leaves_everything_as_it_was(
    folder: Path, release: Path, home: Path, stage: str
) -> None:
    import_folder(release, "both", home, progress=quiet)
    before = everything_under(home)
    reached: list[str] = []

    def told(now: str, done: int, total: int) -> None:
        reached.append(now)

    with pytest.raises(CollectionError, match="stopped"):
        make_subset(wish(folder, "both"), home, progress=told, should_stop=lambda: stage in reached)
    assert reached[-1] == stage
    assert everything_under(home) == before
    assert make(folder, home, "both")["items"] == 30


def test_a_release_that_is_gone_is_noticed_before_anything_is_made(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "both", home, progress=quiet)
    before = everything_under(home)
    release.rename(release.with_name("elsewhere"))
    with pytest.raises(LayoutError, match="is not a folder"):
        make(folder, home, "both")
    assert everything_under(home) == before


@pytest.mark.parametrize("after", range(6))
def test_killed_while_it_is_put_in_place_it_is_there_wholly_after_the_next_import(
    folder: Path, release: Path, home: Path, after: int
) -> None:
    """Puts the folder into the states that a kill between any two steps leaves."""
    make(folder, home, "both")
    import_folder(release, "both", home, progress=quiet)
    own = OwnFolder.of("both", home)
    ready = own.path / f"{READY}U01"
    rows = {kind: own_row(own, kind) for kind in ("subset", "dataset")}
    ready.mkdir()
    (ready / "record.json").write_text(json.dumps(rows))
    steps: list[Callable[[], object]] = [
        lambda: (own.path / "Aggregated_Subsets/Subset--U01-train.json").rename(ready / "train.json"),
        lambda: (own.path / "Aggregated_Subsets/Subset--U01-test.json").rename(ready / "test.json"),
        lambda: own.images("U01").rename(ready / "images"),
        lambda: (own.path / "datasets.csv").unlink(),
        lambda: (own.path / "subsets.csv").unlink(),
    ]
    for undo in steps[:after]:
        undo()
    import_folder(release, "both", home, progress=quiet)
    with closing(open_catalog("both", home)) as catalog:
        assert catalog.summary().items == 32
        assert catalog.summary().images["ok"] == 32
        assert catalog.datasets()["U01"].name == folder.name
    assert not ready.exists()


def own_row(own: OwnFolder, kind: str) -> dict[str, str]:
    import csv

    with (own.path / f"{kind}s.csv").open(newline="") as stream:
        return dict(next(csv.DictReader(stream)))


def test_a_killed_process_leaves_nothing_half_made(tmp_path: Path, home: Path) -> None:
    root = labelled_pictures(tmp_path / "many", ("Cyst", "Stone"), each=1500)
    command = [sys.executable, "-m", "medmat_explorer", "make-subset", str(root), "--name", "mine"]
    command += ["--modality", "CT", "--area", "Liver", "--task", "Tumor"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "MEDMAT_HOME": str(home)})
    staging = OwnFolder.of("mine", home).staging("U01")
    while not (staging / "images").exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list_collections(home) == ()
    assert make(labelled_pictures(tmp_path / "few"), home)["items"] == 30
    assert not staging.exists()


def test_pictures_are_links_where_the_file_system_has_them(folder: Path, home: Path) -> None:
    make(folder, home)
    linked = home / "own_subsets/mine/own-subsets/U01/Cyst/Cyst (0).png"
    assert linked.stat().st_ino == (folder / "Cyst" / "Cyst (0).png").stat().st_ino


def test_a_preview_says_what_would_be_made_and_writes_nothing(folder: Path, home: Path) -> None:
    picture(folder / "Rare" / "1.png", 500)
    found = preview_subset(wish(folder), home)
    assert (found.number, found.splits) == ("U01", {"train": 28, "test": 3})
    assert found.labels == {"Cyst": 10, "Normal": 10, "Stone": 10, "Rare": 1}
    assert len({example.picture.answer for example in found.examples}) == 3
    assert found.hindrances == ()
    assert any("'Rare'" in note for note in found.notes)
    assert everything_under(home) == set()
    lonely = preview_subset(wish(labelled_pictures(folder.parent / "one", ("Cyst",))), home)
    assert "All 10 pictures have the same label" in lonely.hindrances[0]


# -- the command -----------------------------------------------------------------------------------------------------

TRIPLE = ("--modality", "CT", "--area", "Liver", "--task", "Tumor")


def test_the_command_makes_and_removes_and_asks_before(folder: Path, home: Path) -> None:
    made = json_of("make-subset", str(folder), "--name", "mine", *TRIPLE, "--test-share", "0.2", home=home)
    assert made["splits"] == {"train": 24, "test": 6}
    listed = json_of("collections", home=home)["collections"]
    assert listed[0]["images"]["ok"] == 30  # type: ignore[index]
    asked = run("make-subset", "--name", "mine", "--remove", "U01", home=home)
    assert asked.returncode == 1
    assert "goes with it" in asked.stderr
    assert own_subset_titles("mine", home) == {"U01": "U01 CT · Liver · Tumor"}
    removed = json_of("make-subset", "--name", "mine", "--remove", "u01", "--yes", home=home)
    assert removed == {"collection": "mine", "subset": "U01", "removed": True, "collection_left": False}


def test_the_command_previews_without_writing(folder: Path, home: Path) -> None:
    found = json_of(
        "make-subset", str(folder), "--name", "mine", *TRIPLE, "--preview", "--wording", "What is it?", home=home
    )
    assert found["wordings"][0] == "What is it?"  # type: ignore[index]
    assert len(found["examples"]) == 3  # type: ignore[arg-type]
    assert everything_under(home) == set()


def test_the_command_gives_one_sentence_for_what_can_be_mended(folder: Path, home: Path) -> None:
    done = run("make-subset", str(folder), "--name", "mine", "--modality", "CT", "--area", "Liver", home=home)
    assert_one_sentence(done)
    assert "The task of a MAT-triplet is empty." in done.stderr
    assert_one_sentence(run("make-subset", "--name", "mine", "--remove", "U01", home=home))
    assert run("make-subset", "--name", "mine", home=home).returncode == 2


def test_tests_are_held_out_of_training(folder: Path, home: Path) -> None:
    make(folder, home, share=0.3)
    with closing(open_catalog("mine", home)) as catalog:
        items = catalog.sample(100, 0, split=Split.TEST)
        assert len(items) == 9
        assert not any(item.split_is_ours for item in items)
