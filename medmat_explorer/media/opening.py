"""Opening image files that came with a download: inside their folder, within limits, whatever their format.

`open_picture` gives a frame with the values that were measured, `render` makes shades of it, and `open_image` is both
at once: what thumbnails and models see.
"""

from pathlib import Path

from PIL import Image

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media.dicom import looks_like_dicom, read_dicom
from medmat_explorer.media.guard import decoding, read_bounded
from medmat_explorer.media.nifti import looks_like_nifti, read_nifti
from medmat_explorer.media.picture import Picture, render
from medmat_explorer.media.raster import as_rgb, read_raster, read_raster_rgb, read_small_raster, shrink

__all__ = [
    "as_rgb",
    "decoding",
    "open_image",
    "open_picture",
    "picture_of_bytes",
    "read_rgb",
    "resolve_inside",
    "rgb_of_bytes",
    "small_image_of_bytes",
]


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


def open_picture(path: Path, root: Path, frame: int | None = None) -> Picture:
    """A frame, counted from 0, with its values. None is the frame that stands for the file: the first of a stack of
    pictures, the middle slice of a volume.

    Raises ImageRefusedError with the reason `missing`, `outside`, `too-large`, `unreadable`, `no-such-frame`,
    `no-picture`, `needs-decoder` or `needs-nibabel`.
    """
    file = resolve_inside(path, root)
    return picture_of_bytes(read_bounded(file), file, frame)


def open_image(path: Path, root: Path) -> Image.Image:
    """The picture that stands for a file as 8-bit RGB, upright, through its own window.

    What is transparent stands on black. Raises ImageRefusedError as `open_picture` does.
    """
    return read_rgb(resolve_inside(path, root))


def read_rgb(file: Path) -> Image.Image:
    """The picture of a resolved file as `open_image` gives it. Raises ImageRefusedError."""
    return rgb_of_bytes(read_bounded(file), file)[0]


def rgb_of_bytes(data: bytes, file: Path) -> tuple[Image.Image, str]:
    """What `open_image` gives of a file that has been read, and its mode. Raises ImageRefusedError."""
    with decoding(file):
        if _is_raster(data):
            return read_raster_rgb(data, file.name)
        picture = picture_of_bytes(data, file)
        return render(picture).convert("RGB"), picture.mode


def picture_of_bytes(data: bytes, file: Path, frame: int | None = None) -> Picture:
    """A frame of a file that has been read; its name is for messages only. Raises ImageRefusedError."""
    with decoding(file):
        if looks_like_dicom(data):
            return read_dicom(data, file.name, frame)
        if looks_like_nifti(data):
            return read_nifti(data, file.name, frame)
        return read_raster(data, file.name, frame)


def small_image_of_bytes(data: bytes, file: Path, side: int) -> Image.Image:
    """The picture that stands for a file, as RGB with no side longer than `side`. Raises ImageRefusedError."""
    with decoding(file):
        if _is_raster(data):
            return read_small_raster(data, file.name, side)
        return shrink(rgb_of_bytes(data, file)[0], side)


def _is_raster(data: bytes) -> bool:
    return not (looks_like_dicom(data) or looks_like_nifti(data))


def _refuse_outside(found: Path, root: Path) -> None:
    if not found.is_relative_to(root):
        raise ImageRefusedError("outside", f"The image path leads out of the collection's folder '{root}'.")


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_absolute() and path.is_relative_to(root) else str(path)
