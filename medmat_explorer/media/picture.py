"""A decoded picture with the values that were measured, and how values become shades."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[Any]
ROWS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Window:
    """The values shown as darkest (`low` and below) and brightest (`high` and above), a straight line between."""

    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """A bent line instead of the straight one: shades from 0 to 255 at equal steps from a window's low to its high."""

    shades: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """One frame of an image file, upright.

    `pixels` are stored numbers, height x width for grey and height x width x 3 (8 bits) for colour; the value of a grey
    pixel is `slope * stored + intercept`, in `unit` (such as HU) where it has one. `low` and `high` are the smallest
    and largest value without padding; in a stack those of a few frames, so that they hold for all. `window` is the
    look that the file asks for, or else the range of values; `inverted` files (MONOCHROME1) show small values bright.
    `frame` counts from 0.
    """

    pixels: Pixels
    format: str
    mode: str
    low: float
    high: float
    window: Window
    frame: int = 0
    frames: int = 1
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    inverted: bool = False
    curve: Curve | None = None

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])

    @property
    def colour(self) -> bool:
        """Whether pixels are red, green, blue."""
        return self.pixels.ndim == 3

    @property
    def deep(self) -> bool:
        """Whether there is more in it than 8 bits can show."""
        return self.pixels.dtype != np.uint8

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        integers = np.issubdtype(self.pixels.dtype, np.integer)
        return bool(integers and float(self.slope).is_integer() and float(self.intercept).is_integer())


def plain_picture(pixels: Pixels, file_format: str, mode: str, frame: int = 0, frames: int = 1) -> Picture:
    """A picture of 8 bits, shown as it is."""
    return Picture(pixels, file_format, mode, 0.0, 255.0, Window(0.0, 255.0), frame, frames)


def render(picture: Picture, window: Window | None = None, invert: bool = False) -> Image.Image:
    """The picture in 8 bits, mode `L` or `RGB`, through a window (its own when None).

    A shade is `255 * (value - low) / (high - low)`, held within 0 to 255 and rounded half up.
    """
    shown = window or picture.window
    flipped = picture.inverted != invert
    if picture.pixels.dtype == np.uint8 and shown == Window(0.0, 255.0) and not flipped and not _bent(picture):
        return Image.fromarray(picture.pixels)
    return Image.fromarray(_through_table(picture, shown, flipped))


def _bent(picture: Picture) -> bool:
    return picture.curve is not None or picture.slope != 1.0 or picture.intercept != 0.0


def _through_table(picture: Picture, window: Window, flipped: bool) -> npt.NDArray[np.uint8]:
    """Shades of all pixels; 8- and 16-bit numbers through a table of all there are, others a few rows at a time."""
    pixels = picture.pixels
    if np.issubdtype(pixels.dtype, np.integer) and pixels.dtype.itemsize <= 2:
        unsigned = np.dtype(f"u{pixels.dtype.itemsize}")
        stored = np.arange(1 << 8 * pixels.dtype.itemsize, dtype=unsigned).view(pixels.dtype)
        table = _shades(picture, stored, window, flipped)
        return np.take(table, np.ascontiguousarray(pixels).view(unsigned))
    shades = np.empty(pixels.shape, np.uint8)
    step = max(1, ROWS_AT_ONCE // max(1, picture.width))
    for top in range(0, picture.height, step):
        shades[top : top + step] = _shades(picture, pixels[top : top + step], window, flipped)
    return shades


def _shades(picture: Picture, stored: Pixels, window: Window, flipped: bool) -> npt.NDArray[np.uint8]:
    values = stored.astype(np.float64) * picture.slope + picture.intercept
    if window.high > window.low:
        place = np.clip((values - window.low) / (window.high - window.low), 0.0, 1.0)
    else:
        place = (values > window.low).astype(np.float64)
    if picture.curve is None:
        shades = 255.0 * place
    else:
        line = np.asarray(picture.curve.shades, np.float64)
        shades = np.interp(place, np.linspace(0.0, 1.0, len(line)), line)
    rounded = np.floor(shades + 0.5).astype(np.uint8)
    return 255 - rounded if flipped else rounded


def sampled_frames(frames: int) -> tuple[int, ...]:
    """First, middle and last: enough to give a stack one window, so that it does not flicker from frame to frame."""
    return tuple(sorted({0, frames // 2, frames - 1}))


def value_range(pixels: Pixels, padding: float | None = None) -> tuple[float, float]:
    """The smallest and the largest stored number, without the one that fills where nothing was measured."""
    found = pixels if padding is None else pixels[pixels != padding]
    if np.issubdtype(found.dtype, np.floating):
        found = found[np.isfinite(found)]
    if not found.size:
        found = np.zeros(1) if padding is None else np.full(1, padding)
    return float(found.min()), float(found.max())


def tidy_numbers(pixels: Pixels) -> Pixels:
    """The numbers in this machine's byte order and in no more bytes than they need; what is not finite becomes 0."""
    if np.issubdtype(pixels.dtype, np.floating):
        return np.nan_to_num(pixels.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    if pixels.dtype.itemsize > 2 and pixels.size:
        low, high = int(pixels.min()), int(pixels.max())
        for small in (np.uint16, np.int16, np.int32):
            if np.iinfo(small).min <= low and high <= np.iinfo(small).max:
                return pixels.astype(small)
    return np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder("=")))
