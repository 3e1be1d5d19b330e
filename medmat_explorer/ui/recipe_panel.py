"""Recipes of the target: pairs of subsets that together teach its three elements, and what the paper measured."""

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from medmat_explorer.charts.lattice_content import element_text
from medmat_explorer.domain.recipes import Recipe, recipes, triple_recipes
from medmat_explorer.domain.relation import Relation
from medmat_explorer.evaluation.statistics import wilson
from medmat_explorer.paper.facts import CompositionRow, composition_rows
from medmat_explorer.ui.lattice_view import PUBLISHED, LatticeView

RowKey = tuple[frozenset[str], str]
EVIDENCE_HELP = {
    "Trained": "Accuracy in percent after training on the two sources, as printed.",
    "Baseline": "The untrained model, as printed.",
    "Baseline+": "Trained on as many samples of unrelated subsets.",
    "95 % interval": "Wilson interval of Trained, where the size of the test set can be inferred.",
    "n": "Items in the test set, inferred from the decimals; none where that cannot be done.",
    "Printed verdict": "Trained above both baselines, as the paper counts it; no test of significance.",
    "By this rule": "Whether the rule chosen on the left makes the printed sources a recipe of this target.",
    "Mapping": "How sure it is which subsets the printed labels mean.",
}


def draw_recipes(view: LatticeView) -> None:
    """The pair recipes under the rule, those that the paper tried first, and every published row on this target."""
    found = recipes(view.target, view.universe.subsets.values(), view.rule)
    published = _published_rows(view)
    st.subheader(f"Recipes · {len(found)}")
    if found:
        st.caption("Two subsets that together teach the target's three elements, the target itself not trained on.")
        tried = [(recipe, _tried(recipe, published)) for recipe in found]
        tried.sort(key=lambda pair: -len(pair[1]))
        hidden = () if published else ("In the paper",)
        _table([_recipe_row(view, recipe, rows) for recipe, rows in tried], "recipes", hidden=hidden)
    else:
        st.write("No two subsets teach this target all three elements under this rule. A looser rule may find some.")
    if published:
        st.markdown(f"**What the paper measured on this target · {len(published)}**")
        _table([_evidence_row(row, _recipe_keys(view, found)) for row in published], "evidence", EVIDENCE_HELP)


def _published_rows(view: LatticeView) -> list[CompositionRow]:
    if view.universe.name != PUBLISHED or view.target.subset is None:
        return []
    return [row for row in composition_rows() if row.target == view.target.subset.number]


def _tried(recipe: Recipe, published: Iterable[CompositionRow]) -> list[CompositionRow]:
    key = frozenset(recipe.subsets), recipe.direction
    return [row for row in published if (frozenset(row.related), row.direction) == key]


def _recipe_keys(view: LatticeView, pairs: Iterable[Recipe]) -> set[RowKey]:
    """Sources and direction of every recipe, pairs and triples."""
    triples = triple_recipes(view.target, view.universe.subsets.values(), view.rule)
    return {(frozenset(recipe.subsets), recipe.direction) for recipe in (*pairs, *triples)}


def _recipe_row(view: LatticeView, recipe: Recipe, tried: list[CompositionRow]) -> dict[str, Any]:
    pairs = list(zip(recipe.subsets, recipe.teaches, strict=True))
    return {
        "Sources": " + ".join(recipe.subsets),
        "Direction": recipe.direction,
        "Who teaches what": ", ".join(f"{n}: {' · '.join(_taught(view, n, taught))}" for n, taught in pairs),
        "In the paper": gains(tried),
        "Items here": sum(view.universe.stock[number].items for number in recipe.subsets),
    }


def _taught(view: LatticeView, number: str, taught: Relation) -> list[str]:
    """The elements that a source supplies beside the fixed one, as it has them."""
    subset = view.universe.subsets[number]
    return [element_text(subset, axis, view.rule) for axis in taught.axes]


def gains(rows: Sequence[CompositionRow]) -> str:
    """What the paper printed for a recipe: the gain with its place, or how many rows from which gain to which."""
    if len(rows) < 2:
        return "".join(f"{row.gain:+g}, {where(row)}" for row in rows)
    found = [row.gain for row in rows]
    return f"{len(rows)} rows, {min(found):+g} to {max(found):+g}"


def where(row: CompositionRow) -> str:
    """The place of a published row: `Table 3 row 16`, with the numbering of v2 where v1 has no such table.

    Some tables of v2 print their rows without numbers.
    """
    table = f"Table {row.table}" if row.table else f"v2 Table {row.table_v2}"
    return f"{table} row {row.row}" if row.row else table


def interval(percent: float | None, n: int | None) -> str:
    """The 95 % interval of a printed percentage, or an empty text where the size of the test set is not known."""
    if percent is None or n is None:
        return ""
    low, high = wilson(round(percent * n / 100), n)
    return f"{100 * low:.0f} to {100 * high:.0f}"


def _evidence_row(row: CompositionRow, keys: set[RowKey]) -> dict[str, Any]:
    return {
        "Where": where(row),
        "Sources": " + ".join(row.related),
        "Trained": row.trained,
        "95 % interval": interval(row.trained, row.test_size),
        "n": row.test_size,
        "Baseline": row.baseline,
        "Baseline+": row.baseline_plus,
        "Gain": row.gain,
        "Printed verdict": "✓ helps" if row.helps else "✗ does not",
        "By this rule": "a recipe" if (frozenset(row.related), row.direction) in keys else "no recipe",
        "Direction": row.direction,
        "Backbone": row.backbone,
        "Mapping": row.confidence,
    }


def _table(
    rows: list[dict[str, Any]], key: str, explained: dict[str, str] | None = None, hidden: Sequence[str] = ()
) -> None:
    st.dataframe(
        rows,
        column_order=[name for name in rows[0] if name not in hidden],
        key=key,
        hide_index=True,
        column_config={name: st.column_config.Column(help=text) for name, text in (explained or {}).items()},
    )
