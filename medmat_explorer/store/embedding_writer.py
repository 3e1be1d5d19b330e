"""Adding vectors: which images still need one, and parts that are put beside those before, each in one step."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from medmat_explorer.errors import CollectionError
from medmat_explorer.store.connection import attach_release
from medmat_explorer.store.embeddings import (
    EMBED_LOCK,
    IMAGE_COLUMNS,
    EncoderRecord,
    FloatArray,
    attach_vectors,
    content_name,
    literal,
    number_of,
    read_parts,
    root_mark,
    stored_files,
)
from medmat_explorer.store.image_states import batches, latest_rows
from medmat_explorer.store.versions import Version, folder_lock, lock_is_live, writing

CHUNK = 64
JOIN_ABOVE = 64 << 20
"""Bytes of parts at which they are joined: what a reader holds of them in memory stays small."""

QUEUE = """
SELECT image_id, image, done.size, done.changed, checked.sha256, checked.size, checked.changed FROM (
    SELECT image_id, any_value(image) AS image, min(rowid) AS place FROM release.items GROUP BY image_id
) LEFT JOIN done USING (image_id) LEFT JOIN ({checked}) checked USING (image_id) ORDER BY place
"""


@dataclass(frozen=True)
class WaitingImage:
    """An image that has no vector of its present content: its file's size and time of change (-1: no file).

    `sha256` is known where the image check has seen this very file.
    """

    image_id: int
    image: str
    size: int
    changed: int
    sha256: str


@dataclass(frozen=True)
class SeenImage:
    """An image after the encoder has seen it: no vector where the same content has one, or for a reason."""

    image: WaitingImage
    sha256: str
    reason: str = ""
    vector: FloatArray | None = None


def refuse_second_writer(version: Version) -> None:
    """Raises CollectionError while somebody adds vectors to a collection."""
    if lock_is_live(version.folder, EMBED_LOCK):
        raise CollectionError(
            f"Vectors of '{version.name}' are being computed already: wait until that ends, or stop it first."
        )


@contextmanager
def adding_vectors(version: Version, record: EncoderRecord) -> Iterator["VectorWriter"]:
    """Lets this process alone add vectors to a collection. Raises CollectionError while another does."""
    refuse_second_writer(version)
    with (
        folder_lock(version.folder, EMBED_LOCK),
        duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "512MB"}) as connection,
    ):
        record.keep(version.folder)
        yield VectorWriter(version, record, connection)


class VectorWriter:
    """Knows what is stored of one encoder's vectors, and adds to it."""

    def __init__(self, version: Version, record: EncoderRecord, connection: duckdb.DuckDBPyConnection) -> None:
        self._version, self._record, self._connection = version, record, connection
        self._folder, self._root = record.folder(version.folder), root_mark(version)
        self._rows: list[SeenImage] = []
        with writing(self._folder):
            self._clear_leftovers()
        attach_release(connection, version)
        connection.execute("CREATE TABLE done (image_id BIGINT, size BIGINT, changed BIGINT)")
        connection.execute("CREATE TABLE known (content VARCHAR)")
        self._take_stock()

    def total(self) -> int:
        """How many images the collection has."""
        found = self._connection.execute("SELECT count(DISTINCT image_id) FROM release.items").fetchone()
        return int(found[0]) if found else 0

    def queue(self) -> Iterator[tuple[int, list[WaitingImage]]]:
        """All images in the order of items, in chunks: how many each has, and those of them that need the encoder."""
        paths = [str(path) for path in batches(self._version.images)]
        nothing = (
            "SELECT NULL::BIGINT AS image_id, '' AS sha256, NULL::BIGINT AS size, NULL::BIGINT AS changed WHERE false"
        )
        checked = latest_rows("image_id, sha256, size, changed") if paths else nothing
        with self._connection.cursor() as cursor:
            cursor.execute(QUEUE.format(checked=checked), {"batches": paths} if paths else {})
            while chunk := cursor.fetchmany(CHUNK):
                yield len(chunk), [waiting for row in chunk if (waiting := self._waiting(*row)) is not None]

    def known(self, contents: Sequence[str]) -> set[str]:
        """Those of the contents that have a vector already."""
        query = "SELECT content FROM known WHERE content IN (SELECT unnest($contents::VARCHAR[]))"
        return {row[0] for row in self._connection.execute(query, {"contents": list(contents)}).fetchall()}

    def add(self, seen: Sequence[SeenImage]) -> None:
        """Takes images in; they are kept with the next `flush`."""
        self._rows += seen
        new = [content_name(one.sha256) for one in seen if one.vector is not None]
        if new:
            self._connection.execute("INSERT INTO known SELECT unnest($new::VARCHAR[])", {"new": new})

    @property
    def waiting(self) -> int:
        """How many images were taken in and are not on disk yet."""
        return len(self._rows)

    def flush(self) -> None:
        """Puts what was taken in on disk, as one part; joins the parts when they have become many."""
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        import pandas as pd  # half a second, which the first gallery need not wait for

        frame = pd.DataFrame(
            {
                "root": self._root,
                "image_id": [one.image.image_id for one in rows],
                "size": [one.image.size for one in rows],
                "changed": [one.image.changed for one in rows],
                "content": [content_name(one.sha256) for one in rows],
                "reason": [one.reason for one in rows],
                "vector": pd.Series([one.vector for one in rows], dtype=object),
            }
        )
        number = stored_files(self._folder).last + 1
        partial = self._folder / f".part-{os.getpid()}.parquet.tmp"
        with writing(self._folder):
            self._connection.register("frame", frame)
            self._connection.execute(
                "COPY (SELECT root::VARCHAR AS root, image_id::BIGINT AS image_id, size::BIGINT AS size, "
                "changed::BIGINT AS changed, content::VARCHAR AS content, reason::VARCHAR AS reason, "
                f"vector::FLOAT[] AS vector FROM frame) TO {literal(partial)} (FORMAT parquet)"
            )
            self._connection.unregister("frame")
            partial.replace(self._folder / f"part-{number:06d}.parquet")
        if sum(part.stat().st_size for part in stored_files(self._folder).parts) > JOIN_ABOVE:
            self.join()

    def join(self) -> None:
        """Makes one file of the joined one and the parts; readers that hold the old ones keep them."""
        files = stored_files(self._folder)
        if not files.parts:
            return
        partial = self._folder / f".vectors-{os.getpid()}.duckdb.tmp"
        with writing(self._folder):
            partial.unlink(missing_ok=True)
            with duckdb.connect(
                ":memory:", config={"threads": 2, "memory_limit": "512MB", "preserve_insertion_order": False}
            ) as connection:
                attach_vectors(connection, files, self._record.dimensions)
                read_parts(connection, files.parts, self._record.dimensions)
                connection.execute(f"ATTACH {literal(partial)} AS fresh")
                _copy_all(connection)
                connection.execute("DETACH fresh")
            partial.replace(self._folder / f"vectors-{files.last:06d}.duckdb")
            self._remove_joined()

    def _waiting(
        self,
        image_id: int,
        image: str,
        size: int | None,
        changed: int | None,
        sha256: str | None,
        checked_size: int | None,
        checked_changed: int | None,
    ) -> WaitingImage | None:
        try:
            status = (self._version.root_of(image) / image).stat()
            now = (status.st_size, status.st_mtime_ns)
        except (OSError, ValueError):
            now = (-1, -1)
        if now == (size, changed):
            return None
        return WaitingImage(image_id, image, *now, sha256 or "" if now == (checked_size, checked_changed) else "")

    def _clear_leftovers(self) -> None:
        """Removes what a killed writer was about to write, or had joined already, and files that are damaged."""
        for path in self._folder.glob(".*.tmp*"):
            path.unlink(missing_ok=True)
        for path in (*self._folder.glob("part-*.parquet"), *self._folder.glob("vectors-*.duckdb")):
            if not _is_whole(path, self._record.dimensions):
                path.unlink(missing_ok=True)
        self._remove_joined()

    def _remove_joined(self) -> None:
        base = stored_files(self._folder).base
        for path in (*self._folder.glob("part-*.parquet"), *self._folder.glob("vectors-*.duckdb")):
            if base is not None and path != base and number_of(path) <= number_of(base):
                path.unlink(missing_ok=True)

    def _take_stock(self) -> None:
        """Fills `done` and `known` from what is stored."""
        files, width = stored_files(self._folder), self._record.dimensions
        with duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "512MB"}) as stored:
            attach_vectors(stored, files, width)
            read_parts(stored, files.parts, width)
            rows = stored.execute(
                "SELECT image_id, size, changed FROM part_images WHERE root = $root UNION ALL "
                "SELECT image_id, size, changed FROM base_images WHERE root = $root AND image_id NOT IN "
                "(SELECT image_id FROM part_images WHERE root = $root)",
                {"root": self._root},
            ).df()
            contents = stored.execute("SELECT content FROM base_vectors UNION SELECT content FROM part_vectors").df()
        for table, frame in (("done", rows), ("known", contents)):
            self._connection.register("frame", frame)
            self._connection.execute(f"INSERT INTO {table} SELECT * FROM frame")
            self._connection.unregister("frame")


def _copy_all(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"CREATE TABLE fresh.images AS SELECT {IMAGE_COLUMNS} FROM base_images WHERE (root, image_id) NOT IN "
        f"(SELECT (root, image_id) FROM part_images) UNION ALL SELECT {IMAGE_COLUMNS} FROM part_images"
    )
    connection.execute("CREATE TABLE fresh.vectors AS SELECT content, vector FROM base_vectors")
    connection.execute(
        "INSERT INTO fresh.vectors SELECT content, vector FROM part_vectors WHERE content NOT IN "
        "(SELECT content FROM base_vectors)"
    )


def _is_whole(path: Path, dimensions: int) -> bool:
    """Whether a file can be read and has the form of today."""
    try:
        with duckdb.connect(":memory:") as connection:
            if path.suffix == ".duckdb":
                connection.execute(f"ATTACH {literal(path)} AS base (READ_ONLY)")
                connection.execute(f"SELECT {IMAGE_COLUMNS} FROM base.images LIMIT 0")
                connection.execute(f"SELECT content, vector::FLOAT[{dimensions}] FROM base.vectors LIMIT 1").fetchall()
            else:
                connection.execute(f"SELECT {IMAGE_COLUMNS}, vector FROM read_parquet({literal(path)}) LIMIT 1")
        return True
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
