"""Parts of the Browse page: the search box, what is chosen, and one page of the gallery."""

import streamlit as st

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.store.catalog import Catalog, ItemCard
from medmat_explorer.store.workspace import BASKET
from medmat_explorer.ui import frame, selection_state, url_state
from medmat_explorer.ui.browse_view import (
    chosen_density,
    chosen_page_size,
    chosen_seed,
    chosen_sort,
    chosen_view,
    draw_order,
    draw_view_switch,
)
from medmat_explorer.ui.components.gallery import GalleryCard, gallery
from medmat_explorer.ui.components.keys import keys
from medmat_explorer.ui.export_panel import draw_export
from medmat_explorer.ui.pictures import PROBLEMS, picture_address, picture_problem
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.tag_panel import act_on_card, draw_basket, draw_tagging
from medmat_explorer.ui.thumbnails_ahead import thumbnails_ahead
from medmat_explorer.ui.view_panel import draw_views

GALLERY_PIXELS = 256
SEARCH_HELP = (
    'Every word must stand somewhere in the question, caption, options or path. `"two words"` finds whole words, '
    "`-word` leaves items out, `caption:`, `question:`, `option:` and `path:` look in one place."
)
KEYS = (
    ("/", "search"),
    ("→ ← ↑ ↓", "move in the gallery; Home and End go to its ends"),
    ("Enter", "open the picture that has the focus"),
    ("b", "put it into the basket, or take it out"),
    ("t", "tag it; in the gallery - before the tag takes it off"),
    ("← →", "previous and next, while an item is open"),
    ("Esc", "close the item"),
    ("?", "this list"),
)


def draw_search(selection: Selection) -> None:
    """The box for words to search for."""
    st.text_input(
        "Search",
        placeholder="Search",
        help=SEARCH_HELP,
        label_visibility="collapsed",
        **url_state.bind(selection_state.TEXT, selection.text, resets=(selection_state.PAGE, selection_state.ITEM)),
    )


def draw_keys(catalog: Catalog, selection: Selection, opened: str) -> None:
    """The keys of this page; with an item open, arrows and Esc are its own."""
    bound = ("ArrowLeft", "ArrowRight", "Escape") if opened else ()

    def turn(pressed: str) -> None:
        from medmat_explorer.ui.item_detail import go_to_neighbour

        go_to_neighbour(catalog, selection, opened, pressed)

    keys(KEYS, bound, on_key=turn)


def draw_main(catalog: Catalog, selection: Selection) -> None:
    """The item that the address names; else the results, as pictures, charts or a map."""
    if opened := url_state.value(selection_state.ITEM):
        from medmat_explorer.ui.item_detail import draw_item  # what it needs is not waited for by a gallery

        draw_item(catalog, selection, opened)
        return
    found = catalog.count(selection)
    bar, results = st.container(), st.container()
    with results:
        _draw_results(catalog, selection, found)
    with bar:
        _draw_bar(catalog, selection, found)
        _draw_chosen(selection)


def _draw_results(catalog: Catalog, selection: Selection, found: int) -> None:
    if not found:
        _draw_nothing(selection)
    elif chosen_view() == "charts":
        from medmat_explorer.ui.selection_charts import draw_charts  # Altair and Plotly cost a third of a second

        draw_charts(catalog, selection)
    elif chosen_view() == "map":
        from medmat_explorer.ui.map_panel import draw_map

        draw_map(catalog, selection)
    else:
        _draw_gallery(catalog, selection, found)


def _draw_bar(catalog: Catalog, selection: Selection, found: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{counted(found, 'item')}**", width="stretch")
        draw_view_switch()
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_order()
        draw_views(catalog, selection)
        draw_tagging(catalog, selection, found)
        draw_basket(catalog, selection, found)
        draw_export(catalog, selection, found)
        if found:
            params = selection_state.selection_params(selection)
            frame.link("spot_check", "Ask the model these", params, ":material/psychology_alt:")


def _draw_chosen(selection: Selection) -> None:
    """What is filtered, each part with a way to drop it."""
    parts = selection_state.selection_parts(selection)
    if not parts:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, text in parts:
            st.button(f"{plain(text)} ✕", key=f"drop {name}", on_click=selection_state.choose, args=({name: []},))
        st.button("Clear", on_click=selection_state.clear_selection, icon=":material/filter_alt_off:", type="tertiary")


def _draw_nothing(selection: Selection) -> None:
    missing = selection.named(Facet.SET)
    advice = "Search for other words" if selection.text else "Clear a filter"
    if missing:
        advice = "The picked items may be those of another collection, or kept on another machine. Clear that filter"
    st.info(f"No item has all of that. {advice}, or show everything again.", icon=":material/filter_alt_off:")
    st.button("Show everything", on_click=selection_state.clear_selection)


def _draw_gallery(catalog: Catalog, selection: Selection, found: int) -> None:
    size = chosen_page_size()
    pages = -(-found // size)
    page = url_state.number(selection_state.PAGE, 1, least=1, most=pages)
    cards = catalog.page(selection, (page - 1) * size, size, chosen_sort(), chosen_seed())
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    gallery(
        [_gallery_card(catalog, card, titles[card.subset]) for card in cards],
        key="gallery",
        label=f"Page {page} of {pages}, {len(cards)} items",
        density=chosen_density(),
        tags=[tag for tag in catalog.connection.tags() if tag != BASKET],
        problems=PROBLEMS,
        on_act=lambda act, key, tag: act_on_card(catalog, act, key, tag),
    )
    shown = [card.key for card in cards if not picture_problem(card.image_state, card.image_reason)]
    thumbnails_ahead().begin(catalog, shown, GALLERY_PIXELS)
    _draw_paging(page, pages)


def _gallery_card(catalog: Catalog, card: ItemCard, title: str) -> GalleryCard:
    problem = picture_problem(card.image_state, card.image_reason)
    return GalleryCard(
        key=card.key,
        src="" if problem else picture_address(catalog, card.key, GALLERY_PIXELS),
        alt=f"{card.label}: {title}",
        name=card.label,
        detail=f"{title} · {card.split}",
        title=card.question,
        problem=problem,
        tags=[tag for tag in card.tags if tag != BASKET],
        picked=BASKET in card.tags,
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
