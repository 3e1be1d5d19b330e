"""The selection as it stands in the address: one name a facet, `not.` before it for refused values, `q` for words."""

import re

import streamlit as st

from medmat_explorer.domain.selection import NOT, Facet, Selection
from medmat_explorer.domain.selection_words import TEXT, WORDS, selection_params
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import url_state

__all__ = ["TEXT", "selection_params"]
"""Names of the domain that pages know from here."""

PAGE = "page"
ITEM = "item"
SET_NAME = re.compile(r"[0-9a-f]{16}")
CHOICES = [name for facet in Facet for name in (facet.value, NOT + facet.value)]
"""All names that facets have in the address."""


@st.cache_data(max_entries=16, show_spinner=False)
def _known_values(name: str, version: str, _catalog: Catalog) -> dict[str, frozenset[str]]:
    counts = _catalog.facet_counts(Selection())
    return {facet.value: frozenset(value for value, _ in values) for facet, values in counts.items()}


def known_values(catalog: Catalog) -> dict[Facet, frozenset[str]]:
    """What the collection has, by facet; tags as they are now, and no sets, which cannot be listed."""
    known = {Facet(name): values for name, values in _known_values(catalog.name, catalog.version, catalog).items()}
    known[Facet.TAG] = frozenset(catalog.connection.tags())
    for facet, values in STATES.items():
        known[facet] = frozenset(values)
    return known


STATES = {
    Facet.IMAGE: ("ok", "missing", "unreadable", "unchecked"),
    Facet.PIXELS: ("up to 128", "129 to 256", "257 to 512", "513 to 1024", "1025 to 2048", "2049 or more", "unknown"),
    Facet.SHAPE: ("square", "wide", "tall", "unknown"),
    Facet.LEAK: ("none", "exact", "near"),
}
"""Values that may come up while the image check runs."""


def read_selection(catalog: Catalog) -> Selection:
    """The selection in the address; values that the collection does not have are left out."""
    known = known_values(catalog)
    return Selection(_named("", known), url_state.value(TEXT).strip(), _named(NOT, known))


def _named(prefix: str, known: dict[Facet, frozenset[str]]) -> dict[Facet, frozenset[str]]:
    found = {}
    for facet in Facet:
        values = frozenset(url_state.values(prefix + facet.value))
        values = frozenset(filter(SET_NAME.fullmatch, values)) if facet is Facet.SET else values & known[facet]
        if values:
            found[facet] = values
    return found


def change_facet(facet: str, value: str, act: str) -> None:
    """Puts a facet's new choice into the address.

    `toggle` takes one value in or out, `only` leaves just that one, `not` refuses it or no longer, `clear` drops the
    facet's choice.
    """
    wanted, refused = url_state.values(facet), url_state.values(NOT + facet)
    others, not_others = [v for v in wanted if v != value], [v for v in refused if v != value]
    is_new = value not in wanted and value not in refused
    wanted, refused = {
        "toggle": ([*others, value] if is_new else others, not_others),
        "only": ([value], []),
        "not": (others, not_others if value in refused else [*not_others, value]),
        "clear": ([], []),
    }[act]
    choose({facet: wanted, NOT + facet: refused})


def choose(changes: dict[str, list[str]]) -> None:
    """Changes facets in the address and goes to the first page of what that leaves."""
    url_state.write({**changes, PAGE: None, ITEM: None})


def clear_selection() -> None:
    """Everything is shown again."""
    url_state.write({**dict.fromkeys(CHOICES), TEXT: None, PAGE: None, ITEM: None})


def describe_selection(selection: Selection) -> str:
    """For people: `modality CT · not split test · "stone"`."""
    return " · ".join(text for _, text in selection_parts(selection))


def selection_parts(selection: Selection) -> list[tuple[str, str]]:
    """What the selection is made of: names in the address, and how each reads."""
    parts = [(f.value, f"{_word(f)} {_listed(f, values)}") for f, values in selection.chosen.items() if values]
    parts += [(NOT + f.value, f"not {_word(f)} {_listed(f, v)}") for f, v in selection.excluded.items() if v]
    return [*parts, (TEXT, f"“{selection.text}”")] if selection.text else parts


def _word(facet: Facet) -> str:
    return WORDS.get(facet, facet.value)


def _listed(facet: Facet, values: frozenset[str]) -> str:
    if facet is Facet.SET:
        return ""
    shown = sorted(values)
    return " or ".join(shown) if len(shown) <= 4 else f"{' or '.join(shown[:3])} or {len(shown) - 3} more"
