"""A release in which pictures are there twice on purpose, made of any few pictures: every kind of copy, and where.

02 train  p0 p1 p2 p3 p4 p5 (originals)    02 test  p0 itself, and copies of p1 (exact), p2 (resized), p3 (mirrored)
03 train  copies of p4 (re-encoded), p5 (rotated by 90 degrees); p6    03 test  p7, a file that is missing
"""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from tests.release_folder import SUBSET_02, question_choice, record, write

TEST_02 = "Aggregated_Subsets/Subset--02-test.json"
TRAIN_03 = "Aggregated_Subsets/Subset--03-train.json"
TEST_03 = "Aggregated_Subsets/Subset--03-test.json"
NEEDED = 8
OTHER_WORDS = "What does the picture show?"
LABELS = ["Cyst", "Normal", "Stone", "Tumor"]


def planted_release(root: Path, pictures: Sequence[Image.Image]) -> Path:
    """Writes it out of at least NEEDED pictures, none like another. The copy of p1 has another label than p1."""
    folder = root / "med-mat"
    copies = {
        "copy1.png": png(pictures[1]),
        "resized2.png": png(resized(pictures[2], 0.5)),
        "mirrored3.png": png(ImageOps.mirror(pictures[3])),
        "encoded4.jpg": jpeg(pictures[4], 50),
        "rotated5.png": png(pictures[5].rotate(90, expand=True)),
    }
    files = {f"p{i}.png": png(picture) for i, picture in enumerate(pictures[:NEEDED])} | copies
    return write(
        root,
        **{
            SUBSET_02: [record(i, image=f"med-mat/p{i}.png") for i in range(6)],
            TEST_02: [
                record(
                    10,
                    image="med-mat/p0.png",
                    Question=OTHER_WORDS,
                    Question_choice=question_choice(OTHER_WORDS, LABELS),
                ),
                record(11, "Stone", image="med-mat/copy1.png"),
                record(12, image="med-mat/resized2.png"),
                record(13, image="med-mat/mirrored3.png"),
            ],
            TRAIN_03: [
                record(20, image="med-mat/encoded4.jpg", data_no="4"),
                record(21, image="med-mat/rotated5.png", data_no="4"),
                record(22, image="med-mat/p6.png", data_no="3"),
            ],
            TEST_03: [
                record(30, image="med-mat/p7.png", data_no="3"),
                record(31, image="med-mat/ct/gone.png", data_no="3"),
            ],
            **{str((folder / name).relative_to(root)): data for name, data in files.items()},
        },
    )


def resized(picture: Image.Image, factor: float) -> Image.Image:
    """Larger or smaller by a factor."""
    width, height = (max(1, round(side * factor)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def png(picture: Image.Image) -> bytes:
    """As a PNG file."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """As a JPEG file."""
    stream = io.BytesIO()
    picture.convert("RGB").save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def soft_pictures(number: int, side: int = 96) -> list[Image.Image]:
    """Pictures of soft shapes from a seed each, none of which looks like another."""
    import numpy as np

    found = []
    for seed in range(number):
        coarse = np.random.default_rng(seed).integers(0, 256, (7, 7), np.uint8)
        found.append(Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC))
    return found
