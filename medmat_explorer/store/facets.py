"""Live counts of every facet: each is counted over what the other facets and the text leave."""

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.domain.subset import subset_order
from medmat_explorer.store.connection import CatalogConnection
from medmat_explorer.store.filters import Condition, facet_condition, text_condition

VALUES = {
    Facet.MODALITY: "modality",
    Facet.AREA: "area",
    Facet.TASK: "task",
    Facet.SUBSET: "subset",
    Facet.SPLIT: "split",
    Facet.LABEL: "unnest(labels)",
}
FOUND = """
SELECT s.modality, s.area, s.task, i.subset, i.split, i.labels, count(*) AS items
FROM items i JOIN subsets s ON s.number = i.subset WHERE {condition} GROUP BY ALL
"""
"""What the cube is for the whole collection, for the items that a text search finds."""

FacetCounts = dict[Facet, list[tuple[str, int]]]


def count_facets(connection: CatalogConnection, selection: Selection) -> FacetCounts:
    """Values with counts, by facet: labels with the most frequent first, all others by name.

    A chosen value that nothing has any more is listed with 0.
    """
    text = text_condition(selection.text)
    source = f"({FOUND.format(condition=text.sql)})" if selection.text.strip() else "cube"
    parts, parameters = [], dict(text.parameters)
    for facet, value in VALUES.items():
        condition = _numbered(facet_condition(selection.without(facet)), facet)
        parts.append(
            f"SELECT '{facet.value}' AS facet, value, sum(items) FROM (SELECT {value} AS value, items FROM counted "
            f"WHERE {condition.sql}) GROUP BY value"
        )
        parameters |= condition.parameters
    query = f"WITH counted AS MATERIALIZED (SELECT * FROM {source}) {' UNION ALL '.join(parts)}"
    counts: dict[Facet, dict[str, int]] = {
        facet: dict.fromkeys(selection.chosen.get(facet, frozenset()), 0) for facet in Facet
    }
    for facet, found, items in connection.rows(query, parameters):
        counts[Facet(facet)][found] = int(items)
    return {facet: _in_order(facet, values) for facet, values in counts.items()}


def _in_order(facet: Facet, counts: dict[str, int]) -> list[tuple[str, int]]:
    if facet is Facet.LABEL:
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if facet is Facet.SUBSET:
        return sorted(counts.items(), key=lambda pair: subset_order(pair[0]))
    return sorted(counts.items())


def _numbered(condition: Condition, facet: Facet) -> Condition:
    """The condition under parameter names of its own, since several stand in one query."""
    sql, parameters = condition.sql, {}
    for name, value in condition.parameters.items():
        own = f"{facet.value}_{name}"
        sql = sql.replace(f"${name},", f"${own},").replace(f"${name})", f"${own})")
        parameters[own] = value
    return Condition(sql, parameters)
