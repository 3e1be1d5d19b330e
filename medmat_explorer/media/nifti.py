"""NIfTI volumes through nibabel: frames are axial slices, from the feet up, as a radiologist's screen shows them.

nibabel is an extra (`pip install medmat-explorer[nifti]`). A series of volumes is one stack after the other.
"""

import gzip
from contextlib import suppress
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import numpy as np

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media.guard import inflate_bounded, refuse_many_pixels, refuse_missing_frame
from medmat_explorer.media.picture import Picture, Pixels, Window, plain_picture, tidy_numbers, value_range

GZIP = b"\x1f\x8b"
GZIP_BITS = 31
HEADERS = {348: (344, (b"n+1\0",)), 540: (4, (b"n+2\0",))}
"""By the header's own size, which stands first: where the format's name stands, and the names of single files."""

PAIRS = (b"ni1\0", b"ni2\0")
LONGEST_HEADER = 540
SHADE_SHARE = (0.5, 99.5)
"""Percentiles of a volume's values between which it is shown when its header does not say."""

SAMPLES = 200_000


def looks_like_nifti(data: bytes) -> bool:
    """By content, packed with gzip or not."""
    head = data[:LONGEST_HEADER]
    if data.startswith(GZIP):
        try:
            with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
                head = stream.read(LONGEST_HEADER)
        except (OSError, EOFError):
            return False
    return _kind(head) != ""


def _kind(head: bytes) -> str:
    """`single`, `pair`, or an empty text for what is no NIfTI header."""
    for length in (int.from_bytes(head[:4], "little"), int.from_bytes(head[:4], "big")):
        place, names = HEADERS.get(length, (0, ()))
        word = head[place : place + 4]
        if place and word in names:
            return "single"
        if place and word in PAIRS:
            return "pair"
    return ""


def read_nifti(data: bytes, name: str, frame: int | None = None) -> Picture:
    """An axial slice, the middle one when None: the first is mostly air.

    Raises ImageRefusedError, with the reason `needs-nibabel` where nibabel is not installed, and whatever nibabel
    raises over broken bytes.
    """
    if find_spec("nibabel") is None:
        raise ImageRefusedError(
            "needs-nibabel",
            f"'{name}' is a NIfTI volume; to see it, install nibabel: pip install medmat-explorer[nifti].",
        )
    if data.startswith(GZIP):
        data = inflate_bounded(data, name, GZIP_BITS)
    if _kind(data[:LONGEST_HEADER]) == "pair":
        raise ImageRefusedError("unreadable", f"'{name}' is the header of a NIfTI pair; convert it to one .nii file.")
    volume = _Volume(data, name)
    refuse_many_pixels(volume.width, volume.height, volume.frames, name)
    frame = volume.depth // 2 if frame is None else frame
    refuse_missing_frame(frame, volume.frames, name)
    return volume.slice(frame)


class _Volume:
    """An opened volume; its numbers are looked at where they lie, without a copy."""

    def __init__(self, data: bytes, name: str) -> None:
        import nibabel

        kind = nibabel.Nifti1Image if data[344:348] == b"n+1\0" else nibabel.Nifti2Image
        image: Any = kind.from_bytes(data)
        shape = tuple(int(side) for side in image.shape)
        if len(shape) < 2 or min(shape) < 1:
            raise ImageRefusedError("unreadable", f"'{name}' holds a volume of the shape {shape}.")
        self._shape = shape + (1,) * (3 - len(shape))
        self._dtype = image.get_data_dtype()
        if np.issubdtype(self._dtype, np.complexfloating):
            raise ImageRefusedError("unreadable", f"'{name}' holds complex numbers, which have no single shade.")
        stored = image.dataobj
        self._stored: Pixels = np.ndarray(self._shape, self._dtype, buffer=data, offset=int(stored.offset), order="F")
        self._scale = _scale(float(stored.slope), float(stored.inter))
        self._shown = (float(image.header["cal_min"]), float(image.header["cal_max"]))
        self._axes, self._flips = _canonical(image.affine)

    @property
    def width(self) -> int:
        """From right to left, in voxels."""
        return self._shape[self._axes[0]]

    @property
    def height(self) -> int:
        """From front to back, in voxels."""
        return self._shape[self._axes[1]]

    @property
    def depth(self) -> int:
        """Slices of one volume."""
        return self._shape[self._axes[2]]

    @property
    def frames(self) -> int:
        """Slices of all volumes."""
        return self.depth * int(np.prod(self._shape[3:], dtype=np.int64))

    def slice(self, frame: int) -> Picture:
        """One slice; 0 is nearest to the feet."""
        pixels = self._pixels(frame)
        mode = f"NIfTI {self._dtype}"
        if pixels.dtype.names:
            layers = [pixels[channel] for channel in pixels.dtype.names[:3]]
            return plain_picture(np.stack(layers, axis=-1).astype(np.uint8), "NIfTI", "NIfTI RGB", frame, self.frames)
        slope, intercept = self._scale
        window, low, high = self._window(slope, intercept)
        ends = [number * slope + intercept for number in value_range(pixels)]
        low, high = min(low, *ends), max(high, *ends)
        tidy = tidy_numbers(pixels)
        return Picture(tidy, "NIfTI", mode, low, high, window, frame, self.frames, slope=slope, intercept=intercept)

    def _pixels(self, frame: int) -> Pixels:
        """Stored numbers, front on top and the patient's right on the left."""
        across, down, up = self._axes
        level, series = frame % self.depth, frame // self.depth
        place: list[Any] = [slice(None)] * 3
        place[up] = level if self._flips[2] > 0 else self.depth - 1 - level
        place += [int(i) for i in np.unravel_index(series, self._shape[3:], order="F")] if self._shape[3:] else []
        flat = self._stored[tuple(place)]
        turned = flat if down < across else flat.T  # height first
        rows = slice(None, None, -1) if self._flips[1] > 0 else slice(None)
        columns = slice(None, None, -1) if self._flips[0] > 0 else slice(None)
        return np.ascontiguousarray(turned[rows, columns])

    def _window(self, slope: float, intercept: float) -> tuple[Window, float, float]:
        """The header's own window or the bulk of the values; and the whole range, of a sample of the volume."""
        sample = self._sample() * slope + intercept
        low, high = value_range(sample)
        least, most = self._shown
        if np.isfinite([least, most]).all() and least < most:
            return Window(least, most), low, high
        with suppress(IndexError, ValueError):
            least, most = (float(end) for end in np.percentile(sample[np.isfinite(sample)], SHADE_SHARE))
            if np.issubdtype(self._dtype, np.integer) and slope == round(slope) and intercept == round(intercept):
                least, most = float(np.floor(least)), float(np.ceil(most))
        return (Window(least, most) if least < most else Window(low, high)), low, high

    def _sample(self) -> Pixels:
        """Some values from all over the first volume."""
        levels = sorted({round(i * (self.depth - 1) / 8) for i in range(9)})
        found = np.concatenate([self._pixels(level).ravel() for level in levels])
        return found[:: max(1, found.size // SAMPLES)].astype(np.float64)


def _scale(slope: float, intercept: float) -> tuple[float, float]:
    """As the header says; 1 and 0 where it says nothing that can be used."""
    usable = np.isfinite(slope) and slope != 0 and np.isfinite(intercept)
    return (slope, intercept) if usable else (1.0, 0.0)


def _canonical(affine: Any) -> tuple[tuple[int, int, int], tuple[float, float, float]]:
    """Which stored axes run from left to right, from back to front, and from feet to head; -1 for the other way."""
    from nibabel.orientations import io_orientation

    found = io_orientation(affine)  # type: ignore[no-untyped-call]
    axes, flips = [0, 1, 2], [1.0, 1.0, 1.0]
    if not np.isnan(found).any():
        for stored, (axis, direction) in enumerate(found[:3]):
            axes[int(axis)], flips[int(axis)] = stored, float(direction)
    return (axes[0], axes[1], axes[2]), (flips[0], flips[1], flips[2])
