"""What DuckDB reads and what the reference reader reads is the same, record by record."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medmat_explorer.domain.facts import Facts, dataset_number, subset_number
from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.release_record import RecordOrigin, read_record
from medmat_explorer.errors import RefusedRecordError
from medmat_explorer.store.fast_path import stage_well_formed
from medmat_explorer.store.layout import FileKind, ReleaseFile, find_release
from medmat_explorer.store.schema import READ_COLUMNS, STAGED_COLUMNS, create_table
from medmat_explorer.store.staging import staging_row
from tests.release_folder import INSTRUCTION, question_choice, record

Row = dict[str, Any]


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One connection for all that is read here."""
    return duckdb.connect(":memory:", config={"threads": 1})


def read_by_duckdb(path: Path, origin: RecordOrigin) -> dict[int, Row]:
    """What the fast path takes, by the record's place in the file."""
    file = ReleaseFile(path, FileKind.SUBSET, origin.subset, Split.TRAIN, path.stat().st_size)
    connection().execute("DROP TABLE IF EXISTS staged")
    connection().execute(create_table("staged", STAGED_COLUMNS, temporary=True))
    stage_well_formed(connection(), file, 0, origin)
    rows = connection().execute(f"SELECT place, {', '.join(READ_COLUMNS)} FROM staged").fetchall()
    return {place: dict(zip(READ_COLUMNS, row, strict=True)) for place, *row in rows}


def read_by_reference(value: object, origin: RecordOrigin) -> Row | str:
    """The same by the reference reader; a refusal's reason where it takes none."""
    assert isinstance(value, dict)
    try:
        row = staging_row(read_record(value, origin), origin)
    except RefusedRecordError as refusal:
        return refusal.reason
    listed = {key: list(row[key]) for key in ("options", "labels", "repairs")}
    return {**row, **listed, "hash": int(row["hash"])}


def disagreements(path: Path, origin: RecordOrigin) -> list[tuple[object, object]]:
    """Records that the fast path takes and the reference reads otherwise, refuses, or had to mend."""
    records = json.loads(path.read_text("utf-8"))
    taken = read_by_duckdb(path, origin)
    pairs = [(row, read_by_reference(records[i], origin)) for i, row in taken.items()]
    return [(fast, slow) for fast, slow in pairs if fast != slow]


AWKWARD = (
    *(
        "Cyst",
        "A: Cyst",
        "B. x",
        " Cyst",
        "Cyst ",
        "a\nb",
        "a\r\nb",
        "\t",
        "",
        "5",
        "é",
        "中",
        "\x1f",
        "\x7f",
        "\u2028",
    ),
    *("\xa0x", "Answer with x", "Please", "x: y, z", "C: D: E", "[1]", '{"a": 1}', "true", '"', "\\", "\ufeffx", "q r"),
)
PATHS = (
    *("a/b.jpg", "/a", "a\\b", "../a", "a/../b", "C:\\a", "C:/a", "a/C: b", "./a", ".a", "a//b", "a/", "~/a", "a/b:c"),
    *("http://a/b", "a/.b", " a", "a ", "a\x00b", "", "a", "a" * 1001, "é/中 (1).jpg"),
)
texts = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(codec="utf-8"), max_size=6))
numbers = st.one_of(st.integers(-3, 10**19), st.floats(allow_nan=False, allow_infinity=False))
values = st.one_of(texts, st.none(), numbers, st.booleans(), st.lists(texts, max_size=2))
paths = st.one_of(st.sampled_from(PATHS), values)
labels = st.one_of(st.sampled_from(["Cyst", "Normal", "a, b", "b, a"]), texts)


@st.composite
def records(draw: st.DrawFn) -> dict[str, object]:
    """Mostly in the usual form, with one or two things that are not."""
    question = draw(st.one_of(st.just("Which one is it?"), texts))
    options = draw(st.lists(labels, min_size=1, max_size=6))
    right = draw(st.integers(0, len(options) - 1))
    made: dict[str, object] = {
        "id": draw(st.one_of(st.integers(0, 9), values)),
        "caption": draw(st.one_of(st.just("Cyst"), values)),
        "image": draw(paths),
        "Question": question,
        "Answer": draw(st.one_of(st.just(options[right]), st.just(options[right]), values)),
        "Question-choice": question_choice(question, options, draw(st.sampled_from([":", ".", ")"]))),
        "Answer-choice": draw(st.one_of(st.just("ABCDEF"[right]), st.just("ABCDEF"[right]), values)),
        "data-no": draw(st.one_of(st.just("2"), st.just("02"), values)),
    }
    for key in draw(st.lists(st.sampled_from(sorted(made)), max_size=2)):
        made[key] = draw(values)
    if draw(st.integers(0, 9)) == 0:
        del made[draw(st.sampled_from(sorted(made)))]
    return made


def with_every_awkward_value() -> list[Row]:
    """A good record with each value at each key, and with each text as an option and as the right answer."""
    found = [record(1) | {"Question": "Which category is it!"}]
    for value in (*AWKWARD, *PATHS, 5, -0.5, True, None, [], ["Cyst"], {}, {"a": 1}):
        found += [record(1) | {key: value} for key in record(1)]
        if isinstance(value, str):
            question = f"Which {value}?"
            choice = question_choice(question, ["Cyst", value])
            found.append(record(1) | {"Question": question, "Question-choice": choice})
            found.append(record(1) | {"Question-choice": question_choice("Which category is it?", ["Cyst", value])})
            answered = {"Question-choice": question_choice("Which category is it?", [value, "Cyst"]), "Answer": value}
            found.append(record(1) | answered)
    return found


@pytest.mark.parametrize("multi_label", [False, True])
def test_both_readers_agree_on_every_awkward_value(tmp_path: Path, multi_label: bool) -> None:
    path = tmp_path / "Subset--02-train.json"
    origin = RecordOrigin("02", multi_label, "", {"2", "3"})
    for escaped in (False, True):
        path.write_text(json.dumps(with_every_awkward_value(), ensure_ascii=escaped), "utf-8")
        assert disagreements(path, origin) == []
        assert len(read_by_duckdb(path, origin)) > 60


@pytest.mark.parametrize("multi_label", [False, True])
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=st.lists(records(), min_size=20, max_size=60), escaped=st.booleans())
def test_both_readers_agree_on_anything(
    tmp_path: Path, found: list[dict[str, object]], escaped: bool, multi_label: bool
) -> None:
    path = tmp_path / "Subset--02-train.json"
    path.write_text(json.dumps(found, ensure_ascii=escaped), "utf-8")
    assert disagreements(path, RecordOrigin("02", multi_label, "", {"2", "3"})) == []


def test_the_usual_forms_are_all_taken_by_duckdb(tmp_path: Path) -> None:
    usual = [
        record(1),
        record(2, Question_choice=question_choice("Which category is it?", ["Cyst", "b: c, d", "e"])),
        record(3, Question_choice=question_choice("Which category is it?", ["Cyst", "x"], ".")),
        record(4, Question_choice="Which category is it?\nA: Cyst\nB: x"),
        record(5, image="med-mat/a folder/scan (1).v2: x.png"),
        record(6, Question="Two lines\nof it", Question_choice=f"Two lines\nof it\nA: Cyst\nB: x\n{INSTRUCTION}"),
    ]
    path = tmp_path / "Subset--02-train.json"
    path.write_text(json.dumps(usual), "utf-8")
    origin = RecordOrigin("02", False, "", {"2"})
    assert sorted(read_by_duckdb(path, origin)) == [0, 1, 2, 3, 4, 5]
    assert disagreements(path, origin) == []


def test_both_readers_agree_on_the_real_corpus(medmat_mini: Path) -> None:
    from medmat_explorer.paper.facts import datasets, subsets

    facts = Facts(subsets(), datasets())
    taken = 0
    for file in find_release(medmat_mini).files:
        of_file = file.kind is FileKind.DATASET
        number = dataset_number(file.number) if of_file else subset_number(file.number)
        subset = facts.subset_of_dataset(number) if of_file else facts.subsets[number]
        assert subset is not None
        origin = RecordOrigin(subset.number, subset.multi_label, file.number if of_file else "", facts.datasets.keys())
        taken += len(read_by_duckdb(file.path, origin))
        assert disagreements(file.path, origin) == []
    assert taken == 2 * 1176
