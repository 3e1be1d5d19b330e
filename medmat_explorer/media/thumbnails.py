"""Small pictures for galleries, kept on disk until there are too many.

A thumbnail is named after its source's content and its own size: two paths with the same bytes share one, and a
changed image gets a new one. Reading one marks it as used; the least recently used go first.
"""

import hashlib
import io
import os
import secrets
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.media.guard import decoding, read_bounded
from medmat_explorer.media.opening import resolve_inside, small_image_of_bytes

MOST_BYTES = 512 << 20
KEPT_SHARE = 0.8
QUALITY = 80
METHOD = 1
"""Of WebP, from 0 (fast) to 6 (small): at this size the slower ones win a few percent of bytes."""

RECIPE = "2"
"""Part of every name; to be changed with anything that changes how thumbnails look."""

CHECK_EVERY = 200
KNOWN_FILES = 20_000


@dataclass(frozen=True)
class Thumbnail:
    """A WebP file, and a tag that changes with what it shows (for HTTP's ETag)."""

    data: bytes
    tag: str


def thumbnail(path: Path, root: Path, cache_dir: Path, size: int = 256, *, most_bytes: int = MOST_BYTES) -> Thumbnail:
    """The picture as WebP, no side longer than `size` and never enlarged. Raises ImageRefusedError."""
    file = resolve_inside(path, root)
    known = KNOWN.look_up(file)
    if known and (kept := _kept(cache_dir, known, size)):
        return kept
    data, seen = _read(file)
    KNOWN.remember(file, seen)
    if seen.digest != known and (kept := _kept(cache_dir, seen.digest, size)):
        return kept
    made = Thumbnail(_shrunk(data, file, size), _tag(seen.digest, size))
    _keep(cache_dir / _name(seen.digest, size), made.data, cache_dir, most_bytes)
    return made


def content_tag(file: Path) -> str:
    """The SHA-256 of a resolved file's content, without reading it again while it is unchanged.

    Raises ImageRefusedError for a file that cannot be read or is too large to be opened.
    """
    if known := KNOWN.look_up(file):
        return known
    _, seen = _read(file)
    KNOWN.remember(file, seen)
    return seen.digest


def trim_cache(cache_dir: Path, most_bytes: int) -> None:
    """Removes the least recently used thumbnails when there are more bytes than allowed, down to four fifths."""
    files = []
    for path in cache_dir.glob("*/*.webp"):
        with suppress(FileNotFoundError):
            status = path.stat()
            files.append((status.st_mtime_ns, status.st_size, path))
    total = sum(size for _, size, _ in files)
    if total <= most_bytes:
        return
    for _, size, path in sorted(files):
        path.unlink(missing_ok=True)
        total -= size
        if total <= most_bytes * KEPT_SHARE:
            return


@dataclass(frozen=True)
class _Seen:
    """A file's content as it was at a size and a time of change."""

    size: int
    changed: int
    digest: str


class _KnownFiles:
    """The content of files that were read lately, by what tells whether they have changed; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def look_up(self, file: Path) -> str:
        """The digest of an unchanged file, or an empty text."""
        try:
            status = file.stat()
        except OSError:
            return ""
        with self._lock:
            seen = self._seen.get(str(file))
        return seen.digest if seen and (seen.size, seen.changed) == (status.st_size, status.st_mtime_ns) else ""

    def remember(self, file: Path, seen: _Seen) -> None:
        """Takes a file in; the one that was taken in first goes when there are too many."""
        with self._lock:
            self._seen[str(file)] = seen
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)


KNOWN = _KnownFiles(KNOWN_FILES)


def _read(file: Path) -> tuple[bytes, _Seen]:
    """The content, with the state of the file from before it was read: a change meanwhile makes it new again."""
    with decoding(file):
        status = file.stat()
    data = read_bounded(file)
    return data, _Seen(status.st_size, status.st_mtime_ns, hashlib.sha256(data).hexdigest())


def _tag(digest: str, size: int) -> str:
    return f"{digest[:40]}-{size}-{RECIPE}"


def _name(digest: str, size: int) -> str:
    return f"{digest[:2]}/{_tag(digest, size)}.webp"


def _kept(cache_dir: Path, digest: str, size: int) -> Thumbnail | None:
    cached = cache_dir / _name(digest, size)
    try:
        data = cached.read_bytes()
    except OSError:
        return None
    with suppress(OSError):
        os.utime(cached)
    return Thumbnail(data, _tag(digest, size))


def _shrunk(data: bytes, file: Path, size: int) -> bytes:
    image, stream = small_image_of_bytes(data, file, size), io.BytesIO()
    with decoding(file):
        image.save(stream, "WEBP", quality=QUALITY, method=METHOD)
    return stream.getvalue()


def _keep(cached: Path, data: bytes, cache_dir: Path, most_bytes: int) -> None:
    """Writes a thumbnail in one step; a full disk is no reason not to show the picture."""
    with suppress(OSError):
        cached.parent.mkdir(parents=True, exist_ok=True)
        partial = cached.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}.part")
        partial.write_bytes(data)
        partial.replace(cached)
        if WRITTEN.is_time_to_trim():
            trim_cache(cache_dir, most_bytes)


class _Written:
    """Counts the thumbnails written by this process."""

    def __init__(self) -> None:
        self._number = 0
        self._lock = threading.Lock()

    def is_time_to_trim(self) -> bool:
        """True at the first and then at every so many."""
        with self._lock:
            self._number += 1
            return self._number % CHECK_EVERY == 1


WRITTEN = _Written()
