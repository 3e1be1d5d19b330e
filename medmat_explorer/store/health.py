"""What is wrong with a collection: images missing or unreadable, pictures there twice or on both sides of a split."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from medmat_explorer.errors import CollectionError
from medmat_explorer.store.duplicates import (
    SearchRecord,
    find_duplicates,
    prepare,
    search_record,
    seen_images,
    states_query,
)
from medmat_explorer.store.label_quality import count_conflicts
from medmat_explorer.store.report import Progress
from medmat_explorer.store.versions import Version, find_version

STATES = """
SELECT coalesce(state, 'unchecked'), count(*) FROM pictures LEFT JOIN ({states}) USING (image_id) GROUP BY ALL
"""
SAME = """
CREATE TEMP TABLE same AS SELECT DISTINCT content, subset, split FROM standing JOIN places USING (place)
"""
LEAKS = """
SELECT a.subset, b.subset, a.split, b.split, count(*) AS images
FROM same a JOIN same b USING (content)
WHERE (a.subset, a.split) < (b.subset, b.split)
GROUP BY ALL ORDER BY a.subset, b.subset, a.split, b.split
"""
NEAR_LEAKS = """
SELECT subset_a, subset_b, split_a, split_b, count(*) FROM read_parquet($pairs)
WHERE kind <> 'exact' AND (subset_a, split_a) <> (subset_b, split_b)
GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True)
class Leak:
    """Images that stand in two places at once, by content: in two splits of a subset, or in two subsets.

    The same side of two subsets counts as well: trained on one, a model has seen images of the other.
    """

    subset_a: str
    subset_b: str
    split_a: str
    split_b: str
    images: int


@dataclass(frozen=True)
class NearLeak:
    """Pairs of pictures that look nearly the same, as they are or mirrored, and stand in two places."""

    subset_a: str
    subset_b: str
    split_a: str
    split_b: str
    pairs: int


@dataclass(frozen=True)
class HealthReport:
    """The state of a collection's images.

    `exact_duplicates` counts files beyond the first of each content; `near_duplicates` and `mirrored` count contents
    that look nearly like another, or like its mirror image. These, and leaks by content, know only what the image check
    has seen; unseen images are compared by path. `leaking_images` have their picture, or one nearly like it, in
    training and in test. `conflicts` counts pictures asked the same question with different right labels.
    """

    missing: int
    unreadable: int
    unchecked: int
    exact_duplicates: int
    near_duplicates: int
    mirrored: int
    leaking_images: int
    conflicts: int
    leaks: tuple[Leak, ...]
    near_leaks: tuple[NearLeak, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {
            **asdict(self),
            "leaks": [asdict(x) for x in self.leaks],
            "near_leaks": [asdict(x) for x in self.near_leaks],
        }


def check_health(name: str, home: Path, progress: Callable[[Progress], None] | None = None) -> HealthReport:
    """Searches for duplicates where that is not done or out of date, and reports. Raises UnknownNameError.

    Raises CollectionError for a collection that is damaged, or being searched by another task.
    """
    version = find_version(name, home)
    record = search_record(version)
    if record is None or record.mark != seen_images(version).mark:
        record = find_duplicates(name, home, progress=progress)
    if record is None:  # only a search that is asked to stop ends so
        raise CollectionError(f"The search for duplicates in '{name}' was stopped.")
    return _report(version, record)


def _report(version: Version, record: SearchRecord) -> HealthReport:
    states, parameters = states_query(version)
    with duckdb.connect(":memory:", config={"memory_limit": "1GB"}) as connection:
        prepare(connection, version)
        found = dict(connection.execute(STATES.format(states=states), parameters).fetchall())
        connection.execute(SAME)
        return HealthReport(
            missing=found.get("missing", 0),
            unreadable=found.get("unreadable", 0),
            unchecked=found.get("unchecked", 0),
            exact_duplicates=record.copies,
            near_duplicates=record.near,
            mirrored=record.mirrored,
            leaking_images=record.leaks,
            conflicts=count_conflicts(connection),
            leaks=tuple(Leak(*leak) for leak in connection.execute(LEAKS).fetchall()),
            near_leaks=tuple(
                NearLeak(*leak) for leak in connection.execute(NEAR_LEAKS, {"pairs": str(version.pairs)}).fetchall()
            ),
        )
