"""Which looks differ in few bits, without comparing each with each.

A look is cut into bands. Two looks that differ in at most `NEARLY` bits leave at least two of the bands untouched, so
it is enough to compare looks that agree in some pair of bands: some twenty bits, which few unlike pictures share.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

import duckdb

NEARLY = 4
"""Most bits of 64 in which two looks may differ and count as nearly the same. How it was chosen: docs/duplicates.md."""

BANDS = NEARLY + 2
"""With so many bands at least two are the same."""

FULLEST = 2_000
"""Where more looks agree in a pair of bands they are not compared over it; other pairs of bands may still find them."""

ALIKE = "CREATE OR REPLACE TEMP TABLE alike (a BIGINT, b BIGINT, mirrored BOOLEAN, distance TINYINT)"
CROWDED = "CREATE OR REPLACE TEMP TABLE crowded (look BIGINT)"
KEYED = """
CREATE OR REPLACE TEMP TABLE {name} AS
SELECT DISTINCT look, {column} AS seen, {column} & {mask} AS key FROM faces
"""
MARK_CROWDED = "INSERT INTO crowded SELECT look FROM keyed WHERE key IN (SELECT key FROM full_keys)"
FULL_KEYS = """
CREATE OR REPLACE TEMP TABLE full_keys AS
SELECT key FROM keyed GROUP BY key HAVING count(*) > {fullest}
"""
NEAR = """
INSERT INTO alike
SELECT x.look, y.look, false, bit_count(xor(x.look, y.look))
FROM keyed x JOIN keyed y ON x.key = y.key
WHERE x.look < y.look AND bit_count(xor(x.look, y.look)) <= {nearly} AND x.key NOT IN (SELECT key FROM full_keys)
"""
MIRRORED = """
INSERT INTO alike
SELECT least(x.look, y.look), greatest(x.look, y.look), true, bit_count(xor(x.look, y.seen))
FROM keyed x JOIN mirrors y ON x.key = y.key
WHERE x.look <> y.look AND bit_count(xor(x.look, y.seen)) <= {nearly} AND x.key NOT IN (SELECT key FROM full_keys)
"""
SETTLED = """
CREATE OR REPLACE TEMP TABLE alike AS
SELECT a, b, bool_and(mirrored) AS mirrored, arg_min(distance, (mirrored, distance)) AS distance
FROM alike GROUP BY a, b
"""

Told = Callable[[int, int], None]


def find_alike(connection: duckdb.DuckDBPyConnection, told: Told, fullest: int = FULLEST) -> int:
    """Fills the table `alike` (a, b, mirrored, distance; a < b) from the table `faces` (look, mirrored).

    Two looks that are near as they are do not count as mirrored. `told` gets steps done and their number, and may raise
    to stop. Returns how many looks lay in a crowd somewhere: of these some pairs may be missed.
    """
    connection.execute(ALIKE)
    connection.execute(CROWDED)
    masks = list(pair_masks())
    for step, mask in enumerate(masks):
        told(step, len(masks))
        connection.execute(KEYED.format(name="keyed", column="look", mask=mask))
        connection.execute(KEYED.format(name="mirrors", column="mirrored", mask=mask))
        connection.execute(FULL_KEYS.format(fullest=fullest))
        connection.execute(MARK_CROWDED)
        connection.execute(NEAR.format(nearly=NEARLY))
        connection.execute(MIRRORED.format(nearly=NEARLY))
    connection.execute(SETTLED)
    told(len(masks), len(masks))
    found = connection.execute("SELECT count(DISTINCT look) FROM crowded").fetchone()
    return int(found[0]) if found else 0


def pair_masks() -> Iterator[int]:
    """The bits of every pair of bands, as signed 64-bit numbers."""
    bands = [sum(1 << bit for bit in range(64) if bit * BANDS // 64 == band) for band in range(BANDS)]
    for first, second in combinations(bands, 2):
        mask = first | second
        yield mask - (1 << 64) if mask >> 63 else mask
