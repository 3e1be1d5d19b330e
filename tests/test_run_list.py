"""The list of runs: found, deleted and exported, with other processes at work on the same folder."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from medmat_explorer.errors import RunError, UnknownNameError
from medmat_explorer.store.run_list import (
    RunFilter,
    RunStatus,
    answers_csv,
    delete_runs,
    export_run,
    find_runs,
    runs_csv,
)
from medmat_explorer.store.run_parquet import export_parquet
from medmat_explorer.store.runs import add_run, create_run, delete_run, list_runs, read_run, reopen_run
from tests.conftest import ROOT

OLD, MIDDLE, NEW = (
    "2026-11-22-063012-phantom-llava-3f2a",
    "2026-11-23-235959-always-a-0001",
    "2026-11-24-070000-phantom-llava-0002",
)
ENTRY = {"item": "a", "options": [["A", "=1+1"], ["B", "Stone"]], "probabilities": [0.25, 0.75], "text": "B"}


def header_of(run_id: str, **plan: object) -> dict[str, Any]:
    day, backbone = run_id[:10], "phantom-llava" if "llava" in run_id else "always-a"
    return {
        "id": run_id,
        "created": f"{day}T{run_id[11:13]}:{run_id[13:15]}:{run_id[15:17]}Z",
        "plan": {"collection": "phantoms", "backbone": backbone, "subsets": ["P02"], "seed": 3, **plan},
        "item_keys": ["a", "b"],
        "usual_labels": {},
        "backbone_title": backbone.title(),
    }


def put(home: Path, run_id: str, *, finished: bool = True, **plan: object) -> None:
    writer = create_run(home, run_id, header_of(run_id, **plan))
    writer.append(ENTRY)
    writer.close(finished=finished)


@pytest.fixture
def three(home: Path) -> Path:
    """A home with three runs of different days."""
    put(home, OLD)
    put(home, MIDDLE, finished=False, collection="mini", subsets=[])
    put(home, NEW, subsets=["P07"])
    return home


@contextmanager
def running(home: Path, run_id: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the run, until it is killed at the end."""
    code = (
        "import pathlib, sys, time\n"
        "from medmat_explorer.store.runs import reopen_run\n"
        "writer = reopen_run(pathlib.Path(sys.argv[1]), sys.argv[2])\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, home, run_id], cwd=ROOT, stdout=subprocess.PIPE) as program:
        assert program.stdout
        program.stdout.readline()
        try:
            yield program
        finally:
            program.kill()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (RunFilter(), [NEW, MIDDLE, OLD]),
        (RunFilter(backbone="LLaVA"), [NEW, OLD]),
        (RunFilter(collection="mini"), [MIDDLE]),
        (RunFilter(subset="P02"), [OLD]),
        (RunFilter(status=RunStatus.UNFINISHED), [MIDDLE]),
        (RunFilter(status=RunStatus.RUNNING), []),
        (RunFilter(since=date(2026, 11, 23)), [NEW, MIDDLE]),
        (RunFilter(until=date(2026, 11, 23)), [MIDDLE, OLD]),
        (RunFilter(since=date(2026, 11, 23), until=date(2026, 11, 23)), [MIDDLE]),
        (RunFilter(backbone="phantom", since=date(2026, 11, 24)), [NEW]),
        (RunFilter(backbone="gpt"), []),
    ],
)
def test_runs_are_found_by_what_was_asked_of_whom(three: Path, wanted: RunFilter, found: list[str]) -> None:
    assert [row.id for row in find_runs(three, wanted)] == found


def test_a_row_says_what_a_reader_looks_for(three: Path) -> None:
    row = find_runs(three)[0]
    assert (row.backbone, row.title, row.collection, row.subsets) == (
        "phantom-llava",
        "Phantom-Llava",
        "phantoms",
        ("P07",),
    )
    assert (row.status, row.items, row.answers, row.seed, row.kind) == (RunStatus.FINISHED, 2, 1, 3, "spot check")


def test_subsets_of_early_records_are_those_whose_usual_label_they_keep(home: Path) -> None:
    header = header_of(OLD, subsets=[]) | {"usual_labels": {"P02": "Cyst", "P03": "No"}}
    create_run(home, OLD, header).close(finished=True)
    assert [row.subsets for row in find_runs(home, RunFilter(subset="P03"))] == [("P02", "P03")]


def test_a_damaged_run_is_shown_and_can_be_deleted(three: Path) -> None:
    (three / "runs" / OLD / "header.json").write_text("{broken")
    (damaged,) = find_runs(three, RunFilter(status=RunStatus.DAMAGED))
    assert (damaged.id, damaged.answers) == (OLD, 1)
    assert delete_runs(three, [OLD]) == {}
    assert [row.id for row in find_runs(three)] == [NEW, MIDDLE]


def test_a_run_that_another_process_writes_is_shown_as_running_and_not_deleted(three: Path) -> None:
    with running(three, MIDDLE) as program:
        assert [row.id for row in find_runs(three, RunFilter(status=RunStatus.RUNNING))] == [MIDDLE]
        kept = delete_runs(three, [MIDDLE, OLD, "2026-01-01-000000-gone-0000"])
        assert set(kept) == {MIDDLE, "2026-01-01-000000-gone-0000"}
        assert "stop it first" in kept[MIDDLE] and "There is no run" in kept["2026-01-01-000000-gone-0000"]
        assert len(read_run(three, MIDDLE).answers) == 1
        program.kill()
        program.wait()
    assert find_runs(three)[1].status is RunStatus.UNFINISHED
    assert delete_runs(three, [MIDDLE]) == {}
    assert [row.id for row in find_runs(three)] == [NEW]


def test_of_two_processes_that_delete_the_same_runs_one_does_and_nothing_is_left(home: Path) -> None:
    ids = [f"{OLD[:-4]}{number:04x}" for number in range(40)]
    for run_id in ids:
        put(home, run_id)
    code = (
        "import json, pathlib, sys\n"
        "from medmat_explorer.store.run_list import delete_runs, find_runs\n"
        "home = pathlib.Path(sys.argv[1])\n"
        "sys.stdin.readline()\n"
        "kept = delete_runs(home, sys.argv[2:])\n"
        "find_runs(home)\n"
        "print(json.dumps(kept))\n"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, home, *ids],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for program in programs:
        assert program.stdin
        program.stdin.write("go\n")
        program.stdin.flush()
    said = [program.communicate(timeout=60) for program in programs]
    assert [program.returncode for program in programs] == [0, 0], said
    refused = [json.loads(out) for out, _ in said]
    assert not set(refused[0]) & set(refused[1])
    sentences = [sentence for kept in refused for sentence in kept.values()]
    assert all("There is no run" in text or "written by" in text or "being written" in text for text in sentences)
    assert list((home / "runs").iterdir()) == []


def test_a_run_cannot_be_taken_up_while_it_is_deleted_nor_deleted_twice(three: Path) -> None:
    delete_run(three, OLD)
    for work in (delete_run, reopen_run, read_run):
        with pytest.raises(UnknownNameError):
            work(three, OLD)


def test_what_a_killed_deletion_left_is_swept_by_the_next_and_never_listed(three: Path) -> None:
    left = three / "runs" / f".deleted-{OLD}.abcdef"
    (three / "runs" / OLD).rename(left)
    assert [row.id for row in find_runs(three)] == [NEW, MIDDLE]
    delete_run(three, MIDDLE)
    assert not left.exists()


def test_a_run_is_seen_whole_and_held_or_not_at_all(home: Path) -> None:
    writer = create_run(home, OLD, header_of(OLD))
    (row,) = find_runs(home)
    assert (row.status, row.backbone) == (RunStatus.RUNNING, "phantom-llava")
    writer.close(finished=True)
    with pytest.raises(RunError, match="cannot be kept"):
        create_run(home, OLD, {})
    with pytest.raises(RunError, match="cannot be kept"):
        add_run(home, OLD, {}, [])
    assert [path.name for path in (home / "runs").iterdir()] == [OLD]
    assert read_run(home, OLD).header == header_of(OLD)


def test_a_finished_run_is_added_whole_with_what_belongs_beside_it(home: Path) -> None:
    add_run(home, OLD, header_of(OLD), [ENTRY], unmatched=[{"line": 3, "when": date(2026, 1, 2)}])
    stored = read_run(home, OLD)
    assert (stored.answers, stored.finished, stored.lost_lines) == ((ENTRY,), True, 0)
    beside = (home / "runs" / OLD / "unmatched.jsonl").read_text()
    assert json.loads(beside) == {"line": 3, "when": "2026-01-02"}


def test_an_exported_run_is_its_header_and_every_answer(three: Path, tmp_path: Path) -> None:
    with (three / "runs" / OLD / "answers.jsonl").open("ab") as file:
        file.write(b'{"item": "half')
    path = export_run(three, OLD, tmp_path / "new" / "run.jsonl")
    head, *lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert head == {"form": "medmat-run", "finished": True, "header": header_of(OLD)}
    assert lines == [ENTRY]
    assert [entry.name for entry in path.parent.iterdir()] == ["run.jsonl"]


def test_a_parquet_file_holds_types_header_and_what_it_has_no_column_for(three: Path, tmp_path: Path) -> None:
    writer = reopen_run(three, MIDDLE)
    writer.append({**ENTRY, "at": "2026-11-24T07:00:00.5Z", "later": [1], "seconds": "long"})
    writer.close(finished=True)
    path = export_parquet(three, MIDDLE, tmp_path / "run.parquet")
    table = pq.read_table(path)
    first, second = table.to_pylist()
    assert (first["item"], first["text"], first["read"], first["at"], first["more"]) == ("a", "B", None, None, None)
    assert first["options"] == [{"letter": "A", "text": "=1+1"}, {"letter": "B", "text": "Stone"}]
    assert (second["probabilities"], second["more"]) == ([0.25, 0.75], '{"later": [1], "seconds": "long"}')
    assert second["at"] == datetime(2026, 11, 24, 7, 0, 0, 500000, tzinfo=UTC)
    assert json.loads(table.schema.metadata[b"medmat-run"]) == header_of(MIDDLE, collection="mini", subsets=[])
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.endswith((".part", ".parquet"))] == ["run.parquet"]


def test_an_export_that_cannot_be_written_is_one_sentence(three: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        export_run(three, OLD, tmp_path / "file" / "run.jsonl")
    with pytest.raises(RunError, match="cannot be written"):
        export_parquet(three, OLD, tmp_path / "file" / "run.parquet")
    with pytest.raises(UnknownNameError):
        export_run(three, "../../etc", tmp_path / "run.jsonl")


def test_tables_hold_every_row_and_no_formula(three: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(runs_csv(find_runs(three)).decode("utf-8-sig"))))
    assert [(row["id"], row["status"], row["subsets"]) for row in rows] == [
        (NEW, "finished", "P07"),
        (MIDDLE, "unfinished", ""),
        (OLD, "finished", "P02"),
    ]
    assert rows[0]["created"] == "2026-11-24T07:00:00+00:00"
    (answer,) = csv.DictReader(io.StringIO(answers_csv(three, OLD).decode("utf-8-sig")))
    assert (answer["item"], answer["probabilities"], answer["text"]) == ("a", "[0.25, 0.75]", "B")
    writer = reopen_run(three, MIDDLE)
    writer.append({"item": "b", "text": "=HYPERLINK(1)"})
    writer.close(finished=False)
    texts = [row["text"] for row in csv.DictReader(io.StringIO(answers_csv(three, MIDDLE).decode("utf-8-sig")))]
    assert texts == ["B", "'=HYPERLINK(1)"]


def test_an_empty_home_has_no_runs(home: Path) -> None:
    assert (find_runs(home), list_runs(home)) == ([], [])
    assert runs_csv([]).decode("utf-8-sig").startswith("id,status,kind,created,backbone")
