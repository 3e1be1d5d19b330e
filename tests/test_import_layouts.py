"""Which files are found, what their names decide, and that the same item in two of them is one item."""

from pathlib import Path

import pytest

from medmat_explorer.domain.qa import Split
from medmat_explorer.errors import CollectionError, LayoutError
from medmat_explorer.store.collections import open_catalog
from tests.release_folder import (
    INSTRUCTION,
    ORI_2,
    SUBSET_02,
    question_choice,
    record,
    refused_lines,
    run_import,
    write,
)

TWO = [record(1), record(2, "Stone")]
ELSEWHERE = {"Question-choice": question_choice("Q?", ["Cyst", "Stone"]), "Question": "Q?"}


def other(number: int, data_no: str) -> dict[str, object]:
    """A record of any other subset."""
    return record(number, data_no=data_no, image=f"med-mat/other/{data_no}/{number}.png") | ELSEWHERE


@pytest.mark.parametrize(
    "name",
    [
        "Aggregated_Subsets/Subset--02-train.json",
        "aggregated_subsets/subset--2-TRAIN.json",
        "Subset-02-train.json",
        "Subset--02.json",
        "Original_Medical_Datasets/Ori--02-train.json",
        "Original_Medical_Datasets/ori--2-train.json",
    ],
)
def test_every_name_of_the_release_is_understood(tmp_path: Path, home: Path, name: str) -> None:
    run_import(write(tmp_path / "release", **{name: TWO}), home, test_share=0.0)
    catalog = open_catalog("test", home)
    assert [(c.subset, c.split, c.items) for c in catalog.subset_counts()] == [("02", Split.TRAIN, 2)]
    assert catalog.datasets().keys() == {"2"}
    assert catalog.root == tmp_path / "release"


@pytest.mark.parametrize("folder", ["Aggregated_Subsets", "Original_Medical_Datasets"])
def test_one_of_the_two_folders_may_be_given(tmp_path: Path, home: Path, folder: str) -> None:
    root = write(tmp_path / "release", **{SUBSET_02: [record(1)], ORI_2: TWO})
    report = run_import(root / folder, home)
    assert report.records == {"Aggregated_Subsets": 1, "Original_Medical_Datasets": 2}[folder]
    assert open_catalog("test", home).root == root


def test_the_same_item_in_both_folders_is_one_item(tmp_path: Path, home: Path) -> None:
    here = [record(1, data_no=None), record(2, "Stone")]
    there = [record(7), record(2, "Stone"), record(3, "Tumor")]
    report = run_import(write(tmp_path / "release", **{SUBSET_02: here, ORI_2: there}), home)
    assert (report.kept, report.duplicates_merged, report.refused) == (4, 1, 0)
    twins = run_import(write(tmp_path / "twins", **{SUBSET_02: here[:1], ORI_2: [record(1)]}), home, "twins")
    assert (twins.kept, twins.duplicates_merged) == (1, 1)
    (item,) = open_catalog("twins", home).sample(5, 0, split=None)
    assert item.dataset == "2", "the source is known from the other folder's twin"


def test_a_test_file_counts_before_a_training_file(tmp_path: Path, home: Path) -> None:
    tests = "Aggregated_Subsets/Subset--02-test.json"
    report = run_import(write(tmp_path / "release", **{SUBSET_02: TWO, tests: [record(2, "Stone")]}), home)
    assert (report.splits, dict(report.reasons)) == ({"train": 1, "test": 1}, {"in-train-and-test": 1})
    (item,) = open_catalog("test", home).sample(5, 0)
    assert (item.answer, item.split_is_ours) == ("Stone", False)
    root = write(tmp_path / "other", **{SUBSET_02: TWO, ORI_2.replace("train", "test"): [record(2, "Stone")]})
    assert run_import(root, home).splits == {"train": 1, "test": 1}


def test_a_data_set_printed_in_two_subsets_goes_where_modality_and_area_match(tmp_path: Path, home: Path) -> None:
    files = {"Original_Medical_Datasets/Ori--44-train.json": [other(1, "44")]}
    run_import(write(tmp_path / "release", **files), home)
    assert [subset.number for subset in open_catalog("test", home).subsets()] == ["22"]


def test_a_data_set_in_no_subset_is_kept_apart_and_counted(tmp_path: Path, home: Path) -> None:
    files = {"Original_Medical_Datasets/Ori--43-train.json": [other(1, "43"), other(2, "43")]}
    report = run_import(write(tmp_path / "release", **files), home)
    assert (report.kept, dict(report.reasons)) == (2, {"dataset-in-no-subset": 2})
    (subset,) = open_catalog("test", home).subsets()
    assert (subset.number, str(subset.triplet)) == ("D43", "Mic/Cell/Multi Classification")


def test_numbers_that_no_facts_name_are_refused(tmp_path: Path, home: Path) -> None:
    files = {
        "Subset-99-train.json": TWO,
        "Original_Medical_Datasets/Ori--98-train.json": [record(1), 5],
        SUBSET_02: TWO,
    }
    report = run_import(write(tmp_path / "release", **files), home)
    assert (report.kept, report.refused, report.records) == (2, 4, 6)
    assert dict(report.reasons) == {"not-an-object": 1, "unknown-dataset": 1, "unknown-subset": 2}
    assert len(refused_lines(report)) == 4


def test_a_folder_may_declare_subsets_and_data_sets_of_its_own(tmp_path: Path, home: Path) -> None:
    subsets = "subset_no,modality,area,task,dataset_nos\nP01,X-ray,Hand,State,P1\n"
    datasets = "dataset_no,name,modality,area\nP1,Hands,X-ray,Hand\n"
    files = {
        "Aggregated_Subsets/Subset--P01-train.json": [other(1, "P1")],
        "subsets.csv": subsets,
        "datasets.csv": datasets,
    }
    run_import(write(tmp_path / "release", **files), home)
    catalog = open_catalog("test", home)
    assert catalog.declared
    assert [str(subset.triplet) for subset in catalog.subsets()] == ["X-ray/Hand/State"]
    assert [dataset.name for dataset in catalog.datasets().values()] == ["Hands"]


def test_a_table_of_facts_that_cannot_be_read_is_said_to_be_so(tmp_path: Path, home: Path) -> None:
    root = write(tmp_path / "release", **{SUBSET_02: TWO, "subsets.csv": "number,modality\nP01,X-ray\n"})
    with pytest.raises(LayoutError, match=r"subsets\.csv"):
        run_import(root, home)


def test_labels_of_a_multi_label_subset_are_a_set(tmp_path: Path, home: Path) -> None:
    options = ["Cataract, Glaucoma", "Normal", "Myopia"]
    choice = question_choice("Which diseases?", options)
    found = [
        record(1, "Cataract, Glaucoma", Question="Which diseases?", Question_choice=choice, data_no="24"),
        record(
            2, "Glaucoma,Cataract", Question="Which diseases?", Question_choice=choice, data_no="24", Answer_choice=None
        ),
    ]
    report = run_import(write(tmp_path / "release", **{"Aggregated_Subsets/Subset--15-train.json": found}), home)
    assert (report.kept, dict(report.reasons)) == (2, {"missing-letter": 1})
    catalog = open_catalog("test", home)
    assert {item.labels for item in catalog.sample(9, 0, split=None)} == {frozenset({"Cataract", "Glaucoma"})}
    assert {item.answer_letter for item in catalog.sample(9, 0, split=None)} == {"A"}


def test_a_comma_in_a_single_label_stays(tmp_path: Path, home: Path) -> None:
    choice = question_choice("Which category is it?", ["Cyst, large", "Normal"])
    run_import(write(tmp_path / "r", **{SUBSET_02: [record(1, "Cyst, large", Question_choice=choice)]}), home)
    assert [item.labels for item in open_catalog("test", home).sample(1, 0, split=None)] == [{"Cyst, large"}]


def test_an_item_is_the_same_after_another_import_and_whatever_way_it_was_read(tmp_path: Path, home: Path) -> None:
    unusual = f"Which category is it?\n A:  Cyst\n B: Normal\n C: Stone\n D: Tumor\n{INSTRUCTION}"
    first = run_import(write(tmp_path / "one", **{SUBSET_02: [record(1)]}), home, "one")
    second = run_import(write(tmp_path / "two", **{SUBSET_02: [record(1, id=9, Question_choice=unusual)]}), home, "two")
    assert (first.kept, second.kept) == (1, 1)
    keys = [open_catalog(name, home).sample(1, 0, split=None)[0].key for name in ("one", "two")]
    assert keys[0] == keys[1]
    released = open_catalog("two", home).items(keys[:1])[0].question_choice
    assert released == unusual, "the prompt stays exactly as released"


def test_a_folder_without_med_mat_files_is_refused_in_one_sentence(tmp_path: Path, home: Path) -> None:
    with pytest.raises(LayoutError, match=r"Subset--NN-train\.json"):
        run_import(write(tmp_path / "release", **{"notes.json": "{}"}), home)
    with pytest.raises(LayoutError, match="not a folder"):
        run_import(tmp_path / "nowhere", home)
    assert not (home / "collections").exists() or not list((home / "collections").iterdir())


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", ".x", "é", "x" * 65])
def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path: Path, home: Path, name: str) -> None:
    with pytest.raises(CollectionError, match="letters, digits"):
        run_import(write(tmp_path / "release", **{SUBSET_02: TWO}), home, name)


def test_a_folder_whose_name_looks_like_a_pattern_is_read(tmp_path: Path, home: Path) -> None:
    write(tmp_path / "rel1", **{SUBSET_02: [record(5)]})
    report = run_import(write(tmp_path / "rel[1]*", **{SUBSET_02: TWO}), home)
    assert (report.kept, report.repaired) == (2, 0)


def test_the_real_corpus_is_kept_whole(medmat_mini: Path, home: Path) -> None:
    from medmat_explorer.collection_import import paper_facts
    from medmat_explorer.store.ingest import import_collection

    report = import_collection(medmat_mini, "mini", home, paper_facts())
    assert (report.kept, report.subsets, report.splits) == (1176, 10, {"train": 787, "test": 389})
    assert (report.duplicates_merged, report.repaired, report.refused, dict(report.reasons)) == (1176, 0, 0, {})
    assert report.images.as_json() == {"ok": 0, "missing": 0, "unreadable": 0, "unchecked": 1176}
