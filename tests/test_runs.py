"""Runs on disk: nothing shown is lost, nothing broken stops the rest, nothing outside the folder is touched."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pyarrow.parquet
import pytest

from medmat_explorer.errors import RunError, UnknownNameError
from medmat_explorer.store.run_list import export_run
from medmat_explorer.store.run_parquet import export_parquet
from medmat_explorer.store.runs import (
    RunWriter,
    add_run,
    create_run,
    delete_run,
    list_runs,
    new_run_id,
    read_run,
    reopen_run,
)
from tests.conftest import ROOT

FIRST, SECOND = "2026-11-24-063012-phantom-llava-3f2a", "2026-11-24-070000-always-a-0001"
BROKEN = "2026-11-24-064500-always-a-0002"


def folder_of(home: Path, run_id: str = FIRST) -> Path:
    return home / "runs" / run_id


def test_a_run_is_read_back_as_it_was_written(home: Path) -> None:
    writer = create_run(home, FIRST, {"seed": 3})
    writer.append({"item": "a", "text": "Zyste äöü\n"})
    writer.append({"item": "b", "numbers": [0.25, 0.75]})
    writer.close(finished=True)
    run = read_run(home, FIRST)
    assert run.header == {"seed": 3}
    assert run.answers == ({"item": "a", "text": "Zyste äöü\n"}, {"item": "b", "numbers": [0.25, 0.75]})
    assert (run.finished, run.lost_lines) == (True, 0)


def test_killing_the_writer_loses_nothing_that_was_appended(home: Path) -> None:
    code = (
        "import pathlib, sys, time\n"
        "from medmat_explorer.store.runs import create_run\n"
        f"writer = create_run(pathlib.Path(sys.argv[1]), '{FIRST}', {{}})\n"
        "for number in range(5): writer.append({'item': number})\n"
        "print('written', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, home], cwd=ROOT, stdout=subprocess.PIPE) as program:
        assert program.stdout
        program.stdout.readline()
        with pytest.raises(RunError, match="written by another session"):
            reopen_run(home, FIRST)
        with pytest.raises(RunError, match="stop it first"):
            delete_run(home, FIRST)
        os.kill(program.pid, signal.SIGKILL)
    run = read_run(home, FIRST)
    assert [answer["item"] for answer in run.answers] == [0, 1, 2, 3, 4]
    assert not run.finished
    reopen_run(home, FIRST).close(finished=False)


def test_a_broken_last_line_is_counted_and_cut_off_when_the_run_goes_on(home: Path) -> None:
    writer = create_run(home, FIRST, {})
    writer.append({"item": "a"})
    writer.close(finished=False)
    with (folder_of(home) / "answers.jsonl").open("ab") as file:
        file.write(b'{"item": "b", "te')
    run = read_run(home, FIRST)
    assert ([answer["item"] for answer in run.answers], run.lost_lines) == (["a"], 1)
    writer = reopen_run(home, FIRST)
    writer.append({"item": "c"})
    writer.close(finished=True)
    run = read_run(home, FIRST)
    assert ([answer["item"] for answer in run.answers], run.lost_lines) == (["a", "c"], 0)


def test_a_finished_run_is_not_taken_up_again(home: Path) -> None:
    create_run(home, FIRST, {}).close(finished=True)
    with pytest.raises(RunError, match="is finished"):
        reopen_run(home, FIRST)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_told_once_and_the_run_can_be_taken_up_again(home: Path) -> None:
    create_run(home, FIRST, {}).close(finished=False)
    answers = folder_of(home) / "answers.jsonl"
    answers.unlink()
    answers.symlink_to("/dev/full")
    writer = RunWriter(folder_of(home))
    with pytest.raises(RunError, match="cannot be stored: No space left"):
        writer.append({"item": "a"})
    writer.close(finished=True)
    writer.close(finished=True)
    answers.unlink()
    answers.touch()
    assert not read_run(home, FIRST).finished
    reopen_run(home, FIRST).close(finished=False)


def test_answers_that_cannot_be_opened_leave_no_lock(home: Path) -> None:
    create_run(home, FIRST, {}).close(finished=False)
    (folder_of(home) / "answers.jsonl").unlink()
    (folder_of(home) / "answers.jsonl").mkdir()
    with pytest.raises(RunError, match="cannot be stored: Is a directory"):
        reopen_run(home, FIRST)
    delete_run(home, FIRST)


@pytest.mark.parametrize("left", ["", "999999999 12.00"])
def test_only_one_of_many_takes_up_a_run(home: Path, left: str) -> None:
    """`left` is the lock of a process that died, if any."""
    for number in range(10):
        run_id = f"{FIRST[:-4]}{number:04x}"
        create_run(home, run_id, {}).close(finished=False)
        if left:
            (folder_of(home, run_id) / "writing").write_text(left)
        barrier, taken = threading.Barrier(6), list[RunWriter]()

        def take(run_id: str = run_id, barrier: threading.Barrier = barrier, taken: list[RunWriter] = taken) -> None:
            barrier.wait()
            with suppress(RunError):
                taken.append(reopen_run(home, run_id))

        threads = [threading.Thread(target=take) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == 1
        taken[0].close(finished=False)
        assert sorted(path.name for path in folder_of(home, run_id).iterdir()) == ["answers.jsonl", "header.json"]


def test_an_empty_lock_is_respected_while_it_is_young(home: Path) -> None:
    create_run(home, FIRST, {}).close(finished=False)
    lock = folder_of(home) / "writing"
    lock.touch()
    with pytest.raises(RunError, match="written by another session"):
        reopen_run(home, FIRST)
    os.utime(lock, (0, 0))
    reopen_run(home, FIRST).close(finished=False)


def test_a_process_that_died_while_it_took_over_holds_nobody_up_for_good(home: Path) -> None:
    create_run(home, FIRST, {}).close(finished=False)
    for name in ("writing", "taking"):
        (folder_of(home) / name).write_text("999999999 12.00")
    with pytest.raises(RunError, match="wait until"):
        reopen_run(home, FIRST)
    reopen_run(home, FIRST).close(finished=False)


def test_runs_are_listed_newest_first_without_what_is_none(home: Path) -> None:
    for run_id in (SECOND, BROKEN, FIRST):
        writer = create_run(home, run_id, {"id": run_id})
        writer.append({})
        writer.close(finished=run_id == SECOND)
    (home / "runs" / "notes").mkdir()
    (folder_of(home, BROKEN) / "header.json").write_text("{broken")
    assert [(run.id, dict(run.header), run.answers, run.finished) for run in list_runs(home)] == [
        (SECOND, {"id": SECOND}, 1, True),
        (BROKEN, {}, 1, False),
        (FIRST, {"id": FIRST}, 1, False),
    ]
    with pytest.raises(RunError, match="header of run"):
        read_run(home, BROKEN)


def test_a_deleted_run_is_gone(home: Path) -> None:
    create_run(home, FIRST, {}).close(finished=False)
    delete_run(home, FIRST)
    assert list_runs(home) == []
    with pytest.raises(UnknownNameError, match="There is no run"):
        read_run(home, FIRST)


@pytest.mark.parametrize("name", ["../../etc", "..", "", "/etc/passwd", FIRST + "/../x", "notes"])
def test_only_names_of_runs_become_paths(home: Path, name: str) -> None:
    for work in (read_run, delete_run, reopen_run):
        with pytest.raises(UnknownNameError):
            work(home, name)
    with pytest.raises(UnknownNameError):
        create_run(home, name, {})


def test_the_same_run_cannot_be_created_twice(home: Path) -> None:
    create_run(home, FIRST, {}).close(finished=False)
    with pytest.raises(RunError, match="cannot be kept"):
        create_run(home, FIRST, {})


def test_an_id_says_when_and_what() -> None:
    run_id = new_run_id(datetime(2026, 11, 24, 6, 30, 12, tzinfo=UTC), "My Model_7B (v1.5)")
    assert run_id[:-4] == "2026-11-24-063012-my-model-7b-v1-5-"
    assert int(run_id[-4:], 16) >= 0
    assert new_run_id(datetime(2026, 1, 2, tzinfo=UTC), "模型").startswith("2026-01-02-000000-backbone-")


def test_halves_of_characters_come_back_as_they_were(home: Path, tmp_path: Path) -> None:
    said = {"item": "a", "text": "B \ud83d", "options": [["A", "\udc00"]]}
    writer = create_run(home, FIRST, {"id": FIRST})
    writer.append(said)
    writer.close(finished=True)
    add_run(home, SECOND, {"id": SECOND}, [said])
    for run_id in (FIRST, SECOND):
        assert dict(read_run(home, run_id).answers[0]) == said
        exported = export_run(home, run_id, tmp_path / "run.jsonl").read_text("utf-8").splitlines()
        assert json.loads(exported[1]) == said
        table = pyarrow.parquet.read_table(export_parquet(home, run_id, tmp_path / "run.parquet")).to_pylist()
        assert (table[0]["text"], table[0]["options"]) == ("B ?", [{"letter": "A", "text": "?"}])


def test_what_a_killed_process_left_half_laid_down_is_swept_away(home: Path) -> None:
    create_run(home, FIRST, {}).close(finished=False)
    dead, young, held = (home / "runs" / f".{SECOND}.{name}.part" for name in ("dead", "young", "held"))
    for folder in (dead, young, held):
        folder.mkdir()
    (dead / "writing").write_text("999999999 12.00")
    (held / "writing").write_text(f"{os.getpid()} {psutil.Process().create_time():.2f}")
    for folder in (dead, held):
        os.utime(folder, (0, 0))
    add_run(home, SECOND, {}, [{"item": "a"}])
    assert (dead.exists(), young.exists(), held.exists()) == (False, True, True)
    assert sorted(path.name for path in folder_of(home, SECOND).iterdir()) == [
        "answers.jsonl",
        "finished",
        "header.json",
    ]


def test_lines_are_json_that_other_programs_can_read(home: Path) -> None:
    writer = create_run(home, FIRST, {"seed": 0})
    writer.append({"item": "a"})
    lines = (folder_of(home) / "answers.jsonl").read_text("utf-8").splitlines()
    writer.close(finished=False)
    assert [json.loads(line) for line in lines] == [{"item": "a"}]
