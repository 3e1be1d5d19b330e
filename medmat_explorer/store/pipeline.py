"""Fills a catalog subset by subset: the next ones are read by other threads while one is merged and written.

Reading is most of the work and needs nothing from other subsets; merging goes in the order of subsets, since items
lie in it and since an image that was put on one side of a held-out split has to stay there.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from medmat_explorer.domain.facts import Facts, in_subset_order
from medmat_explorer.domain.subset import Subset
from medmat_explorer.errors import CollectionError
from medmat_explorer.store.merging import finish_subset
from medmat_explorer.store.refusals import RefusalLog
from medmat_explorer.store.report import Progress
from medmat_explorer.store.staging import PlannedFile, Stage

READERS = 2
AHEAD = 2
"""Subsets that are read at a time, and how many may stand ready: what bounds the memory."""

STAGE = "Reading files (bytes)"
LOOK_EVERY = 0.2
"""Seconds between two reports of progress."""

DATASET_IN_NO_SUBSET = "dataset-in-no-subset"


@dataclass(frozen=True)
class Wishes:
    """What an import was asked for, and who wants to know about it."""

    test_share: float
    seed: int
    progress: Callable[[Progress], None]
    should_stop: Callable[[], bool]


@dataclass
class Tally:
    """Running totals of one import."""

    records: int = 0
    kept: int = 0
    merged: int = 0
    held_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Group:
    """The files of one subset (None: of numbers that no facts name)."""

    subset: Subset | None
    files: list[PlannedFile]


class Pipeline:
    """One import's way from files to the `items` table."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, facts: Facts, log: RefusalLog, scratch: Path, wishes: Wishes
    ) -> None:
        self._connection, self._facts, self._log, self._scratch, self._wishes = connection, facts, log, scratch, wishes
        self._stopping = threading.Event()
        self._bytes_read = 0
        self._counting = threading.Lock()

    def run(self, planned: dict[str, list[PlannedFile]]) -> Tally:
        """Fills `items`. Raises CollectionError when the reader of the progress said stop."""
        groups = _in_order(planned)
        total = sum(entry.file.size for group in groups for entry in group.files)
        tally = Tally()
        with ThreadPoolExecutor(READERS, thread_name_prefix="import") as pool:
            try:
                for group, reading in self._read_ahead(pool, groups):
                    stage = self._wait_for(reading, total)
                    self._finish(group, stage, tally)
            finally:
                self._stopping.set()
        self._wishes.progress(Progress(STAGE, total, total))
        return tally

    def _read_ahead(self, pool: ThreadPoolExecutor, groups: list[_Group]) -> Iterator[tuple[_Group, "Future[Stage]"]]:
        """The groups in order, each with its reading, begun while earlier ones are at work."""
        begun: list[tuple[_Group, Future[Stage]]] = []
        for group in groups:
            begun.append((group, pool.submit(self._read, group)))
            if len(begun) > AHEAD:
                yield begun.pop(0)
        yield from begun

    def _read(self, group: _Group) -> Stage:
        """In a reading thread: stages all files of a group, on a connection of its own."""
        name = group.subset.number if group.subset else "unknown"
        scratch = self._scratch / name
        scratch.mkdir()
        stage = Stage(self._connection.cursor(), self._facts, RefusalLog(scratch / "refused.jsonl"), scratch)
        with stage.log:
            for entry in group.files:
                if self._stopping.is_set():
                    break
                stage.add(entry)
                with self._counting:
                    self._bytes_read += entry.file.size
        return stage

    def _wait_for(self, reading: "Future[Stage]", total: int) -> Stage:
        while True:
            self._wishes.progress(Progress(STAGE, self._bytes_read, total))
            if self._wishes.should_stop():
                raise CollectionError("The import was stopped; the collection is as before.")
            if wait([reading], timeout=LOOK_EVERY).done:
                return reading.result()

    def _finish(self, group: _Group, stage: Stage, tally: Tally) -> None:
        """Merges a staged subset into `items`, and its refusals into the log."""
        self._log.absorb(stage.log)
        tally.records += stage.records
        if group.subset is not None:
            names = {entry.file_no: entry.file.path for entry in group.files}
            wishes = self._wishes
            merged = finish_subset(stage.connection, group.subset, names, self._log, wishes.test_share, wishes.seed)
            tally.kept += merged.kept
            tally.merged += merged.merged
            if merged.held_out:
                tally.held_out.append(group.subset.number)
            if any(entry.pseudo for entry in group.files) and merged.kept:
                self._log.reasons[DATASET_IN_NO_SUBSET] += merged.kept
        stage.connection.close()


def _in_order(planned: dict[str, list[PlannedFile]]) -> list[_Group]:
    """Numbers that nothing is known of first, then subsets as their items will lie."""
    subsets = {entry.subset.number: entry.subset for files in planned.values() for entry in files if entry.subset}
    unknown = [_Group(None, planned[""])] if "" in planned else []
    return unknown + [_Group(subset, planned[subset.number]) for subset in in_subset_order(subsets.values())]
