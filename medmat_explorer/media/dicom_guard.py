"""DICOM files that would unpack to far more than they say: found before anything is unpacked."""

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media.guard import inflate_bounded

if TYPE_CHECKING:
    from pydicom import Dataset

DEFLATED = "1.2.840.10008.1.2.1.99"
RAW_DEFLATE = -15
RLE_HEADER = 64
SLACK = 1024
"""Bytes that a run-length coded plane may unpack to beyond its pixels: padding that some writers leave."""


def refuse_deflated_bomb(data: bytes, name: str) -> None:
    """Unpacks the data set of a deflated file within the limit; pydicom would unpack it without one.

    The header is read by pydicom's own function, so that both agree on where the data set begins.
    """
    if DEFLATED.encode() not in data:
        return
    from pydicom.filereader import _read_file_meta_info, read_preamble

    stream = BytesIO(data)
    read_preamble(stream, force=True)
    if _read_file_meta_info(stream).get("TransferSyntaxUID") == DEFLATED:
        inflate_bounded(stream.read(), name, RAW_DEFLATE)


def refuse_bomb_in_frame(dataset: "Dataset", frame: int, name: str) -> None:
    """Looks into a compressed frame: it must not hold another number of pixels than the header says."""
    from pydicom.encaps import get_frame
    from pydicom.uid import RLELossless

    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_compressed or syntax.is_deflated:
        return
    frames = int(dataset.get("NumberOfFrames") or 1)
    tables = [dataset.get(word) for word in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")]
    offsets = (tables[0], tables[1]) if all(tables) else None
    coded = get_frame(dataset.PixelData, frame, number_of_frames=frames, extended_offsets=offsets)
    size = (int(dataset.Columns), int(dataset.Rows))
    if syntax == RLELossless:
        _refuse_long_runs(coded, size[0] * size[1], name)
        return
    with Image.open(BytesIO(coded), formats=("JPEG", "JPEG2000")) as image:
        if image.size != size:
            found = f"{image.size[0]} x {image.size[1]}"
            raise ImageRefusedError(
                "unreadable", f"'{name}' says {size[0]} x {size[1]} pixels, but its frame holds {found}."
            )


def _refuse_long_runs(coded: bytes, pixels: int, name: str) -> None:
    """Counts what the planes of a run-length coded frame unpack to, and stops at the limit."""
    number = min(15, int.from_bytes(coded[:4], "little"))
    starts = [int.from_bytes(coded[4 * i : 4 * i + 4], "little") for i in range(1, number + 1)]
    for start, end in zip(starts, [*starts[1:], len(coded)], strict=True):
        if _unpacked_length(coded[start:end], pixels + SLACK) > pixels + SLACK:
            raise ImageRefusedError("too-large", f"'{name}' unpacks to more pixels than its header says.")


def _unpacked_length(coded: bytes, enough: int) -> int:
    """Bytes that a plane unpacks to (PS3.5 annex G.3.2), or some number above `enough`."""
    total = place = 0
    end = len(coded)
    while place < end and total <= enough:
        head = coded[place]
        if head > 128:
            total += 257 - head
            place += 2
        elif head < 128:
            total += head + 1
            place += head + 2
        else:
            place += 1
    return total
