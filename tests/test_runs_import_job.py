"""Uploaded answers taken in behind the page: a run, or one sentence; nonsense keeps nothing."""

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.run_list import find_runs, run_lines
from medmat_explorer.store.run_parquet import export_parquet
from medmat_explorer.ui.runs_import_job import BackgroundRunImport, safe_name
from tests.judged import make_item
from tests.kept_runs import kept_run

LOG = "20261124_101500_samples_medmat.jsonl"


@pytest.fixture(scope="module")
def phantoms(phantoms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the synthetic collection, for these tests alone."""
    folder = tmp_path_factory.mktemp("import") / "home"
    shutil.copytree(phantoms_home, folder)
    return folder


@pytest.fixture(scope="module")
def items(phantoms: Path) -> Iterator[list[QAItem]]:
    with closing(open_catalog("phantoms", phantoms)) as catalog:
        yield catalog.sample(12, 0)


def taken_in(home: Path, file: str, content: bytes, backbone: str = "") -> BackgroundRunImport:
    job = BackgroundRunImport(file, content, "phantoms", backbone, home)
    assert job.wait(30)
    return job


def log_of(items: list[QAItem]) -> bytes:
    lines = [
        {"doc_id": place, "target": item.answer_letter, "filtered_resps": [item.answer_letter], "doc": {"id": item.key}}
        for place, item in enumerate(items)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def test_a_log_becomes_a_run_named_as_the_reader_says_or_after_its_file(phantoms: Path, items: list[QAItem]) -> None:
    named = taken_in(phantoms, LOG, log_of(items), "my llava").result
    assert named is not None and named.header.backbone_title == "my llava"
    assert named.header.source is not None and named.header.source.file == LOG
    unnamed = taken_in(phantoms, f"C:\\logs\\{LOG}", log_of(items[:3])).result
    assert unnamed is not None and unnamed.header.backbone_title == LOG.removesuffix(".jsonl")
    assert {row.id for row in find_runs(phantoms)} >= {named.run_id, unnamed.run_id}


def test_a_run_exported_here_comes_back_with_its_answers_under_another_id(
    phantoms: Path, items: list[QAItem], tmp_path: Path
) -> None:
    run_id = kept_run(phantoms, items, lambda place: place % 3 > 0, text=True, seed=5)
    job = taken_in(phantoms, f"{run_id}.jsonl", "".join(run_lines(phantoms, run_id)).encode())
    assert job.result is not None and job.error == ""
    assert (len(job.result.answers), job.result.header.plan.seed, job.result.unmatched) == (12, 5, {})
    assert job.result.run_id != run_id
    parquet = export_parquet(phantoms, run_id, tmp_path / "run.parquet").read_bytes()
    again = taken_in(phantoms, "run.parquet", parquet).result
    assert again is not None and again.answers == job.result.answers
    assert (again.header.plan, again.header.backbone_title) == (job.result.header.plan, "always-right")


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("answers.jsonl", "{}")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("empty.jsonl", b"", "empty.jsonl is empty"),
        ("blank.jsonl", b"\n\n \n", "holds no answers in a known form"),
        ("picture.jsonl", PICTURE, "holds no answers in a known form"),
        ("picture.png", PICTURE, "holds no answers in a known form"),
        ("broken.jsonl", b'{"item": "a", "options": [[', "holds no answers in a known form"),
        ("broken.json", b'[{"prediction": "A"}', "is not JSON"),
        ("deep.json", b"[" * 200_000, "is not JSON"),
        ("zeros.jsonl", bytes(20_000_000), "holds no answers in a known form"),
        ("packed.xlsx", zipped(), "is not an Excel workbook"),
        ("packed.parquet", zipped(), "is not a Parquet file"),
        ("packed.zip", zipped(), "holds no answers in a known form"),
        ("other.csv", b"name,age\nx,3\n", "has no column 'prediction'"),
        ("../../../etc/passwd.tsv", b"\xff\xfe\x00", "is not UTF-8"),
    ],
)
def test_nonsense_gets_one_sentence_and_changes_nothing(phantoms: Path, file: str, content: bytes, words: str) -> None:
    before = find_runs(phantoms)
    job = taken_in(phantoms, file, content)
    assert job.result is None
    assert words in job.error
    assert "/tmp" not in job.error and "our fault" not in job.error
    assert find_runs(phantoms) == before


def test_a_run_about_another_collection_is_refused_with_the_reason(phantoms: Path, tmp_path: Path) -> None:
    run_id = kept_run(tmp_path, [make_item(number) for number in range(1, 4)], lambda place: True)
    job = taken_in(phantoms, "theirs.jsonl", "".join(run_lines(tmp_path, run_id)).encode())
    assert job.error.startswith("No answer in theirs.jsonl belongs to an item of 'phantoms' (3 rows:")


def test_an_unknown_collection_is_a_sentence(phantoms: Path) -> None:
    job = BackgroundRunImport("a.jsonl", b"{}", "nothing", "", phantoms)
    assert job.wait(30) and "There is no collection 'nothing'" in job.error


def test_stopped_nothing_is_kept(phantoms: Path, items: list[QAItem]) -> None:
    before = find_runs(phantoms)
    job = BackgroundRunImport(LOG, log_of(items) * 400, "phantoms", "stopped one", phantoms)
    job.stop()
    assert job.wait(30)
    assert job.error == "The import was stopped; nothing of it was kept."
    assert find_runs(phantoms) == before


def test_a_file_name_keeps_its_ending_and_loses_everything_that_leads_elsewhere() -> None:
    assert safe_name("../../a b.jsonl") == "a b.jsonl"
    assert safe_name("C:\\x\\y.xlsx") == "y.xlsx"
    assert safe_name(".hidden.csv") == "hidden.csv"
    assert safe_name("a\x00b<c>.json") == "a_b_c_.json"
    assert safe_name("..") == safe_name("") == "answers"
    long = safe_name("x" * 400 + ".jsonl")
    assert len(long) <= 130 and long.endswith(".jsonl")
