"""Small pictures for galleries, kept on disk until there are too many.

A thumbnail is named after its source's path, size, time of change and its own size, so that a changed image gets a
new one. Reading one marks it as used; the least recently used go first.
"""

import hashlib
import io
import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path

from PIL import Image

from medmat_explorer.media.opening import decoding, read_rgb, resolve_inside

MOST_BYTES = 512 << 20
KEPT_SHARE = 0.8
QUALITY = 80
CHECK_EVERY = 200
_written = 0
_counting = threading.Lock()


def thumbnail(path: Path, root: Path, cache_dir: Path, size: int = 256, *, most_bytes: int = MOST_BYTES) -> bytes:
    """The picture as WebP, no side longer than `size` and never enlarged. Raises ImageRefusedError."""
    file = resolve_inside(path, root)
    with decoding(file):
        cached = cache_dir / _name(file, size)
    try:
        data = cached.read_bytes()
    except OSError:
        data = _shrunk(file, size)
        _keep(cached, data, cache_dir, most_bytes)
        return data
    with suppress(OSError):
        os.utime(cached)
    return data


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


def _name(file: Path, size: int) -> str:
    status = file.stat()
    source = f"{file}\0{status.st_size}\0{status.st_mtime_ns}\0{size}"
    digest = hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:40]
    return f"{digest[:2]}/{digest}.webp"


def _shrunk(file: Path, size: int) -> bytes:
    image, stream = read_rgb(file), io.BytesIO()
    with decoding(file):
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
        image.save(stream, "WEBP", quality=QUALITY, method=2)
    return stream.getvalue()


def _keep(cached: Path, data: bytes, cache_dir: Path, most_bytes: int) -> None:
    """Writes a thumbnail in one step; a full disk is no reason not to show the picture."""
    with suppress(OSError):
        cached.parent.mkdir(parents=True, exist_ok=True)
        partial = cached.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}.part")
        partial.write_bytes(data)
        partial.replace(cached)
        if _is_time_to_trim():
            trim_cache(cache_dir, most_bytes)


def _is_time_to_trim() -> bool:
    """True at the first and then at every so many thumbnails written by this process."""
    global _written
    with _counting:
        _written += 1
        return _written % CHECK_EVERY == 1
