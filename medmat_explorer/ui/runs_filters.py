"""The filters of the Runs page, each tied to the address."""

from collections.abc import Iterable, Sequence

import streamlit as st

from medmat_explorer.evaluation.run_record import RunKind
from medmat_explorer.store.run_list import RunRow, RunStatus
from medmat_explorer.ui import url_state
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.runs_view import (
    ABOUT,
    BACKBONE,
    FILTERS,
    KIND,
    PAGE,
    SINCE,
    STATUS,
    SUBSET,
    UNTIL,
    RunsView,
)

WIDE, NARROW = 190, 123
"""Pixels: all filters in one line on a wide screen, two in a line on a phone."""
DAY = "A day in UTC, which is included."


def draw_filters(rows: Sequence[RunRow], view: RunsView) -> None:
    """By backbone, collection, subset, kind, status and day; and what the address asked for in vain."""
    wanted = view.wanted
    choices = (
        ("Collection", ABOUT, _sorted(row.collection for row in rows), wanted.collection),
        ("Subset", SUBSET, _sorted(subset for row in rows for subset in row.subsets), wanted.subset),
        ("Kind", KIND, [kind.value for kind in RunKind], view.kind),
        ("Status", STATUS, [status.value for status in RunStatus], wanted.status),
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        bound = url_state.bind(BACKBONE, wanted.backbone, resets=(PAGE,), default="")
        st.text_input("Backbone", placeholder="Name, or part of it", width=WIDE, **bound)
        for title, name, values, shown in choices:
            bound = url_state.bind(name, str(shown) if shown else None, resets=(PAGE,))
            st.selectbox(title, values, index=None, placeholder="any", width=NARROW, **bound)
        for title, name, day in (("From", SINCE, wanted.since), ("To", UNTIL, wanted.until)):
            bound = url_state.bind(name, day, resets=(PAGE,))
            st.date_input(title, None, format="YYYY-MM-DD", help=DAY, width=NARROW, **bound)
    if view.dropped:
        st.caption(plain(f"{'; '.join(view.dropped)}: left out of the view."))
    if view.is_filtered:
        st.button("Clear the filters", on_click=clear_filters, type="tertiary", icon=":material/filter_alt_off:")


def clear_filters() -> None:
    """Takes every filter out of the address."""
    url_state.write(dict.fromkeys((*FILTERS, PAGE)))


def _sorted(values: Iterable[str]) -> list[str]:
    return sorted({value for value in values if value}, key=lambda value: (value.isdigit(), value.casefold()))
