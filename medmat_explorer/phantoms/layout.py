"""The phantom collection as a folder in Med-MAT's layout: pictures, question files, catalogue tables."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from medmat_explorer.errors import CollectionError
from medmat_explorer.phantoms.jobs import image_path, split_folder, split_ranges
from medmat_explorer.phantoms.questions import PhantomItem, items_of
from medmat_explorer.phantoms.tables import dataset_number, write_tables
from medmat_explorer.phantoms.workers import drawn_in_processes
from medmat_explorer.phantoms.world import Stream, all_subsets

ITEMS_PER_SUBSET = 180
SMALLEST = 3
"""Fewest items a subset: two to train on, one to test with. From 15 on every label stands in both splits."""

_FEW = 300
"""Up to this many pictures are drawn in this process, because starting others takes longer."""


def write_layout(
    out: Path,
    items_per_subset: int = ITEMS_PER_SUBSET,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> None:
    """Write the whole collection under `out`: two thirds of each subset for training, one third for testing.

    `progress(done, total)` counts pictures; `workers` is the number of processes, by default one a core. The
    same number of items and seed give the same files. Raises CollectionError when there are too few items or
    the seed is out of range.
    """
    if items_per_subset < SMALLEST:
        raise CollectionError(f"{items_per_subset} items a subset are too few; choose {SMALLEST} or more.")
    for subset in all_subsets():
        for split, first, count in split_ranges(items_per_subset):
            items = items_of(subset, Stream.COLLECTION, seed, count, first)
            _write_questions(out, split, items)
            (out / split_folder(subset, split)).mkdir(parents=True, exist_ok=True)
    write_tables(out)
    total, done = items_per_subset * len(all_subsets()), 0
    workers = 1 if total <= _FEW else workers or os.cpu_count() or 1
    for drawn in drawn_in_processes(out, items_per_subset, seed, workers):
        done += drawn
        if progress:
            progress(done, total)


def _write_questions(out: Path, split: str, items: tuple[PhantomItem, ...]) -> None:
    folder = out / "Aggregated_Subsets"
    folder.mkdir(parents=True, exist_ok=True)
    records = [_record(item, split, position) for position, item in enumerate(items, start=1)]
    text = json.dumps(records, indent=4, ensure_ascii=False) + "\n"
    (folder / f"Subset--{items[0].subset.number}-{split}.json").write_text(text, encoding="utf-8")


def _record(item: PhantomItem, split: str, position: int) -> dict[str, object]:
    return {
        "id": position,
        "caption": item.label,
        "image": image_path(item.subset, split, position),
        "Question": item.question,
        "Answer": item.label,
        "Question-choice": item.question_choice,
        "Answer-choice": item.letter,
        "data-no": dataset_number(item.subset),
    }
