"""Stored runs as records: the words of `evaluation` over the lines of `store`."""

import logging
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunHeader, RunRecord, RunState
from medmat_explorer.store import runs

log = logging.getLogger("medmat_explorer")


@dataclass(frozen=True)
class RunEntry:
    """A run in a list. `answers` counts every reply, controls and missing pictures included."""

    header: RunHeader
    answers: int
    state: RunState


def open_run(home: Path, run_id: str) -> RunRecord:
    """A run opened again. Lines that cannot be read are counted in `lost_lines`.

    Raises UnknownNameError for a run that does not exist, RunError for one whose header is not ours.
    """
    stored = runs.read_run(home, run_id)
    answers, lost = [], stored.lost_lines
    for line in stored.answers:
        try:
            answers.append(JudgedAnswer.model_validate(line))
        except ValidationError:
            lost += 1
    header = _header(stored.header, run_id)
    return RunRecord(header=header, answers=tuple(answers), state=_state(stored), lost_lines=lost)


def stored_runs(home: Path) -> list[RunEntry]:
    """All runs that can be opened, the newest first; the log names those that cannot."""
    entries = []
    for summary in runs.list_runs(home):
        try:
            header = _header(summary.header, summary.id)
        except RunError as error:
            log.warning("A run is left out of the list. %s", error)
            continue
        entries.append(RunEntry(header, summary.answers, _state(summary)))
    return entries


def _header(entry: runs.Entry, run_id: str) -> RunHeader:
    try:
        return RunHeader.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RunError(f"The header of run {run_id} is not one of ours ({place}: {first['msg']}).") from None


def _state(stored: runs.StoredRun | runs.RunSummary) -> RunState:
    return RunState.FINISHED if stored.finished else RunState.UNFINISHED
