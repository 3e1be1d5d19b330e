"""Opening a question's picture in the backbone's process."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from medmat_explorer.backbones.contract import Posed, Question, Unanswered

if TYPE_CHECKING:
    from PIL.Image import Image

PIXEL_LIMIT = 100_000_000
FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "GIF", "WEBP")


def pose(question: Question) -> Posed | Unanswered:
    """The question with its picture as RGB, or why the picture cannot be shown to a model."""
    from PIL import Image, UnidentifiedImageError

    try:
        return Posed(question, _opened(question.picture))
    except FileNotFoundError:
        return Unanswered(question.key, "missing", "The picture's file does not exist.")
    except Image.DecompressionBombError:
        return Unanswered(question.key, "too large", f"The picture has more than {PIXEL_LIMIT:,} pixels.")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        return Unanswered(question.key, "unreadable", f"The picture cannot be read ({error}).")


def _opened(source: Path | bytes) -> "Image":
    from PIL import Image

    with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as image:
        if image.width * image.height > PIXEL_LIMIT:
            raise Image.DecompressionBombError
        return image.convert("RGB")
