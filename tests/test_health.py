"""Duplicates and leaks between splits and subsets, by what the image check has seen."""

from pathlib import Path

from PIL import Image

from medmat_explorer.store.health import HealthReport, Leak, check_health
from medmat_explorer.store.image_check import check_images
from tests.release_folder import SUBSET_02, record, run_import, write

TESTS_02 = "Aggregated_Subsets/Subset--02-test.json"
TRAIN_03 = "Aggregated_Subsets/Subset--03-train.json"


def release(tmp_path: Path) -> Path:
    """a and its copy on both sides of 02; b in 02 and, nearly the same, in 03; c alone; one missing, one bad."""
    root = write(
        tmp_path / "release",
        **{
            SUBSET_02: [record(i, image=f"med-mat/{name}") for i, name in enumerate(("a.png", "b.png", "gone.png"))],
            TESTS_02: [record(i, image=f"med-mat/{name}") for i, name in enumerate(("a2.png", "c.png", "bad.png"))],
            TRAIN_03: [record(i, image=f"med-mat/{name}", data_no="4") for i, name in enumerate(("b2.jpg", "c.png"))],
            "med-mat/bad.png": "not a picture",
        },
    )
    pictures = {
        "a": Image.linear_gradient("L"),
        "b": Image.linear_gradient("L").rotate(40),
        "c": Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 50),
    }
    for name, picture in pictures.items():
        picture.save(root / "med-mat" / f"{name}.png")
    pictures["a"].save(root / "med-mat" / "a2.png")
    pictures["b"].save(root / "med-mat" / "b2.jpg", quality=90)
    return root


def test_missing_duplicates_and_leaks_are_found_once_images_were_looked_at(tmp_path: Path, home: Path) -> None:
    run_import(release(tmp_path), home, test_share=0.0)
    by_path = (Leak("02", "03", "test", "train", 1),)
    assert check_health("test", home) == HealthReport(0, 0, 7, 0, 0, by_path)
    check_images("test", home)
    leaks = (Leak("02", "02", "test", "train", 1), Leak("02", "03", "test", "train", 1))
    assert check_health("test", home) == HealthReport(1, 1, 0, 1, 2, leaks)


def test_the_report_is_what_the_command_line_prints(tmp_path: Path, home: Path) -> None:
    run_import(release(tmp_path), home, test_share=0.0)
    assert check_health("test", home).as_json() == {
        "missing": 0,
        "unreadable": 0,
        "unchecked": 7,
        "exact_duplicates": 0,
        "near_duplicates": 0,
        "leaks": [{"subset_a": "02", "subset_b": "03", "split_a": "test", "split_b": "train", "images": 1}],
    }
