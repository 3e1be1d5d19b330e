"""Opening a question's picture in the backbone's process: the model sees what people see."""

from medmat_explorer.backbones.contract import Posed, Question, Unanswered
from medmat_explorer.errors import ImageRefusedError

GREY = (128, 128, 128)


def pose(question: Question) -> Posed | Unanswered:
    """The question with its picture as RGB, or why the picture cannot be shown to a model.

    A blank one is grey and as large as the picture that it stands for: what varies is what can be seen, not the number
    of image tokens.
    """
    from PIL import Image

    from medmat_explorer.media.opening import read_rgb

    try:
        picture = read_rgb(question.picture)
    except (ImageRefusedError, FileNotFoundError) as error:
        if isinstance(error, ImageRefusedError) and not isinstance(error.__cause__, FileNotFoundError):
            return Unanswered(question.key, error.reason, str(error))
        return Unanswered(question.key, "missing", f"The picture '{question.picture.name}' is no longer there.")
    except Exception as error:  # whatever a decoder raises over broken bytes, the other questions go on
        kind = type(error).__name__
        return Unanswered(question.key, "unreadable", f"The picture '{question.picture.name}' cannot be read ({kind}).")
    return Posed(question, Image.new("RGB", picture.size, GREY) if question.blank else picture)
