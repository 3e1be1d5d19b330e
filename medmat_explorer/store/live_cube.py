"""The cube of a collection together with what the image check has found so far, kept in memory.

A cube written at import cannot know the states of images. Counting them anew takes a tenth of a second a million
items, so that while a check runs it is done only now and then.
"""

import threading
import time

import duckdb

OF_CELLS = """
SELECT cube.* EXCLUDE (items), counted.* EXCLUDE (cell) FROM cube JOIN (
    SELECT cell, coalesce(state, 'unchecked') AS image, coalesce(pixels, 'unknown') AS pixels,
        coalesce(shape, 'unknown') AS shape, coalesce(leak, 'none') AS leak, count(*) AS items
    FROM {items} LEFT JOIN states USING (image_id) LEFT JOIN leaks USING (image_id) GROUP BY ALL
) counted USING (cell)
"""
UNSEEN = """
CREATE OR REPLACE VIEW live_cube AS
SELECT * EXCLUDE (items), 'unchecked' AS image, 'unknown' AS pixels, 'unknown' AS shape, 'none' AS leak, items FROM cube
"""
REST = 20
"""How many times as long as a counting took, counts may stay behind a running check."""


class LiveCube:
    """Keeps the table `live_cube` in step with `states` and `leaks`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._stands_for: object = None
        self._not_before = 0.0
        self._connection.execute(UNSEEN)

    @property
    def stands_for(self) -> object:
        """What was known of images when the counts were made."""
        return self._stands_for

    def follow(self, seen: object, *, is_settled: bool) -> None:
        """Counts anew when `seen`, which stands for what is known of images, has changed.

        A check that is not settled goes on changing: then counting waits for a while.
        """
        if seen == self._stands_for or (not is_settled and time.monotonic() < self._not_before):
            return
        with self._lock:
            if seen == self._stands_for:
                return
            started = time.monotonic()
            with self._connection.cursor() as cursor:
                cursor.execute("CREATE OR REPLACE TABLE counted_live AS " + OF_CELLS.format(items="items"))
                cursor.execute("CREATE OR REPLACE VIEW live_cube AS SELECT * FROM counted_live")
            self._stands_for = seen
            self._not_before = time.monotonic() + REST * (time.monotonic() - started)


def cube_where(condition: str) -> str:
    """The query for a cube of those `items` alone that meet a condition."""
    return OF_CELLS.format(items=f"(SELECT cell, image_id FROM items WHERE {condition})")
