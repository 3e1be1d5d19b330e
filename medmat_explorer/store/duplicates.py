"""The search for pictures that stand in a collection twice: the same file content, nearly the same look, or mirrored.

What it finds lies beside the version that it looked at:

    pairs-<version>.parquet   pairs of images with where both stand (PAIR_COLUMNS)
    leaks-<version>.parquet   images whose picture stands in training and in test: image_id, leak (exact or near)
    pairs-<version>.json      from what this was found; written last, so that what it speaks of is there
"""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from medmat_explorer.store.connection import attach_release, opening
from medmat_explorer.store.image_states import batches, latest_rows
from medmat_explorer.store.near_looks import NEARLY, find_alike
from medmat_explorer.store.report import Progress
from medmat_explorer.store.versions import (
    SEARCH_LOCK,
    SEARCH_SCRATCH,
    Version,
    find_version,
    folder_lock,
    write_atomically,
    writing,
)

STAGE = "Looking for duplicates"
KINDS = ("exact", "near", "mirrored")
CONTENTS_SHOWN = 30
"""Contents of a look that are paired with each other and with those of other looks; more, with the first only."""

STATES = "SELECT image_id, state, sha256, look, mirrored FROM ({latest})"
NO_STATES = """SELECT NULL::BIGINT AS image_id, NULL::VARCHAR AS state, NULL::VARCHAR AS sha256, NULL::BIGINT AS look,
NULL::BIGINT AS mirrored WHERE false"""

PICTURES = """
CREATE TEMP TABLE pictures AS
SELECT image_id, if(state = 'ok', md5_number(sha256), image_id::UHUGEINT) AS content,
    if(state = 'ok', look, NULL) AS look, if(state = 'ok', mirrored, NULL) AS mirrored
FROM (SELECT DISTINCT image_id FROM release.items) LEFT JOIN ({states}) USING (image_id)
"""
"""What is known of no file's content goes by its path, which the id stands for."""

PLACES = """
CREATE TEMP TABLE places AS
SELECT (row_number() OVER (ORDER BY subset, split, dataset))::INTEGER AS place, subset, split, dataset
FROM (SELECT DISTINCT subset, split, dataset FROM release.items)
"""
STANDING = """
CREATE TEMP TABLE standing AS
SELECT content, place, min(image_id) AS first_image, list_sort(list(DISTINCT image_id)) AS images
FROM (SELECT DISTINCT image_id, place FROM release.items JOIN places USING (subset, split, dataset))
JOIN pictures USING (image_id) GROUP BY content, place
"""
FACES = "CREATE TEMP TABLE faces AS SELECT DISTINCT look, mirrored FROM pictures WHERE look IS NOT NULL"
CONTENTS = """
CREATE TEMP TABLE contents AS
SELECT content, look, row_number() OVER (PARTITION BY look ORDER BY content) AS rank FROM (
    SELECT content, any_value(look) AS look FROM pictures WHERE look IS NOT NULL GROUP BY content
)
"""
EXACT = """
SELECT a.first_image AS image_a, a.place AS place_a, b.first_image AS image_b, b.place AS place_b,
    'exact' AS kind, 0::TINYINT AS distance
FROM standing a JOIN standing b ON a.content = b.content AND a.place < b.place
UNION ALL
SELECT first_image, place, unnest(images[2:]), place, 'exact', 0 FROM standing WHERE len(images) > 1
"""
NEAR_CONTENTS = """
SELECT a.content AS a, b.content AS b, 'near' AS kind, 0::TINYINT AS distance
FROM contents a JOIN contents b ON a.look = b.look AND a.rank < b.rank AND (a.rank = 1 OR b.rank <= {shown})
UNION ALL
SELECT x.content, y.content, if(mirrored, 'mirrored', 'near'), distance
FROM alike JOIN contents x ON x.look = alike.a AND x.rank <= {shown}
JOIN contents y ON y.look = alike.b AND y.rank <= {shown}
"""
PLACED = """
SELECT image_a, image_b, kind, distance, p.subset AS subset_a, p.split AS split_a, p.dataset AS dataset_a,
    q.subset AS subset_b, q.split AS split_b, q.dataset AS dataset_b
FROM (
    SELECT if(place_a <= place_b, image_a, image_b) AS image_a, if(place_a <= place_b, image_b, image_a) AS image_b,
        least(place_a, place_b) AS place_a, greatest(place_a, place_b) AS place_b, kind, distance
    FROM ({exact} UNION ALL
        SELECT x.first_image, x.place, y.first_image, y.place, kind, distance
        FROM ({near}) JOIN standing x ON x.content = a JOIN standing y ON y.content = b)
) JOIN places p ON p.place = place_a JOIN places q ON q.place = place_b
ORDER BY subset_a, split_a, subset_b, split_b, kind, distance, image_a, image_b
"""
LEAKS = """
WITH sides AS (
    SELECT content, bool_or(split = 'train') AS train, bool_or(split = 'test') AS test
    FROM standing JOIN places USING (place) GROUP BY content
), look_sides AS (
    SELECT look, bool_or(train) AS train, bool_or(test) AS test FROM contents JOIN sides USING (content) GROUP BY look
), neighbours AS (
    SELECT look, look AS other FROM look_sides
    UNION ALL SELECT a, b FROM alike UNION ALL SELECT b, a FROM alike
), leaking AS (
    SELECT n.look FROM neighbours n JOIN look_sides s ON s.look = n.other
    GROUP BY n.look HAVING bool_or(s.train) AND bool_or(s.test)
)
SELECT image_id, if(train AND test, 'exact', 'near') AS leak FROM pictures JOIN sides USING (content)
WHERE (train AND test) OR look IN (SELECT look FROM leaking) ORDER BY image_id
"""
COUNTS = """
SELECT (SELECT count(*) - count(DISTINCT content) FROM pictures JOIN ({states}) USING (image_id) WHERE state = 'ok'),
    count(*) FILTER (look IN (SELECT unnest([a, b]) FROM alike WHERE NOT mirrored) OR among > 1),
    count(*) FILTER (look IN (SELECT unnest([a, b]) FROM alike WHERE mirrored))
FROM (SELECT look, count(*) OVER (PARTITION BY look) AS among FROM contents)
"""
PAIR_COLUMNS = (
    "image_a", "image_b", "kind", "distance",
    "subset_a", "split_a", "dataset_a", "subset_b", "split_b", "dataset_b",
)  # fmt: skip
"""Two images and where they stand. A picture that stands in several places at once has a row for each pair of places,
also with itself; of several copies in one place the first stands for all in pairs with other places."""


@dataclass(frozen=True)
class SearchRecord:
    """From what a search was made: rows of image states, of these readable, a mark of them all; and what it found.

    `copies` counts files beyond the first of each content, `near` and `mirrored` contents that look nearly like another
    or like its mirror image. `crowded` counts looks that too many others share bits with: a pair of two such looks may
    be missed. `pairs` and `leaks` are rows of the two files.
    """

    made: str
    states: int
    readable: int
    mark: str
    nearly: int
    crowded: int
    copies: int
    near: int
    mirrored: int
    pairs: int
    leaks: int


@dataclass(frozen=True)
class SeenImages:
    """What the image check has seen by now; `mark` changes with any state, content or look."""

    states: int
    readable: int
    mark: str


class _Stopped(Exception):
    """The search was asked to end."""


def find_duplicates(
    name: str,
    home: Path,
    *,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SearchRecord | None:
    """Searches a collection's images as far as they were looked at; others are compared by path.

    Returns None when stopped: then what an earlier search found stays. Raises UnknownNameError, and CollectionError for
    a collection that is damaged, is being searched, or cannot be written.
    """
    version = find_version(name, home)

    def told(done: int, total: int) -> None:
        if progress is not None:
            progress(Progress(STAGE, done, total))
        if should_stop is not None and should_stop():
            raise _Stopped

    with folder_lock(version.folder, SEARCH_LOCK):
        scratch = version.folder / SEARCH_SCRATCH
        with writing(scratch):
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
        try:
            return _search(version, scratch, told)
        except _Stopped:
            return None
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def search_record(version: Version) -> SearchRecord | None:
    """From what the last search was made; None when there was none, or by another version of the program."""
    try:
        record = SearchRecord(**json.loads(_record_file(version).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return record if version.pairs.exists() and version.leaks.exists() else None


def seen_images(version: Version) -> SeenImages:
    """What there is to search by now. Raises CollectionError for states in another form."""
    with duckdb.connect(":memory:", config={"memory_limit": "512MB"}) as connection, opening(version):
        return _seen(connection, version)


def states_query(version: Version) -> tuple[str, dict[str, object]]:
    """The query for what is known of images' contents and looks, with its parameters."""
    paths = [str(path) for path in batches(version.images)]
    if not paths:
        return NO_STATES, {}
    latest = latest_rows() if len(paths) > 1 else "SELECT * FROM read_parquet($batches)"
    return STATES.format(latest=latest), {"batches": paths}


def prepare_pictures(connection: duckdb.DuckDBPyConnection, version: Version) -> None:
    """Attaches the release and makes the table `pictures` (image_id, content, look, mirrored)."""
    attach_release(connection, version)
    states, parameters = states_query(version)
    with opening(version):
        connection.execute(PICTURES.format(states=states), parameters)


def prepare(connection: duckdb.DuckDBPyConnection, version: Version) -> None:
    """As `prepare_pictures`, and the tables `places` and `standing` (content, place, first_image, images)."""
    prepare_pictures(connection, version)
    with opening(version):
        connection.execute(PLACES)
        connection.execute(STANDING)


def _search(version: Version, scratch: Path, told: Callable[[int, int], None]) -> SearchRecord:
    config: dict[str, Any] = {"memory_limit": "1GB", "temp_directory": str(scratch)}
    with duckdb.connect(":memory:", config=config) as connection:
        told(0, 0)
        with opening(version):
            seen = _seen(connection, version)
        prepare(connection, version)
        connection.execute(FACES)
        connection.execute(CONTENTS)
        crowded = find_alike(connection, told)
        near = NEAR_CONTENTS.format(shown=CONTENTS_SHOWN)
        with writing(version.folder):
            counts = _counts(connection, version)
            pairs = _write(connection, PLACED.format(exact=EXACT, near=near), scratch / "pairs.parquet")
            leaks = _write(connection, LEAKS, scratch / "leaks.parquet")
            now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
            record = SearchRecord(now, seen.states, seen.readable, seen.mark, NEARLY, crowded, *counts, pairs, leaks)
            _put_in_place(version, scratch, record)
    return record


def _write(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> int:
    target = str(file).replace("'", "''")
    row = connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)").fetchone()
    return int(row[0]) if row else 0


def _counts(connection: duckdb.DuckDBPyConnection, version: Version) -> tuple[int, int, int]:
    """Copies, near and mirrored, as the record has them."""
    states, parameters = states_query(version)
    copies, near, mirrored = connection.execute(COUNTS.format(states=states), parameters).fetchone() or (0, 0, 0)
    return int(copies), int(near), int(mirrored)


def _put_in_place(version: Version, scratch: Path, record: SearchRecord) -> None:
    """No record stands while the files change; a process that is killed meanwhile leaves whole files without one."""
    with suppress(FileNotFoundError):
        _record_file(version).unlink()
    (scratch / "leaks.parquet").replace(version.leaks)
    (scratch / "pairs.parquet").replace(version.pairs)
    write_atomically(_record_file(version), json.dumps(asdict(record)).encode())


def _record_file(version: Version) -> Path:
    return version.folder / f"pairs-{version.stamp}.json"


def _seen(connection: duckdb.DuckDBPyConnection, version: Version) -> SeenImages:
    states, parameters = states_query(version)
    found = connection.execute(
        "SELECT count(*), count(*) FILTER (state = 'ok'), "
        f"coalesce(sum(hash(image_id, state, sha256, look, mirrored)), 0)::VARCHAR FROM ({states})",
        parameters,
    ).fetchone()
    rows, readable, mark = found or (0, 0, "0")
    return SeenImages(int(rows), int(readable), str(mark))
