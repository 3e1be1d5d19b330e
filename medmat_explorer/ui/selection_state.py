"""The selection as it stands in the address: one name a facet, `q` for the words searched for."""

import streamlit as st

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import url_state

TEXT = "q"
PAGE = "page"
ITEM = "item"


@st.cache_data(max_entries=16, show_spinner=False)
def _known_values(name: str, version: str, _catalog: Catalog) -> dict[str, frozenset[str]]:
    counts = _catalog.facet_counts(Selection())
    return {facet.value: frozenset(value for value, _ in values) for facet, values in counts.items()}


def read_selection(catalog: Catalog) -> Selection:
    """The selection in the address; values that the collection does not have are left out."""
    known = _known_values(catalog.name, catalog.version, catalog)
    chosen = {facet: frozenset(url_state.values(facet.value)) & known[facet.value] for facet in Facet}
    return Selection({facet: values for facet, values in chosen.items() if values}, url_state.value(TEXT).strip())


def change_facet(facet: str, value: str, act: str) -> None:
    """Puts a facet's new choice into the address: `toggle` one value, `only` that value, or `clear` the facet."""
    before = url_state.values(facet)
    after = {
        "toggle": [v for v in before if v != value] if value in before else [*before, value],
        "only": [value],
        "clear": [],
    }[act]
    url_state.write({facet: after, PAGE: None, ITEM: None})


def clear_selection() -> None:
    """Everything is shown again."""
    url_state.write({**{facet.value: None for facet in Facet}, TEXT: None, PAGE: None, ITEM: None})


def selection_params(selection: Selection) -> dict[str, str | list[str]]:
    """The selection as address parameters, for links to other pages."""
    params: dict[str, str | list[str]] = {f.value: sorted(values) for f, values in selection.chosen.items() if values}
    return {**params, TEXT: selection.text} if selection.text else params


def describe_selection(selection: Selection) -> str:
    """For people: `modality CT · split test · "stone"`."""
    parts = [f"{facet.value} {' or '.join(sorted(values))}" for facet, values in selection.chosen.items() if values]
    return " · ".join([*parts, f'"{selection.text}"'] if selection.text else parts)
