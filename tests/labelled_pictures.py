"""A folder of labelled pictures, each of a content of its own."""

from pathlib import Path

from PIL import Image


def picture(path: Path, number: int) -> Path:
    """A small picture whose colours follow from a number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (40, 32), (number % 256, number // 256, 120))
    image.putpixel((number % 40, 3), (255, 255, 255))
    image.save(path)
    return path


def labelled_pictures(root: Path, labels: tuple[str, ...] = ("Cyst", "Normal", "Stone"), each: int = 10) -> Path:
    """`root/<label>/<label> (n).png`, `each` of every label."""
    for place, label in enumerate(labels):
        for number in range(each):
            picture(root / label / f"{label} ({number}).png", place * each + number)
    return root
