"""The runs on this machine as a list: found by what was asked of whom, deleted, and taken along as files.

Everything here is read anew from the runs' folders, so that several processes see the same: a run that another process
begins is seen whole or not at all, one that it deletes is simply gone, and of one that it writes the answers so far are
taken, without the line that is being written.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from medmat_explorer.errors import RunError, UnknownNameError
from medmat_explorer.store.exports.csv_table import guarded
from medmat_explorer.store.runs import Entry, RunSummary, delete_run, is_running, json_line, list_runs, read_run
from medmat_explorer.store.versions import write_atomically

EXPORT_FORM = "medmat-run"
"""Stands first in the header line of an exported run, by which an import knows it."""


class RunStatus(StrEnum):
    """How a run stands: a `damaged` one has a header that cannot be read, and can only be deleted."""

    RUNNING = "running"
    FINISHED = "finished"
    UNFINISHED = "unfinished"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class RunRow:
    """A run in the list. `items` counts the items asked, `answers` every stored reply, controls included.

    `subsets` are the numbers of the subsets asked, as far as the run tells. Of a damaged run only the id is known.
    """

    id: str
    status: RunStatus
    kind: str = ""
    created: datetime | None = None
    backbone: str = ""
    title: str = ""
    adapter: str = ""
    revision: str = ""
    dtype: str = ""
    device: str = ""
    collection: str = ""
    split: str = ""
    subsets: tuple[str, ...] = ()
    prompt: str = ""
    seed: int = 0
    items: int = 0
    answers: int = 0


@dataclass(frozen=True)
class RunFilter:
    """Which runs are wanted; what is empty is not asked for. `since` and `until` are days (UTC), both included.

    `backbone` fits a run whose backbone, title or adapter holds that text, in any case.
    """

    backbone: str = ""
    collection: str = ""
    subset: str = ""
    status: RunStatus | None = None
    since: date | None = None
    until: date | None = None

    def fits(self, row: RunRow) -> bool:
        """Whether the run is one of those wanted."""
        wanted = self.backbone.casefold()
        named = any(wanted in name.casefold() for name in (row.backbone, row.title, row.adapter))
        day = row.created.astimezone(UTC).date() if row.created else None
        return (
            (not wanted or named)
            and self.collection in ("", row.collection)
            and (not self.subset or self.subset in row.subsets)
            and self.status in (None, row.status)
            and (self.since is None or (day is not None and day >= self.since))
            and (self.until is None or (day is not None and day <= self.until))
        )


EVERYTHING = RunFilter()


def find_runs(home: Path, wanted: RunFilter = EVERYTHING) -> list[RunRow]:
    """The runs that fit, the newest first."""
    rows = []
    for summary in list_runs(home):
        try:
            row = _row(summary, running=is_running(home, summary.id))
        except UnknownNameError:  # deleted since
            continue
        if wanted.fits(row):
            rows.append(row)
    return rows


def delete_runs(home: Path, run_ids: Iterable[str]) -> dict[str, str]:
    """Removes runs; returns for each that stays a sentence why. One that is running stays, and so do its answers."""
    kept = {}
    for run_id in run_ids:
        try:
            delete_run(home, run_id)
        except (RunError, UnknownNameError) as error:
            kept[run_id] = str(error)
    return kept


def run_lines(home: Path, run_id: str) -> Iterator[str]:
    """A run as JSON lines: first its header, then every answer that can be read.

    Raises UnknownNameError, or RunError when its header cannot be read.
    """
    stored = read_run(home, run_id)
    yield json_line({"form": EXPORT_FORM, "finished": stored.finished, "header": stored.header}).decode()
    yield from (json_line(answer).decode() for answer in stored.answers)


def export_run(home: Path, run_id: str, path: Path) -> Path:
    """Writes a run as one JSONL file, in one step for readers.

    Raises UnknownNameError, or RunError when the run cannot be read or the file not be written.
    """
    return write_file(path, "".join(run_lines(home, run_id)).encode())


def runs_csv(rows: Iterable[RunRow]) -> bytes:
    """The list as CSV for spreadsheets (UTF-8 with its mark); no text in it is run as a formula."""
    names = [field.name for field in fields(RunRow)]
    return _csv(names, (asdict(row) for row in rows))


def answers_csv(home: Path, run_id: str) -> bytes:
    """A run's answers as CSV, one line each, the options and their probabilities as JSON texts.

    Raises UnknownNameError, or RunError when the run's header cannot be read.
    """
    answers = read_run(home, run_id).answers
    names = list(dict.fromkeys(name for answer in answers for name in answer))
    return _csv(names or ["item"], answers)


def export_csv(data: bytes, path: Path) -> Path:
    """Writes a table in one step for readers. Raises RunError when it cannot be written."""
    return write_file(path, data)


def _row(summary: RunSummary, *, running: bool) -> RunRow:
    header, status = summary.header, _status(summary, running)
    plan = header.get("plan")
    if not isinstance(plan, Mapping) or status is RunStatus.DAMAGED:
        return RunRow(summary.id, RunStatus.RUNNING if running else RunStatus.DAMAGED, answers=summary.answers)
    return RunRow(
        id=summary.id,
        status=status,
        kind=str(header.get("kind", "spot check")),
        created=_moment(header.get("created")),
        backbone=str(plan.get("backbone", "")),
        title=str(header.get("backbone_title", "")),
        adapter=str(header.get("adapter", "")),
        revision=str(header.get("revision", "")),
        dtype=str(header.get("dtype", "")),
        device=str(header.get("device", "")),
        collection=str(plan.get("collection", "")),
        split=str(plan.get("split", "")),
        subsets=_subsets(header, plan),
        prompt=str(plan.get("prompt", "")),
        seed=_number(plan.get("seed")),
        items=len(keys) if isinstance(keys := header.get("item_keys"), list) else 0,
        answers=summary.answers,
    )


def _status(summary: RunSummary, running: bool) -> RunStatus:
    if not summary.header:
        return RunStatus.DAMAGED
    if running:
        return RunStatus.RUNNING
    return RunStatus.FINISHED if summary.finished else RunStatus.UNFINISHED


def _subsets(header: Entry, plan: Entry) -> tuple[str, ...]:
    """Early records tell them by the subsets chosen, or else by those whose usual label they keep."""
    for found in (header.get("subsets"), plan.get("subsets"), header.get("usual_labels")):
        if found and isinstance(found, Mapping | list):
            return tuple(map(str, found))
    return ()


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the latter at the ends of the calendar
        return None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _csv(names: list[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return stream.getvalue().encode("utf-8-sig", "replace")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, tuple | list) and all(isinstance(one, str) for one in value):
        return guarded(" ".join(value))
    return guarded(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def write_file(path: Path, data: bytes) -> Path:
    """Writes a file in one step for readers. Raises RunError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}.") from error
    return path
