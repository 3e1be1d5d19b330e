"""The synthetic world: what it holds, that it repeats itself, that its questions are balanced, its layout."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.phantoms.draw import draw, draw_with_mask
from medmat_explorer.phantoms.layout import write_layout
from medmat_explorer.phantoms.questions import items_of, question_choice
from medmat_explorer.phantoms.world import Stream, all_subsets, picture_seed, subset_of

RECORD_FIELDS = ["id", "caption", "image", "Question", "Answer", "Question-choice", "Answer-choice", "data-no"]


ITEMS = 6


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("phantoms")
    write_layout(out, items_per_subset=ITEMS, workers=1)
    return out


def _records(layout: Path, number: str, split: str) -> list[dict[str, str]]:
    return json.loads((layout / "Aggregated_Subsets" / f"Subset--{number}-{split}.json").read_text())


def test_the_world_has_the_promised_elements():
    subsets = all_subsets()
    assert [s.number for s in subsets] == [f"P{place:02d}" for place in range(1, 25)]
    assert {s.modality for s in subsets} == {"CT", "MRI", "X-ray", "US", "Der", "FP", "OCT", "Mic", "End", "DP"}
    assert len({s.area for s in subsets}) == 12
    assert Counter(s.task for s in subsets) == {"Cancer": 6, "State": 4, "Level": 5, "Diseases": 5, "Quality": 4}
    assert Counter(s.task_group for s in subsets) == {"State": 10, "Level": 5, "Diseases": 5, "Quality": 4}
    assert len({(s.modality, s.area, s.task) for s in subsets}) == 24


def test_every_subset_has_six_different_wordings():
    assert all(len(set(s.wordings)) == 6 for s in all_subsets())
    assert subset_of("P05").wordings[0] == "Which tumour type does this MRI scan of the brain show?"


def test_an_unknown_subset_or_label_is_refused_with_the_choices():
    with pytest.raises(UnknownNameError, match="P01, P02"):
        subset_of("P99")
    with pytest.raises(UnknownNameError, match="normal, abnormal"):
        draw(subset_of("P01"), "broken", 1)


def test_the_same_inputs_give_the_same_pixels():
    for subset in all_subsets():
        first, again = (np.asarray(draw(subset, subset.labels[-1], 7)) for _ in range(2))
        assert first.shape == (160, 160, 3)
        assert np.array_equal(first, again)


def test_another_seed_or_label_gives_another_picture():
    for subset in all_subsets():
        pictures = [draw(subset, label, seed) for label in subset.labels for seed in (1, 2)]
        assert len({picture.tobytes() for picture in pictures}) == 2 * len(subset.labels)


def test_the_mask_is_where_the_finding_is():
    subset = subset_of("P05")
    picture, mask = draw_with_mask(subset, "benign tumour", 3)
    grey, inside = np.asarray(picture.convert("L")), np.asarray(mask) > 200
    assert 200 < inside.sum() < 2500
    assert grey[inside].mean() > 180 > 90 > grey[~inside].mean()


@pytest.mark.parametrize(
    ("number", "label", "expected"),
    [("P05", "no tumour", 0), ("P18", "none", 0), ("P19", "good", 0), ("P19", "blurred", 255)],
)
def test_nothing_found_leaves_an_empty_mask_and_a_fault_a_full_one(number: str, label: str, expected: int):
    _, mask = draw_with_mask(subset_of(number), label, 5)
    assert mask.getextrema() == (expected, expected)


def test_every_finding_is_large_enough_to_be_seen():
    for subset in all_subsets():
        for label in subset.labels[1:]:
            for seed in range(2):
                _, mask = draw_with_mask(subset, label, seed)
                assert (np.asarray(mask) > 128).sum() > 30, (subset, label, seed)


def test_levels_differ_in_the_number_of_spots():
    subset = subset_of("P18")
    area = {
        label: np.mean([np.asarray(draw_with_mask(subset, label, seed)[1]).sum() / 255 for seed in range(5)])
        for label in subset.labels
    }
    assert area["none"] == 0
    assert 2.5 < area["moderate"] / area["mild"] < 5
    assert 2 < area["severe"] / area["moderate"] < 5


def test_every_picture_says_synthetic_in_its_corner():
    for subset in all_subsets():
        for label in subset.labels:
            corner = np.asarray(draw(subset, label, 11).convert("L"))[150:158, 3:40].astype(int)
            assert corner.max() - corner.min() > 60, (subset.number, label)


def test_streams_never_share_a_picture_seed():
    seeds = [
        picture_seed(stream, seed, index) for stream in Stream for seed in (0, 1, 2**20 - 1) for index in (0, 2**20 - 1)
    ]
    assert len(set(seeds)) == len(seeds)
    with pytest.raises(CollectionError, match="seed -1"):
        picture_seed(Stream.TEST, -1, 0)


def test_labels_and_letters_are_balanced():
    for subset in all_subsets():
        items = items_of(subset, Stream.TEST, 0, 120)
        letters, labels = Counter(item.letter for item in items), Counter(item.label for item in items)
        assert len(labels) == len(subset.labels) and len(set(labels.values())) == 1
        assert len(letters) == min(4, len(subset.labels)) and max(letters.values()) - min(letters.values()) <= 1
        by_label = Counter((item.label, item.letter) for item in items)
        assert max(by_label.values()) - min(by_label.values()) <= 1


def test_options_hold_the_right_label_and_others_of_the_subset():
    for subset in all_subsets():
        for item in items_of(subset, Stream.TEST, 0, 10):
            assert item.label in item.options
            assert len(set(item.options)) == len(item.options) == min(4, len(subset.labels))
            assert set(item.options) <= set(subset.labels)
            assert item.question in subset.wordings


def test_the_question_is_written_as_med_mat_writes_it():
    assert question_choice("Is it well?", ("normal", "abnormal")) == (
        "Is it well?\nA: normal\nB: abnormal\nAnswer with the option's letter from the given choices directly."
    )


def test_the_layout_has_a_readable_picture_for_every_record(layout: Path):
    for subset in all_subsets():
        for split, count in (("train", 4), ("test", 2)):
            records = _records(layout, subset.number, split)
            assert [record["id"] for record in records] == list(range(1, count + 1))
            for record in records:
                assert list(record) == RECORD_FIELDS
                assert record["caption"] == record["Answer"] in subset.labels
                assert f"\n{record['Answer-choice']}: {record['Answer']}\n" in record["Question-choice"]
                with Image.open(layout / record["image"]) as picture:
                    assert (picture.size, picture.mode) == ((160, 160), "RGB")


def test_no_picture_occurs_twice(layout: Path):
    files = list(layout.glob("med-mat/phantoms/*/*/*.png"))
    pixels = set()
    for file in files:
        with Image.open(file) as picture:
            pixels.add(picture.tobytes())
    assert len(files) == len(pixels) == 24 * ITEMS


def test_the_tables_have_med_mats_columns(layout: Path):
    with (layout / "subsets.csv").open(newline="") as file:
        subsets = list(csv.DictReader(file))
    with (layout / "datasets.csv").open(newline="") as file:
        datasets = list(csv.DictReader(file))
    assert subsets[4] == {
        "subset_no": "P05", "modality": "MRI", "area": "Brain", "published_task": "Synthetic Brain Cancer",
        "task": "Cancer", "task_group": "State", "kind": "classification", "multi_label": "no", "distribution": "in",
        "task_confidence": "high", "task_note": "synthetic", "dataset_nos": "P5",
    }  # fmt: skip
    assert datasets[4]["name"] == "Synthetic phantoms: MRI Brain"
    assert {row["dataset_nos"] for row in subsets} == {row["dataset_no"] for row in datasets}
    used = {record["data-no"] for subset in all_subsets() for record in _records(layout, subset.number, "test")}
    assert used == {row["dataset_no"] for row in datasets}


def test_another_run_in_two_processes_writes_the_same_files_and_reports_progress(layout: Path, tmp_path: Path):
    seen: list[tuple[int, int]] = []
    write_layout(tmp_path, items_per_subset=ITEMS, progress=lambda done, total: seen.append((done, total)), workers=2)
    assert seen[-1] == (24 * ITEMS, 24 * ITEMS)
    for file in sorted(path.relative_to(layout) for path in layout.rglob("*") if path.is_file()):
        assert (tmp_path / file).read_bytes() == (layout / file).read_bytes(), file


def test_too_few_items_are_refused(tmp_path: Path):
    with pytest.raises(CollectionError, match="choose 3 or more"):
        write_layout(tmp_path, items_per_subset=2)
    assert list(tmp_path.iterdir()) == []
