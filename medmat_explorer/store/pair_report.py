"""What the search for duplicates found, to be looked at: counts by place, and pairs with their items."""

from dataclasses import dataclass

from medmat_explorer.domain.qa import item_key, parse_item_key
from medmat_explorer.domain.subset import subset_order
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.duplicates import KINDS
from medmat_explorer.store.spelling import spelling_key
from medmat_explorer.store.versions import Version

COUNTED = """
SELECT subset_a, split_a, subset_b, split_b, kind, count(*) FROM read_parquet($pairs) GROUP BY ALL
"""
WHERE = """subset_a = $subset_a AND split_a = $split_a AND subset_b = $subset_b AND split_b = $split_b
AND ($kind = '' OR kind = $kind)"""
PAGE = f"""
SELECT image_a, dataset_a, image_b, dataset_b, kind, distance FROM read_parquet($pairs) WHERE {WHERE}
ORDER BY array_position(['exact', 'near', 'mirrored'], kind), distance, image_a, image_b LIMIT $limit OFFSET $offset
"""
ITEMS = f"""
WITH wanted AS (
    SELECT unnest($numbers::INTEGER[]) AS number, unnest($images::BIGINT[]) AS image_id,
        unnest($datasets::VARCHAR[]) AS dataset, unnest($subsets::VARCHAR[]) AS subset,
        unnest($splits::VARCHAR[]) AS split
), found AS (
    SELECT number, min_by(id, place) AS id, min_by(image, place) AS image, count(*) AS items,
        list_sort(list(DISTINCT array_to_string(list_sort(labels), ', '))) AS labels,
        list_sort(list(DISTINCT {spelling_key("array_to_string(list_sort(labels), ', ')")})) AS keys
    FROM wanted JOIN items USING (image_id, dataset, subset, split) GROUP BY number
)
SELECT number, id, image, items, labels, keys, coalesce(state, 'unchecked')
FROM found JOIN wanted USING (number) LEFT JOIN states USING (image_id) ORDER BY number
"""
BETWEEN_DATASETS = """
SELECT dataset_a, dataset_b, kind, count(*) FROM read_parquet($pairs)
WHERE dataset_a <> dataset_b AND list_contains($datasets, dataset_a) AND list_contains($datasets, dataset_b)
GROUP BY ALL
"""

TWINS = """
WITH mine AS (SELECT image_id FROM items WHERE id = $id), paired AS (
    SELECT image_b AS image_id, kind FROM read_parquet($pairs) WHERE image_a = (SELECT image_id FROM mine)
    UNION SELECT image_a, kind FROM read_parquet($pairs) WHERE image_b = (SELECT image_id FROM mine)
)
SELECT min_by(id, place), min_by(kind, array_position(['exact', 'near', 'mirrored'], kind)) AS kind
FROM items JOIN paired USING (image_id) WHERE image_id <> (SELECT image_id FROM mine) GROUP BY image_id
ORDER BY array_position(['exact', 'near', 'mirrored'], any_value(kind)), min(place) LIMIT $most
"""


@dataclass(frozen=True)
class Place:
    """One side of a pair: a split of a subset."""

    subset: str
    split: str

    def __str__(self) -> str:
        return f"{self.subset} {self.split}"


@dataclass(frozen=True)
class PlaceCount:
    """Pairs with one picture here and the other there, by kind."""

    a: Place
    b: Place
    exact: int = 0
    near: int = 0
    mirrored: int = 0

    @property
    def pairs(self) -> int:
        """Of all kinds."""
        return self.exact + self.near + self.mirrored

    @property
    def is_leak(self) -> bool:
        """Whether one side is trained on and the other is tested on."""
        return self.a.split != self.b.split


@dataclass(frozen=True)
class PairSide:
    """One picture of a pair as it stands in its place: its first item, how many items it has, and their labels."""

    key: str
    image: str
    dataset: str
    items: int
    labels: tuple[str, ...]
    label_keys: frozenset[str]
    image_state: str


@dataclass(frozen=True)
class Pair:
    """Two pictures that are the same or look so; `distance` counts the bits of 64 in which their looks differ."""

    kind: str
    distance: int
    a: PairSide
    b: PairSide

    @property
    def conflict(self) -> bool:
        """Whether the two have different right labels, however these are spelt."""
        return not self.a.label_keys & self.b.label_keys


def place_counts(catalog: Catalog, version: Version) -> tuple[PlaceCount, ...]:
    """All pairs of places that share pictures: leaks first, then by number. Empty before the first search."""
    if not version.pairs.exists():
        return ()
    counts: dict[tuple[Place, Place], dict[str, int]] = {}
    for subset_a, split_a, subset_b, split_b, kind, n in catalog.connection.rows(COUNTED, _of(version)):
        places = (Place(subset_a, split_a), Place(subset_b, split_b))
        counts.setdefault(places, {})[kind] = n
    found = [PlaceCount(a, b, **kinds) for (a, b), kinds in counts.items()]
    return tuple(sorted(found, key=_order))


def pairs_between(
    catalog: Catalog, version: Version, a: Place, b: Place, kind: str, offset: int, limit: int
) -> list[Pair]:
    """A stretch of the pairs of two places, the surest first; `kind` is one of KINDS or empty for all."""
    if not version.pairs.exists():
        return []
    where = {"subset_a": a.subset, "split_a": a.split, "subset_b": b.subset, "split_b": b.split}
    wish = {"kind": kind if kind in KINDS else "", "limit": limit, "offset": offset}
    catalog.connection.follow_check()
    rows = catalog.connection.rows(PAGE, {**_of(version), **where, **wish})
    sides = _sides(catalog, [part for row in rows for part in ((row[0], row[1], a), (row[2], row[3], b))])
    paired = [(sides.get(2 * i), sides.get(2 * i + 1), row) for i, row in enumerate(rows)]
    return [Pair(row[4], row[5], first, second) for first, second, row in paired if first and second]


def twins_of(catalog: Catalog, version: Version, key: str, most: int = 8) -> list[tuple[str, str]]:
    """Other pictures that are the same as an item's or look so: the key of an item of each, and the kind of the pair.

    The surest first; empty before the first search.
    """
    if not version.pairs.exists():
        return []
    found = catalog.connection.rows(TWINS, {**_of(version), "id": parse_item_key(key), "most": most})
    return [(item_key(id_), kind) for id_, kind in found]


def pairs_between_datasets(catalog: Catalog, version: Version, datasets: frozenset[str]) -> dict[tuple[str, str], int]:
    """Pairs of all kinds that two different ones of these source data sets share, by their numbers."""
    if not version.pairs.exists():
        return {}
    counts: dict[tuple[str, str], int] = {}
    for a, b, _, n in catalog.connection.rows(BETWEEN_DATASETS, {**_of(version), "datasets": sorted(datasets)}):
        first, second = sorted((a, b), key=lambda number: (len(number), number))
        counts[first, second] = counts.get((first, second), 0) + n
    return counts


def _of(version: Version) -> dict[str, object]:
    return {"pairs": str(version.pairs)}


def _order(count: PlaceCount) -> tuple[object, ...]:
    a, b = count.a, count.b
    return not count.is_leak, subset_order(a.subset), a.split, subset_order(b.subset), b.split


def _sides(catalog: Catalog, wanted: list[tuple[int, str, Place]]) -> dict[int, PairSide]:
    rows = catalog.connection.rows(
        ITEMS,
        {
            "numbers": list(range(len(wanted))),
            "images": [image for image, _, _ in wanted],
            "datasets": [dataset for _, dataset, _ in wanted],
            "subsets": [place.subset for _, _, place in wanted],
            "splits": [place.split for _, _, place in wanted],
        },
    )
    return {
        number: PairSide(item_key(id_), image, wanted[number][1], items, tuple(labels), frozenset(keys), state)
        for number, id_, image, items, labels, keys, state in rows
    }
