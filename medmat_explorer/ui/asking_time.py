"""How long asking will take, at the rate at which this machine's last run of the backbone went."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import streamlit as st

from medmat_explorer.errors import MedmatError
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.run_list import RunFilter, RunStatus, find_runs
from medmat_explorer.ui.plain import counted
from medmat_explorer.ui.work_bar import duration

FRESH_SECONDS = 10
MOST_LOOKED_AT = 5
"""So many of a backbone's last runs are opened at most, until one has answers that took time."""


@dataclass(frozen=True)
class Rate:
    """Questions a second, of how many answers that is the mean, where and when they were given."""

    per_second: float
    answers: int
    device: str
    day: datetime


def last_rate(home: Path, backbone: str) -> Rate | None:
    """The rate of a backbone's newest stored run that has ended; None where there is none.

    An answer's seconds are its share of its batch, so that waiting for others does not count.
    """
    try:
        return _rate(home, backbone, (home / "runs").stat().st_mtime_ns)
    except (OSError, _NotYetError):
        return None


class _NotYetError(Exception):
    """No run tells a rate so far. Raised, since what is raised is not kept: the first run may end at any moment."""


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def _rate(home: Path, backbone: str, changed: int) -> Rate:
    """`changed` is another number once a run has come or gone. Raises _NotYetError."""
    found = find_runs(home, RunFilter(backbone=backbone))
    rows = [row for row in found if row.backbone == backbone and row.answers and row.status is not RunStatus.RUNNING]
    for row in rows[:MOST_LOOKED_AT]:
        try:
            record = open_run(home, row.id)
        except MedmatError:  # deleted or damaged since
            continue
        timed = [answer.seconds for answer in record.answers if answer.seconds > 0]
        if timed:
            return Rate(len(timed) / sum(timed), len(timed), record.header.device, record.header.created)
    raise _NotYetError


def time_in_words(questions: int, rate: Rate | None) -> str:
    """For one line: about how long so many questions take, or that no run here tells it."""
    if rate is None:
        return "how long that takes is not known before its first run here"
    where = f" on {rate.device}" if rate.device != "none" else ""
    return (
        f"about {duration(questions / rate.per_second)} at {rate.per_second:,.1f} questions a second, as in its last "
        f"run{where} ({rate.day:%Y-%m-%d}, {counted(rate.answers, 'answer')})"
    )
