"""The connection behind an open collection: read-only, shared by threads through a cursor a call.

The catalog is attached to a database in memory, in which the states of images are kept as the check finds them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy.typing as npt

from medmat_explorer.domain.search_terms import search_terms
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.errors import CollectionError
from medmat_explorer.store.cube import Cube
from medmat_explorer.store.filters import Condition, ConditionWriter
from medmat_explorer.store.image_states import batches, latest_rows
from medmat_explorer.store.live_cube import LiveCube
from medmat_explorer.store.schema import CUBE_COLUMNS, DATASET_COLUMNS, ITEM_COLUMNS, SUBSET_COLUMNS
from medmat_explorer.store.searches import Searches
from medmat_explorer.store.versions import CHECK_LOCK, Version, lock_is_live
from medmat_explorer.store.workspace import Workspace

SETUP = (
    "CREATE VIEW items AS SELECT rowid AS place, * FROM release.items",
    "CREATE VIEW subsets AS SELECT * FROM release.subsets",
    "CREATE VIEW datasets AS SELECT * FROM release.datasets",
    "CREATE VIEW cube AS SELECT * FROM release.cube",
    "CREATE TABLE states (image_id BIGINT, state VARCHAR, width INTEGER, height INTEGER, mode VARCHAR, "
    "pixels VARCHAR, shape VARCHAR, reason VARCHAR)",
    "CREATE TABLE leaks (image_id BIGINT, leak VARCHAR)",
    "CREATE TABLE tags (tag VARCHAR, id BIGINT)",
    "CREATE TABLE sets (name VARCHAR, id BIGINT)",
)
NEEDED = {
    "items": tuple(ITEM_COLUMNS),
    "subsets": tuple(SUBSET_COLUMNS),
    "datasets": tuple(DATASET_COLUMNS),
    "cube": CUBE_COLUMNS,
}
"""What is read of a catalog; one that an older version of the program wrote may lack some."""

PIXELS = """CASE WHEN coalesce(width, 0) = 0 THEN 'unknown'
    WHEN greatest(width, height) <= 128 THEN 'up to 128'
    WHEN greatest(width, height) <= 256 THEN '129 to 256'
    WHEN greatest(width, height) <= 512 THEN '257 to 512'
    WHEN greatest(width, height) <= 1024 THEN '513 to 1024'
    WHEN greatest(width, height) <= 2048 THEN '1025 to 2048' ELSE '2049 or more' END"""
SHAPE = """CASE WHEN coalesce(width, 0) = 0 THEN 'unknown' WHEN width > 1.1 * height THEN 'wide'
    WHEN height > 1.1 * width THEN 'tall' ELSE 'square' END"""
KEPT = f"image_id, state, width, height, mode, {PIXELS} AS pixels, {SHAPE} AS shape, reason"
"""Sizes are those of the longer side, in pixels; a side that is a tenth longer than the other makes a shape."""

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


def stamps(files: list[Path]) -> tuple[tuple[str, int, int], ...]:
    """What tells whether files have changed; one that is gone by now is left out."""
    found = []
    for file in files:
        with suppress(FileNotFoundError):
            status = file.stat()
            found.append((file.name, status.st_mtime_ns, status.st_size))
    return tuple(found)


class CatalogConnection:
    """Answers queries over one version of a collection; follows what comes to be known about its items.

    `states` follows the image check, `leaks` the search for duplicates, `tags` and `sets` what readers keep.
    """

    def __init__(self, version: Version) -> None:
        self._version = version
        self.workspace = Workspace(version.folder.parent.parent, version.name)
        self._lock = threading.Lock()
        self._batches: tuple[Path, ...] = ()
        self._cube: tuple[object, Cube] | None = None
        self._marks: dict[str, object] = {}
        self._counted_tags: tuple[object, dict[str, int]] = ((), {})
        self._connection = duckdb.connect(
            ":memory:",
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False, "memory_limit": "1GB"},
        )
        try:
            attach_release(self._connection, version)
            for statement in SETUP:
                self._connection.execute(statement)
            self._live_cube = LiveCube(self._connection)
            self._searches = Searches(self._connection)
            self.follow_check()
        except CollectionError:
            self._connection.close()
            raise

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own, to be closed by `with`; for results that are fetched bit by bit."""
        return self._connection.cursor()

    def rows(self, query: str, parameters: dict[str, object] | None = None) -> list[Row]:
        """All rows of a query."""
        with self._connection.cursor() as cursor:
            return cursor.execute(query, parameters or {}).fetchall()

    def value(self, query: str, parameters: dict[str, object] | None = None) -> Any:
        """The first column of the first row; None when there is no row."""
        rows = self.rows(query, parameters)
        return rows[0][0] if rows else None

    def follow(self, selection: Selection) -> None:
        """Takes in all that became known since, as far as the selection needs it."""
        self.follow_check()
        self._follow_leaks()
        self._follow_tags()
        for name in selection.named(Facet.SET):
            self._follow_set(name)

    def columns(self, query: str, parameters: dict[str, object] | None = None) -> dict[str, npt.NDArray[Any]]:
        """All rows of a query, as an array a column."""
        with self._connection.cursor() as cursor:
            return cursor.execute(query, parameters or {}).fetchnumpy()

    def condition(self, selection: Selection, prefix: str = "p") -> Condition:
        """The whole selection, for `items`, once all that it needs is taken in; parameters are named after the prefix.

        It holds for a while: a text's items are kept until others were searched for since.
        """
        self.follow(selection)
        condition = ConditionWriter(prefix).items(replace(selection, text=""))
        if search_terms(selection.text):
            condition &= self._searches.condition(selection.text, f"{prefix}_search")
        return condition

    def cube(self) -> Cube:
        """The whole collection counted by all facets, with what is known of images."""
        self.follow_cube()
        stands_for = self._live_cube.stands_for
        if self._cube is None or self._cube[0] != stands_for:
            self._cube = (stands_for, Cube(self.columns("SELECT * FROM live_cube")))
        return self._cube[1]

    def follow_cube(self) -> None:
        """Brings the table `live_cube` in step with what is known of images."""
        seen = (self.follow_check(), self._follow_leaks())
        if any(seen):
            self._live_cube.follow(seen, is_settled=not lock_is_live(self._version.folder, CHECK_LOCK))

    def follow_check(self) -> tuple[Path, ...]:
        """Takes in what the image check has found since; returns the batches that `states` now stands for."""
        written = batches(self._version.images)
        if written != self._batches:
            with self._lock:
                self._take_in(batches(self._version.images))
        return self._batches

    @property
    def leaks_are_known(self) -> bool:
        """Whether the search for duplicates has been done for this version."""
        return self._version.leaks.exists()

    def close(self) -> None:
        """Lets go of the files."""
        self._connection.close()

    def _follow_leaks(self) -> object:
        file = self._version.leaks
        return self._follow_files("leaks", [file] if file.exists() else [], "image_id, leak")

    def _follow_tags(self) -> object:
        return self._follow_files("tags", self.workspace.tag_files(), "tag, id")

    def tags(self) -> dict[str, int]:
        """Tags with the number of items that have them, also of items that the collection no longer has."""
        mark = self._follow_tags()
        if self._counted_tags[0] != mark:
            rows = self.rows("SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY tag")
            self._counted_tags = (mark, {tag: int(n) for tag, n in rows})
        return dict(self._counted_tags[1])

    def _follow_set(self, name: str) -> None:
        file = self.workspace.set_file(name)
        if file is None or f"set {name}" in self._marks:
            return
        with self._lock, opening(self._version), self._connection.cursor() as cursor:
            query = "INSERT INTO sets SELECT $name, id FROM read_parquet($file)"
            cursor.execute(query, {"name": name, "file": str(file)})
            self._marks[f"set {name}"] = True

    def _follow_files(self, table: str, files: list[Path], columns: str) -> object:
        """Fills a table anew from files when any of them has changed; returns what it now stands for."""
        mark = stamps(files)
        if mark == self._marks.get(table, ()):
            return mark
        with self._lock, opening(self._version), self._connection.cursor() as cursor:
            cursor.begin()
            try:
                cursor.execute(f"DELETE FROM {table}")
                if files:
                    query = f"INSERT INTO {table} SELECT {columns} FROM read_parquet($files)"
                    cursor.execute(query, {"files": [str(file) for file in files]})
                cursor.commit()
            except duckdb.Error:
                cursor.rollback()
                raise
            self._marks[table] = mark
        return mark

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
