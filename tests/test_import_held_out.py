"""The test split that is made where a subset has no test file."""

from collections import Counter
from pathlib import Path

import pytest

from medmat_explorer.domain.qa import QAItem, Split
from medmat_explorer.store.collections import open_catalog
from tests.release_folder import SUBSET_02, question_choice, record, run_import, write

LABELS = ["Cyst", "Normal", "Stone", "Tumor"]


def items(name: str, home: Path, split: Split) -> list[QAItem]:
    """All items of a split with different images, and so all in these tests unless said otherwise."""
    return open_catalog(name, home).sample(10_000, 0, split=split)


def uneven(number: int) -> str:
    """Six in ten are cysts, and one in fifty a tumour."""
    return "Tumor" if number % 50 == 0 else "Cyst" if number % 10 < 6 else LABELS[1 + number % 2]


def test_a_tenth_is_held_out_with_labels_as_even_as_they_can_be(tmp_path: Path, home: Path) -> None:
    found = [record(i, uneven(i)) for i in range(400)]
    report = run_import(write(tmp_path / "release", **{SUBSET_02: found}), home)
    assert (report.splits, report.held_out_subsets) == ({"train": 360, "test": 40}, ("02",))
    held_out = items("test", home, Split.TEST)
    assert all(item.split_is_ours for item in held_out)
    assert Counter(item.answer for item in held_out) == {"Cyst": 12, "Normal": 12, "Stone": 12, "Tumor": 4}
    assert all(item.split_is_ours for item in items("test", home, Split.TRAIN))


def test_the_seed_decides_and_is_repeatable(tmp_path: Path, home: Path) -> None:
    root = write(tmp_path / "release", **{SUBSET_02: [record(i, LABELS[i % 4]) for i in range(200)]})
    images = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        run_import(root, home, name, seed=seed)
        images.append({item.image for item in items(name, home, Split.TEST)})
    assert images[0] == images[1]
    assert len(images[0] & images[2]) < 10


def test_all_items_of_an_image_go_to_one_side(tmp_path: Path, home: Path) -> None:
    asked = [("Which category is it?", i) for i in range(100)] + [("What is shown?", i) for i in range(100)]
    found = [
        record(n, LABELS[i % 4], Question=q, Question_choice=question_choice(q, LABELS), image=f"med-mat/{i}.png")
        for n, (q, i) in enumerate(asked)
    ]
    report = run_import(write(tmp_path / "release", **{SUBSET_02: found}), home)
    assert report.splits == {"train": 180, "test": 20}
    sides = [{item.image for item in items("test", home, split)} for split in Split]
    assert [len(side) for side in sides] == [90, 10]
    assert not sides[0] & sides[1]


def test_an_image_of_two_subsets_goes_to_one_side(tmp_path: Path, home: Path) -> None:
    here = [record(i, LABELS[i % 4], image=f"med-mat/{i}.png") for i in range(60)]
    there = [record(i, LABELS[i % 4], image=f"med-mat/{i}.png", data_no="4") for i in range(40, 100)]
    files = {SUBSET_02: here, "Aggregated_Subsets/Subset--03-train.json": there}
    report = run_import(write(tmp_path / "release", **files), home, test_share=0.3)
    assert report.splits == {"train": 84, "test": 36}
    sides = [{item.image for item in items("test", home, split)} for split in Split]
    assert not sides[0] & sides[1]


def test_a_subset_with_a_test_file_keeps_the_split_of_the_release(tmp_path: Path, home: Path) -> None:
    files = {
        SUBSET_02: [record(i) for i in range(20)],
        "Aggregated_Subsets/Subset--02-test.json": [record(100)],
        "Aggregated_Subsets/Subset--03-train.json": [record(i, data_no="4") for i in range(20)],
    }
    report = run_import(write(tmp_path / "release", **files), home)
    assert (report.splits, report.held_out_subsets) == ({"train": 38, "test": 3}, ("03",))
    assert [item.split_is_ours for item in open_catalog("test", home).sample(5, 0, subsets=["02"])] == [False]


def test_nothing_is_held_out_when_none_is_wanted(tmp_path: Path, home: Path) -> None:
    root = write(tmp_path / "release", **{SUBSET_02: [record(i) for i in range(20)]})
    assert run_import(root, home, test_share=0.0).splits == {"train": 20, "test": 0}


def test_a_label_with_one_image_stays_in_training(tmp_path: Path, home: Path) -> None:
    found = [record(i) for i in range(20)] + [record(99, "Tumor")]
    run_import(write(tmp_path / "release", **{SUBSET_02: found}), home, test_share=0.9)
    assert "Tumor" not in {item.answer for item in items("test", home, Split.TEST)}


@pytest.mark.parametrize("released", ["02", "15"], ids=["of an earlier subset", "of a later subset"])
def test_an_image_of_a_released_test_file_is_never_trained_on(tmp_path: Path, home: Path, released: str) -> None:
    data_no = {"02": "2", "15": "24"}[released]
    tests = [record(i, image=f"med-mat/{i}.png", data_no=data_no) for i in range(10)]
    ours = [record(i, LABELS[i % 4], image=f"med-mat/{i}.png", data_no="4") for i in range(100)]
    folder = "Aggregated_Subsets"
    files = {f"{folder}/Subset--{released}-test.json": tests, f"{folder}/Subset--03-train.json": ours}
    report = run_import(write(tmp_path / "release", **files), home)
    held_out = {item.image for item in items("test", home, Split.TEST)}
    trained = {item.image for item in items("test", home, Split.TRAIN)}
    assert {f"med-mat/{i}.png" for i in range(10)} <= held_out
    assert not held_out & trained
    assert len(held_out) + len(trained) == 100
    counts = open_catalog("test", home).subset_counts()
    assert {(c.subset, c.split): c.items for c in counts if c.subset == "03"} == {
        ("03", Split.TRAIN): len(trained),
        ("03", Split.TEST): 100 - len(trained),
    }
    assert report.splits["train"] == len(trained)
