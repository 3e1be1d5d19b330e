"""The published facts load whole, typed, and with their inconsistencies kept."""

from collections import Counter

import pytest

from medmat_explorer.paper import facts, notes


def test_counts_are_those_of_the_paper() -> None:
    assert len(facts.subsets()) == 53
    assert len(facts.datasets()) == 109
    assert Counter(a.table for a in facts.subset_accuracies()) == {"1": 75, "2": 24}
    assert len(facts.figure4()) == 14
    assert Counter(row.table for row in facts.composition_rows())["3"] == 43


def test_a_subset_is_read_whole() -> None:
    subset = facts.subsets()["28"]
    assert str(subset.triplet) == "X-ray/Lung/COVID"
    assert (subset.published_task, subset.task_group) == ("COVID-19 and Pneumonia Classification", "State")
    assert (subset.task_confidence, subset.task_note) == ("medium", "= State; Diseases in v1 T4")
    assert subset.dataset_numbers == ("54", "55", "56", "57", "60", "62", "81")


def test_a_data_set_is_read_whole_and_links_are_split() -> None:
    dataset = facts.datasets()["93"]
    assert (dataset.name, dataset.citation, dataset.published_qa) == ("Kvasir-SEG", "Jha et al. (2020)", False)
    assert len(dataset.links) == 2
    assert all(link.startswith("https://") for link in dataset.links)


def test_every_number_of_tables_1_and_2_belongs_to_a_subset() -> None:
    assert {a.subset for a in facts.subset_accuracies()} <= set(facts.subsets())


def test_every_row_of_the_composition_tables_names_known_subsets() -> None:
    named = {number for row in facts.composition_rows() for number in (*row.related, row.target)}
    assert named <= set(facts.subsets())


def test_a_composition_row_is_read_whole() -> None:
    row = next(r for r in facts.composition_rows() if (r.table, r.row) == ("3", "15"))
    assert (row.related, row.target, row.direction, row.fixed_element) == (("04", "28"), "03", "fixed area", "Lung")
    assert (row.baseline, row.baseline_plus, row.trained, row.gain) == (47, 46, 72, 25)
    assert (row.helps, row.test_size, row.confidence) == (True, 100, "high")


def test_published_successes_of_table_3_are_37_of_43() -> None:
    rows = [r for r in facts.composition_rows() if r.table == "3"]
    assert (sum(r.helps for r in rows), len(rows)) == (37, 43)


def test_the_baseline_is_the_untrained_model_and_absent_where_none_is_printed() -> None:
    baseline = facts.published_baseline("28")
    assert baseline is not None
    assert (baseline.percent, baseline.table) == (30, "1")
    assert facts.published_baseline("38") is None


def test_a_table_that_only_v2_has_is_named_by_its_number_there() -> None:
    assert {row.place for row in facts.composition_rows() if not row.table} >= {"v2 15"}


@pytest.mark.parametrize(
    ("subset", "word"),
    [("43", "breast"), ("18", "44"), ("49", "Spinal Error Det"), ("32", "Row 21"), ("05", "below chance")],
)
def test_inconsistencies_are_told_where_they_matter(subset: str, word: str) -> None:
    assert any(word in note.text for note in notes.notes_for_subset(subset))


def test_notes_name_only_what_exists() -> None:
    assert {n for note in notes.NOTES for n in note.subsets} <= set(facts.subsets())
    assert {n for note in notes.NOTES for n in note.datasets} <= set(facts.datasets())
    assert all(note.subsets or note.datasets or note.everywhere for note in notes.NOTES)


def test_data_sets_in_no_subset_are_the_three_that_the_notes_name() -> None:
    used = {number for subset in facts.subsets().values() for number in subset.dataset_numbers}
    unused = set(facts.datasets()) - used
    assert unused == {"43", "64", "83"}
    assert any(unused <= note.datasets for note in notes.NOTES)
