"""One item: its picture, question and options, where it comes from, and what is like it."""

import streamlit as st

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.domain.subset import SourceDataset
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.paper.notes import notes_for_dataset, notes_for_subset
from medmat_explorer.store.catalog import Catalog, ItemDetail
from medmat_explorer.store.crosstabs import count_wordings
from medmat_explorer.store.fetch_list import NO_LICENCE
from medmat_explorer.store.pair_report import twins_of
from medmat_explorer.ui import frame, selection_state, url_state
from medmat_explorer.ui.browse_view import chosen_page_size, chosen_seed, chosen_sort
from medmat_explorer.ui.components.item_cards import ItemCardView, OptionLine, item_cards
from medmat_explorer.ui.picture_panel import LOOK_NAMES, draw_picture
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.similar_panel import draw_similar
from medmat_explorer.ui.tag_panel import draw_item_tags

TWIN_WORDS = {"exact": "the same", "near": "nearly the same", "mirrored": "mirrored"}


def draw_item(catalog: Catalog, selection: Selection, key: str) -> None:
    """One item: picture, question, options with the right one marked, where it comes from, and its neighbours."""
    try:
        detail = catalog.item(key)
    except UnknownNameError as error:
        frame.show_error(error)
        st.button("Back to the results", on_click=open_item, args=(None,))
        return
    _draw_bar(catalog, selection, key)
    draw_item_tags(catalog, key, detail.tags)
    picture, question = st.columns([1.25, 1])
    with picture:
        draw_picture(catalog, detail)
    with question:
        item_cards([_item_view(detail)], key="detail", single=True)
    facts, source = st.columns(2)
    with facts:
        _draw_facts(catalog, detail)
    with source:
        _draw_source(detail)
        _draw_same_image(catalog, detail)
        _draw_twins(catalog, detail)
    draw_similar(catalog, detail)


def open_item(key: str | None) -> None:
    """Shows an item, or none; another picture is not looked at as the one before was."""
    url_state.write({selection_state.ITEM: key, **dict.fromkeys(LOOK_NAMES)})


def go_to_neighbour(catalog: Catalog, selection: Selection, key: str, pressed: str) -> None:
    """What an arrow key or Esc does while an item is open."""
    if pressed == "Escape":
        back_to_results(catalog, selection, key)
        return
    before, after = catalog.neighbours(selection, key, chosen_sort(), chosen_seed())
    to = before if pressed == "ArrowLeft" else after
    if to is not None:
        open_item(to)


def back_to_results(catalog: Catalog, selection: Selection, key: str) -> None:
    """To the page of the gallery on which the item stands."""
    page = catalog.position(selection, key, chosen_sort(), chosen_seed()) // chosen_page_size() + 1
    open_item(None)
    url_state.write({selection_state.PAGE: str(page) if page > 1 else None})


def _draw_bar(catalog: Catalog, selection: Selection, key: str) -> None:
    before, after = catalog.neighbours(selection, key, chosen_sort(), chosen_seed())
    place = catalog.position(selection, key, chosen_sort(), chosen_seed()) + 1
    back = (catalog, selection, key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Back to the results", on_click=back_to_results, args=back, icon=":material/arrow_back:")
        st.button(
            "Previous", disabled=before is None, on_click=open_item, args=(before,), icon=":material/chevron_left:"
        )
        st.button("Next", disabled=after is None, on_click=open_item, args=(after,), icon=":material/chevron_right:")
        st.caption(f"Item {place:,} of {catalog.count(selection):,}")


def _item_view(detail: ItemDetail) -> ItemCardView:
    item = detail.item
    return ItemCardView(
        key=item.key,
        src="",
        alt="",
        problem="",
        title=f"Item {item.key} · {item.split}" + (" (held out by us)" if item.split_is_ours else ""),
        question=item.question,
        options=[OptionLine(o.letter, o.text, o.letter == item.answer_letter) for o in item.options],
        notes=[f"Right labels: {', '.join(sorted(item.labels))}"] if len(item.labels) > 1 else [],
    )


def _draw_facts(catalog: Catalog, detail: ItemDetail) -> None:
    subset, item = detail.subset, detail.item
    st.subheader("What it is")
    size = f"{detail.width} × {detail.height}, {detail.mode}" if detail.width else detail.image_state
    st.markdown(
        f"Subset **{subset.number}** · modality **{plain(subset.triplet.modality)}** · area "
        f"**{plain(subset.triplet.area)}** · task **{plain(subset.triplet.task)}**  \n"
        f"Published task: {plain(subset.published_task)}  \n"
        f"Caption: {plain(item.caption)}  \nPicture: {plain(size)}"
    )
    st.code(item.image, language=None, wrap_lines=True)
    with st.expander("The question exactly as released"):
        st.code(item.question_choice, language=None, wrap_lines=True)
    _draw_wordings(catalog, detail)
    frame.link("lattice", "What is related to this subset", {"target": subset.number}, ":material/hub:")
    for note in notes_for_subset(subset.number):
        st.caption(f":material/report: {plain(note.text)}")


def _draw_wordings(catalog: Catalog, detail: ItemDetail) -> None:
    wordings = count_wordings(catalog.connection, detail.item.subset)
    total = sum(items for _, items in wordings)
    with st.expander(f"How this subset words its question ({len(wordings)})"):
        for question, items in wordings:
            here = " **← this item**" if question == detail.item.question else ""
            st.markdown(f"{plain(question)} ({items:,} of n = {total:,}, {items / total:.0%}){here}")


def _draw_source(detail: ItemDetail) -> None:
    st.subheader("Where it comes from")
    source = detail.dataset
    if source is None:
        st.write(f"The record names no known data set ('{plain(detail.item.dataset)}').")
        return
    st.markdown(f"Data set **{source.number} {plain(source.name)}**  \n{plain(source.citation)}")
    _draw_source_links(source)
    for note in notes_for_dataset(source.number):
        st.caption(f":material/report: {plain(note.text)}")


def _draw_source_links(source: SourceDataset) -> None:
    with st.container(horizontal=True):
        for address in source.links:
            st.link_button("Open the source", address, icon=":material/open_in_new:")
        frame.link("browse", "All items of it", {Facet.DATASET.value: source.number}, ":material/photo_library:")
    st.caption(f"Licence: {NO_LICENCE}.")


def _draw_same_image(catalog: Catalog, detail: ItemDetail) -> None:
    if not detail.same_image:
        return
    st.write(f"The same picture stands in {len(detail.same_image)} other items:")
    others = catalog.items(detail.same_image[:6])
    for other in others:
        label = f"{plain(other.subset)} · {other.split} · {plain(other.answer)}"
        st.button(label, key=f"same {other.key}", on_click=open_item, args=(other.key,))
    if len(detail.same_image) > len(others):
        path = {selection_state.TEXT: f'path:"{detail.item.image}"'}
        frame.link("browse", "Show them all", path, ":material/photo_library:")


def _draw_twins(catalog: Catalog, detail: ItemDetail) -> None:
    """Other files with this picture, once the search for duplicates has been done."""
    twins = twins_of(catalog, catalog.files, detail.item.key)
    if not twins:
        return
    st.write("Other files hold this picture, or one that looks like it:")
    items = catalog.items_found([key for key, _ in twins])
    for key, kind in twins:
        item = items[key]
        label = f"{TWIN_WORDS[kind]}: {plain(item.subset)} · {item.split} · {plain(item.answer)}"
        st.button(label, key=f"twin {key}", on_click=open_item, args=(key,))
