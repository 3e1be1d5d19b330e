"""Pictures that Pillow decodes: JPEG, PNG, TIFF, BMP, WebP, GIF and their like."""

from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from medmat_explorer.media.guard import refuse_many_pixels, refuse_missing_frame
from medmat_explorer.media.picture import (
    Picture,
    Window,
    plain_picture,
    render,
    sampled_frames,
    tidy_numbers,
    value_range,
)

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM", "JPEG2000")
"""Formats that are decoded; others could run what a picture has no business to run (PostScript) or are odd."""

DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
CLEAR_MODES = ("RGBA", "LA", "PA", "RGBa", "La")
PHOTOMETRIC_TAG, WHITE_IS_ZERO = 262, 0


def read_raster(data: bytes, name: str, frame: int | None = None) -> Picture:
    """A frame (the first when None) with its own numbers: 16 bits and floating point are kept.

    What is transparent stands on black. Raises ImageRefusedError, and whatever Pillow raises over broken bytes.
    """
    frame = frame or 0
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        refuse_many_pixels(*image.size, 1, name)
        frames = _count_frames(image)
        refuse_many_pixels(*image.size, frames, name)
        refuse_missing_frame(frame, frames, name)
        if frames > 1:
            image.seek(frame)
            refuse_many_pixels(*image.size, 1, name)
        image.load()
        picture = _as_picture(image, frame, frames)
        return _with_range_of_stack(picture, image) if frames > 1 and picture.deep else picture


def read_raster_rgb(data: bytes, name: str) -> tuple[Image.Image, str]:
    """The first frame as RGB, upright, and the mode it is stored in: without a detour for the usual 8 bits."""
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        refuse_many_pixels(*image.size, 1, name)
        mode = image.mode
        if mode not in DEEP_MODES:
            image.load()
            return as_rgb(image), mode
    return render(read_raster(data, name)).convert("RGB"), mode


def read_small_raster(data: bytes, name: str, side: int) -> Image.Image:
    """The first frame as RGB, upright, shrunk as early as its format allows so that no side is longer than `side`."""
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        refuse_many_pixels(*image.size, 1, name)
        if image.format == "JPEG":
            _decode_small(image, side)
        image.load()
        return shrink(as_rgb(image), side)


def shrink(image: Image.Image, side: int) -> Image.Image:
    """The picture with no side longer than `side`, never enlarged."""
    if max(image.size) > side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def as_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB, upright: what people and models look at."""
    image = _upright(image)
    if image.mode in DEEP_MODES:
        return render(_as_picture(image, 0, 1)).convert("RGB")
    return _flat(image).convert("RGB")


def _decode_small(image: Image.Image, side: int) -> None:
    """Tells the JPEG decoder to leave out detail that the thumbnail has no room for."""
    share = min(1.0, side / max(image.size))
    image.draft(None, (round(image.width * share), round(image.height * share)))


def _count_frames(image: Image.Image) -> int:
    """How many frames can be reached; a stack that is broken further on still has its first."""
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # a decoder meets bytes made by anyone
        image.seek(0)
        return 1


def _as_picture(image: Image.Image, frame: int, frames: int) -> Picture:
    mode, kind = image.mode, image.format or ""
    if mode not in DEEP_MODES:
        flat = _flat(_upright(image))
        grey = flat.mode in {"L", "1"}
        return plain_picture(np.asarray(flat.convert("L" if grey else "RGB")), kind, mode, frame, frames)
    white_is_zero = kind == "TIFF" and getattr(image, "tag_v2", {}).get(PHOTOMETRIC_TAG) == WHITE_IS_ZERO
    pixels = tidy_numbers(np.asarray(_upright(image)))
    low, high = value_range(pixels)
    return Picture(pixels, kind, mode, low, high, Window(low, high), frame, frames, inverted=white_is_zero)


def _with_range_of_stack(picture: Picture, image: Image.Image) -> Picture:
    low, high = picture.low, picture.high
    for frame in sampled_frames(picture.frames):
        with suppress(Exception):  # a frame that is broken is told of when it is looked at
            image.seek(frame)
            least, most = value_range(tidy_numbers(np.asarray(image)))
            low, high = min(low, least), max(high, most)
    return replace(picture, low=low, high=high, window=Window(low, high))


def _flat(image: Image.Image) -> Image.Image:
    """The picture without transparency: what is clear becomes black."""
    if image.mode in CLEAR_MODES or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (0, 0, 0, 255))
        return Image.alpha_composite(ground, layer).convert("RGB")
    return image


def _upright(image: Image.Image) -> Image.Image:
    """The picture turned as its EXIF says; where that cannot be read, as it is."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # the parser of EXIF meets bytes made by anyone, too
        return image
