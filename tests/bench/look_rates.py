"""Which copies of real pictures the look finds, and how often unlike pictures look the same: the table of
docs/duplicates.md.

python -m tests.bench.look_rates FOLDER [--every 3]

FOLDER holds one folder a data set with pictures anywhere below. Copies are made of every n-th picture.
"""

import argparse
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageOps

from medmat_explorer.media.looks import looks_of
from medmat_explorer.store.near_looks import NEARLY

THRESHOLDS = (0, 2, 4, 6, 8)
Change = Callable[[Image.Image], Image.Image]
Bits = npt.NDArray[np.uint64]


def encoded(picture: Image.Image) -> Image.Image:
    """As a JPEG of quality 50."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=50)
    with Image.open(io.BytesIO(stream.getvalue())) as opened:
        return opened.convert("RGB")


def resized(factor: float) -> Change:
    """To so many times its sides."""

    def change(picture: Image.Image) -> Image.Image:
        sides = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        return picture.resize(sides, Image.Resampling.LANCZOS)

    return change


def cropped(share: float) -> Change:
    """Without so much of its width and height, half of it on each side."""

    def change(picture: Image.Image) -> Image.Image:
        x, y = (max(1, round(side * share / 2)) for side in picture.size)
        return picture.crop((x, y, picture.width - x, picture.height - y))

    return change


CHANGES: dict[str, Change] = {
    "JPEG, quality 50": encoded,
    "resized to 50 %": resized(0.5),
    "resized to 200 %": resized(2.0),
    "brightness + 10 %": lambda picture: ImageEnhance.Brightness(picture).enhance(1.1),
    "contrast stretched": lambda picture: ImageOps.autocontrast(picture),
    "cropped by 2 %": cropped(0.02),
    "cropped by 4 %": cropped(0.04),
    "rotated by 2 degrees": lambda picture: picture.rotate(2),
    "mirrored": ImageOps.mirror,
    "rotated by 90 degrees": lambda picture: picture.rotate(90, expand=True),
}


def opened(file: Path) -> Image.Image:
    """As RGB."""
    with Image.open(file) as image:
        return image.convert("RGB")


def ours(picture: Image.Image) -> tuple[int, int]:
    """The look and that of the mirror image."""
    look, mirrored = looks_of(picture)
    return (look or 0) % 2**64, (mirrored or 0) % 2**64


def difference_hash(picture: Image.Image) -> tuple[int, int]:
    """imagehash's dhash of the picture and of its mirror image."""
    both = (imagehash.dhash(picture), imagehash.dhash(ImageOps.mirror(picture)))
    found = [int(np.packbits(one.hash.reshape(-1)).view(">u8")[0]) for one in both]
    return found[0], found[1]


def distances(a: Bits, b: Bits) -> npt.NDArray[np.int64]:
    """Differing bits."""
    return np.asarray(np.bitwise_count(a ^ b), dtype=np.int64)


def shares(found: npt.NDArray[np.int64]) -> list[str]:
    """Of distances at most each threshold."""
    return [f"{100 * float((found <= threshold).mean()):.1f} %" for threshold in THRESHOLDS]


def row(name: str, cells: list[str]) -> str:
    """One line of a Markdown table."""
    return f"| {name} | {' | '.join(cells)} |"


def report(files: list[Path], every: int, root: Path, hashed: Callable[[Image.Image], tuple[int, int]]) -> None:
    """Prints both tables of one hash."""
    sets = np.array([file.relative_to(root).parts[0] for file in files])
    both = np.array([hashed(opened(file)) for file in files], dtype=np.uint64)
    looks, mirrors = both[:, 0], both[:, 1]
    print(row("copy found", [f"at most {threshold}" for threshold in THRESHOLDS]))
    print(row("---", ["---:"] * len(THRESHOLDS)))
    for name, change in CHANGES.items():
        changed = np.array([hashed(change(opened(file))) for file in files[::every]], dtype=np.uint64)[:, 0]
        against = mirrors if name == "mirrored" else looks
        print(row(name, shares(distances(against[::every], changed))))
    first, second = np.triu_indices(len(files), 1)
    for name, other in (("as they are", looks), ("mirrored", mirrors)):
        apart = distances(looks[first], other[second])
        same = sets[first] == sets[second]
        for where, of in (("one data set", same), ("two data sets", ~same)):
            counts = [f"{int((apart[of] <= threshold).sum()):,}" for threshold in THRESHOLDS]
            print(row(f"pairs of {where}, {name}, of {int(of.sum()):,}", counts))
        near = same & (apart <= NEARLY)
        print("by data set:", dict(Counter(sets[first[near]].tolist())))


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=3)
    given = parser.parse_args()
    files = sorted(file for file in given.folder.rglob("*") if file.is_file())
    for name, hashed in (("phash", ours), ("dhash", difference_hash)):
        print(f"\n{name}, {len(files)} pictures, copies of {len(files[:: given.every])}")
        report(files, given.every, given.folder, hashed)


if __name__ == "__main__":
    main()
