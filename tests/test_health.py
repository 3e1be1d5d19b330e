"""The health of a collection in numbers, by what the image check has seen."""

from pathlib import Path

from medmat_explorer.store.health import HealthReport, Leak, NearLeak, check_health
from medmat_explorer.store.image_check import check_images
from tests.planted_release import planted_release, soft_pictures
from tests.release_folder import run_import


def planted(tmp_path: Path, home: Path) -> None:
    run_import(planted_release(tmp_path / "release", soft_pictures(8)), home, test_share=0.0)


def test_missing_duplicates_and_leaks_are_found_once_images_were_looked_at(tmp_path: Path, home: Path) -> None:
    planted(tmp_path, home)
    by_path = (Leak("02", "02", "test", "train", 1),)
    assert check_health("test", home) == HealthReport(0, 0, 14, 0, 0, 0, 1, 0, by_path, ())
    check_images("test", home)
    leaks = (Leak("02", "02", "test", "train", 2),)
    near = (NearLeak("02", "02", "test", "train", 2), NearLeak("02", "03", "train", "train", 1))
    assert check_health("test", home) == HealthReport(1, 0, 0, 1, 4, 2, 7, 1, leaks, near)


def test_the_report_is_what_the_command_line_prints(tmp_path: Path, home: Path) -> None:
    planted(tmp_path, home)
    check_images("test", home)
    assert check_health("test", home).as_json() == {
        "missing": 1,
        "unreadable": 0,
        "unchecked": 0,
        "exact_duplicates": 1,
        "near_duplicates": 4,
        "mirrored": 2,
        "leaking_images": 7,
        "conflicts": 1,
        "leaks": [{"subset_a": "02", "subset_b": "02", "split_a": "test", "split_b": "train", "images": 2}],
        "near_leaks": [
            {"subset_a": "02", "subset_b": "02", "split_a": "test", "split_b": "train", "pairs": 2},
            {"subset_a": "02", "subset_b": "03", "split_a": "train", "split_b": "train", "pairs": 1},
        ],
    }
