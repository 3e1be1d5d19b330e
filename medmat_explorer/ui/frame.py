"""What stands around every page: the collection picker, the model's state, the foot, and links between pages."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from medmat_explorer.config import ROOT
from medmat_explorer.domain.selection import Facet
from medmat_explorer.errors import MedmatError, UnknownNameError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import CollectionSummary
from medmat_explorer.store.workspace import BASKET
from medmat_explorer.ui import asking_panel, backbone_choice, backbone_options, resources, url_state
from medmat_explorer.ui.backbone_sidebar import draw_sidebar_state
from medmat_explorer.ui.components.visit import visit
from medmat_explorer.ui.plain import counted, plain

NOT_CLINICAL = "A research tool, not for clinical use."
PAGES: dict[str, tuple[str, str]] = {
    "overview": ("Overview", ":material/grid_view:"),
    "browse": ("Browse", ":material/photo_library:"),
    "lattice": ("Lattice", ":material/hub:"),
    "spot_check": ("Spot check", ":material/psychology_alt:"),
    "runs": ("Runs", ":material/history:"),
    "results": ("Results", ":material/leaderboard:"),
    "data": ("Data", ":material/database:"),
}
ASKING_NAMES = {*backbone_options.NAMES, *asking_panel.NAMES, backbone_choice.BACKBONE, backbone_choice.OTHER}
PHANTOMS = "phantoms"
SHOWN = "page shown"


def page_named(name: str) -> Any:
    """The page of that file name, for navigation and links."""
    title, icon = PAGES[name]
    return st.Page(ROOT / "pages" / f"{name}.py", title=title, icon=icon, default=name == "overview")


def link(page: str, label: str, params: Mapping[str, str | Sequence[str]] | None = None, icon: str = "") -> None:
    """A link to a page of the current collection, with what it should show.

    Within a page it is a button: Streamlit's link would show the other view and leave the address as it was.
    """
    query = {**_kept(page), **(params or {}), url_state.COLLECTION: current_name()}
    if st.session_state.get(SHOWN) == page:
        key = f"show {label} {query}"
        st.button(label, key=key, icon=icon or None, on_click=st.query_params.from_dict, args=(query,), type="tertiary")
    else:
        st.page_link(page_named(page), label=label, icon=icon or None, query_params=query)


def address(page: str, params: Mapping[str, str | Sequence[str]] | None = None) -> str:
    """The address of a page of the current collection, relative to any other page's."""
    query = urlencode({url_state.COLLECTION: current_name(), **(params or {})}, doseq=True)
    return f"{'.' if page == 'overview' else page}?{query}"


def go(page: str, params: Mapping[str, str | Sequence[str]] | None = None) -> None:
    """Opens another page of the current collection."""
    visit(address(page, params))
    st.stop()


def current_name() -> str:
    """The collection that is looked at: the address's, else phantoms, else the first."""
    if asked := url_state.value(url_state.COLLECTION):
        return asked
    names = resources.collection_names()
    return PHANTOMS if PHANTOMS in names or not names else names[0]


def current_catalog() -> Catalog:
    """The collection that is looked at, open. Stops the page with a sentence when there is none."""
    try:
        return resources.catalog(current_name())
    except UnknownNameError as error:
        show_error(error)
        if error.choices:
            st.button("Open another collection", on_click=lambda: url_state.write({url_state.COLLECTION: None}))
        else:
            st.page_link(page_named("data"), label="Make or import a collection", icon=":material/database:")
        draw_foot()
        st.stop()
        raise


@contextmanager
def sidebar_beside(page: str) -> Iterator[None]:
    """The sidebar and a page. In a session's first run the sidebar comes first: the page would move when it came later.

    After that it comes last: on the screen it stands all the time, and a page's answer to a click need not wait for it.
    """
    is_first = SHOWN not in st.session_state
    if is_first:
        draw_sidebar()
    st.session_state[SHOWN] = page
    try:
        yield
    finally:
        if not is_first:
            st.session_state[SHOWN] = ""  # its links lead to the page that is shown as well
            draw_sidebar()
            st.session_state[SHOWN] = page


def draw_sidebar() -> None:
    """The pages of this collection, the collection picker with its size and health, and the model's state.

    The links carry the collection, which Streamlit's own navigation would drop.
    """
    with st.sidebar:
        st.markdown("**MedMAT Explorer**")
        for page, (title, icon) in PAGES.items():
            link(page, title, _last_view(page), icon)
        st.divider()
        summaries = {summary.name: summary for summary in resources.collections()}
        if summaries:
            _draw_picker(summaries)
        draw_sidebar_state()


def remember_view(page: str) -> None:
    """Keeps what a page shows, so that coming back from another page finds it again."""
    st.session_state[f"last view of {page}"] = {name: url_state.values(name) for name in st.query_params}


def _last_view(page: str) -> dict[str, list[str]]:
    """What the page showed last in this session, if that was of the same collection."""
    seen: dict[str, list[str]] = st.session_state.get(f"last view of {page}", {})
    return seen if seen.get(url_state.COLLECTION, [current_name()]) == [current_name()] else {}


def _kept(page: str) -> dict[str, list[str]]:
    """What a link to another page carries along of that page's last view: how a backbone was chosen and is asked."""
    if page != "spot_check" or st.session_state.get(SHOWN) == page:
        return {}
    return {name: values for name, values in _last_view(page).items() if name in ASKING_NAMES}


def _draw_picker(summaries: dict[str, CollectionSummary]) -> None:
    name = current_name()
    names = list(summaries) if name in summaries else [name, *summaries]

    def chosen() -> None:
        st.query_params.from_dict({url_state.COLLECTION: st.session_state["collection_picker"]})

    st.session_state["collection_picker"] = name
    st.selectbox("Collection", names, key="collection_picker", on_change=chosen)
    if name in summaries:
        st.caption(describe_size(summaries[name]))
        catalog = resources.catalog(name)
        draw_synthetic_mark(catalog)
        if held := catalog.connection.tags().get(BASKET, 0):
            link("browse", f"Basket: {counted(held, 'item')}", {Facet.TAG.value: BASKET}, ":material/shopping_basket:")


def describe_size(summary: CollectionSummary) -> str:
    """One line: items, subsets, and what is known of the image files."""
    images = summary.images
    parts = [f"{counted(summary.items, 'item')} in {counted(summary.subsets, 'subset')}"]
    parts += [
        f"{counted(images[state], 'image')} {state}"
        for state in ("missing", "unreadable", "unchecked")
        if images[state]
    ]
    return " · ".join(parts if len(parts) > 1 else [*parts, "all images readable"])


def draw_synthetic_mark(catalog: Catalog) -> None:
    """Says so wherever a synthetic collection is looked at."""
    if all(subset.is_synthetic for subset in catalog.subsets()):
        st.caption(":material/science: Synthetic pictures, no medical data")


def draw_foot() -> None:
    """The line at the end of every page."""
    st.divider()
    st.caption(f"MedMAT Explorer · {NOT_CLINICAL} Facts of the paper: Cai et al., ACL 2025, arXiv 2412.20070.")


def show_error(error: MedmatError | str) -> None:
    """One clear sentence where something went wrong; what it quotes is shown as it is."""
    st.error(plain(str(error)), icon=":material/error:")
