"""DICOM pictures through pydicom, decoded with nothing but numpy and Pillow.

Values are those of the standard (PS3.3 C.7.6.3, C.11.1, C.11.2): stored numbers, then the modality's rescaling or
table, then the window or table of interest that the header names.
"""

import logging
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import UnidentifiedImageError

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media.dicom_guard import refuse_bomb_in_frame, refuse_deflated_bomb
from medmat_explorer.media.dicom_look import Look, look_of
from medmat_explorer.media.guard import refuse_many_pixels, refuse_missing_frame
from medmat_explorer.media.picture import (
    Picture,
    Pixels,
    Window,
    plain_picture,
    sampled_frames,
    tidy_numbers,
    value_range,
)

if TYPE_CHECKING:
    from pydicom import Dataset

PREAMBLE = 128
FIRST_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")
"""Group numbers that a file without a preamble starts with: meta data or identification, in either byte order."""

PIXEL_WORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
NEEDED_WORDS = ("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsStored")
PALETTE = "PALETTE COLOR"
NOT_OURS = ("does not support", "cannot decode")
"""How pydicom says that Pillow is not enough for a frame."""


def looks_like_dicom(data: bytes) -> bool:
    """By content, whatever the file is called; files without the preamble are known by their first element."""
    if data[PREAMBLE : PREAMBLE + 4] == b"DICM":
        return True
    group, element = data[:2], data[2:4]
    number = int.from_bytes(element, "big" if group == b"\x00\x08" else "little")
    return len(data) > PREAMBLE and group in FIRST_GROUPS and number <= 0x70


def read_dicom(data: bytes, name: str, frame: int | None = None) -> Picture:
    """A frame (the first when None). Raises ImageRefusedError, and whatever pydicom raises over broken bytes.

    Reasons of its own: `no-picture` for reports, plans and the like, `needs-decoder` for a compression that only
    other libraries decode.
    """
    refuse_deflated_bomb(data, name)
    dataset = _read_header(data, name)
    frame, frames = frame or 0, int(dataset.get("NumberOfFrames") or 1)
    samples = int(dataset.SamplesPerPixel)
    refuse_many_pixels(int(dataset.Columns), int(dataset.Rows), frames, name)
    refuse_missing_frame(frame, frames, name)
    if samples == 3 or dataset.PhotometricInterpretation == PALETTE:
        pixels = _eight_bit_colour(_decode(dataset, frame, name), dataset)
        return plain_picture(pixels, "DICOM", _mode(dataset), frame, frames)
    return _grey(dataset, frame, frames, name)


def _read_header(data: bytes, name: str) -> "Dataset":
    """The whole data set, with a transfer syntax even where the file forgot to name it."""
    from pydicom import dcmread
    from pydicom.config import logger
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    logger.setLevel(logging.CRITICAL)  # what it warns of either does not matter or ends as a refusal
    dataset = dcmread(BytesIO(data), force=True)
    if not any(word in dataset for word in PIXEL_WORDS):
        what = dataset.get("Modality") or "no modality"
        raise ImageRefusedError("no-picture", f"'{name}' is a DICOM file ({what}) that holds no picture.")
    for word in NEEDED_WORDS:
        if dataset.get(word) in (None, ""):
            raise ImageRefusedError("unreadable", f"'{name}' holds pixels, but its DICOM header does not say {word}.")
    if not dataset.file_meta.get("TransferSyntaxUID"):
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    return dataset


def _decode(dataset: "Dataset", frame: int, name: str) -> Pixels:
    """A frame's stored numbers; three samples come as RGB."""
    from pydicom.pixels.utils import pixel_array

    syntax = dataset.file_meta.TransferSyntaxUID
    plugin = _plugin(syntax, name)
    try:
        refuse_bomb_in_frame(dataset, frame, name)
        decoded: Pixels = pixel_array(dataset, index=frame, decoding_plugin=plugin)
    except UnidentifiedImageError as error:  # such as JPEG with 12 bits
        raise _needs_decoder(syntax, name) from error
    except (NotImplementedError, ValueError, RuntimeError) as error:
        if plugin and any(said in str(error) for said in NOT_OURS):
            raise _needs_decoder(syntax, name) from error
        raise
    return decoded


def _plugin(syntax: Any, name: str) -> str:
    """The part of pydicom that decodes this without other libraries; empty for what is not compressed."""
    from pydicom.uid import (
        JPEG2000,
        JPEG2000Lossless,
        JPEGBaseline8Bit,
        JPEGExtended12Bit,
        RLELossless,
    )

    if syntax == RLELossless:
        return "pydicom"
    if syntax in {JPEGBaseline8Bit, JPEGExtended12Bit, JPEG2000, JPEG2000Lossless}:
        return "pillow"
    if syntax.is_private or (syntax.is_compressed and not syntax.is_deflated):
        raise _needs_decoder(syntax, name)
    return ""


def _needs_decoder(syntax: Any, name: str) -> ImageRefusedError:
    return ImageRefusedError(
        "needs-decoder",
        f"'{name}' is compressed as {syntax.name}, which is not decoded here; convert it to uncompressed DICOM.",
    )


def _eight_bit_colour(decoded: Pixels, dataset: "Dataset") -> Pixels:
    if dataset.PhotometricInterpretation == PALETTE:
        from pydicom.pixels.processing import apply_color_lut

        decoded = apply_color_lut(decoded, dataset)[..., :3]
        bits = 8 * decoded.dtype.itemsize
    else:
        bits = int(dataset.BitsStored)
    if decoded.dtype != np.uint8:
        decoded = (decoded >> max(0, bits - 8)).clip(0, 255).astype(np.uint8)
    return np.ascontiguousarray(decoded)


def _grey(dataset: "Dataset", frame: int, frames: int, name: str) -> Picture:
    pixels, look = _measured(_decode(dataset, frame, name), dataset, frame)
    low, high = _range(pixels, look)
    window = look.window
    if window is None and pixels.dtype == np.uint8 and look.is_plain:
        window = Window(0.0, 255.0) if int(dataset.BitsStored) == 8 else Window(low, high)
    if window is None:
        for other in sampled_frames(frames) if frames > 1 else ():
            with suppress(Exception):  # a frame that is broken is told of when it is looked at
                least, most = _range(*_measured(_decode(dataset, other, name), dataset, other))
                low, high = min(low, least), max(high, most)
        window = Window(low, high)
    return Picture(
        pixels,
        "DICOM",
        _mode(dataset),
        low,
        high,
        window,
        frame,
        frames,
        slope=look.slope,
        intercept=look.intercept,
        unit=look.unit,
        inverted=dataset.PhotometricInterpretation == "MONOCHROME1",
        curve=look.curve,
    )


def _measured(decoded: Pixels, dataset: "Dataset", frame: int) -> tuple[Pixels, Look]:
    """Stored numbers and how they are looked at; a modality's table is looked up at once."""
    look = look_of(dataset, frame)
    if "ModalityLUTSequence" in dataset:
        from pydicom.pixels.processing import apply_modality_lut

        decoded = apply_modality_lut(decoded, dataset)
    return tidy_numbers(decoded), look


def _range(pixels: Pixels, look: Look) -> tuple[float, float]:
    ends = [look.slope * number + look.intercept for number in value_range(pixels, look.padding)]
    return min(ends), max(ends)


def _mode(dataset: "Dataset") -> str:
    return f"DICOM {dataset.PhotometricInterpretation} {int(dataset.BitsStored)}-bit"
