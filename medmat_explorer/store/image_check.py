"""The second pass over a collection: every image file is looked at once, in parallel, while the app is in use."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from medmat_explorer.media import inspect_image
from medmat_explorer.store.connection import attach_release
from medmat_explorer.store.image_states import (
    ImageRecord,
    batches,
    clear_leftovers,
    compact,
    count_images,
    drop_other_formats,
    latest_rows,
    write_batch,
)
from medmat_explorer.store.report import ImageCounts, Progress
from medmat_explorer.store.versions import CHECK_LOCK, Version, find_version, folder_lock, writing

BATCH = 2_000
CHUNK = 128
STAGE = "Checking images"

QUEUE = """
SELECT image_id, image, size, changed FROM (
    SELECT image_id, any_value(image) AS image, min(rowid) AS place FROM items GROUP BY image_id
) LEFT JOIN ({known}) USING (image_id) ORDER BY place
"""

Queued = tuple[int, str, int | None, int | None]
"""An image's id and path; size and time of change as an earlier check saw them."""


def check_images(
    name: str,
    home: Path,
    *,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ImageCounts:
    """Looks at every image of a collection that was not looked at before, or has changed since.

    What was done is kept when it is stopped or killed; calling it again goes on from there. Readers see states as
    they come. Raises UnknownNameError for a collection that does not exist, and CollectionError for one that is
    damaged, is being checked, or cannot be written.
    """
    version = find_version(name, home)
    task = _Check(version, progress or (lambda _: None), should_stop or (lambda: False))
    with (
        folder_lock(version.folder, CHECK_LOCK),
        duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"}) as connection,
        ThreadPoolExecutor(workers or min(8, (os.cpu_count() or 1) + 1)) as pool,
    ):
        with writing(version.images):
            clear_leftovers(version.images)
            drop_other_formats(connection, version.images)
        attach_release(connection, version)
        connection.execute("USE release")
        task.run(connection, pool)
        if not task.should_stop():
            with writing(version.images):
                compact(connection, version.images)
        return count_images(connection, version.images)


@dataclass(frozen=True)
class _Check:
    """One pass over the images of a version."""

    version: Version
    progress: Callable[[Progress], None]
    should_stop: Callable[[], bool]

    def run(self, connection: duckdb.DuckDBPyConnection, pool: ThreadPoolExecutor) -> None:
        """Looks at all images in the order of items, writing what was found batch by batch."""
        total = _number_of_images(connection)
        done, waiting = 0, list[ImageRecord]()
        for chunk in _queue(connection, self.version):
            self.progress(Progress(STAGE, done, total))
            if self.should_stop():
                break
            waiting += [record for record in pool.map(self._look, chunk) if record is not None]
            done += len(chunk)
            if len(waiting) >= BATCH:
                self._keep(connection, waiting)
                waiting = []
        self._keep(connection, waiting)
        self.progress(Progress(STAGE, done, total))

    def _keep(self, connection: duckdb.DuckDBPyConnection, found: list[ImageRecord]) -> None:
        with writing(self.version.images):
            write_batch(connection, self.version.images, found)

    def _look(self, queued: Queued) -> ImageRecord | None:
        image_id, image, size, changed = queued
        known = None if size is None or changed is None else (size, changed)
        return look_at(image_id, image, self.version.root_of(image), known)


def look_at(image_id: int, image: str, root: Path, known: tuple[int, int] | None = None) -> ImageRecord | None:
    """One image as it is now; None when it is as it was known to be."""
    try:
        status = (root / image).stat()
        size, changed = status.st_size, status.st_mtime_ns
    except (OSError, ValueError):
        size, changed = -1, -1
    if known is not None and known == (size, changed):
        return None
    facts = inspect_image(Path(image), root)
    return ImageRecord(
        image_id=image_id,
        image=image,
        state=facts.state,
        width=facts.width,
        height=facts.height,
        mode=facts.mode,
        sha256=facts.sha256,
        look=facts.look,
        mirrored=facts.mirrored,
        reason=facts.reason,
        size=size,
        changed=changed,
    )


def _number_of_images(connection: duckdb.DuckDBPyConnection) -> int:
    found = connection.execute("SELECT count(DISTINCT image_id) FROM items").fetchone()
    return int(found[0]) if found else 0


def _queue(connection: duckdb.DuckDBPyConnection, version: Version) -> Iterator[list[Queued]]:
    """The images in chunks, in the order of items, with what is known of them."""
    paths = [str(path) for path in batches(version.images)]
    nothing = "SELECT NULL::BIGINT AS image_id, NULL::BIGINT AS size, NULL::BIGINT AS changed WHERE false"
    query = QUEUE.format(known=latest_rows("image_id, size, changed") if paths else nothing)
    cursor = connection.cursor()
    cursor.execute("USE release")
    cursor.execute(query, {"batches": paths} if paths else {})
    while chunk := cursor.fetchmany(CHUNK):
        yield chunk
