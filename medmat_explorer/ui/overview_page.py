"""Parts of the Overview page."""

import pandas as pd
import streamlit as st

from medmat_explorer.charts.overview import label_balance, matrix_cells, matrix_figure, subset_bars
from medmat_explorer.paper.facts import datasets, subsets
from medmat_explorer.paper.notes import NOTES
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame
from medmat_explorer.ui.plain import plain

SCROLLING_MATRIX = ".st-key-matrix-frame { overflow-x: auto; } .st-key-matrix-frame > div { min-width: 44rem; }"
"""On a narrow screen the matrix is scrolled sideways, so that its words do not overlap."""


def draw_numbers(catalog: Catalog) -> None:
    """Counts of the collection; each opens the items behind it."""
    summary = catalog.summary()
    images = summary.images
    looked_at = sum(images.values()) - images["unchecked"]
    numbers = (
        ("Items", f"{summary.items:,}", "One picture with one multiple-choice question."),
        ("Subsets", f"{summary.subsets}", "All data sets with one modality, area and task."),
        ("Source data sets", f"{summary.datasets}", "Public image sets that the items name."),
        ("Training / test", f"{summary.splits['train']:,} / {summary.splits['test']:,}", "Items by split."),
        ("Images readable", f"{images['ok']:,}", f"Of {looked_at:,} looked at; {images['unchecked']:,} unchecked."),
    )
    with st.container(horizontal=True, gap="medium"):
        for label, value, meaning in numbers:
            st.metric(label, value, help=meaning, width="content")
    lost = {state: images[state] for state in ("missing", "unreadable") if images[state]}
    if lost:
        what = " and ".join(f"{count:,} image files are {state}" for state, count in lost.items())
        st.warning(f"{what}. The Data page says which subsets they belong to.", icon=":material/hide_image:")
        frame.link("data", "Open the health of the image files", icon=frame.PAGES["data"][1])


def draw_matrix(catalog: Catalog) -> None:
    """Modality by area with the tasks; a click browses the cell."""
    cells = matrix_cells(catalog.matrix())
    st.subheader("What is in it")
    st.caption("Modality by area; the words are tasks, a square grows with its items. Click a square to browse it.")
    alt = "Matrix of modality by area: " + "; ".join(
        f"{c.modality} {c.area}: {', '.join(c.tasks)} ({c.items} items)" for c in cells
    )
    st.html(f"<style>{SCROLLING_MATRIX}</style>")
    event = st.container(key="matrix-frame").plotly_chart(
        matrix_figure(cells),
        key="matrix",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt=alt,
    )
    points = event["selection"]["points"]
    if points:
        frame.go("browse", {"modality": str(points[0]["y"]), "area": str(points[0]["x"])})


def draw_ways_in() -> None:
    """Three entry points, one for each question the tool answers."""
    st.subheader("Three ways in")
    ways = (
        ("browse", "What is in Med-MAT?", "Pictures and questions by modality, area and task.", "Browse the items"),
        (
            "lattice",
            "Which subsets teach a target its elements?",
            "What every subset shares with a target, under a rule you choose.",
            "Open the lattice",
        ),
        (
            "spot_check",
            "Does the model really know?",
            "A backbone answers sampled questions, with probabilities and intervals.",
            "Ask a model",
        ),
    )
    for column, (page, question, text, label) in zip(st.columns(3), ways, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{question}**")
            st.write(text)
            frame.link(page, label, icon=frame.PAGES[page][1])


def draw_subsets(catalog: Catalog) -> None:
    """Items by subset and split, and the share of each label; a click browses it."""
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    sizes, balance = st.columns(2)
    with sizes:
        st.subheader("Items by subset")
        rows = [
            {"subset": c.subset, "title": titles[c.subset], "split": str(c.split), "items": c.items}
            for c in catalog.subset_counts()
        ]
        event = st.altair_chart(
            subset_bars(pd.DataFrame(rows)), key="sizes", on_select="rerun", alt="Items by subset and split"
        )
        _browse_picked(event, catalog)
    with balance:
        st.subheader("Balance of the labels")
        event = st.altair_chart(
            label_balance(_label_shares(catalog, titles)),
            key="balance",
            on_select="rerun",
            alt="Share of each label in its subset",
        )
        _browse_picked(event, catalog)


@st.cache_data(max_entries=16, show_spinner=False)
def _shares_of(name: str, version: str, _catalog: Catalog, titles: dict[str, str]) -> pd.DataFrame:
    rows = []
    for number, title in titles.items():
        counts = _catalog.label_counts(number)
        total = sum(counts.values())
        ranked = sorted(counts.items(), key=lambda pair: -pair[1])
        rows += [
            {"subset": number, "title": title, "label": label, "items": n, "share": n / total, "rank": min(rank, 8)}
            for rank, (label, n) in enumerate(ranked)
        ]
    return pd.DataFrame(rows)


def _label_shares(catalog: Catalog, titles: dict[str, str]) -> pd.DataFrame:
    return _shares_of(catalog.name, catalog.version, catalog, titles)


def _browse_picked(event: object, catalog: Catalog) -> None:
    multi_label = {subset.number: subset.multi_label for subset in catalog.subsets()}
    picked = event["selection"].get("pick") if event else None  # type: ignore[index]
    if picked:
        subset, label = str(picked[0]["subset"]), picked[0].get("label")
        labels = str(label).split(", ") if label and multi_label.get(subset) else [str(label)] if label else []
        frame.go("browse", {"subset": subset, **({"label": labels} if labels else {})})


def draw_published(catalog: Catalog) -> None:
    """How much of the published whole is here."""
    if all(subset.is_synthetic for subset in catalog.subsets()):
        st.info(
            "Synthetic: every picture here is drawn by a generator and is no medical data. Import a Med-MAT folder on "
            "the Data page to look at the real one.",
            icon=":material/science:",
        )
        return
    if catalog.declared:
        st.caption("This collection brought its own table of subsets beside Med-MAT's.")
    here = {subset.number for subset in catalog.subsets()} & set(subsets())
    sources = set(catalog.datasets()) & set(datasets())
    published = {number for number, subset in subsets().items() if subset.kind == "classification"}
    st.caption(
        f"Here: {len(here)} of the {len(subsets())} subsets of Med-MAT ({len(published)} have published questions, "
        f"the others are announced), from {len(sources)} of its {len(datasets())} numbered data sets."
    )
    notes = [note.text for note in NOTES if note.everywhere or note.subsets & here or note.datasets & sources]
    with st.expander(f"What is inconsistent in the paper and the release ({len(notes)} notes)"):
        for text in notes:
            st.caption(f":material/report: {plain(text)}")
