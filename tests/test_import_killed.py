"""An import that is killed or stopped leaves the old collection as it was, and no rubbish behind the next one."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from medmat_explorer.errors import CollectionError
from medmat_explorer.store import versions
from medmat_explorer.store.collections import current_version, delete_collection, list_collections, open_catalog
from medmat_explorer.store.report import Progress
from tests.conftest import ROOT
from tests.release_folder import SUBSET_02, record, run_import, write

IMPORT = """
import sys, time
from pathlib import Path
from tests.release_folder import run_import

def wait_at_the_first_word(progress):
    print("importing", flush=True)
    time.sleep(60)

run_import(Path(sys.argv[1]), Path(sys.argv[2]), progress=wait_at_the_first_word)
"""
AT_THE_END = IMPORT.replace('print("importing"', 'progress.done == progress.total and print("importing"').replace(
    "    time.sleep(60)", "    progress.done == progress.total and time.sleep(60)"
)
"""Waits when all items are written, but nothing points to them yet."""


def kill_an_import(code: str, release: Path, home: Path) -> None:
    """Starts an import in a process of its own and kills it in the middle."""
    command = [sys.executable, "-c", code, str(release), str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=20) == -signal.SIGKILL


def files_of(home: Path, name: str = "test") -> set[str]:
    """Kinds of files in a collection's folder: what stands before the version."""
    return {path.name.split("-")[0] for path in (home / "collections" / name).iterdir()}


WHOLE = {"catalog", "report", "refused", "current.json"}


@pytest.mark.parametrize("code", [IMPORT, AT_THE_END], ids=["while reading", "with everything written"])
def test_a_killed_import_leaves_the_old_collection_and_no_rubbish(tmp_path: Path, home: Path, code: str) -> None:
    old = write(tmp_path / "old", **{SUBSET_02: [record(1)]})
    new = write(tmp_path / "new", **{SUBSET_02: [record(i) for i in range(50)]})
    run_import(old, home)
    version = current_version("test", home)
    kill_an_import(code, new, home)
    assert files_of(home) - WHOLE != set(), "the killed import has left something"
    assert current_version("test", home) == version
    assert open_catalog("test", home).summary().items == 1
    assert run_import(new, home).kept == 50
    assert files_of(home) == WHOLE
    assert len(list((home / "collections" / "test").iterdir())) == len(WHOLE)


def test_what_a_killed_first_import_left_goes_with_the_next_import_of_any_name(tmp_path: Path, home: Path) -> None:
    release = write(tmp_path / "release", **{SUBSET_02: [record(1)]})
    kill_an_import(IMPORT, release, home)
    assert list_collections(home) == ()
    run_import(release, home, "another")
    assert [path.name for path in (home / "collections").iterdir()] == ["another"]


def test_a_stopped_import_leaves_the_old_collection_and_no_rubbish(tmp_path: Path, home: Path) -> None:
    release = write(tmp_path / "release", **{SUBSET_02: [record(1)]})
    run_import(release, home)
    version = current_version("test", home)
    with pytest.raises(CollectionError, match="stopped"):
        run_import(release, home, should_stop=lambda: True)
    assert current_version("test", home) == version
    assert files_of(home) == WHOLE


def test_an_import_that_fails_leaves_the_old_collection_and_no_rubbish(tmp_path: Path, home: Path) -> None:
    release = write(tmp_path / "release", **{SUBSET_02: [record(1)]})
    run_import(release, home)

    def fail(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(release, home, progress=fail)
    assert open_catalog("test", home).summary().items == 1
    assert files_of(home) == WHOLE


def test_the_pointer_is_replaced_and_not_rewritten(tmp_path: Path, home: Path) -> None:
    release = write(tmp_path / "release", **{SUBSET_02: [record(1)]})
    run_import(release, home)
    with (home / "collections" / "test" / "current.json").open() as old:
        version = current_version("test", home)
        run_import(release, home)
        assert json.loads(old.read())["version"] == version, "a reader that has it open sees the old one whole"


def test_two_imports_of_one_name_do_not_run_at_once(tmp_path: Path, home: Path) -> None:
    release = write(tmp_path / "release", **{SUBSET_02: [record(1)]})
    refusals: list[str] = []

    def import_again(progress: Progress) -> None:
        if not refusals:
            with pytest.raises(CollectionError) as refusal:
                run_import(release, home)
            refusals.append(str(refusal.value))

    run_import(release, home, progress=import_again)
    assert refusals == ["Collection 'test' is being written by another task; wait until it ends."]


def test_the_lock_of_a_process_that_is_gone_is_no_lock(tmp_path: Path, home: Path) -> None:
    release = write(tmp_path / "release", **{SUBSET_02: [record(1)]})
    folder = home / "collections" / "test"
    folder.mkdir(parents=True)
    (folder / "import.lock").write_text(f"{os.getpid()} 12345.67")
    assert run_import(release, home).kept == 1
    assert files_of(home) == WHOLE


def test_importing_again_replaces_the_collection_while_the_old_one_stays_open(tmp_path: Path, home: Path) -> None:
    run_import(write(tmp_path / "one", **{SUBSET_02: [record(1)]}), home)
    opened = open_catalog("test", home)
    run_import(write(tmp_path / "two", **{SUBSET_02: [record(1), record(2)]}), home)
    assert current_version("test", home) != opened.version
    assert (opened.summary().items, open_catalog("test", home).summary().items) == (1, 2)


def test_a_deleted_collection_is_gone_and_its_source_is_not(tmp_path: Path, home: Path) -> None:
    release = write(tmp_path / "release", **{SUBSET_02: [record(1)]})
    run_import(release, home)
    delete_collection("test", home)
    assert list_collections(home) == ()
    assert list((home / "collections").iterdir()) == []
    assert json.loads((release / SUBSET_02).read_text())[0]["id"] == 1


def test_a_lock_is_never_seen_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    link = os.link

    def look_and_link(written: Path, lock: Path) -> None:
        seen.append(lock.exists())
        link(written, lock)
        seen.append(versions.lock_is_live(tmp_path))

    monkeypatch.setattr(os, "link", look_and_link)
    with versions.folder_lock(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == ["import.lock"]
    assert seen == [False, True]
    assert list(tmp_path.iterdir()) == []


def test_a_lock_works_where_files_cannot_be_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(written: Path, lock: Path) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    with versions.folder_lock(tmp_path):
        assert versions.lock_is_live(tmp_path)
        with pytest.raises(CollectionError, match="another task"), versions.folder_lock(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_sweep_takes_away_is_made_again_for_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, mkdir, taken = tmp_path / "collections" / "test", Path.mkdir, list[Path]()

    def made_and_swept_once(path: Path, *args: Any, **options: Any) -> None:
        mkdir(path, *args, **options)
        if path == folder and not taken:
            taken.append(path)
            path.rmdir()

    monkeypatch.setattr(Path, "mkdir", made_and_swept_once)
    with versions.folder_lock(folder):
        assert taken == [folder]
        assert versions.lock_is_live(folder)


def test_imports_that_run_side_by_side_do_not_disturb_each_other(tmp_path: Path, home: Path) -> None:
    release = write(tmp_path / "release", **{SUBSET_02: [record(1)]})
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda number: run_import(release, home, f"c{number}"), range(12)))
    assert [report.kept for report in reports] == [1] * 12
    assert [collection.items for collection in list_collections(home)] == [1] * 12
