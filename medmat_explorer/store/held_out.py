"""A test split for subsets that come without one: seeded, by image, with the labels as even as they can be.

An image lies on one side in all these subsets, and never in training when a test file of the release has it.
Subsets follow each other in order and each heeds those before it: importing again with a subset or a test file
more may move images of the others to another side.
"""

import hashlib

import duckdb

from medmat_explorer.store.schema import CELL_IN

CANDIDATES = """
CREATE OR REPLACE TEMP TABLE candidates AS
WITH images AS (
    SELECT s.image_id, min(s.labels) AS label
    FROM staged s JOIN winners w ON w.place = s.place GROUP BY s.image_id
), earlier AS (
    SELECT image_id, min(split) AS split FROM items
    WHERE (split_is_ours OR split = 'test') AND image_id IN (SELECT image_id FROM images) GROUP BY image_id
)
SELECT image_id, label, earlier.split AS earlier,
    (image_id::UHUGEINT * $factor::UHUGEINT) & ((1::UHUGEINT << 63) - 1) AS draw
FROM images LEFT JOIN earlier USING (image_id)
"""
"""`earlier`: an image that an earlier subset has already put on one side stays there; a test file wins."""

FOLLOW = f"""
UPDATE items SET split = 'test', cell = {CELL_IN.format(split="'test'")}
WHERE split_is_ours AND split = 'train'
    AND image_id IN (SELECT image_id FROM items WHERE split = 'test' AND NOT split_is_ours)
"""

PICK = """
CREATE OR REPLACE TEMP TABLE held_out AS
WITH ranked AS (
    SELECT image_id, draw, row_number() OVER (PARTITION BY label ORDER BY draw) AS turn,
        count(*) OVER (PARTITION BY label) AS of_label
    FROM candidates WHERE earlier IS NULL
), picked AS (
    SELECT image_id FROM ranked WHERE turn <= of_label // 2 ORDER BY turn, draw LIMIT $wanted
)
SELECT image_id, CASE WHEN earlier IS NOT NULL THEN earlier
    WHEN image_id IN (SELECT image_id FROM picked) THEN 'test' ELSE 'train' END AS split
FROM candidates
"""
"""Labels take turns, in a drawn order; none gives more than half of its images away."""


def draw_factor(seed: int) -> int:
    """An odd number that stands for the seed; times an image's id, which is a hash, it gives the image's draw."""
    return int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:7], "little") | 1


def follow_released_tests(connection: duckdb.DuckDBPyConnection) -> None:
    """Takes images out of our training sides that the test file of a later subset turned out to have."""
    connection.execute(FOLLOW)


def hold_out(connection: duckdb.DuckDBPyConnection, share: float, seed: int) -> bool:
    """Fills `held_out` with a side for every image of the staged subset, unless it has a test file of its own.

    Returns whether a split was made.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE held_out (image_id BIGINT, split VARCHAR)")
    tests = connection.execute(
        "SELECT count(*), count(*) FILTER (s.split = 'test') FROM staged s JOIN winners w ON w.place = s.place"
    ).fetchone()
    if tests is None or not tests[0] or tests[1] or share <= 0:
        return False
    connection.execute(CANDIDATES, {"factor": draw_factor(seed)})
    found = connection.execute("SELECT count(*), count(*) FILTER (earlier = 'test') FROM candidates").fetchone()
    images, already = found if found else (0, 0)
    wanted = max(1, round(images * share)) - already
    connection.execute(PICK, {"wanted": max(0, wanted)})
    return True
