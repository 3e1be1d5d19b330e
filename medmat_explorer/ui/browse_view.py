"""How the results of Browse are shown, as it stands in the address: order, seed, pictures a page, density, view."""

import streamlit as st

from medmat_explorer.ui import selection_state, url_state
from medmat_explorer.ui.components.gallery import DENSITIES
from medmat_explorer.ui.panel import panel

SORTS = {"subset": "Subset", "label": "Label", "size": "Size of the image, largest first", "random": "Random"}
PAGE_SIZES = (24, 48, 96)
SHOWN = {"gallery": "Gallery", "charts": "Charts", "map": "Map"}
MEDIUM = DENSITIES[1]


def chosen_sort() -> str:
    """The order, by name."""
    sort = url_state.value("sort", "subset")
    return sort if sort in SORTS else "subset"


def chosen_seed() -> int:
    """The seed of a random order."""
    return url_state.number("seed", 0, least=0, most=2**31 - 1)


def chosen_page_size() -> int:
    """Pictures a page."""
    size = url_state.number("per", PAGE_SIZES[0], least=1, most=PAGE_SIZES[-1])
    return size if size in PAGE_SIZES else PAGE_SIZES[0]


def chosen_density() -> str:
    """How large the pictures are."""
    density = url_state.value("density", MEDIUM)
    return density if density in DENSITIES else MEDIUM


def chosen_view() -> str:
    """Whether the results are pictures, charts or a map."""
    shown = url_state.value("show", "gallery")
    return shown if shown in SHOWN else "gallery"


def draw_view_switch() -> None:
    """Pictures, charts or map."""
    st.segmented_control(
        "Show",
        list(SHOWN),
        format_func=SHOWN.__getitem__,
        required=True,
        label_visibility="collapsed",
        **url_state.bind("show", chosen_view(), resets=(selection_state.ITEM,), default="gallery"),
    )


def draw_order() -> None:
    """Behind a button: order, seed, pictures a page, density."""
    page = (selection_state.PAGE,)
    popover = panel("Order", ":material/tune:")
    if not popover.open:
        return
    with popover:
        sort = chosen_sort()
        st.selectbox(
            "Sort by",
            list(SORTS),
            format_func=SORTS.__getitem__,
            **url_state.bind("sort", sort, resets=page, default="subset"),
        )
        if sort == "random":
            st.number_input("Seed", 0, 2**31 - 1, **url_state.bind("seed", chosen_seed(), resets=page, default=0))
        per = url_state.bind("per", chosen_page_size(), resets=page, default=PAGE_SIZES[0])
        st.selectbox("Pictures a page", PAGE_SIZES, **per)
        st.segmented_control(
            "Density",
            DENSITIES,
            format_func=str.capitalize,
            required=True,
            **url_state.bind("density", chosen_density(), default=MEDIUM),
        )
