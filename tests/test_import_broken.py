"""Broken input: counted, with a reason, written down with its text and place; never dropped, never a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest

from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.report import IngestReport
from tests.release_folder import SUBSET_02, question_choice, record, refused_lines, run_import, write

GOOD = json.dumps(record(1))


def outcome(report: IngestReport) -> tuple[int, int, int, int, dict[str, int]]:
    """Kept, repaired, merged, refused and the reasons."""
    assert report.kept + report.refused + report.duplicates_merged == report.records
    return report.kept, report.repaired, report.duplicates_merged, report.refused, dict(report.reasons)


def imported(tmp_path: Path, home: Path, content: object) -> IngestReport:
    return run_import(write(tmp_path / "release", **{SUBSET_02: content}), home)


FILES: dict[str, tuple[Any, tuple[int, int, int, int, dict[str, int]]]] = {
    "not JSON": ("<html>404 not found</html>", (0, 0, 0, 1, {"not-json": 1})),
    "truncated in a record": (
        json.dumps([record(1), record(2), record(3)])[:-60],
        (2, 0, 0, 1, {"truncated-json": 1}),
    ),
    "truncated behind a record": (f"[{GOOD}, ", (1, 0, 0, 0, {"truncated-json": 1})),
    "one object": (GOOD, (1, 1, 0, 0, {"not-a-list": 1})),
    "one record a line": (f"{GOOD}\n{json.dumps(record(2))}\n", (2, 2, 0, 0, {"not-a-list": 2})),
    "an empty list": ("[]", (0, 0, 0, 0, {"empty-list": 1})),
    "an empty file": ("", (0, 0, 0, 0, {"empty-file": 1})),
    "elements that are no records": (f'[{GOOD}, 5, "x", null, [1]]', (1, 0, 0, 4, {"not-an-object": 4})),
    "a broken record in the middle": (
        f'[{GOOD}, {{"id": 2 "caption": "x"}}, {json.dumps(record(3))}]',
        (2, 0, 0, 1, {"not-json": 1}),
    ),
    "a key twice": (f'[{GOOD[:-1]}, "Answer": "Stone"}}]', (0, 0, 0, 1, {"key-twice": 1})),
    "Latin-1 in one record": (
        f"[{GOOD}, {json.dumps(record(2))[:-1]}, ".encode() + b'"x": "caf\xe9"}]',
        (1, 0, 0, 1, {"not-utf8": 1}),
    ),
    "UTF-16": (f"[{GOOD}]".encode("utf-16"), (1, 0, 0, 0, {})),
    "a byte order mark": (b"\xef\xbb\xbf" + f"[{GOOD}]".encode(), (1, 0, 0, 0, {})),
    "a record of two megabytes": (
        json.dumps([record(1), record(2, caption="x" * 2_000_000), record(3)]),
        (2, 0, 0, 1, {"too-long": 1}),
    ),
    "very deep": (f'[{GOOD}, {{"id": {"[" * 50_000}{"]" * 50_000}}}]', (1, 0, 0, 1, {"not-json": 1})),
    "the same record twice": (f"[{GOOD}, {GOOD}]", (1, 0, 1, 0, {})),
    "an id twice": (json.dumps([record(1), record(1, "Stone"), record(1, "Tumor")]), (3, 2, 0, 0, {"duplicate-id": 2})),
}


@pytest.mark.parametrize(("content", "expected"), FILES.values(), ids=FILES.keys())
def test_broken_files_are_read_as_far_as_they_are_whole(
    tmp_path: Path, home: Path, content: object, expected: tuple[int, int, int, int, dict[str, int]]
) -> None:
    assert outcome(imported(tmp_path, home, content)) == expected


REPAIRED: dict[str, tuple[dict[str, Any], str]] = {
    "no letter": (record(1, Answer_choice=None), "missing-letter"),
    "an empty letter": (record(1, Answer_choice=" "), "missing-letter"),
    "a small letter": (record(1, Answer_choice="a"), "letter-normalised"),
    "the whole option as letter": (record(1, Answer_choice="A: Cyst"), "letter-normalised"),
    "no answer": (record(1, Answer=None), "missing-answer"),
    "no question": (record(1, Question=None), "missing-question"),
    "no caption": (record(1, caption=None), "missing-caption"),
    "no id": (record(1, id=None), "missing-id"),
    "no data set": (record(1, data_no=None), "missing-data-no"),
    "an unknown data set": (record(1, data_no="999"), "unknown-data-no"),
    "a number as data set": (record(1, data_no=2), "number-as-text"),
    "a list as answer": (record(1, Answer=["Cyst"]), "list-as-text"),
    "backslashes": (record(1, image="med-mat\\CT\\a.jpg"), "path-normalised"),
    "a dot at the start": (record(1, image="./med-mat/a.jpg"), "path-normalised"),
    "control characters": (record(1, caption="Cy\x00st"), "control-characters"),
}


@pytest.mark.parametrize(("found", "reason"), REPAIRED.values(), ids=REPAIRED.keys())
def test_what_can_be_mended_is_mended_and_counted(
    tmp_path: Path, home: Path, found: dict[str, Any], reason: str
) -> None:
    report = imported(tmp_path, home, [found, record(2, "Stone")])
    assert outcome(report) == (2, 1, 0, 0, {reason: 1})
    item = next(item for item in open_catalog("test", home).sample(2, 0, split=None) if item.labels == {"Cyst"})
    assert (item.answer_letter, item.answer, item.question) == ("A", "Cyst", "Which category is it?")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a letter that contradicts": (record(1, Answer_choice="B"), "letter-contradicts-answer"),
    "a letter of no option": (record(1, Answer_choice="F"), "letter-not-an-option"),
    "an answer that is no option": (record(1, Answer="Cancer", Answer_choice=None), "answer-not-an-option"),
    "an answer that two options fit": (
        record(1, Answer_choice=None, Question_choice=question_choice("Q?", ["Cyst", "cyst", "Stone"])),
        "answer-ambiguous",
    ),
    "neither answer nor letter": (record(1, Answer=None, Answer_choice=None), "missing-answer"),
    "no question-choice": (record(1, Question_choice=None), "missing-question-choice"),
    "no options": (record(1, Question_choice="Which category is it?"), "no-options"),
    "no image": (record(1, image=None), "missing-image-path"),
    "an image that is a number": (record(1, image=7), "wrong-type"),
    "a question that is an object": (record(1, Question={"text": "x"}), "wrong-type"),
    "an answer that is true": (record(1, Answer=True), "wrong-type"),
    "a path that climbs out": (record(1, image="med-mat/../../etc/passwd"), "path-outside"),
    "a path that climbs out backwards": (record(1, image="med-mat\\..\\..\\x"), "path-outside"),
    "an absolute path": (record(1, image="/etc/passwd"), "path-absolute"),
    "a drive": (record(1, image="C:\\images\\a.jpg"), "path-absolute"),
    "an address": (record(1, image="http://example.org/a.jpg"), "path-absolute"),
    "a home": (record(1, image="~/a.jpg"), "path-absolute"),
    "a null character": (record(1, image="a\x00b.jpg"), "path-characters"),
    "half a character": (record(1, Answer="\ud800"), "not-utf8"),
    "an endless path": (record(1, image="a" * 1001), "path-too-long"),
}


@pytest.mark.parametrize(("found", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_mended_is_refused_with_its_text_and_place(
    tmp_path: Path, home: Path, found: dict[str, Any], reason: str
) -> None:
    report = imported(tmp_path, home, json.dumps([record(2), found, record(3)], indent=1))
    assert outcome(report) == (2, 0, 0, 1, {reason: 1})
    (line,) = refused_lines(report)
    assert (line["file"], line["record"], line["line"], line["reason"]) == ("Subset--02-train.json", 2, 12, reason)
    assert json.loads(line["text"]) == found
    assert line["message"]


def test_odd_but_possible_paths_are_kept_as_they_are(tmp_path: Path, home: Path) -> None:
    paths = ["med-mat/a b/é (1).jpg", "med-mat/x#?%20&'\".png", "med-mat/中/..x.png", "med-mat/a..b/c", "a:b/..." + "c"]
    report = imported(tmp_path, home, [record(i, image=path) for i, path in enumerate(paths[:4])])
    assert outcome(report) == (4, 0, 0, 0, {})
    assert sorted(item.image for item in open_catalog("test", home).sample(9, 0, split=None)) == sorted(paths[:4])


def test_bytes_that_are_not_utf8_can_be_seen_in_the_refusal(tmp_path: Path, home: Path) -> None:
    report = imported(tmp_path, home, b'[{"id": 1, "caption": "caf\xe9"}]')
    assert [line["text"] for line in refused_lines(report)] == ['{"id": 1, "caption": "caf\\xe9"}']


def test_a_remark_on_a_whole_file_is_written_down_too(tmp_path: Path, home: Path) -> None:
    root = write(tmp_path / "release", **{SUBSET_02: [record(1)], "Aggregated_Subsets/Subset--03-train.json": "[]"})
    write(root, **{"Aggregated_Subsets/notes.json": "{}"})
    report = run_import(root, home)
    assert outcome(report) == (1, 0, 0, 0, {"empty-list": 1, "unrecognised-file": 1})
    assert [(line["file"], line["record"], line["reason"]) for line in refused_lines(report)] == [
        ("notes.json", None, "unrecognised-file"),
        ("Subset--03-train.json", None, "empty-list"),
    ]


def test_records_that_several_threads_read_are_not_mistaken_for_one_another(tmp_path: Path, home: Path) -> None:
    letters = {i: {0: None, 1: "B"}.get(i % 1000, "A") for i in range(150_000)}
    report = imported(tmp_path, home, [record(i, Answer_choice=letter) for i, letter in letters.items()])
    reasons = {"letter-contradicts-answer": 150, "missing-letter": 150}
    assert outcome(report) == (149_850, 150, 0, 150, reasons)
    lines = refused_lines(report)
    assert [line["record"] for line in lines] == [i + 1 for i in range(1, 150_000, 1000)]
    assert [json.loads(line["text"])["id"] for line in lines] == list(range(1, 150_000, 1000))
    catalog = open_catalog("test", home)
    page = catalog.items([card.key for card in catalog.page(Selection(), 149_700, 2)])
    assert [item.image for item in page] == [record(i)["image"] for i in (149_850, 149_851)]


def test_many_refusals_in_a_large_file_keep_their_places_and_items_their_order(tmp_path: Path, home: Path) -> None:
    found = [record(i, "Cyst" if i % 100 else "Stone", Answer_choice="A") for i in range(20_000)]
    report = imported(tmp_path, home, found)
    assert outcome(report) == (19_800, 0, 0, 200, {"letter-contradicts-answer": 200})
    assert [line["record"] for line in refused_lines(report)] == [i + 1 for i in range(0, 20_000, 100)]
    catalog = open_catalog("test", home)
    page = catalog.items([card.key for card in catalog.page(Selection(), 15_000, 3)])
    assert [item.image for item in page] == [record(i)["image"] for i in (15_152, 15_153, 15_154)]


def test_a_file_that_cannot_be_read_is_refused_and_the_rest_imported(tmp_path: Path, home: Path) -> None:
    root = write(tmp_path / "release", **{"Aggregated_Subsets/Subset--03-train.json": [record(1, data_no="4")]})
    (root / SUBSET_02).mkdir()
    (root / "Aggregated_Subsets" / "Subset--15-test.json").symlink_to(root / "gone.json")
    (root / "Aggregated_Subsets" / "Subset--77-test.json").mkdir()
    report = run_import(root, home)
    assert outcome(report) == (1, 0, 0, 0, {"unreadable-file": 3})
    assert {line["file"]: line["message"] for line in refused_lines(report)} == {
        "Subset--02-train.json": "The file cannot be read: it is no file.",
        "Subset--15-test.json": "The file cannot be read: No such file or directory.",
        "Subset--77-test.json": "The file cannot be read: it is no file.",
    }
