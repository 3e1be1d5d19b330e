"""`relate TARGET` and `recipes TARGET`: which subsets are related to a target, and which together teach it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from medmat_explorer.commands.options import Json
from medmat_explorer.commands.rule_option import MergeAreas, Rule, chosen_rule
from medmat_explorer.terminal import print_json, print_line, print_table

if TYPE_CHECKING:
    from medmat_explorer.domain.relation import RelationRule, Target
    from medmat_explorer.domain.subset import Subset
    from medmat_explorer.store.catalog import Catalog

TargetText = Annotated[str, typer.Argument(help="A subset number (28) or a triple (X-ray/Lung/COVID).")]
Collection = Annotated[
    str | None, typer.Option(help="A collection whose own subsets are compared too, and whose rules are known.")
]

MOST = 10_000


@dataclass(frozen=True)
class _Asked:
    """A target among subsets and a rule. `published` says whether the numbers are Med-MAT's."""

    target: "Target"
    subsets: "Mapping[str, Subset]"
    rule: "RelationRule"
    published: bool


def relate(
    target: TargetText,
    rule: Rule = "paper",
    merge_areas: MergeAreas = False,
    collection: Collection = None,
    json: Json = False,
) -> None:
    """Which subsets are related to a target, and by which elements."""
    from medmat_explorer.domain.relation import Relation, relations_to
    from medmat_explorer.domain.triplet import Axis

    asked = _asked(target, rule, merge_areas, collection)
    shared = relations_to(asked.target, asked.subsets.values(), asked.rule)
    related = {number: [axis.value for axis in r.axes] for number, r in shared.items() if r is not Relation.NONE}
    unrelated = [number for number, r in shared.items() if r is Relation.NONE]
    elements = asked.rule.elements(asked.target.compared)
    if json:
        given, compared = ({axis.value: t[axis] for axis in Axis} for t in (asked.target.triplet, elements))
        names = {"target": given, "compared": compared, "rule": asked.rule.name}
        print_json({**names, "related": related, "unrelated": unrelated})
        return
    rows = [[asked.subsets[number].title, ", ".join(axes)] for number, axes in related.items()]
    print_table(f"Related to {elements} under '{asked.rule.name}'", ["subset", "shares"], rows)
    print_line(f"Unrelated ({len(unrelated)}): {' '.join(unrelated)}")


def recipes(
    target: TargetText,
    rule: Rule = "paper",
    merge_areas: MergeAreas = False,
    collection: Collection = None,
    most: Annotated[int, typer.Option(min=1, help="Recipes listed at most; the counts are of all.")] = MOST,
    json: Json = False,
) -> None:
    """Pairs and triples of subsets that together teach a target its three elements, as the paper forms them."""
    from medmat_explorer.domain.recipes import recipe_book
    from medmat_explorer.paper.facts import CompositionRow, composition_rows

    asked = _asked(target, rule, merge_areas, collection)
    book = recipe_book(asked.target, asked.subsets.values(), asked.rule)
    used: dict[tuple[frozenset[str], str], list[CompositionRow]] = {}
    for row in composition_rows() if asked.published else ():
        if row.target == asked.target.key:
            used.setdefault((frozenset(row.related), row.direction), []).append(row)
    first = book.first(most)
    listed = [(recipe, used.get((frozenset(recipe.subsets), recipe.direction), [])) for recipe in first]
    if json:
        found = [
            {
                "subsets": list(recipe.subsets),
                "direction": recipe.direction,
                "published": [{"table": row.place, "row": row.row} for row in rows],
            }
            for recipe, rows in listed
        ]
        names = {"target": asked.target.key, "rule": asked.rule.name}
        print_json({**names, "counts": book.counts(), "truncated": book.count() > len(found), "recipes": found})
        return
    lines = [
        [" + ".join(recipe.subsets), recipe.direction, ", ".join(f"table {row.place} row {row.row}" for row in rows)]
        for recipe, rows in listed
    ]
    title = f"Recipes for {asked.target.key} under '{asked.rule.name}'"
    print_table(title, ["subsets", "direction", "published rows"], lines)
    if book.count() > len(lines):
        print_line(f"The first {len(lines):,} of {book.count():,}; --most lists more.")


def _asked(target: str, rule: str, merge_areas: bool, collection: str | None) -> _Asked:
    """Raises UnknownNameError for a target, rule or collection that is none, and RuleError for a table that is none."""
    from medmat_explorer.domain.relation import find_target
    from medmat_explorer.paper.facts import subsets
    from medmat_explorer.store.universe import PUBLISHED, SubsetUniverse, subset_universes, universe_with

    with _catalog(collection) as catalog:
        medmat = (SubsetUniverse(PUBLISHED, subsets()),)
        among = universe_with(subset_universes(catalog, subsets()) if catalog else medmat, target)
        found = find_target(target, among.subsets.values())
        compared = chosen_rule(rule, among.subsets, catalog, merge_areas=merge_areas)
        return _Asked(found, among.subsets, compared, among.medmat)


def _catalog(collection: str | None) -> "AbstractContextManager[Catalog | None]":
    """The collection, open as long as it is asked; None where none is named."""
    if collection is None:
        return nullcontext()
    from medmat_explorer.config import settings
    from medmat_explorer.store.collections import open_catalog

    return closing(open_catalog(collection, settings().home))
