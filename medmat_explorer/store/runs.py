"""Runs on disk: a header written once, and a line for every answer, flushed as it comes.

`<home>/runs/<id>/header.json`, `answers.jsonl`, and `finished` once nothing is left to ask. Killing the program can
break the last line only; it is counted when the run is read, and cut off when the run is taken up again. What the lines
mean is not known here.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from medmat_explorer.errors import RunError, UnknownNameError

Entry = Mapping[str, Any]
WRITING_SECONDS = 10
DELETED, PART = ".deleted-", ".part"
RUN_ID = re.compile(r"\d{4}-\d{2}-\d{2}-\d{6}-[a-z0-9-]{1,60}-[0-9a-f]{4}")


@dataclass(frozen=True)
class StoredRun:
    """What is on disk of a run. `lost_lines` counts lines that cannot be read."""

    id: str
    header: Entry
    answers: tuple[Entry, ...]
    finished: bool
    lost_lines: int


@dataclass(frozen=True)
class RunSummary:
    """A run in a list: its header, how many answers it holds, and whether all were asked."""

    id: str
    header: Entry
    answers: int
    finished: bool


def new_run_id(created: datetime, backbone: str) -> str:
    """For example `2026-11-24-063012-phantom-llava-3f2a`: sorted by name is sorted by time."""
    slug = re.sub(r"[^a-z0-9]+", "-", backbone.lower()).strip("-")[:60].strip("-") or "backbone"
    return f"{created:%Y-%m-%d-%H%M%S}-{slug}-{secrets.token_hex(2)}"


class RunWriter:
    """Appends answers to a run. One writer a run: a second one is refused as long as the first lives."""

    def __init__(self, folder: Path, *, claimed: bool = False) -> None:
        self._folder = folder
        self._lock = folder / "writing"
        self._closed = False
        if not claimed:
            _claim(self._lock, folder.name)
        try:
            self._file: BinaryIO = (folder / "answers.jsonl").open("ab")
        except OSError as error:
            self._lock.unlink(missing_ok=True)
            raise RunError(f"The answers of run {folder.name} cannot be stored: {error.strerror}.") from error

    def append(self, answer: Entry) -> None:
        """Writes one line and hands it to the system before it returns. Raises RunError when it cannot."""
        try:
            self._file.write(json_line(answer))
            self._file.flush()
        except OSError as error:
            raise RunError(f"The answers of run {self._folder.name} cannot be stored: {error.strerror}.") from error

    def close(self, *, finished: bool) -> None:
        """Ends the writing; `finished` runs have nothing left to ask.

        A full disk is no error here: `append` has told, and a run whose end cannot be written stays unfinished.
        """
        if self._closed:
            return
        self._closed = True
        with suppress(OSError):
            try:
                self._file.close()
                if finished:
                    (self._folder / "finished").touch()
            finally:
                self._lock.unlink(missing_ok=True)


def json_line(entry: Entry) -> bytes:
    """One line of JSON Lines in UTF-8. Halves of characters, which UTF-8 cannot hold, are written as escapes."""
    for ascii_only in (False, True):
        with suppress(UnicodeEncodeError):
            return json.dumps(entry, ensure_ascii=ascii_only, separators=(",", ":"), default=str).encode() + b"\n"
    raise AssertionError("ASCII can always be encoded")


@contextmanager
def _laid_down(home: Path, run_id: str, header: Entry) -> Iterator[Path]:
    """A folder with the header, held by this process, which becomes the run at the end, or never was.

    What others left half laid down when they were killed is removed on the way. Raises RunError when it cannot be
    written.
    """
    folder = _folder(home, run_id)
    partial = folder.with_name(f".{run_id}.{secrets.token_hex(3)}{PART}")
    try:
        partial.mkdir(parents=True)
        _claim(partial / "writing", run_id)
        _sweep(folder.parent)
        (partial / "header.json").write_text(json.dumps(header, indent=1), "utf-8")
        yield partial
        partial.rename(folder)
    except OSError as error:
        raise RunError(f"The run cannot be kept in {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _sweep(runs: Path) -> None:
    """Removes what no living process holds; what was made a moment ago may be about to be held."""
    for left in runs.glob(f".*{PART}"):
        with suppress(OSError):
            if not _is_held(left / "writing") and time.time() - left.stat().st_mtime > WRITING_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def create_run(home: Path, run_id: str, header: Entry) -> RunWriter:
    """Begins a new run: others see it whole and held, or not at all. Raises RunError when it cannot be written."""
    with _laid_down(home, run_id, header):
        pass
    return RunWriter(_folder(home, run_id), claimed=True)


def reopen_run(home: Path, run_id: str) -> RunWriter:
    """Takes up an unfinished run: a broken last line is cut off. Raises RunError for a finished one."""
    folder = _existing(home, run_id)
    if (folder / "finished").exists():
        raise RunError(f"Run {run_id} is finished: nothing is left to ask. Start a new run for more items.")
    writer = RunWriter(folder)
    path = folder / "answers.jsonl"
    try:
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
    except OSError as error:
        writer.close(finished=False)
        raise RunError(f"The answers of run {run_id} cannot be taken up: {error.strerror}.") from error
    return writer


def read_run(home: Path, run_id: str) -> StoredRun:
    """A run as it is on disk. Raises UnknownNameError, or RunError when its header cannot be read."""
    folder = _existing(home, run_id)
    finished = (folder / "finished").exists()  # asked first: what is finished gets no more answers
    path = folder / "answers.jsonl"
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    read = [_entry(line) for line in lines if line]
    answers = tuple(entry for entry in read if entry is not None)
    return StoredRun(run_id, _header(folder), answers, finished, len(read) - len(answers))


def list_runs(home: Path) -> list[RunSummary]:
    """All runs, the newest first; the header of one that cannot be read is empty."""
    folders = [path for path in (home / "runs").glob("*/") if RUN_ID.fullmatch(path.name)]
    found = [_summary(folder) for folder in sorted(folders, reverse=True)]
    return [summary for summary in found if summary.header or (home / "runs" / summary.id).is_dir()]


def delete_run(home: Path, run_id: str) -> None:
    """Removes a run, wholly for every other process. Raises UnknownNameError, or RunError while it is being written.

    It is held first, so that nobody takes it up meanwhile, and moved out of sight in one step.
    """
    folder = _existing(home, run_id)
    if is_running(home, run_id):
        raise RunError(f"Run {run_id} is being written: stop it first.")
    aside = folder.with_name(f"{DELETED}{run_id}.{secrets.token_hex(3)}")
    try:
        _claim(folder / "writing", run_id)
        folder.rename(aside)
    except OSError as error:
        (folder / "writing").unlink(missing_ok=True)
        raise RunError(f"Run {run_id} cannot be deleted from {folder}: {error.strerror}.") from error
    except RunError:
        _existing(home, run_id)
        raise
    for left in folder.parent.glob(f"{DELETED}*"):
        shutil.rmtree(left, ignore_errors=True)


def is_running(home: Path, run_id: str) -> bool:
    """Whether a process that lives holds the run. Raises UnknownNameError for a run that does not exist."""
    return _is_held(_existing(home, run_id) / "writing")


def add_run(home: Path, run_id: str, header: Entry, answers: Iterable[Entry], **beside: Iterable[Entry]) -> None:
    """Keeps a run that is finished already, whole or not at all; each of `beside` becomes a file `<name>.jsonl` of it.

    Raises RunError when it cannot be written.
    """
    with _laid_down(home, run_id, header) as partial:
        for name, lines in {"answers": answers, **beside}.items():
            with (partial / f"{name}.jsonl").open("wb") as file:
                file.writelines(map(json_line, lines))
        (partial / "finished").touch()
        (partial / "writing").unlink()


def _folder(home: Path, run_id: str) -> Path:
    """Only names in the form of a run's id become paths."""
    if not RUN_ID.fullmatch(run_id):
        raise UnknownNameError("run", run_id, [summary.id for summary in list_runs(home)])
    return home / "runs" / run_id


def _existing(home: Path, run_id: str) -> Path:
    folder = _folder(home, run_id)
    if not folder.is_dir():
        raise UnknownNameError("run", run_id, [summary.id for summary in list_runs(home)])
    return folder


def _summary(folder: Path) -> RunSummary:
    header = _entry(_bytes(folder / "header.json")) or {}
    finished = (folder / "finished").exists()
    return RunSummary(folder.name, header, _count(folder / "answers.jsonl"), finished)


def _count(path: Path) -> int:
    try:
        status = path.stat()
        return _counted(path, status.st_size, status.st_mtime_ns)
    except OSError:
        return 0


@lru_cache(4096)
def _counted(path: Path, size: int, changed: int) -> int:
    """Lines of a file; one that has not changed is not read again, however often runs are listed."""
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _header(folder: Path) -> Entry:
    header = _entry(_bytes(folder / "header.json"))
    if header is None:
        raise RunError(f"The header of run {folder.name} cannot be read: delete the run, or restore {folder}.")
    return header


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _entry(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _claim(lock: Path, run_id: str) -> None:
    """Makes the lock this process's own. A dead process's lock is only removed by who holds the one beside it."""
    taking = lock.with_name("taking")
    try:
        if _taken(lock):
            return
        if not _is_held(lock) and _taken(taking):
            try:
                if not _is_held(lock):
                    lock.unlink(missing_ok=True)
                    if _taken(lock):
                        return
            finally:
                taking.unlink(missing_ok=True)
        elif not _is_held(taking):
            taking.unlink(missing_ok=True)  # left by a process that died over it: the next try gets through
    except OSError as error:
        raise RunError(f"Run {run_id} cannot be written in {lock.parent}: {error.strerror}.") from error
    raise RunError(f"Run {run_id} is being written by another session: wait until it has ended.")


def _taken(lock: Path) -> bool:
    """Whether the lock was free and is ours now. Made in one step, so that only one can succeed."""
    try:
        with lock.open("x", encoding="ascii") as file:
            file.write(_process(os.getpid()))
    except FileExistsError:
        return False
    return True


def _is_held(lock: Path) -> bool:
    """Whether the process that wrote the lock still lives. An empty one is about to be written, unless it is old."""
    words = _bytes(lock).decode("ascii", "replace").split()
    if not words:
        try:
            return time.time() - lock.stat().st_mtime < WRITING_SECONDS
        except OSError:
            return False
    return words[0].isdigit() and _process(int(words[0])) == " ".join(words)


def _process(number: int) -> str:
    """A process that cannot be taken for a later one with the same number; empty when there is none."""
    import psutil

    try:
        return f"{number} {psutil.Process(number).create_time():.2f}"
    except psutil.Error:
        return ""
