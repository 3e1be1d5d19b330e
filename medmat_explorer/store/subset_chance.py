"""What guessing reaches on a subset of an open collection."""

from medmat_explorer.store.catalog import Catalog


def chance_by_subset(catalog: Catalog) -> dict[str, float]:
    """Mean over a subset's items of one over the number of options, in percent; items without options do not count."""
    rows = catalog.connection.rows(
        "SELECT subset, 100 * sum(items / options::INTEGER) / sum(items) FROM cube "
        "WHERE options::INTEGER > 0 GROUP BY subset"
    )
    return {subset: float(chance) for subset, chance in rows}
