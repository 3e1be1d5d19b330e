"""Image files by state, for every subset or every source data set; and why files cannot be read."""

from dataclasses import dataclass

from medmat_explorer.domain.subset import subset_order
from medmat_explorer.store.catalog import Catalog

BY = {"subset": "subset", "dataset": "dataset"}
COUNTED = """
SELECT {by}, count(*) FILTER (state = 'ok'), count(*) FILTER (state = 'missing'),
    count(*) FILTER (state = 'unreadable'), count(*) FILTER (state IS NULL)
FROM (SELECT DISTINCT {by}, image_id FROM items) LEFT JOIN states USING (image_id) GROUP BY ALL
"""
REASONS = """
SELECT split_part(reason, ':', 1) AS why, count(*) AS images FROM states
WHERE state = 'unreadable' AND image_id IN (SELECT image_id FROM items) GROUP BY why ORDER BY images DESC, why
"""


@dataclass(frozen=True)
class ImageRow:
    """Distinct image files of a subset or data set by state; one that several use counts for each."""

    number: str
    ok: int
    missing: int
    unreadable: int
    unchecked: int


def image_table(catalog: Catalog, by: str) -> tuple[ImageRow, ...]:
    """One row a subset or data set (`by` is a key of BY), by number."""
    catalog.connection.follow_check()
    rows = catalog.connection.rows(COUNTED.format(by=BY[by]))
    return tuple(sorted((ImageRow(*row) for row in rows), key=lambda row: _order(by, row.number)))


def unreadable_reasons(catalog: Catalog) -> dict[str, int]:
    """Why image files cannot be read, the most frequent reason first."""
    catalog.connection.follow_check()
    return {str(reason): int(images) for reason, images in catalog.connection.rows(REASONS)}


def _order(by: str, number: str) -> tuple[object, ...]:
    return subset_order(number) if by == "subset" else (not number.isdigit(), len(number), number)
