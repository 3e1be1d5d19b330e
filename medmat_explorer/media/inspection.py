"""Looking at an image file once: is it there, can it be decoded, how large is it, what does it hold."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media.guard import decoding, read_bounded
from medmat_explorer.media.looks import looks_of
from medmat_explorer.media.opening import resolve_inside, rgb_of_bytes


@dataclass(frozen=True)
class ImageFacts:
    """What a look at an image file found.

    `state` is `ok`, `missing` or `unreadable`; `reason` says why it is not ok. `width` and `height` are those of the
    picture upright; `mode` is Pillow's, or says what a DICOM or NIfTI file holds. `look` and `mirrored` are
    64 bits of how the picture and its left-right mirror image look (`looks.py`), None for one flat colour.
    """

    state: str
    width: int = 0
    height: int = 0
    mode: str = ""
    sha256: str = ""
    reason: str = ""
    look: int | None = None
    mirrored: int | None = None


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
            look, mirrored = looks_of(image)
    except ImageRefusedError as error:
        return ImageFacts("unreadable", sha256=digest, reason=error.reason)
    return ImageFacts("ok", image.width, image.height, mode, digest, look=look, mirrored=mirrored)


def _digest(file: Path) -> str:
    """Of a file that is too large to be opened; an empty text when it cannot be read at all."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
