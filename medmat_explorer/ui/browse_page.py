"""Parts of the Browse page: filters, gallery, one item."""

import streamlit as st

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.paper.notes import notes_for_dataset, notes_for_subset
from medmat_explorer.store.catalog import Catalog, ItemCard, ItemDetail
from medmat_explorer.ui import frame, selection_state, url_state
from medmat_explorer.ui.components.facets import FacetGroup, FacetValue, facets
from medmat_explorer.ui.components.gallery import GalleryCard, gallery
from medmat_explorer.ui.components.item_cards import ItemCardView, OptionLine, item_cards
from medmat_explorer.ui.pictures import picture_address, picture_problem
from medmat_explorer.ui.plain import plain

SORTS: dict[str, str] = {"subset": "Subset", "label": "Label", "random": "Random (seed 0)"}
PAGE_SIZES = (24, 48, 96)
AXIS_FACETS = (Facet.MODALITY, Facet.AREA, Facet.TASK)
OPEN_AT_FIRST = (*AXIS_FACETS, Facet.SUBSET, Facet.SPLIT)


def draw_search(selection: Selection) -> None:
    """The box for words to search for."""
    st.text_input(
        "Search",
        placeholder="Search",
        help="Every word must stand in the question, caption, options or path.",
        label_visibility="collapsed",
        **url_state.bind(selection_state.TEXT, selection.text, resets=(selection_state.PAGE, selection_state.ITEM)),
    )


def draw_facets(catalog: Catalog, selection: Selection) -> None:
    """Every facet with live counts that leave out its own choice."""
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    groups = []
    for facet, counts in catalog.facet_counts(selection).items():
        chosen = selection.chosen.get(facet, frozenset())
        values = [
            FacetValue(value, text := titles.get(value, value), text, count, value in chosen) for value, count in counts
        ]
        axis = facet.value if facet in AXIS_FACETS else ""
        groups.append(FacetGroup(facet.value, facet.value.capitalize(), axis, facet in OPEN_AT_FIRST, values))
    facets(groups, key="facets", on_filter=selection_state.change_facet)


def draw_results(catalog: Catalog, selection: Selection) -> None:
    """The bar above the gallery, one page of pictures, and the way to the next."""
    found = catalog.count(selection)
    sort, size = _chosen_sort(), _chosen_size()
    pages = max(1, -(-found // size))
    page = url_state.number(selection_state.PAGE, 1, least=1, most=pages)
    _draw_bar(selection, found, sort, size)
    if not found:
        advice = "Search for other words" if selection.text else "Clear a filter"
        st.info(f"No item has all of that. {advice}, or show everything again.", icon=":material/filter_alt_off:")
        st.button("Show everything", on_click=selection_state.clear_selection)
        return
    cards = catalog.page(selection, (page - 1) * size, size, sort)
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    gallery(
        [_gallery_card(catalog, card, titles[card.subset]) for card in cards],
        key="gallery",
        label=f"Page {page} of {pages}, {len(cards)} items",
        least=130,
        on_open=lambda key: url_state.write({selection_state.ITEM: key}),
    )
    _draw_paging(page, pages)


def _chosen_sort() -> str:
    sort = url_state.value("sort", "subset")
    return sort if sort in SORTS else "subset"


def _chosen_size() -> int:
    size = url_state.number("size", PAGE_SIZES[0], least=1, most=PAGE_SIZES[-1])
    return size if size in PAGE_SIZES else PAGE_SIZES[0]


def _draw_bar(selection: Selection, found: int, sort: str, size: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        what = selection_state.describe_selection(selection)
        st.markdown(f"**{found:,} items** · " + (plain(what) if what else "everything"), width="stretch")
        if found:
            params = selection_state.selection_params(selection)
            frame.link("spot_check", "Ask the model these", params, ":material/psychology_alt:")
        if not selection.is_everything:
            st.button("Clear", on_click=selection_state.clear_selection, icon=":material/filter_alt_off:")
        with st.popover("View", icon=":material/tune:"):
            st.selectbox(
                "Sort by",
                list(SORTS),
                format_func=SORTS.__getitem__,
                **url_state.bind("sort", sort, resets=(selection_state.PAGE,), default="subset"),
            )
            st.selectbox(
                "Pictures a page",
                PAGE_SIZES,
                **url_state.bind("size", size, resets=(selection_state.PAGE,), default=PAGE_SIZES[0]),
            )


def _gallery_card(catalog: Catalog, card: ItemCard, title: str) -> GalleryCard:
    problem = picture_problem(card.image_state)
    return GalleryCard(
        key=card.key,
        src="" if problem else picture_address(catalog, card.key, 256),
        alt=f"{card.label}: {title}",
        name=card.label,
        detail=f"{title} · {card.split}",
        title=card.question,
        problem=problem,
    )


def _draw_paging(page: int, pages: int) -> None:
    if pages == 1:
        return

    def turn(to: int) -> None:
        url_state.write({selection_state.PAGE: str(to) if to > 1 else None})

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center"):
        st.button("First", disabled=page == 1, on_click=turn, args=(1,), icon=":material/first_page:")
        st.button("Previous", disabled=page == 1, on_click=turn, args=(page - 1,), icon=":material/chevron_left:")
        st.markdown(f"Page {page:,} of {pages:,}", width="content")
        st.button("Next", disabled=page == pages, on_click=turn, args=(page + 1,), icon=":material/chevron_right:")
        st.button("Last", disabled=page == pages, on_click=turn, args=(pages,), icon=":material/last_page:")


def draw_item(catalog: Catalog, selection: Selection, key: str) -> None:
    """One item: picture, question, options with the right one marked, where it comes from, and its neighbours."""
    try:
        detail = catalog.item(key)
    except UnknownNameError as error:
        frame.show_error(error)
        st.button("Back to the results", on_click=url_state.write, args=({selection_state.ITEM: None},))
        return
    _draw_item_bar(catalog, selection, key)
    item_cards([_item_view(catalog, detail)], key="detail", single=True)
    facts, source = st.columns(2)
    with facts:
        _draw_facts(detail)
    with source:
        _draw_source(detail)


def _draw_item_bar(catalog: Catalog, selection: Selection, key: str) -> None:
    before, after = catalog.neighbours(selection, key, _chosen_sort())

    def show(to: str | None) -> None:
        url_state.write({selection_state.ITEM: to})

    def back() -> None:
        page = catalog.position(selection, key, _chosen_sort()) // _chosen_size() + 1
        url_state.write({selection_state.ITEM: None, selection_state.PAGE: str(page) if page > 1 else None})

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Back to the results", on_click=back, icon=":material/arrow_back:")
        st.button("Previous", disabled=before is None, on_click=show, args=(before,), icon=":material/chevron_left:")
        st.button("Next", disabled=after is None, on_click=show, args=(after,), icon=":material/chevron_right:")


def _item_view(catalog: Catalog, detail: ItemDetail) -> ItemCardView:
    item = detail.item
    problem = picture_problem(detail.image_state)
    return ItemCardView(
        key=item.key,
        src="" if problem else picture_address(catalog, item.key, 1024),
        alt=f"{item.answer}: {detail.subset.title}",
        problem=problem,
        title=f"Item {item.key} · {item.split}" + (" (held out by us)" if item.split_is_ours else ""),
        question=item.question,
        options=[OptionLine(o.letter, o.text, o.letter == item.answer_letter) for o in item.options],
        notes=[f"Right labels: {', '.join(sorted(item.labels))}"] if len(item.labels) > 1 else [],
    )


def _draw_facts(detail: ItemDetail) -> None:
    subset, item = detail.subset, detail.item
    st.subheader("What it is")
    size = f"{detail.width} × {detail.height}, {detail.mode}" if detail.width else detail.image_state
    st.markdown(
        f"Subset **{subset.number}** · modality **{plain(subset.triplet.modality)}** · area "
        f"**{plain(subset.triplet.area)}** · task **{plain(subset.triplet.task)}**  \n"
        f"Published task: {plain(subset.published_task)}  \n"
        f"Caption: {plain(item.caption)}  \nPicture: {size}"
    )
    st.code(item.image, language=None, wrap_lines=True)
    with st.expander("The question exactly as released"):
        st.code(item.question_choice, language=None, wrap_lines=True)
    frame.link("lattice", "What is related to this subset", {"target": subset.number}, ":material/hub:")
    for note in notes_for_subset(subset.number):
        st.caption(f":material/report: {plain(note.text)}")


def _draw_source(detail: ItemDetail) -> None:
    st.subheader("Where it comes from")
    source = detail.dataset
    if source is None:
        st.write(f"The record names no known data set ('{plain(detail.item.dataset)}').")
    else:
        st.markdown(f"Data set **{source.number} {plain(source.name)}**  \n{plain(source.citation)}")
        for address in source.links:
            st.link_button("Open the source", address, icon=":material/open_in_new:")
        for note in notes_for_dataset(source.number):
            st.caption(f":material/report: {plain(note.text)}")
    if detail.same_image:
        st.write(f"The same picture stands in {len(detail.same_image)} other items:")
        for other in detail.same_image[:6]:
            st.button(
                f"Item {other}", key=f"same {other}", on_click=url_state.write, args=({selection_state.ITEM: other},)
            )
