"""What the address of the Runs page says: filters, order, page, the runs chosen. Read tolerantly, never raises."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from medmat_explorer.evaluation.run_record import RunKind
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.store.run_list import RunFilter, RunRow, RunStatus
from medmat_explorer.store.runs import RUN_ID
from medmat_explorer.ui import url_state

BACKBONE, ABOUT, SUBSET, KIND, STATUS = "backbone", "about", "subset", "kind", "status"
SINCE, UNTIL, SORT, PAGE, PICK = "since", "until", "sort", "page", "pick"
FIRST, SECOND = "a", "b"
FILTERS = (BACKBONE, ABOUT, SUBSET, KIND, STATUS, SINCE, UNTIL)
NEWEST = "-day"
PAGE_SIZE, MOST_PICKED = 50, 50

Scored = Callable[[RunRow], Score | None]


@dataclass(frozen=True)
class RunsView:
    """The view: which runs, in which order, which page of them. `dropped` says what the address asked in vain."""

    wanted: RunFilter
    kind: str
    sort: str
    descending: bool
    page: int
    picked: tuple[str, ...]
    dropped: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self.kind) or self.wanted != RunFilter()

    def fits(self, row: RunRow) -> bool:
        """Whether a run is one of those wanted."""
        return self.wanted.fits(row) and self.kind in ("", row.kind)


def read_view(rows: Sequence[RunRow]) -> RunsView:
    """The view that the address names, of these runs."""
    dropped: list[str] = []
    known = {
        ABOUT: {row.collection for row in rows},
        SUBSET: {subset for row in rows for subset in row.subsets},
        KIND: {kind.value for kind in RunKind},
        STATUS: {status.value for status in RunStatus},
    }
    chosen = {name: _known(name, values, dropped) for name, values in known.items()}
    wanted = RunFilter(
        backbone=url_state.value(BACKBONE).strip(),
        collection=chosen[ABOUT],
        subset=chosen[SUBSET],
        status=RunStatus(chosen[STATUS]) if chosen[STATUS] else None,
        since=_day(SINCE, dropped),
        until=_day(UNTIL, dropped),
    )
    sort = url_state.value(SORT, NEWEST)
    sort = sort if sort.removeprefix("-") in ORDERS else NEWEST
    page = url_state.number(PAGE, 1, least=1, most=10**6)
    view = RunsView(wanted, chosen[KIND], sort.removeprefix("-"), sort.startswith("-"), page, ())
    return replace(view, picked=_picked(rows, dropped), dropped=tuple(dropped))


def _known(name: str, values: set[str], dropped: list[str]) -> str:
    asked = url_state.value(name)
    if asked and asked not in values:
        dropped.append(f"No run here has {TOLD[name]} '{asked[:60]}'")
        return ""
    return asked


TOLD = {ABOUT: "the collection", SUBSET: "the subset", KIND: "the kind", STATUS: "the status"}


def _day(name: str, dropped: list[str]) -> date | None:
    asked = url_state.value(name)
    if not asked:
        return None
    try:
        return date.fromisoformat(asked)
    except ValueError:
        dropped.append(f"'{asked[:60]}' is no day such as 2026-11-24")
        return None


def _picked(rows: Sequence[RunRow], dropped: list[str]) -> tuple[str, ...]:
    """The runs chosen that are still there, in the order of choosing."""
    asked = list(dict.fromkeys(name for name in url_state.values(PICK) if RUN_ID.fullmatch(name)))
    there = {row.id for row in rows}
    if gone := sum(name not in there for name in asked):
        dropped.append(f"{gone:,} of the runs chosen {'is' if gone == 1 else 'are'} no longer here")
    return tuple(name for name in asked if name in there)[:MOST_PICKED]


EARLIEST = datetime.min.replace(tzinfo=UTC)
ORDERS: dict[str, Callable[[RunRow, Score | None], Any]] = {
    "day": lambda row, score: row.created or EARLIEST,
    "backbone": lambda row, score: ((row.title or row.backbone).casefold(), row.adapter.casefold()),
    "collection": lambda row, score: row.collection.casefold(),
    "subsets": lambda row, score: (len(row.subsets), row.subsets),
    "kind": lambda row, score: row.kind,
    "status": lambda row, score: row.status.value,
    "accuracy": lambda row, score: score.accuracy if score else math.nan,
    "n": lambda row, score: score.n if score else math.nan,
    "chance": lambda row, score: score.chance if score else math.nan,
    "device": lambda row, score: (row.device, row.dtype),
}
"""How rows are sorted by each column; what is not known comes last either way."""

OF_SCORES = ("accuracy", "n", "chance")


def ordered(rows: Sequence[RunRow], view: RunsView, scored: Scored) -> list[RunRow]:
    """The runs that fit, sorted. Scores are only asked for where the order needs them; equals stay newest first."""
    fitting = [row for row in rows if view.fits(row)]
    by_score = view.sort in OF_SCORES
    keyed = [(ORDERS[view.sort](row, scored(row) if by_score else None), row) for row in fitting]
    known = [pair for pair in keyed if not by_score or not math.isnan(pair[0])]
    unknown = [row for value, row in keyed if by_score and math.isnan(value)]
    known.sort(key=lambda pair: pair[0], reverse=view.descending)
    return [row for _, row in known] + unknown


def pages(count: int) -> int:
    """How many pages so many runs take, at least one."""
    return max(1, -(-count // PAGE_SIZE))
