"""The catalogue tables of the phantom collection, subsets and source data sets, with Med-MAT's columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from medmat_explorer.phantoms.world import PHANTOM_VERSION, PhantomSubset, all_subsets

SUBSET_COLUMNS = (
    "subset_no", "modality", "area", "published_task", "task", "task_group", "kind", "multi_label", "distribution",
    "task_confidence", "task_note", "dataset_nos",
)  # fmt: skip
DATASET_COLUMNS = (
    "dataset_no", "name", "modality", "area", "description", "published_qa", "url", "citation",
)  # fmt: skip


@cache
def _pairs() -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((subset.modality, subset.area) for subset in all_subsets()))


def dataset_number(subset: PhantomSubset) -> str:
    """The number of the data set a subset comes from, one a pair of modality and area: `P1` and so on."""
    return f"P{_pairs().index((subset.modality, subset.area)) + 1}"


def write_tables(root: Path) -> None:
    """Write `subsets.csv` and `datasets.csv` into `root`."""
    _write(root / "subsets.csv", SUBSET_COLUMNS, (_subset_row(subset) for subset in all_subsets()))
    rows = (_dataset_row(f"P{place}", *pair) for place, pair in enumerate(_pairs(), start=1))
    _write(root / "datasets.csv", DATASET_COLUMNS, rows)


def _subset_row(subset: PhantomSubset) -> tuple[str, ...]:
    task = f"Synthetic {subset.area} {subset.task}"
    return (
        subset.number, subset.modality, subset.area, task, subset.task, subset.task_group, "classification", "no", "in",
        "high", "synthetic", dataset_number(subset),
    )  # fmt: skip


def _dataset_row(number: str, modality: str, area: str) -> tuple[str, ...]:
    name = f"Synthetic phantoms: {modality} {area}"
    described = f"Drawn by MedMAT Explorer, phantom version {PHANTOM_VERSION}; no patient, no real image"
    return (number, name, modality, area, described, "yes", "", "MedMAT Explorer")


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
