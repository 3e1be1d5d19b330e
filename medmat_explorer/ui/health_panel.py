"""Knowing what one has: image files by state, duplicates and leaks, odd labels, and what is still to be fetched."""

from collections.abc import Callable

import streamlit as st

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.image_table import ImageRow, image_table, unreadable_reasons
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.duplicates_panel import draw_duplicates
from medmat_explorer.ui.fetch_panel import draw_fetch_list
from medmat_explorer.ui.labels_panel import draw_labels
from medmat_explorer.ui.pictures import PROBLEMS
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.search_job import draw_search, draw_start, seen_so_far

PART = "health"
BY = "by"
STATES = ("ok", "missing", "unreadable", "unchecked")
BY_TITLES = {"subset": "by subset", "dataset": "by data set"}


def draw_health(catalog: Catalog) -> None:
    """The part that the address names (`health=images`, `duplicates`, `labels` or `fetch`) of what is known."""
    st.subheader(f"Health of {plain(catalog.name)}")
    parts: dict[str, tuple[str, Callable[[Catalog], None]]] = {
        "images": ("Image files", _draw_images),
        "duplicates": ("Duplicates and leaks", draw_duplicates),
        "labels": ("Labels and questions", draw_labels),
        "fetch": ("Fetch list", draw_fetch_list),
    }
    shown = url_state.value(PART)
    shown = shown if shown in parts else "images"
    st.segmented_control(
        "What to look at",
        list(parts),
        format_func=lambda part: parts[part][0],
        required=True,
        label_visibility="collapsed",
        **url_state.bind(PART, shown, default="images"),
    )
    draw_search(catalog)
    parts[shown][1](catalog)


def _draw_images(catalog: Catalog) -> None:
    by = url_state.value(BY)
    by = by if by in BY_TITLES else "subset"
    st.segmented_control(
        "Rows",
        list(BY_TITLES),
        format_func=BY_TITLES.__getitem__,
        required=True,
        label_visibility="collapsed",
        **url_state.bind(BY, by, default="subset"),
    )
    rows = _rows(catalog.name, catalog.version, seen_so_far(catalog), by, catalog)
    titles = _titles(catalog, by)
    columns = [Column("Subset" if by == "subset" else "Data set"), *(Column(state, amount=True) for state in STATES)]
    linked_table(
        columns,
        [_row(row, by, titles.get(row.number, row.number or "none named")) for row in rows],
        key="health images",
        label=f"Image files {BY_TITLES[by]} and state",
    )
    if reasons := unreadable_reasons(catalog):
        said = (f"{PROBLEMS.get(reason, plain(reason))} ({images:,})" for reason, images in reasons.items())
        st.caption(f"Why files are unreadable: {'; '.join(said)}.")
    if any(row.missing for row in rows):
        frame.link("data", "Where to get what is missing", {PART: "fetch"}, ":material/download:")
    unchecked = catalog.summary().images["unchecked"]
    label = f"Check the {unchecked:,} unchecked image files" if unchecked else "Look at image files that have changed"
    draw_start(catalog, label, check=True, key="check images")


@st.cache_data(max_entries=8, show_spinner=False)
def _rows(name: str, version: str, seen: tuple[str, ...], by: str, _catalog: Catalog) -> tuple[ImageRow, ...]:
    return image_table(_catalog, by)


def _titles(catalog: Catalog, by: str) -> dict[str, str]:
    if by == "subset":
        return {subset.number: subset.title for subset in catalog.subsets()}
    return {number: f"{number} {dataset.name}" for number, dataset in catalog.datasets().items()}


def _row(row: ImageRow, by: str, title: str) -> list[Cell]:
    cells = [Cell(title, frame.address("browse", {by: row.number}), title=f"Browse {title}")]
    for state in STATES:
        images: int = getattr(row, state)
        tone = "warn" if images and state in {"missing", "unreadable"} else "quiet" if not images else ""
        href = frame.address("browse", {by: row.number, "image": state}) if images else ""
        cells.append(
            Cell(f"{images:,}", href, tone=tone, title=f"{images:,} images {state} of {title}" if href else "")
        )
    return cells
