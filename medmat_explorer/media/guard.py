"""What stands between us and files made by anyone: limits that hold before decoding, and one kind of error."""

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from medmat_explorer.errors import ImageRefusedError

MOST_BYTES = 64 << 20
"""Of a file."""

MOST_INFLATED = 256 << 20
"""Bytes that a compressed file may unpack to."""

MOST_PIXELS = 100_000_000
"""Of one frame."""

MOST_FRAMES = 20_000
MOST_PIXELS_OF_ALL_FRAMES = 4_000_000_000
CHUNK = 1 << 20
LONGEST_REASON = 300
"""Characters of what a decoder says that are passed on."""


@contextmanager
def decoding(file: Path) -> Iterator[None]:
    """Work on a file's pixels: whatever goes wrong with a bad file in there becomes an ImageRefusedError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImageRefusedError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageRefusedError("too-large", f"'{file.name}' has too many pixels: {error}") from error
    except UnidentifiedImageError as error:
        raise ImageRefusedError("unreadable", f"'{file.name}' is not an image in a format that is read.") from error
    except Exception as error:  # a decoder meets a file made by anyone: there is no list of what it may raise
        said = " ".join(str(error).split())[:LONGEST_REASON].rstrip(".") or type(error).__name__
        raise ImageRefusedError("unreadable", f"'{file.name}' cannot be decoded: {said}.") from error


def read_bounded(file: Path) -> bytes:
    """All bytes of a file, read once so that what is checked is what is decoded. Raises ImageRefusedError."""
    with decoding(file):
        size = file.stat().st_size
        if size <= MOST_BYTES:
            with file.open("rb") as stream:
                data = stream.read(MOST_BYTES + 1)
            size = len(data)
        if size > MOST_BYTES:
            raise ImageRefusedError("too-large", f"'{file.name}' has {size >> 20} MiB, more than {MOST_BYTES >> 20}.")
        return data


def refuse_many_pixels(width: int, height: int, frames: int, name: str) -> None:
    """Raises ImageRefusedError for a picture, or a stack of them, that is more than is opened."""
    if width < 1 or height < 1:
        raise ImageRefusedError("unreadable", f"'{name}' says that it has {width} x {height} pixels.")
    if width * height > MOST_PIXELS:
        raise ImageRefusedError("too-large", f"'{name}' has {width} x {height} pixels; more than is opened.")
    if frames > MOST_FRAMES or width * height * frames > MOST_PIXELS_OF_ALL_FRAMES:
        raise ImageRefusedError(
            "too-large", f"'{name}' has {frames:,} frames of {width} x {height} pixels; more than is opened."
        )


def refuse_missing_frame(frame: int, frames: int, name: str) -> None:
    """Raises ImageRefusedError for a frame, counted from 0, that is not there."""
    if not 0 <= frame < frames:
        known = "1 frame" if frames == 1 else f"{frames:,} frames"
        raise ImageRefusedError("no-such-frame", f"'{name}' has {known}; there is no frame {frame + 1}.")


def inflate_bounded(data: bytes, name: str, window_bits: int, *, most: int | None = None) -> bytes:
    """Unpacks a zlib, gzip or raw deflate stream (`window_bits` as in zlib), stopping at the limit, not after it.

    Several gzip members after each other are one stream. Raises ImageRefusedError when there is more than `most`
    bytes (by default MOST_INFLATED); zlib.error for a broken stream.
    """
    most = MOST_INFLATED if most is None else most
    parts: list[bytes] = []
    found, rest = 0, data
    while rest:
        unpacker = zlib.decompressobj(window_bits)
        while rest and not unpacker.eof:
            part = unpacker.decompress(rest, min(16 * CHUNK, most + 1 - found))
            found += len(part)
            if found > most:
                raise ImageRefusedError("too-large", f"'{name}' unpacks to more than {most >> 20} MiB.")
            parts.append(part)
            rest = unpacker.unconsumed_tail if not unpacker.eof else unpacker.unused_data
        if not unpacker.eof:
            raise zlib.error("the compressed data ends too early")
        if window_bits < 16 or not rest.startswith(b"\x1f\x8b"):
            break
    return b"".join(parts)
