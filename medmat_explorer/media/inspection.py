"""Looking at an image file once: is it there, can it be decoded, how large is it, what does it hold."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media.opening import as_rgb, decoding, read_pixels, resolve_inside

LOOK_SIDE = 8


@dataclass(frozen=True)
class ImageFacts:
    """What a look at an image file found.

    `state` is `ok`, `missing` or `unreadable`; `reason` says why it is not ok. `look` is a 63-bit difference hash:
    pictures that look nearly the same have nearly the same bits.
    """

    state: str
    width: int = 0
    height: int = 0
    mode: str = ""
    sha256: str = ""
    reason: str = ""
    look: int | None = None


def inspect_image(path: Path, root: Path) -> ImageFacts:
    """Decodes an image file wholly and describes it; never raises for a file that is bad."""
    try:
        file = resolve_inside(path, root)
    except ImageRefusedError as error:
        return ImageFacts("missing" if error.reason == "missing" else "unreadable", reason=error.reason)
    try:
        digest = _digest(file)
    except OSError as error:
        return ImageFacts("unreadable", reason=f"unreadable: {error.strerror}")
    try:
        image = read_pixels(file)
        with decoding(file):
            look = _look(image)
    except ImageRefusedError as error:
        return ImageFacts("unreadable", sha256=digest, reason=error.reason)
    return ImageFacts("ok", image.width, image.height, image.mode, digest, look=look)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _look(image: Image.Image) -> int | None:
    """Where the picture gets brighter from left to right, on a coarse grid; None for one flat colour."""
    grey = as_rgb(image).convert("L").resize((LOOK_SIDE + 1, LOOK_SIDE), Image.Resampling.BOX)
    values = grey.tobytes()
    if len(set(values)) == 1:
        return None
    bits = 0
    for row in range(LOOK_SIDE):
        start = row * (LOOK_SIDE + 1)
        for column in range(LOOK_SIDE):
            bits = bits << 1 | (values[start + column] < values[start + column + 1])
    return bits & ((1 << 63) - 1)
