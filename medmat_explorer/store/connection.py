"""The connection behind an open collection: read-only, shared by threads through a cursor a call.

The catalog is attached to a database in memory, in which the states of images are kept as the check finds them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from medmat_explorer.errors import CollectionError
from medmat_explorer.store.image_states import batches, latest_rows
from medmat_explorer.store.schema import DATASET_COLUMNS, ITEM_COLUMNS, SUBSET_COLUMNS
from medmat_explorer.store.versions import Version

SETUP = (
    "CREATE VIEW items AS SELECT rowid AS place, * FROM release.items",
    "CREATE VIEW subsets AS SELECT * FROM release.subsets",
    "CREATE VIEW datasets AS SELECT * FROM release.datasets",
    "CREATE VIEW cube AS SELECT * FROM release.cube",
    "CREATE TABLE states (image_id BIGINT, state VARCHAR, width INTEGER, height INTEGER, mode VARCHAR)",
)
NEEDED = {
    "items": tuple(ITEM_COLUMNS),
    "subsets": tuple(SUBSET_COLUMNS),
    "datasets": tuple(DATASET_COLUMNS),
    "cube": ("modality", "area", "task", "subset", "split", "labels", "items"),
}
"""What is read of a catalog; one that an older version of the program wrote may lack some."""

KEPT = "image_id, state, width, height, mode"

Row = tuple[Any, ...]


@contextmanager
def opening(version: Version) -> Iterator[None]:
    """Reading a version's files: raises CollectionError when they are damaged, or not in the form of today."""
    try:
        yield
    except duckdb.Error as error:
        raise CollectionError(
            f"Collection '{version.name}' cannot be opened: it is damaged, or another version of the program made it; "
            "import it again."
        ) from error


def attach_release(connection: duckdb.DuckDBPyConnection, version: Version) -> None:
    """Attaches a catalog as `release`, read-only. Raises CollectionError when it lacks what is read of it."""
    path = str(version.catalog).replace("'", "''")
    with opening(version):
        connection.execute(f"ATTACH '{path}' AS release (READ_ONLY)")
        for table, columns in NEEDED.items():
            connection.execute(f"SELECT {', '.join(columns)} FROM release.{table} LIMIT 0")


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
        try:
            attach_release(self._connection, version)
            for statement in SETUP:
                self._connection.execute(statement)
            self.follow_check()
        except CollectionError:
            self._connection.close()
            raise

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
        with opening(self._version):
            try:
                self._replace_states([str(path) for path in new], keep_others=grown)
            except duckdb.IOException:  # a check that ended has just joined the batches: the next call sees them joined
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
