"""A picture in the form that a browser can window by itself: numbers of 8 or 16 bits, and what they stand for."""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from medmat_explorer.media.picture import Picture, Pixels

MOST_STEPS = (1 << 16) - 1
FAST = 1
GZIP_BITS = 31


@dataclass(frozen=True)
class BrowserValues:
    """Little-endian unsigned numbers row by row; a grey pixel's value is `offset + step * number`.

    `exact` says whether these are all values that were measured; numbers with more than 16 bits are rounded to
    65,535 steps. Colour pixels are red, green, blue.
    """

    numbers: Pixels
    offset: float
    step: float
    exact: bool

    @property
    def bits(self) -> int:
        """Of one number."""
        return 8 * self.numbers.dtype.itemsize

    def gzipped(self) -> bytes:
        """The numbers as a gzip stream, packed fast rather than small."""
        packer = zlib.compressobj(FAST, zlib.DEFLATED, GZIP_BITS)
        return packer.compress(np.ascontiguousarray(self.numbers).data) + packer.flush()


def browser_values(picture: Picture) -> BrowserValues:
    """The picture's numbers, exact where 16 bits are enough."""
    pixels = picture.pixels
    if pixels.dtype == np.uint8:
        return BrowserValues(pixels, picture.intercept, picture.slope, exact=True)
    finite = pixels[np.isfinite(pixels)] if np.issubdtype(pixels.dtype, np.floating) else pixels
    least, most = (finite.min().item(), finite.max().item()) if finite.size else (0, 0)
    whole = np.issubdtype(pixels.dtype, np.integer)
    if whole and most - least <= MOST_STEPS:
        shifted = (pixels.astype(np.int64 if pixels.dtype.itemsize > 2 else np.int32) - least).astype("<u2")
        return BrowserValues(shifted, picture.intercept + picture.slope * least, picture.slope, exact=True)
    step = (most - least) / MOST_STEPS or 1.0
    numbers = np.rint((pixels.astype(np.float64) - least) / step).clip(0, MOST_STEPS).astype("<u2")
    return BrowserValues(numbers, picture.intercept + picture.slope * least, picture.slope * step, exact=False)


def _kind(picture: Picture) -> str:
    """The format in words, such as `PNG, 16-bit grey` or `DICOM MONOCHROME2 12-bit`."""
    if picture.mode.startswith(picture.format):
        return picture.mode
    depth = 8 * picture.pixels.dtype.itemsize
    return f"{picture.format}, {depth}-bit {'colour' if picture.colour else 'grey'}"


def describe(picture: Picture, values: BrowserValues | None = None) -> dict[str, Any]:
    """What a viewer has to know beside the numbers, in JSON's types. `frame` counts from 1."""
    said: dict[str, Any] = {
        "width": picture.width,
        "height": picture.height,
        "frame": picture.frame + 1,
        "frames": picture.frames,
        "deep": picture.deep,
        "colour": picture.colour,
        "low": picture.low,
        "high": picture.high,
        "window": [picture.window.low, picture.window.high],
        "whole": picture.whole,
        "unit": picture.unit,
        "inverted": picture.inverted,
        "curve": list(picture.curve.shades) if picture.curve else None,
        "kind": _kind(picture),
    }
    if values is not None:
        said |= {"bits": values.bits, "offset": values.offset, "step": values.step, "exact": values.exact}
    return said
