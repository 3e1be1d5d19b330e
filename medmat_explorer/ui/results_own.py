"""One's own runs on the subsets of the paper, for the tables of the Results page."""

from collections.abc import Collection

import streamlit as st

from medmat_explorer.charts.own_results import EXPLAINED, OTHER_ITEMS, OwnResult, own_lines
from medmat_explorer.config import settings
from medmat_explorer.experiments.run_scores import subset_scores
from medmat_explorer.paper.facts import subset_accuracies, subsets
from medmat_explorer.store.run_list import RunRow, RunStatus, find_runs
from medmat_explorer.ui import frame
from medmat_explorer.ui.runs_rows import run_name
from medmat_explorer.ui.table_file import draw_table

MOST_RUNS = 40
"""The newest runs that are looked at; the Runs page has all."""


def own_results(wanted: Collection[str]) -> list[OwnResult]:
    """The scores of the newest runs on these subsets of the paper, by subset, the newest first."""
    home = settings().home
    rows = [row for row in find_runs(home) if row.status is not RunStatus.DAMAGED and set(row.subsets) & set(wanted)]
    found = [
        OwnResult(row.id, _name(row), subset, score)
        for row in rows[:MOST_RUNS]
        for subset, score in subset_scores(home, row.id, row.answers).items()
        if subset in wanted
    ]
    return sorted(found, key=lambda result: result.subset)


def draw_own(results: list[OwnResult], key: str) -> None:
    """The table of own runs, or what to do to have one."""
    st.markdown("**Your own runs on these subsets**")
    if not results:
        st.caption("None yet. Import a part of the release, ask a backbone about it, and its scores stand here.")
        frame.link("spot_check", "Ask a backbone", None, ":material/psychology_alt:")
        return
    st.caption(OTHER_ITEMS)
    lines = own_lines(results, subset_accuracies(), subsets())
    draw_table(lines, key=key, file="own-runs-beside-the-paper", explained=EXPLAINED)
    frame.link("runs", "All runs", None, ":material/history:")


def _name(row: RunRow) -> str:
    adapter = f" + {row.adapter}" if row.adapter else ""
    return f"{run_name(row)}{adapter}, {row.kind}"
