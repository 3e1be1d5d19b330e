"""Looking at an image file once: is it there, can it be decoded, how large is it, what does it hold."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media.guard import decoding, read_bounded
from medmat_explorer.media.opening import as_rgb, resolve_inside, rgb_of_bytes

LOOK_SIDE = 8


@dataclass(frozen=True)
class ImageFacts:
    """What a look at an image file found.

    `state` is `ok`, `missing` or `unreadable`; `reason` says why it is not ok. `width` and `height` are those of the
    picture upright; `mode` is Pillow's, or says what a DICOM or NIfTI file holds. `look` is a 63-bit difference hash:
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
        data = read_bounded(file)
    except ImageRefusedError as error:
        return ImageFacts("unreadable", sha256=_digest(file), reason=error.reason)
    digest = hashlib.sha256(data).hexdigest()
    try:
        image, mode = rgb_of_bytes(data, file)
        with decoding(file):
            look = _look(image)
    except ImageRefusedError as error:
        return ImageFacts("unreadable", sha256=digest, reason=error.reason)
    return ImageFacts("ok", image.width, image.height, mode, digest, look=look)


def _digest(file: Path) -> str:
    """Of a file that is too large to be opened; an empty text when it cannot be read at all."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


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
