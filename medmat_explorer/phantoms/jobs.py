"""Which picture lies where in the collection's folder, and its drawing in pieces that processes can share out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from medmat_explorer.phantoms.draw import draw
from medmat_explorer.phantoms.questions import items_of
from medmat_explorer.phantoms.world import PhantomSubset, Stream, all_subsets, subset_of

Job = tuple[str, str, int, int, int, int]
"""A slice of a split: subset, split, seed, first picture and number of the split, where the slice starts in it."""

_PICTURES_A_JOB = 30
_PNG_LEVEL = 2


def split_ranges(items_per_subset: int) -> tuple[tuple[str, int, int], tuple[str, int, int]]:
    """Name, first picture and number of pictures of both splits; they share no picture."""
    train = items_per_subset * 2 // 3
    return ("train", 0, train), ("test", train, items_per_subset - train)


def split_folder(subset: PhantomSubset, split: str) -> str:
    """Where the pictures of a split lie, from the root of the collection."""
    return f"med-mat/phantoms/{subset.number}/{split}"


def image_path(subset: PhantomSubset, split: str, position: int) -> str:
    """Where a picture lies, by its place in the split from 1 on."""
    return f"{split_folder(subset, split)}/{subset.number}-{split}-{position:04d}.png"


def drawing_jobs(items_per_subset: int, seed: int) -> Iterator[Job]:
    """All the drawing of a collection, in an order that is always the same."""
    for subset in all_subsets():
        for split, first, count in split_ranges(items_per_subset):
            for start in range(0, count, _PICTURES_A_JOB):
                yield subset.number, split, seed, first, count, start


def draw_job(out: Path, job: Job) -> int:
    """Draw and write the pictures of one job; returns how many they were."""
    number, split, seed, first, count, start = job
    subset = subset_of(number)
    items = items_of(subset, Stream.COLLECTION, seed, count, first)[start : start + _PICTURES_A_JOB]
    for position, item in enumerate(items, start=start + 1):
        picture = draw(subset, item.label, item.seed)
        picture.save(out / image_path(subset, split, position), compress_level=_PNG_LEVEL)
    return len(items)
