"""Recipes of the target: pairs and triples of subsets that together teach its three elements, with what is known of
each, and what to do with the one that is chosen.
"""

import re
from collections.abc import Sequence

import streamlit as st

from medmat_explorer.charts.published import evidence_of, gains, verdict_words, where
from medmat_explorer.domain.recipe_book import RecipeBook
from medmat_explorer.domain.subset import subset_order
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.duplicates import search_record
from medmat_explorer.store.recipe_leaks import SharedImages
from medmat_explorer.ui import frame, lattice_view, url_state
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.lattice_view import RECIPE, LatticeView
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.recipe_facts import (
    CODES,
    RecipeFacts,
    facts_of,
    published_on,
    recipe_lines,
    recipe_of_key,
    tried_first,
)
from medmat_explorer.ui.table_file import table_csv

DIRECTION, SOURCE = "direction", "source"
"""In the address: which recipes are listed."""

TITLES = {"three": "Three sources"}
MOST = 200
FEW = 12
"""So many recipes are listed without a choice of sources, and without scrolling in a box of their own."""

BOX_HEIGHT = 440
COLUMNS = (
    Column("Recipe"),
    Column("Direction"),
    Column("Who teaches what"),
    Column("In the paper"),
    Column("Training items here", amount=True),
    Column("Label overlap", amount=True),
    Column("Target images in a source"),
    Column("Note"),
)
EXPLAINED = (
    "Label overlap: of all labels of the sources and the target, the share that both sides have. Target images in a "
    "source: those of the target's train and test items that stand in it too, the same or nearly so"
)
NEVER_LOOKED = "; known once duplicates were looked for, on the Data page"


def draw_recipes(view: LatticeView) -> None:
    """The recipes under the rule, those that the paper tried first, as a table whose rows can be chosen."""
    catalog, book = frame.current_catalog(), RecipeBook(view.relations)
    counts, total = book.counts(), book.count()
    st.subheader(f"Recipes · {total:,}")
    if not total:
        st.write("No two subsets teach this target all three elements under this rule. A looser rule may find some.")
        return
    st.caption(
        "Two subsets, or three, that together teach the target's three elements, the target itself not trained on. "
        "Choose one to make a training mix of it."
    )
    direction, source = _draw_filters(view, book, counts)
    recipes = tried_first(book, published_on(view), MOST, direction, source)
    found = facts_of(view, catalog, book, recipes)
    matching = book.count(direction, source)
    if matching > len(found):
        st.caption(f"The first {len(found):,} of {matching:,}; choose a direction or a source to see others.")
    _draw_table(view, catalog, found)
    _draw_chosen(view, catalog, book)


def _draw_filters(view: LatticeView, book: RecipeBook, counts: dict[str, int]) -> tuple[str, str]:
    """Of which direction and with which source recipes are listed; both may be empty."""
    there = [code for code, direction in CODES.items() if counts[direction]]
    code = url_state.value(DIRECTION)
    code = code if code in there else ""
    total = sum(counts.values())
    titles = {
        "": f"All · {total:,}",
        **{c: f"{TITLES.get(c, CODES[c].capitalize())} · {counts[CODES[c]]:,}" for c in there},
    }
    source = url_state.value(SOURCE)
    source = source if source in view.related else ""
    if len(there) > 1:
        st.pills(
            "Direction",
            list(titles),
            format_func=lambda name: titles[name],
            required=True,
            label_visibility="collapsed",
            wrap=True,
            **url_state.bind(DIRECTION, code, default=""),
        )
    if total > FEW:
        sources = sorted(view.related, key=subset_order)
        st.selectbox(
            "With the source",
            sources,
            format_func=lambda number: view.universe.subsets[number].title,
            placeholder="With any source",
            label_visibility="collapsed",
            **url_state.bind(SOURCE, source or None),
        )
    return CODES.get(code, ""), source


def _draw_table(view: LatticeView, catalog: Catalog, found: Sequence[RecipeFacts]) -> None:
    if not found:
        st.write("No recipe of this direction has that source.")
        return
    searched = search_record(catalog.files) is not None
    shown = _shown_columns(view, found)
    rows = [
        [cell for cell, is_shown in zip(recipe_cells(one, searched), shown, strict=True) if is_shown] for one in found
    ]
    with st.container(height=BOX_HEIGHT if len(found) > FEW else "content", border=len(found) > FEW):
        linked_table(
            [column for column, is_shown in zip(COLUMNS, shown, strict=True) if is_shown],
            rows,
            key="recipes",
            label=f"Recipes of {view.target.key}, {len(found)} listed",
            selected=url_state.value(RECIPE),
            on_act=lambda act: url_state.write({RECIPE: None if act == url_state.value(RECIPE) else act}),
        )
    st.download_button(
        "CSV",
        table_csv(recipe_lines(view, found)),
        re.sub(r"[^\w.@-]+", "-", f"recipes-{view.target.key}-{view.rule.name}.csv"),
        "text/csv",
        key="recipes_csv",
        icon=":material/download:",
        help=f"The {counted(len(found), 'recipe')} listed, with target and rule.",
        on_click="ignore",
    )
    if _target_is_here(view):
        st.caption(f"{EXPLAINED}{'' if searched else NEVER_LOOKED}.")


def _shown_columns(view: LatticeView, found: Sequence[RecipeFacts]) -> list[bool]:
    """Which columns say anything: a target that nobody tried, or that has no items here, needs fewer."""
    here = _target_is_here(view)
    noted = any(one.same_triple for one in found)
    return [True, True, True, bool(published_on(view)), True, here, here, noted]


def _target_is_here(view: LatticeView) -> bool:
    return view.target.subset is not None and view.universe.stock[view.target.subset.number].items > 0


def recipe_cells(one: RecipeFacts, searched: bool) -> list[Cell]:
    """One row of the table; `searched` says whether duplicates were looked for."""
    sources = "\u00a0+\u00a0".join(one.recipe.subsets)
    overlap = "" if one.overlap is None else f"{one.overlap:.2f}"
    return [
        Cell(sources, act=one.key, title=f"Choose the recipe {' + '.join(one.recipe.subsets)}, {one.recipe.direction}"),
        Cell(one.recipe.direction),
        Cell(one.taught_text),
        Cell(gains(one.published)),
        Cell(f"{one.training:,}", tone="" if one.training else "quiet"),
        Cell(overlap),
        _leak_cell(one, searched),
        Cell(_same_triple(one.same_triple), tone="warn" if one.same_triple else ""),
    ]


def _leak_cell(one: RecipeFacts, searched: bool) -> Cell:
    if one.shared is None:
        return Cell("" if searched else "not looked for", tone="quiet")
    if not one.shared:
        return Cell("none found", tone="quiet")
    text = "; ".join(f"{number}: {_images(shared)}" for number, shared in one.shared.items())
    return Cell(f"⚠ {text}", tone="warn")


def _images(shared: SharedImages) -> str:
    """`3 train, 12 test`."""
    parts = [f"{images:,} {split}" for images, split in ((shared.train, "train"), (shared.test, "test")) if images]
    return ", ".join(parts)


def _same_triple(numbers: Sequence[str]) -> str:
    return f"⚠ {' and '.join(numbers)}: same coarse triple" if numbers else ""


def _draw_chosen(view: LatticeView, catalog: Catalog, book: RecipeBook) -> None:
    """What is known of the chosen recipe, in words, and where it leads."""
    recipe = recipe_of_key(url_state.value(RECIPE), book)
    if recipe is None:
        return
    (one,) = facts_of(view, catalog, book, [recipe])
    sources = sorted(recipe.subsets, key=subset_order)
    with st.container(border=True, key="chosen_recipe"):
        st.markdown(f"**Recipe {plain(' + '.join(recipe.subsets))}** · {recipe.direction}")
        st.markdown("  \n".join(plain(line) for line in _lines(view, one)))
        with st.container(horizontal=True, gap="small"):
            mix = {lattice_view.VIEW: "mix", "arm": f"recipe:{'+'.join(sources)}", **_compared(view)}
            frame.link("lattice", "Make a training mix", mix, ":material/shopping_basket:")
            here = [number for number in sources if view.universe.stock[number].items]
            if here:
                items = sum(view.universe.stock[number].items for number in here)
                label = f"Browse its {counted(items, 'item')}"
                frame.link("browse", label, {"subset": here}, ":material/photo_library:")


def _lines(view: LatticeView, one: RecipeFacts) -> list[str]:
    subsets = view.universe.subsets
    lines = [f"{subsets[number].title} teaches {' and '.join(words)}" for number, words in one.taught.items()]
    lines += [f"{where(row)}: {row.gain:+g}, {verdict_words(evidence_of(row))}" for row in one.published]
    lines += [f"{number} holds {_images(shared)} images of the target" for number, shared in (one.shared or {}).items()]
    if one.same_triple:
        lines.append(
            f"{_same_triple(one.same_triple)} as the target under this rule; alone it shares all three elements"
        )
    return lines


def _compared(view: LatticeView) -> dict[str, str]:
    """What target and rule stand on, for a link to another view of them."""
    found = {
        lattice_view.TARGET: view.target.key,
        lattice_view.RULE: view.rule.name,
        lattice_view.UNIVERSE: view.universe.name,
        lattice_view.MERGE: "1" if view.rule.merge_areas else "",
    }
    return {name: value for name, value in found.items() if value}
