"""Vectors of pictures, as vision encoders saw them: where they lie, and the pictures that are nearest to one.

<home>/collections/<name>/embeddings/<encoder>/encoder.json              which encoder, how many numbers a vector has
                                               part-000007.parquet       what was found since
                                               vectors-000006.duckdb     all that stood in the parts up to number 6
                                               maps/                     layouts that took long
                         /embed.lock                                     the process that is adding vectors

A vector belongs to the content of a file, so that it survives every import and is made once for equal files; which file
has which content is known by the file's size and time of change. Other weights are another encoder and another folder.
Readers take a snapshot: all of it stays whole while a writer adds to it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.store.versions import Version, write_atomically, writing

FOLDER = "embeddings"
RECORD = "encoder.json"
EMBED_LOCK = "embed.lock"
TRIES = 5
MEMORY = "256MB"
"""Of the pages that a reader keeps, whatever the number of vectors."""

CONTENT_LENGTH = 32
"""Hexadecimal digits of a file's SHA-256 that name its content: 128 bits."""

FloatArray = npt.NDArray[np.float32]
IMAGE_COLUMNS = "root, image_id, size, changed, content, reason"


@dataclass(frozen=True)
class EncoderRecord:
    """The encoder of a folder of vectors: `id` finds it again, `pooled` says what a vector is made of.

    `pictures_per_second` is 0 where no run was long enough to tell.
    """

    slug: str
    id: str
    title: str
    revision: str
    dimensions: int
    pooled: str
    pictures_per_second: float = 0.0

    def folder(self, collection: Path) -> Path:
        """Where its vectors lie in a collection's folder."""
        return collection / FOLDER / self.slug

    def keep(self, collection: Path) -> None:
        """Writes it beside its vectors; the collection itself must be there. Raises CollectionError."""
        folder = self.folder(collection)
        with writing(folder):
            folder.parent.mkdir(exist_ok=True)
            folder.mkdir(exist_ok=True)
            write_atomically(folder / RECORD, json.dumps(asdict(self), indent=1).encode())


@dataclass(frozen=True)
class Near:
    """Pictures of one content: how near they are to what was asked (cosine, -1 to 1), and which images they are."""

    content: str
    similarity: float
    image_ids: tuple[int, ...]


@dataclass(frozen=True)
class StoredFiles:
    """The files of one encoder's vectors at a moment: the parts are those that `base` does not hold yet."""

    base: Path | None
    parts: tuple[Path, ...]

    @property
    def last(self) -> int:
        """The number of the last part, joined or not."""
        return number_of(self.parts[-1]) if self.parts else number_of(self.base) if self.base else 0


def encoder_records(collection: Path) -> list[EncoderRecord]:
    """The encoders that this collection has vectors of, by title; records that cannot be read are left out."""
    found = []
    for file in (collection / FOLDER).glob(f"*/{RECORD}"):
        try:
            found.append(EncoderRecord(**json.loads(file.read_text("utf-8"))))
        except (OSError, ValueError, TypeError):
            continue
    return sorted(found, key=lambda record: (record.title, record.slug))


def known_rate(home: Path, slug: str) -> float:
    """Pictures a second that this encoder made on this machine, the slowest of its runs; 0 when it never ran."""
    folders = (Path(home) / "collections").glob("*")
    rates = [r.pictures_per_second for folder in folders for r in encoder_records(folder) if r.slug == slug]
    return min(filter(None, rates), default=0.0)


def stored_files(folder: Path) -> StoredFiles:
    """What lies there now."""
    bases = sorted(folder.glob("vectors-*.duckdb"))
    base = bases[-1] if bases else None
    joined = number_of(base) if base else 0
    return StoredFiles(base, tuple(p for p in sorted(folder.glob("part-*.parquet")) if number_of(p) > joined))


def number_of(file: Path) -> int:
    """The number in a file's name."""
    return int(file.stem.split("-")[1])


def root_mark(version: Version) -> str:
    """Stands for the folder that image paths start from: the same path elsewhere may be another picture."""
    return version.images.name.removeprefix("images-")


def content_name(sha256: str) -> str:
    """How a file's content is named here."""
    return sha256[:CONTENT_LENGTH]


def literal(path: Path) -> str:
    """A path as text in SQL, for statements that take no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


def attach_vectors(connection: duckdb.DuckDBPyConnection, files: StoredFiles, dimensions: int) -> None:
    """Makes `base_images` and `base_vectors` of the joined file, empty where there is none."""
    if files.base is not None:
        connection.execute(f"ATTACH {literal(files.base)} AS base (READ_ONLY)")
        connection.execute(f"CREATE VIEW base_images AS SELECT {IMAGE_COLUMNS} FROM base.images")
        connection.execute("CREATE VIEW base_vectors AS SELECT content, vector FROM base.vectors")
        return
    connection.execute(
        "CREATE TABLE base_images (root VARCHAR, image_id BIGINT, size BIGINT, changed BIGINT, content VARCHAR, "
        "reason VARCHAR)"
    )
    connection.execute(f"CREATE TABLE base_vectors (content VARCHAR, vector FLOAT[{dimensions}])")


def read_parts(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path], dimensions: int) -> None:
    """Makes `part_images` and `part_vectors` of the parts, the last word on each image and content."""
    nothing = (
        "SELECT NULL::VARCHAR AS root, NULL::BIGINT AS image_id, NULL::BIGINT AS size, NULL::BIGINT AS changed, "
        "NULL::VARCHAR AS content, NULL::VARCHAR AS reason, NULL::FLOAT[] AS vector, '' AS filename WHERE false"
    )
    paths = ", ".join(map(literal, parts))
    rows = f"SELECT * FROM read_parquet([{paths}], filename = true)" if parts else nothing
    connection.execute(f"CREATE TEMP TABLE part_rows AS {rows}")
    last = "QUALIFY row_number() OVER (PARTITION BY {} ORDER BY filename DESC) = 1"
    connection.execute(
        f"CREATE TABLE part_images AS SELECT {IMAGE_COLUMNS} FROM part_rows {last.format('root, image_id')}"
    )
    connection.execute(
        f"CREATE TABLE part_vectors AS SELECT content, vector::FLOAT[{dimensions}] AS vector FROM part_rows "
        f"WHERE vector IS NOT NULL {last.format('content')}"
    )
    connection.execute("DROP TABLE part_rows")


def open_vectors(version: Version, slug: str) -> "VectorSnapshot":
    """What is stored of an encoder's vectors now. Raises UnknownNameError, or CollectionError for damaged files."""
    records = {record.slug: record for record in encoder_records(version.folder)}
    if slug not in records:
        raise UnknownNameError("encoder with vectors in this collection", slug, records)
    folder = records[slug].folder(version.folder)
    for turn in range(TRIES):
        files = stored_files(folder)
        try:
            return VectorSnapshot(records[slug], folder, files, root_mark(version))
        except duckdb.Error as error:
            if turn == TRIES - 1 or files == stored_files(folder):
                raise CollectionError(
                    f"The vectors in '{folder}' are damaged: delete that folder and compute them again."
                ) from error
    raise AssertionError("the loop above returns or raises")


class VectorSnapshot:
    """One encoder's vectors over the images of one folder, as they were when it was opened; safe between threads."""

    def __init__(self, record: EncoderRecord, folder: Path, files: StoredFiles, root: str) -> None:
        self.record, self.folder = record, folder
        self._connection = duckdb.connect(
            ":memory:",
            config={"memory_limit": MEMORY, "autoload_known_extensions": False, "autoinstall_known_extensions": False},
        )
        try:
            attach_vectors(self._connection, files, record.dimensions)
            read_parts(self._connection, files.parts, record.dimensions)
            here = f"root = '{root}'"
            self._connection.execute(
                f"CREATE VIEW images AS SELECT image_id, content, reason FROM part_images WHERE {here} UNION ALL "
                f"SELECT image_id, content, reason FROM base_images WHERE {here} AND image_id NOT IN "
                f"(SELECT image_id FROM part_images WHERE {here})"
            )
        except duckdb.Error:
            self._connection.close()
            raise

    def close(self) -> None:
        """Lets go of the files."""
        self._connection.close()

    def counts(self) -> tuple[int, dict[str, int]]:
        """How many images have a vector, and how many were refused, by reason."""
        rows = self._rows("SELECT reason, count(*) FROM images GROUP BY reason ORDER BY reason")
        counted = {str(reason): int(n) for reason, n in rows}
        return counted.pop("", 0), counted

    def of_image(self, image_id: int) -> tuple[str, FloatArray | None, str]:
        """An image's content, its vector, and why it has none; all empty for an image that was not looked at yet."""
        rows = self._rows("SELECT content, reason FROM images WHERE image_id = $id", {"id": image_id})
        if not rows:
            return "", None, ""
        content, reason = rows[0]
        _, vectors = self.of_contents([content])
        return content, vectors[0] if len(vectors) else None, reason

    def contents_of(self, image_ids: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], list[str]]:
        """Those of the images that have a vector, with their contents; in the order in which they were given."""
        rows = self._rows(
            "SELECT image_id, content FROM images JOIN (SELECT unnest($ids::BIGINT[]) AS image_id, "
            "generate_subscripts($ids::BIGINT[], 1) AS place) USING (image_id) WHERE reason = '' ORDER BY place",
            {"ids": image_ids.tolist()},
        )
        return np.asarray([row[0] for row in rows], dtype=np.int64), [row[1] for row in rows]

    def of_contents(self, contents: Sequence[str]) -> tuple[list[str], FloatArray]:
        """The vectors of those contents that have one, with the contents, in order of content."""
        query = "SELECT content, any_value(vector) AS vector FROM ({}) GROUP BY content ORDER BY content"
        some = "SELECT content, vector FROM {} WHERE content IN (SELECT unnest($contents::VARCHAR[]))"
        both = f"{some.format('part_vectors')} UNION ALL {some.format('base_vectors')}"
        with self._connection.cursor() as cursor:
            found = cursor.execute(query.format(both), {"contents": list(contents)}).fetchnumpy()
        rows: list[Any] = list(found["vector"])
        empty = np.empty((0, self.record.dimensions), dtype=np.float32)
        return [str(name) for name in found["content"]], np.stack(rows).astype(np.float32) if rows else empty

    def nearest(self, vector: FloatArray, k: int) -> list[Near]:
        """The `k` contents whose vectors have the largest cosine with this one, exactly; the nearest first."""
        kind = f"FLOAT[{self.record.dimensions}]"
        unit = vector / max(float(np.linalg.norm(vector)), 1e-12)
        best = (
            f"(SELECT content, array_inner_product(vector, $vector::{kind}) AS similarity FROM {{}} "
            "ORDER BY similarity DESC LIMIT $k)"
        )
        rows = self._rows(
            f"""WITH near AS (
                SELECT content, max(similarity) AS similarity
                FROM (FROM {best.format("base_vectors")} UNION ALL FROM {best.format("part_vectors")})
                GROUP BY content ORDER BY similarity DESC, content LIMIT $k
            )
            SELECT content, similarity, list(image_id ORDER BY image_id) FROM near JOIN images USING (content)
            GROUP BY content, similarity ORDER BY similarity DESC, content""",
            {"vector": unit.tolist(), "k": k},
        )
        return [Near(content, min(1.0, float(s)), tuple(map(int, ids))) for content, s, ids in rows]

    def image_ids_of(self, contents: Iterable[str]) -> list[int]:
        """All images that have one of the contents."""
        query = "SELECT image_id FROM images WHERE content IN (SELECT unnest($contents::VARCHAR[])) ORDER BY image_id"
        return [int(row[0]) for row in self._rows(query, {"contents": list(contents)})]

    def _rows(self, query: str, parameters: dict[str, object] | None = None) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            return cursor.execute(query, parameters or {}).fetchall()
