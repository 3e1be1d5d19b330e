"""What is wrong with a collection's images: missing, unreadable, there twice, or on both sides of a split."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from medmat_explorer.store.connection import attach_release, opening
from medmat_explorer.store.image_states import batches, latest_rows
from medmat_explorer.store.versions import Version, find_version

NEARLY = 3
"""Most bits of 63 in which the looks of two pictures differ that count as nearly the same."""

BANDS = 4
"""Two looks that differ in at most three bits have at least one of four bands of bits in common."""

FULLEST = 1_000
"""A band that more looks have in common tells nothing; what only it would have found is not counted."""

SEEN = """
CREATE TEMP TABLE seen AS
SELECT i.image_id, i.image, i.subset, i.split, s.state, s.sha256, s.look
FROM (SELECT DISTINCT image_id, image, subset, split FROM release.items) i LEFT JOIN ({states}) s USING (image_id)
"""
NO_STATES = "SELECT NULL::BIGINT AS image_id, NULL AS state, NULL AS sha256, NULL::BIGINT AS look WHERE false"

SAME = """
CREATE TEMP TABLE same AS
SELECT DISTINCT coalesce(nullif(sha256, ''), image) AS content, subset, split FROM seen
"""
LEAKS = """
SELECT a.subset, b.subset, a.split, b.split, count(*) AS images
FROM same a JOIN same b USING (content)
WHERE (a.subset, a.split) < (b.subset, b.split)
GROUP BY ALL ORDER BY a.subset, b.subset, a.split, b.split
"""
PICTURES = (
    "CREATE TEMP TABLE pictures AS SELECT DISTINCT look, sha256 FROM seen WHERE state = 'ok' AND look IS NOT NULL"
)
BANDED = """
CREATE TEMP TABLE banded AS
SELECT look, band, (look >> (band * 16)) & 65535 AS bits
FROM (SELECT DISTINCT look, unnest(range({bands})) AS band FROM pictures)
QUALIFY count(*) OVER (PARTITION BY band, bits) <= {fullest}
"""
NEAR = """
WITH alike AS (
    SELECT look FROM pictures GROUP BY look HAVING count(*) > 1
    UNION
    SELECT unnest([a.look, b.look]) FROM banded a JOIN banded b USING (band, bits)
    WHERE a.look < b.look AND bit_count(xor(a.look, b.look)) <= {nearly}
)
SELECT count(*) FROM pictures WHERE look IN (SELECT look FROM alike)
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
class HealthReport:
    """The state of a collection's images.

    `exact_duplicates` counts files beyond the first of each content; `near_duplicates` counts contents that
    look nearly like another. Both, and leaks by content, know only what the image check has seen;
    unseen images are compared by path.
    """

    missing: int
    unreadable: int
    unchecked: int
    exact_duplicates: int
    near_duplicates: int
    leaks: tuple[Leak, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {**asdict(self), "leaks": [asdict(leak) for leak in self.leaks]}


def check_health(name: str, home: Path) -> HealthReport:
    """Looks for duplicates and leaks in what the image check found. Raises UnknownNameError, CollectionError."""
    version = find_version(name, home)
    with duckdb.connect(":memory:", config={"memory_limit": "1GB"}) as connection:
        _load(connection, version)
        states = dict(connection.execute("SELECT state, count(DISTINCT image_id) FROM seen GROUP BY state").fetchall())
        leaks = connection.execute(LEAKS).fetchall()
        return HealthReport(
            missing=states.get("missing", 0),
            unreadable=states.get("unreadable", 0),
            unchecked=states.get(None, 0),
            exact_duplicates=_number(
                connection,
                "SELECT count(DISTINCT image_id) - count(DISTINCT sha256) FROM seen WHERE state = 'ok'",
            ),
            near_duplicates=_number(connection, NEAR.format(nearly=NEARLY)),
            leaks=tuple(Leak(*leak) for leak in leaks),
        )


def _load(connection: duckdb.DuckDBPyConnection, version: Version) -> None:
    attach_release(connection, version)
    paths = [str(path) for path in batches(version.images)]
    states = latest_rows("image_id, state, sha256, look") if paths else NO_STATES
    with opening(version):
        connection.execute(SEEN.format(states=states), {"batches": paths} if paths else {})
    connection.execute(SAME)
    connection.execute(PICTURES)
    connection.execute(BANDED.format(bands=BANDS, fullest=FULLEST))


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    found = connection.execute(query).fetchone()
    return int(found[0]) if found else 0
