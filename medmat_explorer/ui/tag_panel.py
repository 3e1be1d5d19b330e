"""Tags and the basket: what readers write on items, one by one or a whole selection at once."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.domain.qa import parse_item_key
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.workspace import BASKET
from medmat_explorer.ui import frame, selection_state, url_state
from medmat_explorer.ui.panel import panel
from medmat_explorer.ui.plain import plain

NEW_TAG = "new tag"


def act_on_card(catalog: Catalog, act: str, key: str, tag: str) -> None:
    """What a card of the gallery asks for: open it, put it into the basket or take it out, tag it or untag it."""
    if act == "open":
        url_state.write({selection_state.ITEM: key})
    elif act == "basket":
        toggle(catalog, key, BASKET)
    elif tag.startswith("-"):
        change(catalog, tag[1:], [key], off=True)
    else:
        change(catalog, tag, [key])


def toggle(catalog: Catalog, key: str, tag: str) -> None:
    """Puts a tag on an item, or takes it off where it is on."""
    change(catalog, tag, [key], off=tag in catalog.item(key).tags)


def change(catalog: Catalog, tag: str, keys: Sequence[str], *, off: bool = False) -> None:
    """Tags items or takes a tag off; a name that cannot be one is told in the page."""
    ids = [parse_item_key(key) for key in keys]
    try:
        write = catalog.workspace.remove_tag if off else catalog.workspace.add_tag
        write(tag, ids)
    except MedmatError as error:
        st.toast(plain(str(error)), icon=":material/error:")


def change_selection(catalog: Catalog, selection: Selection, tag: str, *, off: bool = False) -> None:
    """The same for all items of a selection."""
    ids = catalog.ids(selection)
    try:
        left = catalog.workspace.remove_tag(tag, ids) if off else catalog.workspace.add_tag(tag, ids)
    except MedmatError as error:
        st.toast(plain(str(error)), icon=":material/error:")
        return
    st.toast(f"{left:,} items have the tag {plain(tag.strip())} now.", icon=":material/sell:")


def draw_tagging(catalog: Catalog, selection: Selection, found: int) -> None:
    """Behind a button: one tag for all items found, or off all of them."""
    popover = panel("Tag", ":material/sell:", disabled=not found)
    if not popover.open:
        return
    with popover:
        tags = catalog.connection.tags()
        st.text_input("Tag", key=NEW_TAG, placeholder=", ".join(list(tags)[:3]) or "for example: to check")
        with st.container(horizontal=True):
            st.button(f"Tag all {found:,}", on_click=_tag_all, args=(catalog, selection, False), type="primary")
            st.button(f"Take it off all {found:,}", on_click=_tag_all, args=(catalog, selection, True))
        st.caption("In the gallery, `t` tags the item that has the focus. Tags stay when the data is imported again.")
        for tag, items in tags.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                frame.link("browse", f"{plain(tag)} ({items:,})", {Facet.TAG.value: tag})
                st.button("Delete", key=f"drop {tag}", on_click=_drop, args=(catalog, tag), type="tertiary")


def _tag_all(catalog: Catalog, selection: Selection, off: bool) -> None:
    change_selection(catalog, selection, st.session_state[NEW_TAG], off=off)


def _drop(catalog: Catalog, tag: str) -> None:
    if url_state.values(Facet.TAG.value) == [tag]:
        selection_state.choose({Facet.TAG.value: []})
    catalog.workspace.drop_tag(tag)


def draw_basket(catalog: Catalog, selection: Selection, found: int) -> None:
    """Behind a button: put all items found into the basket, look at it, ask a model, mix it, empty it."""
    held = catalog.connection.tags().get(BASKET, 0)
    popover = panel(f"Basket ({held:,})", ":material/shopping_basket:", name="Basket")
    if not popover.open:
        return
    with popover:
        st.caption("Items put aside for another page. `+` on a picture, or `b` on the keyboard, puts one in.")
        st.button(
            f"Put all {found:,} in", on_click=change_selection, args=(catalog, selection, BASKET), disabled=not found
        )
        if held:
            in_basket = {Facet.TAG.value: BASKET}
            frame.link("browse", f"Look at the {held:,} items", in_basket, ":material/photo_library:")
            frame.link("spot_check", "Ask the model these", in_basket, ":material/psychology_alt:")
            frame.link("lattice", "Make a training mix", {"view": "mix", "arm": BASKET}, ":material/hub:")
            st.button("Empty it", on_click=_drop, args=(catalog, BASKET), icon=":material/delete:")


def draw_item_tags(catalog: Catalog, key: str, tags: Sequence[str]) -> None:
    """The tags of one item, each with a way to take it off, a box for another, and the basket."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        inside = BASKET in tags
        label = "Take out of the basket" if inside else "Put into the basket"
        st.button(label, icon=":material/shopping_basket:", on_click=toggle, args=(catalog, key, BASKET))
        for tag in tags:
            if tag != BASKET:
                st.button(f"{plain(tag)} ✕", key=f"untag {tag}", on_click=toggle, args=(catalog, key, tag))
        box = f"tag of {key}"

        def add() -> None:
            if st.session_state[box].strip():
                change(catalog, st.session_state[box], [key])
                st.session_state[box] = ""

        st.text_input(
            "Tag this item", key=box, on_change=add, placeholder="Tag this item", label_visibility="collapsed"
        )
