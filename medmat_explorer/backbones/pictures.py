"""Opening the pictures of questions in the backbone's process: the model sees what people see."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from medmat_explorer.backbones.contract import Box, Posed, Question, Unanswered
from medmat_explorer.errors import ImageRefusedError

if TYPE_CHECKING:
    from PIL.Image import Image

GREY = (128, 128, 128)
OPENERS = min(4, os.cpu_count() or 1)
"""Files that are opened at a time: decoding leaves the other threads alone."""

Shown = tuple[Path, bool, Box | None]


@dataclass(frozen=True)
class Unshown:
    """Why a picture cannot be shown: the reason in a word and as a sentence."""

    reason: str
    sentence: str


class Pictures:
    """Opens pictures, each file once in a batch and not again in the next one."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(OPENERS, thread_name_prefix="pictures")
        self._last: dict[Path, Image | Unshown] = {}

    def pose(self, questions: Sequence[Question]) -> list[Posed | Unanswered]:
        """The questions with their pictures as RGB, or why a picture cannot be shown to a model.

        Questions that show the same get the very same object. A blank picture is grey and as large as the one that it
        stands for: what varies is what can be seen, not the number of image tokens.
        """
        files = list(dict.fromkeys(question.picture for question in questions))
        missing = [file for file in files if file not in self._last]
        found = dict(zip(missing, self._threads.map(open_picture, missing), strict=True))
        self._last = {file: self._last[file] if file in self._last else found[file] for file in files}
        made: dict[object, Image] = {}
        return [self._posed(question, made) for question in questions]

    def close(self) -> None:
        """Lets go of the threads and pictures."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._last = {}

    def _posed(self, question: Question, made: "dict[object, Image]") -> Posed | Unanswered:
        picture = self._last[question.picture]
        if isinstance(picture, Unshown):
            return Unanswered(question.key, picture.reason, picture.sentence)
        if question.blank:
            return Posed(question, made.setdefault(picture.size, blank(picture)))
        if question.hidden is None:
            return Posed(question, picture)
        shown = (question.picture, question.hidden)
        if shown not in made:
            made[shown] = greyed(picture, question.hidden)
        return Posed(question, made[shown])


def same_picture(one: Question, other: Question) -> bool:
    """Whether two questions show the same."""
    return _shown(one) == _shown(other)


def _shown(question: Question) -> Shown:
    return question.picture, question.blank, question.hidden


def blank(picture: "Image") -> "Image":
    """A grey picture of the same size."""
    from PIL import Image

    return Image.new("RGB", picture.size, GREY)


def greyed(picture: "Image", box: Box) -> "Image":
    """The picture with a part of it in its own mean colour; at least one pixel of it.

    The mean colour and not a fixed grey: on a dark X-ray a bright patch would be something new to see, with edges of
    its own, and what is measured is what is lost.
    """
    from PIL import Image

    mean = picture.resize((1, 1), Image.Resampling.BOX)
    left, top = int(box[0] * picture.width), int(box[1] * picture.height)
    right, bottom = max(left + 1, round(box[2] * picture.width)), max(top + 1, round(box[3] * picture.height))
    shown = picture.copy()
    area = (min(left, picture.width - 1), min(top, picture.height - 1), right, bottom)
    shown.paste(mean.resize((area[2] - area[0], area[3] - area[1])), area[:2])
    return shown


def png(picture: "Image") -> bytes:
    """A picture as the bytes of a PNG file."""
    target = BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def open_picture(file: Path) -> "Image | Unshown":
    """A file's picture as RGB, or why it cannot be shown; never raises for a file that is bad."""
    from medmat_explorer.media.opening import read_rgb

    try:
        return read_rgb(file)
    except (ImageRefusedError, FileNotFoundError) as error:
        if isinstance(error, ImageRefusedError) and not isinstance(error.__cause__, FileNotFoundError):
            return Unshown(error.reason, str(error))
        return Unshown("missing", f"The picture '{file.name}' is no longer there.")
    except Exception as error:  # whatever a decoder raises over broken bytes, the other questions go on
        return Unshown("unreadable", f"The picture '{file.name}' cannot be read ({type(error).__name__}).")
