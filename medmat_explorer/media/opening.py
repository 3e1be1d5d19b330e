"""Opening image files that came with a download: inside their folder, within limits, and always as RGB."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from medmat_explorer.errors import ImageRefusedError

MOST_BYTES = 64 << 20
MOST_PIXELS = 100_000_000
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM", "JPEG2000")
"""Formats that are decoded; others could run what a picture has no business to run (PostScript) or are odd."""

DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")


def resolve_inside(path: Path, root: Path) -> Path:
    """The file behind a path, links followed. Raises ImageRefusedError when it is missing or outside the root."""
    root = root.resolve()
    try:
        found = (root / path).resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError):
        _refuse_outside((root / path).resolve(), root)
        raise ImageRefusedError("missing", f"There is no image '{_shown(path, root)}' in '{root}'.") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise ImageRefusedError("unreadable", f"The path '{_shown(path, root)}' cannot be followed.") from error
    _refuse_outside(found, root)
    with decoding(found):
        is_file = found.is_file()
    if not is_file:
        raise ImageRefusedError("missing", f"'{_shown(path, root)}' is a folder, not an image.")
    return found


def open_image(path: Path, root: Path) -> Image.Image:
    """The picture as 8-bit RGB, turned upright.

    16-bit and floating-point pictures are stretched from their own darkest to their own brightest value; what is
    transparent stands on black. Raises ImageRefusedError with the reason `missing`, `outside`, `too-large` or
    `unreadable`.
    """
    return read_rgb(resolve_inside(path, root))


def read_rgb(file: Path) -> Image.Image:
    """The picture of a resolved file as `open_image` gives it. Raises ImageRefusedError."""
    image = read_pixels(file)
    with decoding(file):
        return as_rgb(image)


def read_pixels(file: Path) -> Image.Image:
    """The decoded picture of a resolved file, as it was stored. Raises ImageRefusedError."""
    with decoding(file):
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise ImageRefusedError("too-large", f"'{file.name}' has {size >> 20} MiB, more than {MOST_BYTES >> 20}.")
        with Image.open(file, formats=FORMATS) as image:
            _refuse_many_pixels(image, file)
            image.load()
            return image.copy()


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
        raise ImageRefusedError("unreadable", f"'{file.name}' cannot be decoded: {error}.") from error


def as_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB, upright: what people and models look at."""
    image = _upright(image)
    if image.mode in DEEP_MODES:
        return _stretched(image).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (0, 0, 0, 255))
        return Image.alpha_composite(ground, layer).convert("RGB")
    return image.convert("RGB")


def _upright(image: Image.Image) -> Image.Image:
    """The picture turned as its EXIF says; where that cannot be read, as it is."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # the parser of EXIF meets bytes made by anyone, too
        return image


def _stretched(image: Image.Image) -> Image.Image:
    """A deep greyscale picture in 8 bits, from its darkest to its brightest value."""
    plain = image.convert("F")
    low, high = (float(value) for value in plain.getextrema())  # type: ignore[arg-type]
    if not low < high:
        return Image.new("L", image.size, 0)
    scale = 255.0 / (high - low)
    return plain.point(lambda value: value * scale - low * scale).convert("L")


def _refuse_outside(found: Path, root: Path) -> None:
    if not found.is_relative_to(root):
        raise ImageRefusedError("outside", f"The image path leads out of the collection's folder '{root}'.")


def _refuse_many_pixels(image: Image.Image, file: Path) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise ImageRefusedError("too-large", f"'{file.name}' has {width} x {height} pixels; more than is opened.")


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_absolute() and path.is_relative_to(root) else str(path)
