"""Live counts of every facet: each is counted over what the other facets and the text leave."""

import math
import re

from medmat_explorer.domain.selection import READER_FACETS, Facet, Selection
from medmat_explorer.domain.subset import subset_order
from medmat_explorer.store.connection import CatalogConnection
from medmat_explorer.store.cube import Cube
from medmat_explorer.store.filters import READER_TABLES, Condition
from medmat_explorer.store.live_cube import cube_where

BY_FREQUENCY = frozenset({Facet.LABEL, Facet.TAG})
BY_NUMBER = frozenset({Facet.DATASET, Facet.OPTIONS, Facet.PIXELS, Facet.WORDS})

FacetCounts = dict[Facet, list[tuple[str, int]]]


def count_facets(connection: CatalogConnection, selection: Selection) -> FacetCounts:
    """Values with counts, by facet: labels and tags with the most frequent first, all others by name or number.

    A named value that nothing has any more is listed with 0.
    """
    counts: dict[Facet, dict[str, int]] = {facet: dict.fromkeys(selection.named(facet), 0) for facet in Facet}
    for facet, found in cube_of(connection, selection).counts(selection).items():
        counts[facet] |= found
    if connection.tags():
        counts[Facet.TAG] |= _count_kept(connection, selection, Facet.TAG)
    if selection.named(Facet.SET):
        counts[Facet.SET] |= _count_kept(connection, selection, Facet.SET)
    return {facet: _in_order(facet, values) for facet, values in counts.items()}


def cube_of(connection: CatalogConnection, selection: Selection) -> Cube:
    """The cube that a selection's facets are counted in.

    It is that of the whole collection, or one made on the spot of what the text, tags and sets leave.
    """
    condition = beyond_cube(connection, selection)
    return Cube(connection.columns(cube_where(condition.sql), condition.parameters)) if condition else connection.cube()


def beyond_cube(connection: CatalogConnection, selection: Selection) -> Condition | None:
    """What of a selection no cube knows, for `items`: text, tags and sets. None when there is nothing of that."""
    beyond = Selection(
        {facet: values for facet, values in selection.chosen.items() if facet in READER_FACETS},
        selection.text,
        {facet: values for facet, values in selection.excluded.items() if facet in READER_FACETS},
    )
    return None if beyond.is_everything else connection.condition(beyond, "beyond")


def _count_kept(connection: CatalogConnection, selection: Selection, facet: Facet) -> dict[str, int]:
    """Tags, or those sets that the selection names."""
    table, column = READER_TABLES[facet]
    condition = connection.condition(selection.without(facet))
    named = "" if facet is Facet.TAG else f"AND list_contains($named, {column})"
    parameters = condition.parameters | ({"named": sorted(selection.named(facet))} if named else {})
    rows = connection.rows(
        f"SELECT {column}, count(*) FROM (SELECT id FROM items WHERE {condition.sql}) JOIN {table} USING (id) "
        f"WHERE true {named} GROUP BY 1",
        parameters,
    )
    return {value: int(items) for value, items in rows}


def _in_order(facet: Facet, counts: dict[str, int]) -> list[tuple[str, int]]:
    if facet in BY_FREQUENCY:
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if facet is Facet.SUBSET:
        return sorted(counts.items(), key=lambda pair: subset_order(pair[0]))
    if facet in BY_NUMBER:
        return sorted(counts.items(), key=lambda pair: (_first_number(pair[0]), pair[0]))
    return sorted(counts.items())


def _first_number(value: str) -> float:
    found = re.search(r"\d+", value)
    return int(found[0]) if found else math.inf
