"""Pictures for training, drawn once and kept as plain arrays in the work folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medmat_explorer.phantoms.draw import draw_with_mask
from medmat_explorer.phantoms.world import Stream, all_subsets, picture_seed, subset_of

Bytes = NDArray[np.uint8]
Progress = Callable[[int, int], None]
_CHUNK = 60


@dataclass(frozen=True)
class Gallery:
    """Pictures (n, side, side, 3), finding masks (n, side, side), and each picture's subset and label by position."""

    pixels: Bytes
    masks: Bytes
    subset: NDArray[np.int64]
    label: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.pixels)


def gallery(folder: Path, stream: Stream, seed: int, count: int, side: int, progress: Progress) -> Gallery:
    """`count` pictures of every subset, read from `folder` if they were drawn before, else drawn and written there."""
    stem = f"{stream.name.lower()}-{seed}-{count}-{side}"
    pixel_file, mask_file = folder / f"{stem}-pixels.npy", folder / f"{stem}-masks.npy"
    if not mask_file.exists():
        pixels, masks = _drawn(stream, seed, count, side, progress)
        np.save(pixel_file, pixels, allow_pickle=False)
        np.save(mask_file, masks, allow_pickle=False)
    subset, label = _positions(count)
    return Gallery(np.load(pixel_file, allow_pickle=False), np.load(mask_file, allow_pickle=False), subset, label)


def _positions(count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pairs = [(place, index % len(subset.labels)) for place, subset in enumerate(all_subsets()) for index in range(count)]
    table = np.array(pairs, dtype=np.int64)
    return table[:, 0], table[:, 1]


def _drawn(stream: Stream, seed: int, count: int, side: int, progress: Progress) -> tuple[Bytes, Bytes]:
    jobs = [
        (subset.number, int(stream), seed, first, min(first + _CHUNK, count), side)
        for subset in all_subsets()
        for first in range(0, count, _CHUNK)
    ]
    pixels, masks = [], []
    for done, (some_pixels, some_masks) in enumerate(_in_processes(jobs), start=1):
        pixels.append(some_pixels)
        masks.append(some_masks)
        progress(done, len(jobs))
    return np.concatenate(pixels), np.concatenate(masks)


Job = tuple[str, int, int, int, int, int]


def _in_processes(jobs: list[Job]) -> Iterator[tuple[Bytes, Bytes]]:
    workers = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
    if workers == 1 or len(jobs) < 50:
        yield from map(_chunk, jobs)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_chunk, jobs)


def _chunk(job: Job) -> tuple[Bytes, Bytes]:
    number, stream, seed, first, last, side = job
    subset = subset_of(number)
    pairs = []
    for index in range(first, last):
        label = subset.labels[index % len(subset.labels)]
        picture, mask = draw_with_mask(subset, label, picture_seed(Stream(stream), seed, index))
        pairs.append((_small(picture, side), _small(mask, side)))
    return np.stack([picture for picture, _ in pairs]), np.stack([mask for _, mask in pairs])


def _small(image: Image.Image, side: int) -> Bytes:
    """The image at the model's size, resized as the model's own image processor does it."""
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))
