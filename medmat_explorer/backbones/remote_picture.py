"""A picture as it travels to a server: a data URL, lossless where it fits."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE = 4096
MOST_BYTES = 4_000_000
"""Encoded. Hosted endpoints take 5 MB a picture and up; base64 in a request adds a third."""
QUALITIES = (95, 85, 75)


@dataclass(frozen=True)
class SentPicture:
    """A picture ready to send. `note` says what was changed on the way, as a sentence; empty when nothing was."""

    media_type: str
    data: bytes
    size: tuple[int, int]
    note: str = ""

    @property
    def url(self) -> str:
        """The data URL."""
        return f"data:{self.media_type};base64,{b64encode(self.data).decode()}"


def sent_picture(picture: "Image", longest: int = LONGEST_SIDE, most: int = MOST_BYTES) -> SentPicture:
    """Encodes an opened RGB picture anew, so that nothing of the file but its pixels leaves the machine.

    PNG where that fits, else JPEG, else smaller. The side that is longer than `longest` pixels is shrunk first.
    """
    fitted = _shrunk(picture, longest)
    notes = [_shrinking(picture, fitted)] if fitted.size != picture.size else []
    data, kind = _encoded(fitted, "PNG"), "image/png"
    if len(data) > most:
        data, fitted, kind = *_lossy(fitted, most), "image/jpeg"
        notes = [_shrinking(picture, fitted)] if fitted.size != picture.size else []
        notes.append("It was sent as JPEG, since as PNG it is too large.")
    return SentPicture(kind, data, fitted.size, " ".join(notes))


def _lossy(picture: "Image", most: int) -> tuple[bytes, "Image"]:
    """JPEG of the best quality that fits, of half the size when none does."""
    for quality in QUALITIES:
        data = _encoded(picture, "JPEG", quality=quality)
        if len(data) <= most or max(picture.size) <= 64:
            return data, picture
    return _lossy(_shrunk(picture, max(picture.size) // 2), most)


def _shrunk(picture: "Image", longest: int) -> "Image":
    from PIL import Image

    if max(picture.size) <= longest:
        return picture
    scale = longest / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _encoded(picture: "Image", form: str, **options: int) -> bytes:
    target = BytesIO()
    picture.convert("RGB").save(target, form, **options)
    return target.getvalue()


def _shrinking(before: "Image", after: "Image") -> str:
    width, height = after.size
    return f"The picture was shrunk from {before.width} x {before.height} to {width} x {height} pixels."
