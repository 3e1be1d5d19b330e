"""Padding to a square for image preparations that crop the middle, as the original LLaVA does.

Without it a wide X-ray loses its sides (transformers PR #33191).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def squared(picture: "Image", mean: Sequence[float] | None) -> "Image":
    """The picture in the middle of a square of the preparation's mean colour."""
    from PIL import Image

    if picture.width == picture.height:
        return picture
    side = max(picture.size)
    red, green, blue = (round(255 * value) for value in (mean or (0.0, 0.0, 0.0)))
    square = Image.new("RGB", (side, side), (red, green, blue))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square
