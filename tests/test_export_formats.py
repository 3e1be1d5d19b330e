"""Every export is read back by the library that it is for, with odd texts and pictures of many formats."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.export import FORMATS, ExportReport, export_selection
from medmat_explorer.store.exports.csv_table import cell, guarded, unguarded
from medmat_explorer.store.exports.llava import conversation
from medmat_explorer.store.exports.record import FIELDS, ExportRecord, RecordReader
from tests.export_collection import (
    BROKEN,
    COPIED,
    DICOM,
    MISSING,
    ODD_QUESTIONS,
    OUTSIDE,
    SHARED,
    TEST_IMAGES,
    TRAIN_IMAGES,
    colour,
    make_collection,
)

EVERYTHING = Selection()
WITHOUT_PICTURE = {BROKEN, MISSING, OUTSIDE}
LISTS = ("options", "labels", "repairs", "tags")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    opened = make_collection(tmp_path_factory.mktemp("odd"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def records(catalog: Catalog) -> list[dict[str, Any]]:
    """All items, field by field, from the catalog itself."""
    places = [row[0] for row in catalog.connection.rows("SELECT place FROM items ORDER BY place")]
    (found,) = RecordReader(catalog).stretches(places)
    return [record.flat(images=False) for record in found]


def exported(catalog: Catalog, folder: Path, form: str, *, images: bool = False) -> ExportReport:
    return export_selection(catalog, EVERYTHING, folder / "out", form, images=images)


def test_the_collection_is_as_odd_as_it_says(records: list[dict[str, Any]]) -> None:
    assert {record["question"] for record in records if record["split"] == "train"} == set(ODD_QUESTIONS)
    states = {record["image_path"]: record["image_state"] for record in records}
    assert {image for image, state in states.items() if state != "ok"} == WITHOUT_PICTURE


# -- LLaVA -------------------------------------------------------------------------------------------------------------


def read_llava(path: Path, image_folder: Path | None) -> list[dict[str, Any]]:
    """What LLaVA's training code asks of a file: LazySupervisedDataset and preprocess_multimodal."""
    items = json.loads(path.read_text("utf-8"))
    assert isinstance(items, list)
    for item in items:
        assert set(item) == {"id", "image", "conversations"}
        human, gpt = item["conversations"]
        assert (human["from"], gpt["from"]) == ("human", "gpt")
        assert set(human) == set(gpt) == {"from", "value"}
        assert human["value"].startswith("<image>\n")
        assert human["value"].count("<image>") == 1
        assert "<image>" not in gpt["value"]
        assert gpt["value"]
        if image_folder is not None:
            with Image.open(image_folder / item["image"]) as image:
                image.convert("RGB").load()
    return items


def test_llava_reads_its_conversations(catalog: Catalog, tmp_path: Path, records: list[dict[str, Any]]) -> None:
    report = exported(catalog, tmp_path, "llava")
    for split in ("train", "test"):
        items = read_llava(report.folder / f"{split}.json", None)
        wanted = [record for record in records if record["split"] == split]
        assert [item["id"] for item in items] == [record["id"] for record in wanted]
        assert [item["image"] for item in items] == [record["image_path"] for record in wanted]
        assert [item["conversations"][1]["value"] for item in items] == [record["answer_letter"] for record in wanted]
        prompts = [item["conversations"][0]["value"].removeprefix("<image>\n") for item in items]
        assert prompts == [record["question_choice"].replace("<image>", "< image >") for record in wanted]


def test_llava_opens_every_picture_and_meets_no_item_without_one(catalog: Catalog, tmp_path: Path) -> None:
    report = exported(catalog, tmp_path, "llava", images=True)
    train = read_llava(report.folder / "train.json", report.folder)
    test = read_llava(report.folder / "test.json", report.folder)
    assert (len(train), len(test)) == (len(TRAIN_IMAGES), 2)
    assert (report.items, report.left_out) == (len(train) + 2, 3)
    assert not (report.folder / "validation.json").exists()


# -- JSON Lines --------------------------------------------------------------------------------------------------------


def test_duckdb_and_python_read_json_lines(catalog: Catalog, tmp_path: Path, records: list[dict[str, Any]]) -> None:
    report = exported(catalog, tmp_path, "jsonl")
    lines = [
        json.loads(line)
        for split in ("train", "test")
        for line in (report.folder / f"{split}.jsonl").read_text("utf-8").split("\n")[:-1]
    ]
    assert sorted(lines, key=lambda item: str(item["id"])) == sorted(records, key=lambda item: str(item["id"]))
    with duckdb.connect(":memory:") as connection:
        query = "SELECT id, question, options FROM read_json($files) ORDER BY id"
        found = connection.execute(query, {"files": f"{report.folder}/*.jsonl"}).fetchall()
    assert found == sorted((record["id"], record["question"], record["options"]) for record in records)


# -- Parquet and CSV ---------------------------------------------------------------------------------------------------


def test_pandas_reads_parquet(catalog: Catalog, tmp_path: Path, records: list[dict[str, Any]]) -> None:
    report = exported(catalog, tmp_path, "parquet", images=True)
    table = pd.read_parquet(report.folder / "items.parquet")
    assert list(table.columns) == list(FIELDS)
    assert table["split"].value_counts().to_dict() == {"train": len(TRAIN_IMAGES), "test": len(TEST_IMAGES)}
    for name in FIELDS:
        values = [list(value) if name in LISTS else value for value in table[name]]
        if name != "image_file":
            assert values == [record[name] for record in records]
    there = table[table["image_file"] != ""]
    assert len(there) == COPIED
    assert all((report.folder / file).is_file() for file in there["image_file"])
    assert set(table.loc[table["image_file"] == "", "image_path"]) == WITHOUT_PICTURE


def test_pandas_and_python_read_csv(catalog: Catalog, tmp_path: Path, records: list[dict[str, Any]]) -> None:
    report = exported(catalog, tmp_path, "csv")
    path = report.folder / "items.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = table.map(lambda text: text[1:] if re.match(r"'+[=+\-@\t\r]", text) else text)  # as the card says
    for name in table.columns:
        wanted = [record[name] for record in records]
        if name in LISTS:
            assert [json.loads(text) for text in table[name]] == wanted
        else:
            assert list(table[name]) == [str(v).lower() if isinstance(v, bool) else str(v) for v in wanted]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == [name for name in FIELDS if name != "image_file"]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [text for row in rows for text in row if text[:1] in set("=+-@\t\r")] == []


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_text_is_a_formula_in_a_spreadsheet_and_each_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in set("=+-@\t\r") or not text


# -- Hugging Face ------------------------------------------------------------------------------------------------------


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`datasets.load_dataset` without a network and with a cache of its own."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    import datasets  # type: ignore[import-untyped]

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()

    def loaded(folder: Path) -> Any:
        return datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))

    return loaded


def test_datasets_loads_the_tables(catalog: Catalog, tmp_path: Path, load: Any, records: list[dict[str, Any]]) -> None:
    report = exported(catalog, tmp_path, "hf")
    found = load(report.folder)
    assert {split: len(rows) for split, rows in found.items()} == {"train": len(TRAIN_IMAGES), "test": len(TEST_IMAGES)}
    rows = [row for split in ("train", "test") for row in found[split]]
    assert sorted(rows, key=lambda row: str(row["id"])) == sorted(records, key=lambda row: str(row["id"]))


def test_datasets_loads_the_pictures(
    catalog: Catalog, tmp_path: Path, load: Any, records: list[dict[str, Any]]
) -> None:
    report = exported(catalog, tmp_path, "hf", images=True)
    found = load(report.folder)
    assert {split: len(rows) for split, rows in found.items()} == {"train": len(TRAIN_IMAGES), "test": 2}
    by_id = {record["id"]: record for record in records}
    numbers = {image: number for number, image in enumerate(dict.fromkeys((*TRAIN_IMAGES, *TEST_IMAGES)))}
    for row in (row for rows in found.values() for row in rows):
        record, image = by_id[row["id"]], row["image"]
        assert {name: row[name] for name in record} == record
        size, seen = image.size, image.convert("RGB").getpixel((5, 5))
        image.close()  # a GIF keeps its file open
        if record["image_path"] == DICOM:
            assert size == (128, 128)
            continue
        assert size == (24, 16)
        wanted = colour(numbers[record["image_path"]])
        assert all(abs(a - b) <= 24 for a, b in zip(seen, wanted, strict=True)), record["image_path"]


def test_datasets_loads_a_selection_of_one_split(catalog: Catalog, tmp_path: Path, load: Any) -> None:
    report = export_selection(catalog, Selection.of(split=["test"]), tmp_path / "out", "hf")
    found = load(report.folder)
    assert {split: len(rows) for split, rows in found.items()} == {"test": len(TEST_IMAGES)}


def test_an_image_of_two_items_is_copied_once_a_place(catalog: Catalog, tmp_path: Path) -> None:
    jsonl = export_selection(catalog, EVERYTHING, tmp_path / "jsonl", "jsonl", images=True)
    assert jsonl.images["copied"] == len(set(TRAIN_IMAGES) | set(TEST_IMAGES)) - len(WITHOUT_PICTURE)
    folder = export_selection(catalog, EVERYTHING, tmp_path / "hf", "hf", images=True)
    assert folder.images["copied"] == COPIED
    lines = [json.loads(line) for line in (jsonl.folder / "train.jsonl").read_text("utf-8").splitlines()]
    lines += [json.loads(line) for line in (jsonl.folder / "test.jsonl").read_text("utf-8").splitlines()]
    assert len({line["image_file"] for line in lines if line["image_path"] == SHARED}) == 1


# -- any text ----------------------------------------------------------------------------------------------------------

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_any_text_survives_every_format(
    catalog: Catalog, tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    odd = [with_text(one_record(catalog), number, text) for number, text in enumerate(texts)]
    folder = tmp_path_factory.mktemp("any")
    for name, form in FORMATS.items():
        (folder / name).mkdir()
        writer = form.open(folder / name, images=False)
        writer.write(odd)
        writer.close()
    lines = (folder / "jsonl" / "test.jsonl").read_text("utf-8").split("\n")[:-1]
    assert [json.loads(line)["caption"] for line in lines] == texts
    assert pq.read_table(folder / "parquet" / "items.parquet")["caption"].to_pylist() == texts
    assert pq.read_table(folder / "hf" / "data" / "test.parquet")["options"].to_pylist() == [[t, t] for t in texts]
    with (folder / "csv" / "items.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [unguarded(row["caption"]) for row in csv.DictReader(stream)] == texts
    items = read_llava(folder / "llava" / "test.json", None)
    assert [item["conversations"][0]["value"][len("<image>\n") :] for item in items] == [
        text.replace("<image>", "< image >") for text in texts
    ]


def one_record(catalog: Catalog) -> ExportRecord:
    place = catalog.connection.value("SELECT max(place) FROM items WHERE split = 'test'")
    ((record,),) = RecordReader(catalog).stretches([place])
    return record


def with_text(record: ExportRecord, number: int, text: str) -> ExportRecord:
    from dataclasses import replace

    from medmat_explorer.domain.qa import Option

    item = replace(
        record.item,
        id=number,
        caption=text,
        question=text,
        question_choice=text,
        options=(Option("A", text), Option("B", text)),
        answer_letter="A",
        labels=frozenset({text}),
    )
    return replace(record, item=item)


def test_a_conversation_asks_what_was_released_and_answers_with_the_letter(catalog: Catalog) -> None:
    record = one_record(catalog)
    said = conversation(record.with_file("images/ab/x.png"))
    assert said["image"] == "images/ab/x.png"
    assert said["conversations"][0]["value"] == f"<image>\n{record.item.question_choice}"
    assert said["conversations"][1]["value"] == record.item.answer_letter


def test_cells_of_a_table_are_plain() -> None:
    assert [cell(value) for value in (True, 3, ["a", "=b"], "=c", "")] == ["true", "3", '["a", "=b"]', "'=c", ""]
