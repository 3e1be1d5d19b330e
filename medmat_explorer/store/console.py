"""The SQL console: one statement that reads a collection, run where it can harm nothing.

Three walls. The statement is taken apart and refused unless it is one SELECT (or its EXPLAIN) of our tables
(`console_rules.py`). It runs on a connection of its own, over a catalog that is attached read-only, without access to
files and with its settings locked. And it runs in a process of its own whose memory the system limits and which is
ended when its time is up (`console_process.py`): DuckDB alone holds neither limit within one call of a function.
"""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import psutil

from medmat_explorer.errors import QueryError
from medmat_explorer.store.console_tables import ConsoleSources
from medmat_explorer.store.versions import Version
from medmat_explorer.store.workspace import Workspace

PROGRAM = "medmat_explorer.store.console_process"
PACKAGE_ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 2
QUEUE_SECONDS = 45.0
"""How long a statement waits for its turn."""

OPENING_SECONDS = 60.0
GRACE_SECONDS = 1.0
"""After the time limit, for DuckDB to heed an interruption by itself."""

GLANCE_SECONDS = 0.05
LONGEST_ERROR = 600
PICTURED = re.compile(r"\n\s*LINE \d+: ")
"""Where DuckDB begins to draw the statement below what it says about it."""

_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """What a statement may take: seconds, megabytes of memory, threads; and how much of its result is shown.

    `cell` is in characters.
    """

    seconds: float = 10.0
    memory_mb: int = 512
    threads: int = 2
    rows: int = 1_000
    cell: int = 5_000


@dataclass(frozen=True)
class QueryResult:
    """The rows of a statement as JSON values, a list a row; `truncated` when there were more than are given.

    `types` are DuckDB's names of the columns' types; `seconds` is the time of the statement alone.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[list[Any]] = field(default_factory=list)
    truncated: bool = False
    seconds: float = 0.0


def run_query(
    version: Version,
    sql: str,
    limits: Limits | None = None,
    extra: Mapping[str, Sequence[Path]] | None = None,
) -> QueryResult:
    """Runs one statement over a version of a collection, and over `extra` tables, each from parquet files.

    Raises QueryError with a sentence when it is refused, wrong, or takes more than it may.
    """
    limits = limits or Limits()
    tags = Workspace(version.folder.parent.parent, version.name).tag_files()
    sources = ConsoleSources.of(version, tags, extra)
    if not _turns.acquire(timeout=QUEUE_SECONDS):
        raise QueryError("Other statements are running; try again in a moment.")
    try:
        answer = _Run(limits).ask({**asdict(limits), "sql": sql, "sources": sources.as_json()})
    finally:
        _turns.release()
    return _result(answer, limits, version)


def _result(answer: Mapping[str, Any], limits: Limits, version: Version) -> QueryResult:
    if "rows" in answer:
        return QueryResult(
            tuple(answer["columns"]), tuple(answer["types"]), answer["rows"], answer["truncated"], answer["seconds"]
        )
    if "time" in answer:
        raise QueryError(f"The statement was stopped after {limits.seconds:g} seconds; ask for less at once.")
    if "memory" in answer:
        raise QueryError(f"The statement needs more than {limits.memory_mb:,} MB of memory; ask for less at once.")
    if "closed" in answer:
        raise QueryError(f"Collection '{version.name}' cannot be opened by the console; import it again.")
    raise QueryError(_without_paths(str(answer.get("refused", "The statement failed.")), version))


def _without_paths(text: str, version: Version) -> str:
    """What DuckDB says, shortened, and without where anything lies on this machine."""
    home = version.folder.parent.parent
    for path in (version.catalog, version.folder, version.root, home, PACKAGE_ROOT, Path.home()):
        for written in {str(path), str(path.resolve())} - {"/", "."}:
            text = text.replace(written, "...")
    text = " ".join(PICTURED.split(text)[0].split())
    return text if len(text) <= LONGEST_ERROR else text[: LONGEST_ERROR - 1] + "…"


class _Run:
    """One process, one statement."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lines: Queue[bytes | None] = Queue()

    def ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The process's answer; `time` or `memory` when it had to be ended. Raises QueryError when it cannot begin."""
        try:
            process = _start()
        except OSError as error:
            raise QueryError(f"The console's process cannot be started ({error.strerror}).") from error
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        try:
            with suppress(OSError):
                process.stdin.write(json.dumps(request).encode() + b"\n")  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
            first = self._heard(process, OPENING_SECONDS, watch=False)
            if "ready" not in first:
                return first
            return self._heard(process, self._limits.seconds + GRACE_SECONDS, watch=True)
        finally:
            process.kill()
            process.wait()
            reader.join(5)
            for pipe in filter(None, (process.stdin, process.stdout)):
                with suppress(OSError):
                    pipe.close()

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        with suppress(ValueError, OSError):
            for line in process.stdout or ():
                self._lines.put(line)
        self._lines.put(None)

    def _heard(self, process: "subprocess.Popen[bytes]", seconds: float, *, watch: bool) -> Mapping[str, Any]:
        """The next line, or why there will be none."""
        until = time.monotonic() + seconds
        start = _memory_of(process)
        while (left := until - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=min(left, GLANCE_SECONDS))
            except Empty:
                if watch and _memory_of(process) - start > self._most_bytes:
                    return {"memory": True}
                continue
            # an end without a word: the system has ended it, or an allocation failed where nothing could be said
            return json.loads(line) if line is not None else {"memory": True}
        return {"time": True}

    @property
    def _most_bytes(self) -> int:
        return (self._limits.memory_mb + 256) << 20


def _start() -> "subprocess.Popen[bytes]":
    """The program, with nothing of our environment that it does not need."""
    return subprocess.Popen(
        [sys.executable, "-m", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"PYTHONPATH": str(PACKAGE_ROOT), "PATH": "", "SYSTEMROOT": _system_root()},
    )


def _memory_of(process: "subprocess.Popen[bytes]") -> int:
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return 0


def _system_root() -> str:
    import os

    return os.environ.get("SYSTEMROOT", "")
