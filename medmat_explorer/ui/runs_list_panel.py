"""The list of stored runs: filters, the table, what can be done with those chosen, and the list as a file."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.experiments.run_scores import run_score
from medmat_explorer.store.run_list import RunRow, RunStatus, find_runs
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.components.runs_table import runs_table
from medmat_explorer.ui.plain import counted
from medmat_explorer.ui.runs_actions import (
    draw_actions,
    draw_taken_up,
    is_taking_up,
    list_csv,
    resume_run,
)
from medmat_explorer.ui.runs_filters import clear_filters, draw_filters
from medmat_explorer.ui.runs_rows import COLUMNS, RESUME, STOP, run_lines
from medmat_explorer.ui.runs_view import (
    FIRST,
    MOST_PICKED,
    NEWEST,
    OF_SCORES,
    PAGE,
    PAGE_SIZE,
    PICK,
    SECOND,
    SORT,
    RunsView,
    ordered,
    pages,
    read_view,
)

TABLE = "stored runs"
LOOK_SECONDS = 2.0
"""How often the list is read anew while a run goes on."""

FALLING_FIRST = ("day", "accuracy", "n")
"""Columns whose first press puts the largest on top."""


def draw_list() -> None:
    """Everything about the stored runs; where there are none, what to do."""
    rows = find_runs(settings().home)
    if not rows:
        draw_taken_up()
        _draw_none()
        return
    draw_filters(rows, read_view(rows))
    moving = is_taking_up() or any(row.status is RunStatus.RUNNING for row in rows)
    st.fragment(_draw_table, run_every=LOOK_SECONDS if moving else None)(moving)


def _draw_none() -> None:
    st.info(
        "No run is kept here yet. Ask a backbone on the Spot check page, evaluate a whole split with "
        "`python -m medmat_explorer evaluate`, or take in answers that another program gave, below.",
        icon=":material/history:",
    )
    frame.link("spot_check", "Ask a backbone", icon=":material/psychology_alt:")


def _draw_table(moving: bool) -> None:
    """Drawn again by itself while something moves; when that ends, or another view is asked for, the page follows."""
    if url_state.value(FIRST) and url_state.value(SECOND):
        st.rerun()
    rows = find_runs(settings().home)
    view = read_view(rows)
    draw_taken_up()
    still = is_taking_up() or any(row.status is RunStatus.RUNNING for row in rows)
    if still is not moving:
        st.rerun()
    with st.spinner("Reading the scores", show_time=True) if view.sort in OF_SCORES else nullcontext():
        found = ordered(rows, view, score_of)
    by_id = {row.id: row for row in rows}
    draw_actions([by_id[name] for name in view.picked])
    if not found:
        st.info("No run fits these filters.", icon=":material/filter_alt:")
        if view.is_filtered:
            st.button("Clear them", on_click=clear_filters, key="clear unfitting")
        return
    _draw_count(rows, found)
    last = pages(len(found))
    page = min(view.page, last)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    runs_table(
        COLUMNS,
        run_lines(shown, score_of, resources.desk().live),
        key=TABLE,
        sort=view.sort,
        descending=view.descending,
        picked=view.picked,
        on_act=partial(_act, view, tuple(row.id for row in shown)),
    )
    if last > 1:
        bound = url_state.bind(PAGE, page, default=1)
        st.number_input(f"Page of {last:,}", 1, last, width=130, **bound)


def score_of(row: RunRow) -> Score | None:
    """A run's score; of one that goes on, of the answers so far."""
    if row.status is RunStatus.DAMAGED:
        return None
    return run_score(settings().home, row.id, row.answers)


def _draw_count(rows: Sequence[RunRow], found: Sequence[RunRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        of_all = "" if len(found) == len(rows) else f" of {len(rows):,}"
        damaged = sum(row.status is RunStatus.DAMAGED for row in found)
        st.markdown(
            f"**{counted(len(found), 'run')}**{of_all}"
            + (f" · {damaged:,} damaged: sort by status to find and delete them" if damaged else ""),
            width="stretch",
        )
        st.download_button(
            "CSV",
            partial(list_csv, found, score_of),
            "runs.csv",
            "text/csv",
            key="list as csv",
            icon=":material/download:",
            on_click="ignore",
            help=f"The list as filtered, {len(found):,} lines, with each run's score.",
        )
    st.caption(
        "Accuracy by what the model wrote, where it wrote, else by its most probable letter; beneath it the 95 % "
        "Wilson interval; the dotted line is chance. Controls are not in n."
    )


def _act(view: RunsView, shown: Sequence[str], act: str, about: str) -> None:
    """What the table asks for."""
    match act:
        case "sort":
            url_state.write({SORT: _turned(view, about), PAGE: None})
        case "pick":
            picked = [name for name in view.picked if name != about]
            _pick(picked if about in view.picked else [*picked, about])
        case "all":
            others = [name for name in view.picked if name not in shown]
            _pick([*others, *shown] if about == "all" else others)
        case _ if act == RESUME and not is_taking_up():
            resume_run(about)
        case _ if act == STOP and (live := resources.desk().live(about)):
            live.stop()


def _pick(names: Sequence[str]) -> None:
    if len(names) > MOST_PICKED:
        st.toast(f"At most {MOST_PICKED} runs can be chosen at once.", icon=":material/info:")
    url_state.write({PICK: list(names)[:MOST_PICKED]})


def _turned(view: RunsView, column: str) -> str | None:
    """The order after a press on a column's head; None for the usual one."""
    falling = not view.descending if column == view.sort else column in FALLING_FIRST
    order = f"-{column}" if falling else column
    return None if order == NEWEST else order
