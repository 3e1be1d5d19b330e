"""The filter lists of Browse: what stands in them, and what a click or a pasted list does."""

import re

import streamlit as st

from medmat_explorer.domain.facts import dataset_number, subset_number
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import selection_state, url_state
from medmat_explorer.ui.components.facets import FacetGroup, FacetValue, facets

AXES = (Facet.MODALITY, Facet.AREA, Facet.TASK)
OPEN_AT_FIRST = (*AXES, Facet.SUBSET, Facet.SPLIT)
TITLES: dict[Facet, tuple[str, str]] = {
    Facet.MODALITY: ("Modality", "How the image was taken."),
    Facet.AREA: ("Area", "The part of the body."),
    Facet.TASK: ("Task", "The reviewed short task, which relations between subsets go by."),
    Facet.SUBSET: ("Subset", "All data sets with one modality, area and task."),
    Facet.SPLIT: ("Split", "Training or test."),
    Facet.LABEL: ("Label", "The right answer; an item of several labels counts at each."),
    Facet.TAG: ("Tag", "What readers of this collection wrote on its items."),
    Facet.DATASET: ("Data set", "The public image set that the item comes from."),
    Facet.IMAGE: ("Image file", "Readable, missing, unreadable, or not looked at yet."),
    Facet.LEAK: ("Leak", "Whether the picture stands in training and in test; the Data page searches for it."),
    Facet.PUBLISHED_TASK: ("Task as published", "The task's name as the paper prints it."),
    Facet.OPTIONS: ("Number of options", "How many answers there are to choose from."),
    Facet.LETTER: ("Right letter", "Where the right answer stands."),
    Facet.WORDS: ("Words in the question", "How long the question is."),
    Facet.PIXELS: ("Longer side", "The image's longer side in pixels."),
    Facet.SHAPE: ("Shape", "One side more than a tenth longer than the other makes it wide or tall."),
}
"""The lists in the order in which they stand, with what they mean."""

READ_AS = {
    (Facet.LEAK, "none"): "no leak",
    (Facet.LEAK, "exact"): "same picture in both splits",
    (Facet.LEAK, "near"): "nearly the same in both splits",
    (Facet.IMAGE, "ok"): "readable",
}
MOST_VALUES = 300


def draw_facets(catalog: Catalog, selection: Selection) -> None:
    """Every facet with live counts that leave out its own choice."""
    counts = catalog.facet_counts(selection)
    names = _names(catalog)
    groups = [
        _group(facet, counts[facet], selection, names) for facet in TITLES if _tells(catalog, facet, counts[facet])
    ]

    def act(facet: str, value: str, what: str) -> None:
        if what == "paste":
            paste_values(catalog, Facet(facet), value)
        else:
            selection_state.change_facet(facet, value, what)

    facets(groups, key="facets", on_filter=act)


def _tells(catalog: Catalog, facet: Facet, counts: list[tuple[str, int]]) -> bool:
    """Whether a list says anything: a leak that nobody searched for does not, nor a tag that there is not."""
    return bool(counts) and (facet is not Facet.LEAK or catalog.connection.leaks_are_known)


def _group(
    facet: Facet, counts: list[tuple[str, int]], selection: Selection, names: dict[tuple[Facet, str], str]
) -> FacetGroup:
    wanted = selection.chosen.get(facet, frozenset())
    refused = selection.excluded.get(facet, frozenset())
    listed = counts[:MOST_VALUES]
    listed += [pair for pair in counts[MOST_VALUES:] if pair[0] in wanted | refused]
    values = [
        FacetValue(value, names.get((facet, value), value), count, value in wanted, value in refused)
        for value, count in listed
    ]
    title, meaning = TITLES[facet]
    axis = facet.value if facet in AXES else ""
    is_open = facet in OPEN_AT_FIRST
    return FacetGroup(facet.value, title, meaning, axis, is_open, values, len(counts) - len(listed))


def _names(catalog: Catalog) -> dict[tuple[Facet, str], str]:
    """How values read where that is not as they are written."""
    names = {(Facet.SUBSET, subset.number): subset.title for subset in catalog.subsets()}
    names |= {(Facet.DATASET, number): f"{number} {d.name}" for number, d in catalog.datasets().items()}
    return names | READ_AS


def paste_values(catalog: Catalog, facet: Facet, text: str) -> None:
    """Chooses the values of a pasted list, beside those chosen already; says which the collection does not have."""
    known = {value.casefold(): value for value in selection_state.known_values(catalog)[facet]}
    found, strange = [], []
    for part in pasted_parts(text, known):
        value = known.get(part.casefold()) or known.get(_as_number(facet, part).casefold())
        if value:
            found.append(value)
        else:
            strange.append(part)
    if found:
        selection_state.choose({facet.value: sorted({*url_state.values(facet.value), *found})})
    if strange:
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        st.toast(f"Not in this collection: {', '.join(strange[:5])}{more}.", icon=":material/help:")


def pasted_parts(text: str, known: dict[str, str]) -> list[str]:
    """The values of a list: one a line; a line that is no value itself is parted at commas, semicolons and tabs."""
    parts = []
    for line in text.splitlines():
        pieces = [line] if line.strip().casefold() in known else re.split(r"[,;\t]", line)
        parts += [piece.strip().strip("\"'") for piece in pieces]
    return list(dict.fromkeys(part for part in parts if part))


def _as_number(facet: Facet, part: str) -> str:
    """A subset or data set given as `2`, or with its title behind the number."""
    first = part.split()[0] if part.split() else part
    if facet is Facet.SUBSET:
        return subset_number(first)
    return dataset_number(first) if facet is Facet.DATASET else part
