"""What another task has found about image files, told to the image check so that it need not open them again."""

from collections.abc import Sequence

import duckdb

from medmat_explorer.store.image_states import ImageRecord, write_batch
from medmat_explorer.store.versions import CHECK_LOCK, Version, folder_lock, writing

BATCH = 2_000


def keep_seen_images(version: Version, records: Sequence[ImageRecord]) -> None:
    """Adds to what is known about a version's images. Raises CollectionError while a check is at work."""
    with (
        folder_lock(version.folder, CHECK_LOCK),
        duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"}) as connection,
        writing(version.images),
    ):
        for start in range(0, len(records), BATCH):
            write_batch(connection, version.images, records[start : start + BATCH])
