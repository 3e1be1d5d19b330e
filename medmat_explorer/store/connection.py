"""The connection behind an open collection: read-only, shared by threads through a cursor a call.

The catalog is attached to a database in memory, in which the states of images are kept as the check finds them.
"""

import threading
from pathlib import Path
from typing import Any

import duckdb

from medmat_explorer.errors import CollectionError
from medmat_explorer.store.image_states import batches, latest_rows
from medmat_explorer.store.versions import Version

SETUP = (
    "CREATE VIEW items AS SELECT rowid AS place, * FROM release.items",
    "CREATE VIEW subsets AS SELECT * FROM release.subsets",
    "CREATE VIEW datasets AS SELECT * FROM release.datasets",
    "CREATE VIEW cube AS SELECT * FROM release.cube",
    "CREATE TABLE states (image_id BIGINT, state VARCHAR, width INTEGER, height INTEGER, mode VARCHAR)",
)
KEPT = "image_id, state, width, height, mode"

Row = tuple[Any, ...]


class CatalogConnection:
    """Answers queries over one version of a collection; `states` follows the image check."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._batches: tuple[Path, ...] = ()
        self._connection = duckdb.connect(
            ":memory:",
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False, "memory_limit": "1GB"},
        )
        path = str(version.catalog).replace("'", "''")
        try:
            self._connection.execute(f"ATTACH '{path}' AS release (READ_ONLY)")
        except duckdb.Error as error:
            self._connection.close()
            raise CollectionError(f"Collection '{version.name}' cannot be opened; import it again.") from error
        for statement in SETUP:
            self._connection.execute(statement)
        self.follow_check()

    def rows(self, query: str, parameters: dict[str, object] | None = None) -> list[Row]:
        """All rows of a query."""
        with self._connection.cursor() as cursor:
            return cursor.execute(query, parameters or {}).fetchall()

    def value(self, query: str, parameters: dict[str, object] | None = None) -> Any:
        """The first column of the first row; None when there is no row."""
        rows = self.rows(query, parameters)
        return rows[0][0] if rows else None

    def follow_check(self) -> tuple[Path, ...]:
        """Takes in what the image check has found since; returns the batches that `states` now stands for."""
        written = batches(self._version.images)
        if written != self._batches:
            with self._lock:
                self._take_in(batches(self._version.images))
        return self._batches

    def close(self) -> None:
        """Lets go of the files."""
        self._connection.close()

    def _take_in(self, written: tuple[Path, ...]) -> None:
        grown = self._batches == written[: len(self._batches)]
        new = written[len(self._batches) :] if grown else written
        try:
            self._replace_states([str(path) for path in new], keep_others=grown)
        except duckdb.IOException:  # a check that ended has just joined the batches: the next call sees the new one
            return
        self._batches = written

    def _replace_states(self, new: list[str], keep_others: bool) -> None:
        with self._connection.cursor() as cursor:
            cursor.begin()
            try:
                if not keep_others:
                    cursor.execute("DELETE FROM states")
                if new:
                    cursor.execute(f"CREATE TEMP TABLE fresh AS {latest_rows(KEPT)}", {"batches": new})
                    cursor.execute("DELETE FROM states WHERE image_id IN (SELECT image_id FROM fresh)")
                    cursor.execute("INSERT INTO states SELECT * FROM fresh")
                    cursor.execute("DROP TABLE fresh")
                cursor.commit()
            except duckdb.Error:
                cursor.rollback()
                raise
