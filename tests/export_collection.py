"""A small collection whose texts and pictures are as odd as they come, for exports."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.image_check import check_images
from tests.release_folder import SUBSET_02, question_choice, record, run_import, write

ODD_QUESTIONS = (
    "=HYPERLINK(1)",
    "+1 or -1?",
    "-1",
    "@SUM(A1)",
    "'=quoted",
    "\"double\", 'single' and , commas;",
    "ünïcödé 图像 \U0001f52c",
    "Which <image> is it?",
    "NA",
    "null",
    "{} $HOME %s \\n C:\\new",
)
"""Each stands in a training item of subset 02."""

BROKEN, MISSING, OUTSIDE, SHARED = (
    "med-mat/broken.png",
    "med-mat/missing.png",
    "med-mat/outside.png",
    "med-mat/shared.png",
)
DICOM = "med-mat/slice without ending"
TRAIN_IMAGES = (
    "med-mat/a b.png", "med-mat/100%.jpg", "med-mat/x#y.PNG", "med-mat/no_ending", "med-mat/图.bmp",
    "med-mat/wrong.txt", "med-mat/..a.gif", "med-mat/c.tiff", "med-mat/d.webp", SHARED, DICOM,
)  # fmt: skip
TEST_IMAGES = (SHARED, "med-mat/test.png", BROKEN, MISSING, OUTSIDE)
FORMATS = {".jpg": "JPEG", ".bmp": "BMP", ".gif": "GIF", ".tiff": "TIFF", ".webp": "WEBP"}
COPIED = len(TRAIN_IMAGES) + 2


def colour(number: int) -> tuple[int, int, int]:
    """Of the picture of that number."""
    return 10 * number, 200 - 10 * number, 90


def picture(number: int, kind: str = "PNG") -> bytes:
    """A picture of one colour, 24 pixels wide and 16 high."""
    stream = io.BytesIO()
    Image.new("RGB", (24, 16), colour(number)).save(stream, kind)
    return stream.getvalue()


def make_collection(folder: Path) -> Catalog:
    """Writes the release, imports and checks it, and opens it as `odd` in `<folder>/home`."""
    release = folder / "release"
    train = [
        record(i, image=image, Question=question, **choice(question))
        for i, (image, question) in enumerate(zip(TRAIN_IMAGES, ODD_QUESTIONS, strict=True))
    ]
    test = [record(100 + i, "Stone", image=image) for i, image in enumerate(TEST_IMAGES)]
    write(release, **{SUBSET_02: train, SUBSET_02.replace("train", "test"): test})
    for number, image in enumerate(dict.fromkeys((*TRAIN_IMAGES, *TEST_IMAGES))):
        if image not in {MISSING, OUTSIDE, DICOM, BROKEN}:
            _put(release / image, picture(number, FORMATS.get(Path(image).suffix, "PNG")))
    _put(release / BROKEN, picture(0)[:60])
    _put(release / DICOM, _dicom())
    _put(folder / "elsewhere.png", picture(1))
    (release / OUTSIDE).symlink_to(folder / "elsewhere.png")
    run_import(release, folder / "home", "odd")
    check_images("odd", folder / "home")
    return open_catalog("odd", folder / "home")


def choice(question: str) -> dict[str, Any]:
    """The released prompt of a question with the options of subset 02."""
    return {"Question-choice": question_choice(question, ["Cyst", "Normal", "Stone", "Tumor"])}


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _dicom() -> bytes:
    from pydicom.data import get_testdata_file

    found = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(found, str)
    return Path(found).read_bytes()
