"""A folder of labelled pictures becomes part of a collection, takes part in everything, and can be taken away again."""

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
from medmat_explorer.backbones.registry import resolve
from medmat_explorer.collection_import import import_folder
from medmat_explorer.domain.qa import QAItem, Split, item_key
from medmat_explorer.domain.recipes import recipes
from medmat_explorer.domain.relation import Relation, find_target, relations_to, rule_named
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.embedding_job import embed_collection
from medmat_explorer.errors import CollectionError, LayoutError, UnknownNameError
from medmat_explorer.evaluation.run_record import SpotCheckPlan
from medmat_explorer.experiments.blocking_spot_check import run_spot_check
from medmat_explorer.own_subsets.making import make_subset, own_subset_titles, remove_subset
from medmat_explorer.own_subsets.plan import SubsetWish, preview_subset
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import delete_collection, list_collections, open_catalog
from medmat_explorer.store.versions import find_version
from tests.conftest import ROOT
from tests.labelled_pictures import as_jpeg, class_folders, drawn
from tests.release_folder import SUBSET_02, record, write
from tests.test_command_line import assert_one_sentence, json_of, run

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


# -- made -------------------------------------------------------------------------------------------------------------


def test_a_folder_becomes_a_collection_of_its_own(folder: Path, home: Path) -> None:
    made = make(folder, home)
    expected = {
        "collection": "mine",
        "subset": "U01",
        "items": 30,
        "labels": {"Cyst": 10, "Normal": 10, "Stone": 10},
        "splits": {"train": 24, "test": 6},
        "refused": 0,
    }
    assert {key: made[key] for key in expected} == expected
    assert Path(made["refused_file"]).read_text() == ""
    with opened(home) as catalog:
        items = all_items(catalog)
        assert catalog.summary().images == {"ok": 30, "missing": 0, "unreadable": 0, "unchecked": 0}
        assert [(s.number, s.triplet, s.dataset_numbers) for s in catalog.subsets()] == [("U01", TRIPLET, ("U01",))]
        assert {item.image for item in items} == {
            f"own-subsets/U01/{label}/{n:03}.png" for label in ("Cyst", "Normal", "Stone") for n in range(10)
        }
        for item in items:
            label = item.image.split("/")[2]
            assert item.labels == {label}
            assert {option.letter: option.text for option in item.options}[item.answer_letter] == label
            assert catalog.image_of(item).read_bytes() == (folder / item.image.split("/", 2)[2]).read_bytes()
            assert catalog.image_path(item.key) == catalog.image_of(item)


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


def test_it_is_related_found_and_asked(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    make(folder, home)
    make(
        class_folders(folder.parent / "more", 8, ("Acne", "Eczema")), home, triplet=MatTriplet("CT", "Skin", "Diseases")
    )
    with opened(home) as catalog:
        rule = rule_named("short")
        target = find_target("U01", catalog.subsets())
        assert relations_to(target, catalog.subsets(), rule) == {
            "02": Relation.MODALITY | Relation.AREA,
            "U02": Relation.MODALITY,
        }
        made_of = recipes(
            find_target("CT/Kidney/Diseases", [s for s in catalog.subsets() if s.number != "02"]),
            [s for s in catalog.subsets() if s.number != "02"],
            rule,
        )
        assert {"U01", "U02"} in [set(recipe.subsets) for recipe in made_of]
        items = catalog.sample(6, 0, subsets=["U01"])
        plan = SpotCheckPlan(
            collection="mine", version=catalog.version, backbone="always-a", subsets=("U01",), n=6, seed=0
        )
        result = run_spot_check(plan, items, catalog.image_of, resolve("always-a"), home)
    assert (result["n"], result["no_picture"], result["unparsed"]) == (6, 0, 0)
    assert result["correct"] == sum(item.answer_letter == "A" for item in items)
    assert result["chance"] == pytest.approx(1 / 3)


def test_its_pictures_are_encoded_beside_the_releases(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    make(folder, home)
    found = embed_collection(
        "mine", home, resolve_encoder(BUNDLED), LoadOptions(device="cpu", threads=1), progress=QUIET
    )
    assert (found.images, found.encoded, found.left, found.refused) == (42, 42, 0, {})


def test_what_is_written_is_a_plain_med_mat_folder(folder: Path, home: Path) -> None:
    make(folder, home)
    plain = home / "own_subsets" / "mine"
    assert {path.name for path in plain.iterdir()} == {
        "Aggregated_Subsets",
        "own-subsets",
        "subsets.csv",
        "datasets.csv",
    }
    report = import_folder(plain, "plain", home, progress=QUIET)
    assert (report["kept"], report["refused"], report["reasons"], report["images"]["ok"]) == (30, 0, {}, 30)
    with opened(home) as mine, opened(home, "plain") as copy:
        assert {item.key for item in all_items(mine)} == {item.key for item in all_items(copy)}
        assert mine.subset_counts() == copy.subset_counts()


def test_the_same_wish_makes_the_same_and_another_seed_another(folder: Path, home: Path, tmp_path: Path) -> None:
    def questions(home: Path) -> dict[str, bytes]:
        return tree(home / "own_subsets" / "mine" / "Aggregated_Subsets")

    make(folder, home)
    make(folder, tmp_path / "again")
    make(folder, tmp_path / "other", seed=1)
    assert questions(home) == questions(tmp_path / "again") != questions(tmp_path / "other")


def test_a_table_gives_split_captions_questions_and_several_labels(folder: Path, home: Path) -> None:
    rows = ["image;label;split;question;caption", "Cyst/000.png;Cyst|Stone;test;What is it?;Both, in fact"]
    rows += [f"Cyst/{n:03}.png;Cyst;train;What is it?;" for n in range(1, 5)]
    (folder / "labels.csv").write_text("\n".join(rows))
    made = make(folder, home)
    assert (made["items"], made["labels"]) == (5, {"Cyst": 4, "Cyst, Stone": 1})
    with opened(home) as catalog:
        (subset,) = catalog.subsets()
        both = next(item for item in all_items(catalog) if len(item.labels) == 2)
        assert (subset.multi_label, both.split, both.caption, both.question, both.labels) == (
            True,
            Split.TEST,
            "Both, in fact",
            "What is it?",
            frozenset({"Cyst", "Stone"}),
        )


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


# -- refused as a whole ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "wishes", "error", "words"),
    [
        (("Cyst",), {}, CollectionError, "same label.*Add pictures of a second label"),
        (("Cyst", "Stone"), {"number": "07"}, CollectionError, "'07' cannot be the number of an own subset"),
        (("Cyst", "Stone"), {"number": "Robert'); DROP"}, CollectionError, "cannot be the number"),
        (("Cyst", "Stone"), {"share": 1.0}, CollectionError, "A test share of 1.0 makes no sense"),
        (("Cyst", "Stone"), {"options": 1}, CollectionError, "1 options cannot be lettered"),
        (("Cyst", "Stone"), {"wordings": tuple("abcdefg")}, CollectionError, "7 wordings are given"),
        (("Cyst", "Stone"), {"collection": "../../etc"}, CollectionError, "cannot name a collection"),
        (("Cyst", "Stone"), {"table": Path("gone.csv")}, LayoutError, "There is no table"),
    ],
)
def test_what_cannot_be_made_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, home: Path, labels: tuple[str, ...], wishes: dict[str, Any], error: type[Exception], words: str
) -> None:
    folder = class_folders(tmp_path / "pictures", 3, labels)
    with pytest.raises(error, match=words):
        make(folder, home, **wishes)
    assert tree(home) == {}
    assert list_collections(home) == ()


def test_pictures_that_are_all_unreadable_are_a_sentence(tmp_path: Path, home: Path) -> None:
    for label in ("Cyst", "Stone"):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        (tmp_path / "pictures" / label / "1.png").write_text("no picture")
    with pytest.raises(CollectionError, match="No picture is left to ask about .* cannot be read as a picture"):
        make(tmp_path / "pictures", home)
    assert tree(home) == {}


def test_a_number_that_is_taken_is_refused(folder: Path, home: Path) -> None:
    make(folder, home, number="u7")
    with pytest.raises(CollectionError, match="There is an own subset U7 already"):
        make(folder, home, number="U7")


def test_a_preview_writes_nothing(folder: Path, home: Path) -> None:
    (folder / "Rare").mkdir()
    (folder / "Rare" / "1.png").write_bytes(drawn(9))
    found = preview_subset(SubsetWish(folder, "mine", TRIPLET, share=0.2), home)
    assert (found.number, found.labels, found.splits) == (
        "U01",
        {"Cyst": 10, "Normal": 10, "Stone": 10, "Rare": 1},
        {"train": 25, "test": 6},
    )
    assert len({example.picture.answer for example in found.examples}) == 3
    assert found.hindrances == ()
    assert found.notes == ("One picture only: 'Rare'. It is for training; the test cannot ask for it.",)
    assert tree(home) == {}


# -- kept, taken away, stopped, killed ---------------------------------------------------------------------------------


def test_another_import_keeps_it_and_deleting_the_collection_keeps_its_folder(
    folder: Path, release: Path, home: Path
) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    make(folder, home)
    with opened(home) as catalog:
        keys = {item.key for item in all_items(catalog)}
    import_folder(release, "mine", home, progress=QUIET, seed=5)
    with opened(home) as catalog:
        assert {item.key for item in all_items(catalog)} == keys
        assert catalog.own_subsets == ("U01",)
    delete_collection("mine", home)
    assert own_subset_titles("mine", home) == {"U01": "U01 CT · Kidney · Stones"}
    import_folder(release, "mine", home, progress=QUIET)
    with opened(home) as catalog:
        assert {item.key for item in all_items(catalog)} == keys


def test_it_survives_that_the_folder_it_was_made_from_goes(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    make(folder, home)
    for path in folder.rglob("*.png"):
        path.unlink()
    assert import_folder(release, "mine", home, progress=QUIET)["images"]["ok"] == 42


def test_removing_takes_it_away_and_nothing_else(folder: Path, release: Path, home: Path) -> None:
    import_folder(release, "mine", home, progress=QUIET)
    make(folder, home)
    make(folder, home, triplet=MatTriplet("US", "Kidney", "Stones"))
    source = tree(folder)
    assert remove_subset("mine", "U01", home)["collection_left"]
    with opened(home) as catalog:
        assert [subset.number for subset in catalog.subsets()] == ["02", "U02"]
        assert len(all_items(catalog, "U02")) == 30
        assert catalog.summary().images["ok"] == 42
    assert not (home / "own_subsets" / "mine" / "own-subsets" / "U01").exists()
    assert tree(folder) == source
    with pytest.raises(UnknownNameError, match="U01"):
        remove_subset("mine", "U01", home)


def test_removing_the_last_one_of_a_collection_without_a_release_removes_the_collection(
    folder: Path, home: Path
) -> None:
    make(folder, home)
    assert remove_subset("mine", "U01", home)["collection_left"] is False
    assert list_collections(home) == ()
    assert tree(home / "own_subsets") == {}


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
    made = make(folder, home, triplet=MatTriplet("US", "Kidney", "Stones"))
    assert made["subset"] == ("U02" if is_there else "U01")
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


def test_a_release_with_the_same_number_is_refused_in_a_sentence(folder: Path, release: Path, home: Path) -> None:
    make(folder, home)
    other = home / "own_subsets" / "mine"
    make(folder, home, collection="theirs")
    with pytest.raises(LayoutError, match=r"Subset U01 stands in .* \(make-subset --name theirs --remove U01\)"):
        import_folder(other, "theirs", home, progress=QUIET)


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_previews_makes_and_removes(folder: Path, home: Path) -> None:
    arguments = [
        "make-subset",
        str(folder),
        "--name",
        "mine",
        "--modality",
        "ct",
        "--area",
        "Kidney",
        "--task",
        "Stones",
    ]
    looked = json_of(*arguments, "--preview", home=home)
    assert (looked["subset"], looked["triplet"], looked["labels"]) == (
        "U01",
        "CT/Kidney/Stones",
        {"Cyst": 10, "Normal": 10, "Stone": 10},
    )
    assert tree(home) == {}
    made = json_of(*arguments, "--wording", "What is it?", "--title", "My stones", "--link", "https://x.org", home=home)
    assert {"collection", "subset", "items", "labels", "splits", "refused", "refused_file", "seconds"} <= made.keys()
    assert made["items"] == 30
    with opened(home) as catalog:
        assert catalog.datasets()["U01"].name == "My stones"
        assert catalog.datasets()["U01"].links == ("https://x.org",)
        assert "What is it?" in {item.question for item in all_items(catalog)}
    asked = run("make-subset", "--name", "mine", "--remove", "U01", home=home)
    assert asked.returncode == 1
    assert list(own_subset_titles("mine", home)) == ["U01"]
    assert json_of("make-subset", "--name", "mine", "--remove", "u01", "--yes", home=home)["removed"] is True
    assert list_collections(home) == ()


def test_the_command_says_what_to_mend_in_one_sentence(tmp_path: Path, home: Path) -> None:
    triple = ("--modality", "CT", "--area", "Kidney", "--task", "Stones")
    only = class_folders(tmp_path / "one", 3, ("Cyst",))
    assert_one_sentence(run("make-subset", str(only), "--name", "mine", *triple, home=home))
    assert_one_sentence(run("make-subset", str(tmp_path / "gone"), "--name", "mine", *triple, home=home))
    assert_one_sentence(run("make-subset", str(only), "--name", "mine", "--modality", "CT", home=home))
    assert_one_sentence(run("make-subset", "--name", "mine", "--remove", "U01", "--yes", home=home))
