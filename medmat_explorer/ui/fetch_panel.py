"""Which source data sets are needed, where to get them, and what each would unlock."""

import streamlit as st

from medmat_explorer.paper.notes import notes_for_dataset
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.fetch_list import NO_LICENCE, NO_LINK, FetchLine, as_csv, as_markdown, fetch_list
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.search_job import seen_so_far

CHOSEN = "fetch"
COLUMNS = (
    Column("Data set"),
    Column("Images missing", amount=True),
    Column("Items it unlocks", amount=True),
    Column("Link"),
    Column("Unpack into"),
    Column("Citation"),
    Column("Notes"),
)


def draw_fetch_list(catalog: Catalog) -> None:
    """The list for the subsets that the address names (all when none), with downloads."""
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    chosen = [number for number in url_state.values(CHOSEN) if number in titles]
    st.multiselect(
        "For these subsets",
        list(titles),
        format_func=titles.__getitem__,
        placeholder="All subsets",
        **url_state.bind(CHOSEN, chosen),
    )
    lines = _lines(catalog.name, catalog.version, seen_so_far(catalog), tuple(chosen), catalog)
    images, items = sum(line.missing_images for line in lines), sum(line.missing_items for line in lines)
    st.write(
        f"Data sets: {len(lines)}. Image files missing: {images:,}. Items that fetching them unlocks: {items:,}."
        + (" Some image files were not looked at yet." if any(line.unchecked_images for line in lines) else "")
    )
    title = f"What {catalog.name} needs" + (f": subsets {', '.join(chosen)}" if chosen else "")
    with st.container(horizontal=True):
        st.download_button("CSV", as_csv(lines), "fetch-list.csv", "text/csv", icon=":material/download:")
        st.download_button(
            "Markdown", as_markdown(lines, title), "fetch-list.md", "text/markdown", icon=":material/download:"
        )
    linked_table(COLUMNS, [_row(line) for line in lines], key="health fetch", label="Data sets to fetch")
    st.caption(f"Folders lie below {plain(str(catalog.root))}. Licences: {NO_LICENCE}.")


@st.cache_data(max_entries=8, show_spinner=False)
def _lines(
    name: str, version: str, seen: tuple[str, ...], chosen: tuple[str, ...], _catalog: Catalog
) -> tuple[FetchLine, ...]:
    def notes_of(dataset: str) -> list[str]:
        return [] if _catalog.declared else [note.text for note in notes_for_dataset(dataset)]

    return fetch_list(_catalog, chosen, notes_of)


def _row(line: FetchLine) -> list[Cell]:
    missing = {"dataset": line.dataset, "image": "missing"}
    link = line.links[0] if line.links else ""
    more = f" (first of {len(line.links)}; all in the files)" if len(line.links) > 1 else ""
    return [
        Cell(line.label, frame.address("browse", {"dataset": line.dataset}), title=f"Browse data set {line.label}"),
        Cell(
            f"{line.missing_images:,} of {line.images:,}",
            frame.address("browse", missing) if line.missing_images else "",
            tone="warn" if line.missing_images else "quiet",
        ),
        Cell(f"{line.missing_items:,} of {line.items:,}", tone="" if line.missing_items else "quiet"),
        Cell(f"Open the source{more}" if link else NO_LINK, link, title=link, tone="" if link else "quiet"),
        Cell(f"{line.folder}/" if line.folder else "the collection's folder"),
        Cell(line.citation),
        Cell(" ".join(line.notes), tone="quiet"),
    ]
