"""Thumbnails are begun when a gallery's page is known, before the browser has asked for the first of them."""

import os
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial

from medmat_explorer.config import Settings, settings
from medmat_explorer.media.thumbnails import Thumbnail, thumbnail
from medmat_explorer.store.catalog import Catalog

Wanted = tuple[str, str, str, int]
"""A collection's name and version, an item's key, and pixels."""


class ThumbnailsAhead:
    """Makes thumbnails in a few threads, each once however often it is asked for meanwhile; safe between threads."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="thumbnails")
        self._lock = threading.Lock()
        self._made: dict[Wanted, Future[Thumbnail]] = {}

    def begin(self, catalog: Catalog, keys: Iterable[str], size: int) -> None:
        """Begins these, in their order; what goes wrong is told to whoever asks for the picture."""
        for key in keys:
            self.of(catalog, key, size)

    def of(self, catalog: Catalog, key: str, size: int) -> "Future[Thumbnail]":
        """An item's thumbnail, which may raise what `Catalog.image_path` and `thumbnail` raise."""
        wanted = (catalog.name, catalog.version, key, size)
        with self._lock:
            if (known := self._made.get(wanted)) is not None:
                return known
            future = self._made[wanted] = self._pool.submit(_make, catalog, key, size, settings())
        future.add_done_callback(partial(self._forget, wanted))
        return future

    def _forget(self, wanted: Wanted, future: "Future[Thumbnail]") -> None:
        """It lies on the disk now; what could not be made is tried again when it is asked for again."""
        with self._lock:
            self._made.pop(wanted, None)


def _make(catalog: Catalog, key: str, size: int, chosen: Settings) -> Thumbnail:
    file = catalog.image_path(key)
    most_bytes = chosen.thumbnail_cache_mb * 2**20
    return thumbnail(file, file.parent, chosen.home / "thumbs", size, most_bytes=most_bytes)


@cache
def thumbnails_ahead() -> ThumbnailsAhead:
    """This server's. Two more threads than cores: a few slow files do not hold up the others."""
    return ThumbnailsAhead((os.cpu_count() or 1) + 2)
