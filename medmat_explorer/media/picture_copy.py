"""An image file as it goes into an export: read once, within limits, under a suffix that says what it is."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from medmat_explorer.media.dicom import looks_like_dicom
from medmat_explorer.media.guard import decoding, read_bounded
from medmat_explorer.media.nifti import looks_like_nifti
from medmat_explorer.media.opening import rgb_of_bytes
from medmat_explorer.media.raster import FORMATS

SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "BMP": ".bmp", "GIF": ".gif", "TIFF": ".tif", "WEBP": ".webp"}
"""Formats that every reader of a training set opens; others are written as PNG."""

PLAIN_MODES = frozenset({"1", "L", "P", "RGB", "CMYK", "YCbCr"})
ORIENTATION = 0x0112


@dataclass(frozen=True)
class PictureCopy:
    """The bytes to write and their suffix; `converted` when they are not those of the file."""

    data: bytes
    suffix: str
    converted: bool


def picture_copy(file: Path, *, is_checked: bool) -> PictureCopy:
    """The copy of a resolved image file: its own bytes, or a PNG of what Browse shows where a reader would show it
    otherwise or not at all: DICOM, NIfTI, more than 8 bits, transparent, or turned by its header.

    One that `is_checked` has been decoded before and is not decoded again. Raises ImageRefusedError when it is
    unreadable or too large.
    """
    data = read_bounded(file)
    suffix = _suffix(data, file)
    if suffix and is_checked:
        return PictureCopy(data, suffix, converted=False)
    image, _ = rgb_of_bytes(data, file)
    if suffix:
        return PictureCopy(data, suffix, converted=False)
    with decoding(file), io.BytesIO() as stream:
        image.save(stream, "PNG")
        return PictureCopy(stream.getvalue(), ".png", converted=True)


def _suffix(data: bytes, file: Path) -> str:
    """By what the file holds, whatever it is called; empty for what is written as PNG."""
    if looks_like_dicom(data) or looks_like_nifti(data):
        return ""
    with decoding(file), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        is_clear = "transparency" in image.info
        is_plain = image.mode in PLAIN_MODES and not is_clear and image.getexif().get(ORIENTATION, 1) == 1
        return SUFFIXES.get(image.format or "", "") if is_plain else ""
