"""Which items are asked: from what selection, in equal parts of what, how many, by which seed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from medmat_explorer.domain.qa import QAItem, Split
from medmat_explorer.domain.selection import IMAGE_FACETS, READER_FACETS, Facet, Selection
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.sampling import DRAWS
from medmat_explorer.ui import frame, selection_state, url_state
from medmat_explorer.ui.plain import counted, plain

N, SEED, DRAW = "n", "seed", "draw"
DEFAULT_ITEMS, MOST_ITEMS, LARGEST_SEED = 24, 2000, 2**31 - 1
DEFAULT_DRAW = "subset"
DRAW_NAMES = {
    "subset": "subsets, and of each one's labels",
    "label": "labels",
    "modality": "modalities",
    "area": "areas",
    "task": "tasks",
    "any": "nothing: any of them",
}
PART_NAMES = {"subset": "subset", "label": "label", "modality": "modality", "area": "area", "task": "task"}
MANY = {"modality": "modalities"}
"""Plurals that are not made by an s."""


@dataclass(frozen=True)
class Drawn:
    """The items that will be asked, of how many there are, and by which draw."""

    items: tuple[QAItem, ...]
    there: int
    n: int
    seed: int
    by: str
    selection: Selection
    split: Split | None

    @property
    def subsets(self) -> tuple[str, ...]:
        """The subsets that were chosen by number."""
        return tuple(sorted(self.selection.chosen.get(Facet.SUBSET, frozenset())))


def drawn_items(catalog: Catalog) -> Drawn:
    """What the address asks for. Test items, unless a split is chosen."""
    selection = selection_state.read_selection(catalog)
    split = None if selection.named(Facet.SPLIT) else Split.TEST
    n = url_state.number(N, DEFAULT_ITEMS, least=1, most=MOST_ITEMS)
    seed = url_state.number(SEED, 0, least=0, most=LARGEST_SEED)
    by = url_state.value(DRAW, DEFAULT_DRAW)
    by = by if by in DRAWS else DEFAULT_DRAW
    draw = _draw if selection.text or selection.facets & (IMAGE_FACETS | READER_FACETS) else _kept_draw
    items, there = draw(catalog, selection, split, n, seed, by)
    return Drawn(items, there, n, seed, by, selection, split)


def dropped_items(catalog: Catalog) -> list[str]:
    """What the address says of items that this collection does not have, or that no draw is called, as `name=value`."""
    selection = selection_state.read_selection(catalog)
    kept = {**selection_state.selection_params(selection), DRAW: list(DRAWS)}
    return [
        f"{name}={value[:60]}"
        for name in (*selection_state.CHOICES, DRAW)
        for value in url_state.values(name)
        if value not in kept.get(name, [])
    ]


def draw_items(catalog: Catalog, drawn: Drawn) -> None:
    """The choices, what is filtered with a way to drop it, and what the draw gives."""
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    what, by, n, seed = st.columns([4, 3, 1, 1])
    with what:
        st.multiselect(
            "Subsets",
            list(titles),
            format_func=titles.__getitem__,
            placeholder="All subsets",
            **url_state.bind(Facet.SUBSET.value, [number for number in titles if number in drawn.subsets]),
        )
    with by:
        st.selectbox(
            "In equal parts of",
            list(DRAW_NAMES),
            format_func=DRAW_NAMES.__getitem__,
            help="They take turns until enough items are drawn; a part that has no more is passed over. "
            "No two items of one picture are drawn.",
            **url_state.bind(DRAW, drawn.by, default=DEFAULT_DRAW),
        )
    with n:
        st.number_input("Items", 1, MOST_ITEMS, **url_state.bind(N, drawn.n, default=DEFAULT_ITEMS))
    with seed:
        st.number_input("Seed", 0, LARGEST_SEED, help="Draws the items.", **url_state.bind(SEED, drawn.seed, default=0))
    _draw_rest_of_selection(drawn)
    _draw_counts(catalog, drawn)


def _draw_rest_of_selection(drawn: Drawn) -> None:
    """What else than subsets is filtered, in words; dropping it leaves the subsets chosen."""
    rest = drawn.selection.without(Facet.SUBSET)
    with st.container(horizontal=True, vertical_alignment="center"):
        if rest.is_everything:
            st.caption("Drawn from the whole test split, as nothing else is filtered.", width="content")
        else:
            split = "" if drawn.selection.named(Facet.SPLIT) else ", of the test split"
            words = plain(selection_state.describe_selection(rest))
            st.markdown(f":material/filter_alt: Only items with {words}{split}", width="content")
            names = dict.fromkeys(name for name, _ in selection_state.selection_parts(rest))
            st.button("Drop that", on_click=url_state.write, args=(names,), type="tertiary")
        params = selection_state.selection_params(drawn.selection)
        shown = {**params, Facet.SPLIT.value: drawn.split.value} if drawn.split else params
        frame.link("browse", "Choose in Browse", shown, ":material/photo_library:")


def _draw_counts(catalog: Catalog, drawn: Drawn) -> None:
    asked = len(drawn.items)
    if not asked:
        st.info(
            "No item is left to ask about: drop a filter, or choose subsets that have test items.",
            icon=":material/filter_alt_off:",
        )
        return
    whole = f"**{counted(asked, 'item')}** of {counted(drawn.there, 'picture')} to draw from"
    fewer = f" ({drawn.n:,} were asked for)" if asked < drawn.n else ""
    st.markdown(f"{whole}{fewer}{_parts(catalog, drawn)}.")


def _parts(catalog: Catalog, drawn: Drawn) -> str:
    """How the items spread over what they are drawn by: `, 1 to 2 of each of 24 subsets`."""
    if drawn.by not in PART_NAMES:
        return ""
    axes = [axis for axis in Axis if axis.value == drawn.by]
    counts = parts_of(drawn, {subset.number: subset.triplet[axis] for axis in axes for subset in catalog.subsets()})
    least, most = min(counts.values()), max(counts.values())
    each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    name = PART_NAMES[drawn.by]
    if len(counts) == 1:
        return f", all of one {name}"
    return f", {each} of each of {len(counts):,} {MANY.get(name, f'{name}s')}"


def parts_of(drawn: Drawn, element_of: Mapping[str, str]) -> Counter[str]:
    """The drawn items counted by what they are drawn by. `element_of` gives a subset's element where that is asked."""
    if drawn.by == "subset":
        return Counter(item.subset for item in drawn.items)
    if drawn.by == "label":
        return Counter(", ".join(sorted(item.labels)) for item in drawn.items)
    return Counter(element_of.get(item.subset, "") for item in drawn.items)


def _draw(
    catalog: Catalog, selection: Selection, split: Split | None, n: int, seed: int, by: str
) -> tuple[tuple[QAItem, ...], int]:
    items = catalog.sample(n, seed, selection=selection, split=split, by=by)
    return tuple(items), catalog.drawable(selection, split)


def _kept_draw(
    catalog: Catalog, selection: Selection, split: Split | None, n: int, seed: int, by: str
) -> tuple[tuple[QAItem, ...], int]:
    """The same, kept: for selections of which nothing can come to be known later."""
    params = selection_state.selection_params(selection)
    key = tuple((name, *values) for name, values in params.items() if isinstance(values, list))
    return _once((catalog.name, catalog.version, str(split), n, seed, by), key, catalog, selection, split)


@st.cache_resource(max_entries=64, show_spinner=False)
def _once(
    key: tuple[str, str, str, int, int, str],
    chosen: tuple[tuple[str, ...], ...],
    _catalog: Catalog,
    _selection: Selection,
    _split: Split | None,
) -> tuple[tuple[QAItem, ...], int]:
    *_, n, seed, by = key
    return _draw(_catalog, _selection, _split, n, seed, by)
