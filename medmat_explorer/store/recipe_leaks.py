"""How many of a target's images also stand in the subsets that would teach it, as far as the search for duplicates saw.

Trained on such a source, a model has seen what it is tested on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from medmat_explorer.domain.qa import Split
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.duplicates import search_record

LEAKING = """
WITH sided AS (
    SELECT image_a AS image, split_a AS split, subset_b AS source, kind FROM read_parquet($pairs)
    WHERE subset_a = $target AND subset_b <> $target
    UNION ALL
    SELECT image_b, split_b, subset_a, kind FROM read_parquet($pairs)
    WHERE subset_b = $target AND subset_a <> $target
), copies AS (
    SELECT image_a AS first, image_b AS image, split_a AS split FROM read_parquet($pairs)
    WHERE subset_a = $target AND subset_b = $target AND split_a = split_b AND dataset_a = dataset_b AND kind = 'exact'
), leaking AS (
    SELECT image, split, source, kind FROM sided
    UNION ALL
    SELECT copies.image, sided.split, source, kind FROM sided
    JOIN copies ON copies.first = sided.image AND copies.split = sided.split
)
SELECT source, split, count(DISTINCT image), count(DISTINCT image) FILTER (kind = 'exact') FROM leaking GROUP BY ALL
"""
"""Of several copies in one place the first stands for all in pairs with other places: the others are joined to it."""


@dataclass(frozen=True)
class SharedImages:
    """Images of the target, by the split that they have there, that also stand in a source: the same file, nearly the
    same look, or mirrored. `exact` counts those of the same file.
    """

    train: int = 0
    test: int = 0
    exact: int = 0

    @property
    def images(self) -> int:
        """Of both splits."""
        return self.train + self.test


def images_shared_with(catalog: Catalog, target: str) -> Mapping[str, SharedImages] | None:
    """The target's images that also stand in another subset, by that subset's number; those that share none are left
    out. None where the search for duplicates has not been done for this version of the collection.
    """
    if search_record(catalog.files) is None:
        return None
    pairs: dict[str, object] = {"pairs": str(catalog.files.pairs), "target": target}
    found: dict[str, SharedImages] = {}
    for source, split, images, exact in catalog.connection.rows(LEAKING, pairs):
        before = found.get(source, SharedImages())
        train, test = (images, 0) if split == Split.TRAIN.value else (0, images)
        found[source] = SharedImages(before.train + train, before.test + test, before.exact + exact)
    return found
