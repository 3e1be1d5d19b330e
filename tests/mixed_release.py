"""A release whose subsets share pictures in every way there is: same file, copy, re-encoded, smaller, mirrored.

What a picture shows is the number in its path (`med-mat/p7-half.png` shows what `med-mat/p7.png` shows), so that a test
knows without looking which items show the same.
"""

import random
import re
import shutil
from pathlib import Path
from typing import Any

from PIL import ImageOps

from medmat_explorer.domain.facts import Facts
from medmat_explorer.domain.qa import LETTERS
from medmat_explorer.store.duplicates import find_duplicates
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.ingest import import_collection
from tests.planted_release import jpeg, png, resized, soft_pictures
from tests.release_folder import FACTS, question_choice, record, write

PICTURES = 36
VARIANTS = (".png", "-copy.png", "-half.png", "-mirror.png", ".jpg")
LABELS: dict[str, list[str]] = {
    "02": ["Cyst", "Normal", "Stone", "Tumor"],
    "03": ["COVID", "Normal"],
    "15": ["Drusen", "Myopia", "Normal", "Oedema", "Scar"],
    "18": ["Debris", "Mucus", "Stroma"],
    "22": ["Glioma", "Meningioma", "None"],
}
DATASETS = {"02": ("2",), "03": ("3", "4"), "15": ("24", "25"), "18": ("33", "44", "43"), "22": ("44", "45")}
"""Those of 18 and 22 as they are in Med-MAT: 44 stands in both, 43 in none; the release also has 43 by itself."""

SIZES = {("train", "02"): 60, ("train", "03"): 50, ("train", "15"): 40, ("train", "18"): 45, ("train", "22"): 30}
TEST_ITEMS = 8


def shows(image: str) -> int:
    """What a picture shows."""
    found = re.fullmatch(r"med-mat/p(\d+)\D.*", image)
    assert found is not None, image
    return int(found[1])


def mixed_release(root: Path, seed: int = 0) -> Path:
    """Writes it: subsets 02, 03, 15, 18, 22, and data set 43 by itself (`D43`)."""
    dice = random.Random(seed)
    files: dict[str, Any] = {}
    for number in LABELS:
        for split in ("train", "test"):
            count = SIZES.get((split, number), TEST_ITEMS)
            items = [_item(dice, number, place, split) for place in range(count)]
            files[f"Aggregated_Subsets/Subset--{number}-{split}.json"] = items
    by_itself = [_item(dice, "18", 900 + place, "ori") | {"data-no": "43"} for place in range(12)]
    files["Original_Medical_Datasets/Ori--43-train.json"] = by_itself
    for what, picture in enumerate(soft_pictures(PICTURES)):
        made = (
            png(picture),
            png(picture),
            png(resized(picture, 0.5)),
            png(ImageOps.mirror(picture)),
            jpeg(picture, 60),
        )
        files |= {f"med-mat/p{what}{variant}": data for variant, data in zip(VARIANTS, made, strict=True)}
    return write(root, **files)


def _item(dice: random.Random, number: str, place: int, split: str) -> dict[str, Any]:
    """An item of which every part is drawn; each subset has pictures of its own and some of all."""
    first = 6 * list(LABELS).index(number)
    what = dice.randrange(PICTURES) if dice.random() < 0.25 else first + dice.randrange(6)
    labels = LABELS[number]
    options = dice.sample(labels, dice.randint(2, min(4, len(labels))))
    right = dice.randrange(len(options))
    question = f"What is shown in {split} {place}?"
    return record(
        place,
        options[right],
        image=f"med-mat/p{what}{dice.choice(VARIANTS)}",
        caption=options[right],
        Question=question,
        Question_choice=question_choice(question, options),
        Answer_choice=LETTERS[right],
        data_no=dice.choice(DATASETS[number]),
    )


def mixed_home(
    folder: Path,
    release: Path | None = None,
    *,
    check: bool = True,
    search: bool = True,
    facts: Facts = FACTS,
) -> Path:
    """A home with a release imported as `mixed`, its images looked at, and duplicates looked for.

    Without one the release is written beside the home.
    """
    home, release = folder / "home", release or mixed_release(folder / "release")
    import_collection(release, "mixed", home, facts)
    if check:
        check_images("mixed", home)
    if search:
        find_duplicates("mixed", home)
    return home


def without_a_third(release: Path) -> int:
    """Deletes every third picture of a release, by its name; returns how many."""
    pictures = sorted((release / "med-mat").iterdir())[::3]
    for picture in pictures:
        picture.unlink()
    return len(pictures)


def without_search(home: Path, folder: Path) -> Path:
    """A copy of a home whose collections were never searched for duplicates, whatever other tests did meanwhile."""
    left_out = shutil.ignore_patterns("pairs-*", "leaks-*", "*.lock", ".*")
    shutil.copytree(home / "collections", folder / "collections", ignore=left_out)
    return folder
