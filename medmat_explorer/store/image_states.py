"""What is known about image files: written in batches by the check, read by catalogs while it still runs.

Each batch is a parquet file in the collection's `images` folder, put there whole. A later batch overrides an
earlier one, so that a check can be stopped, taken up again, and repeated.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from medmat_explorer.store.report import ImageCounts
from medmat_explorer.store.schema import json_columns

PART = "looks2-"
"""Begins the name of a batch, with the number of its form: batches of other forms are not read, so that their images
count as unchecked. To be changed with STATE_COLUMNS and with what `look` means.
"""

STATE_COLUMNS = {
    "image_id": "BIGINT",
    "image": "VARCHAR",
    "state": "VARCHAR",
    "width": "INTEGER",
    "height": "INTEGER",
    "mode": "VARCHAR",
    "sha256": "VARCHAR",
    "look": "BIGINT",
    "mirrored": "BIGINT",
    "reason": "VARCHAR",
    "size": "BIGINT",
    "changed": "BIGINT",
}


@dataclass(frozen=True)
class ImageRecord:
    """One image file as the check saw it; `size` and `changed` (nanoseconds) tell later whether it is the same."""

    image_id: int
    image: str
    state: str
    width: int = 0
    height: int = 0
    mode: str = ""
    sha256: str = ""
    look: int | None = None
    mirrored: int | None = None
    reason: str = ""
    size: int = -1
    changed: int = -1


def batches(folder: Path) -> tuple[Path, ...]:
    """The batches written so far, oldest first."""
    return tuple(sorted(folder.glob(f"{PART}*.parquet")))


def write_batch(connection: duckdb.DuckDBPyConnection, folder: Path, records: Iterable[ImageRecord]) -> None:
    """Adds a batch, in one step for readers."""
    lines = [json.dumps(asdict(record), ensure_ascii=False) for record in records]
    if not lines:
        return
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f".rows-{os.getpid()}.jsonl"
    written.write_text("\n".join(lines), "utf-8")
    rows = f"read_json($rows, format = 'newline_delimited', columns = {json_columns(STATE_COLUMNS)})"
    _write_part(connection, folder, f"SELECT * FROM {rows}", {"rows": str(written)})
    written.unlink()


def compact(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Joins all batches into one; readers that still hold the list of old ones look again."""
    old = batches(folder)
    if len(old) > 1:
        _write_part(connection, folder, latest_rows(), {"batches": [str(path) for path in old]})
        for path in old:
            path.unlink(missing_ok=True)


def latest_rows(columns: str = "*") -> str:
    """The query for the last word on each image; takes the parameter `batches`."""
    return (
        f"SELECT {columns} FROM (SELECT * EXCLUDE (filename) FROM read_parquet($batches, filename = true) "
        "QUALIFY row_number() OVER (PARTITION BY image_id ORDER BY filename DESC) = 1)"
    )


def count_images(connection: duckdb.DuckDBPyConnection, folder: Path) -> ImageCounts:
    """The distinct images of `items` by state; those in no batch are unchecked."""
    paths = [str(path) for path in batches(folder)]
    images = "SELECT DISTINCT image_id FROM items"
    if not paths:
        found = connection.execute("SELECT count(DISTINCT image_id) FROM items").fetchone()
        return ImageCounts(unchecked=int(found[0]) if found else 0)
    rows = connection.execute(
        f"SELECT coalesce(state, 'unchecked') AS state, count(*) FROM ({images}) "
        f"LEFT JOIN ({latest_rows('image_id, state')}) USING (image_id) GROUP BY state",
        {"batches": paths},
    ).fetchall()
    return ImageCounts(**{str(state): int(number) for state, number in rows})


def drop_other_formats(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Removes batches that are damaged or that another version of the program wrote: their images count as new."""
    for path in batches(folder):
        try:
            connection.execute(
                f"SELECT {', '.join(STATE_COLUMNS)} FROM read_parquet($path) LIMIT 0", {"path": str(path)}
            )
        except duckdb.IOException:  # a check that ended has just joined it with others
            continue
        except duckdb.Error:
            path.unlink(missing_ok=True)


def clear_leftovers(folder: Path) -> None:
    """Removes what a killed check was about to write, and batches of another form; for who holds the check's lock."""
    for path in (*folder.glob(".*"), *folder.glob("*.parquet")):
        if not path.name.startswith(PART):
            path.unlink(missing_ok=True)


def _write_part(connection: duckdb.DuckDBPyConnection, folder: Path, query: str, parameters: dict[str, object]) -> None:
    last = batches(folder)
    number = int(last[-1].stem.removeprefix(PART)) + 1 if last else 1
    partial = folder / f".{PART}{os.getpid()}.parquet.tmp"
    target = str(partial).replace("'", "''")
    connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)", parameters)
    partial.replace(folder / f"{PART}{number:06d}.parquet")
