"""Pictures for training, drawn once and kept as plain arrays in the work folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medmat_explorer.phantoms.draw import draw_with_mask
from medmat_explorer.phantoms.world import Stream, all_subsets, picture_seed

Bytes = NDArray[np.uint8]
Progress = Callable[[int, int], None]


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
    pairs = [
        (place, index % len(subset.labels)) for place, subset in enumerate(all_subsets()) for index in range(count)
    ]
    table = np.array(pairs, dtype=np.int64)
    return table[:, 0], table[:, 1]


def _drawn(stream: Stream, seed: int, count: int, side: int, progress: Progress) -> tuple[Bytes, Bytes]:
    total = count * len(all_subsets())
    pixels = np.empty((total, side, side, 3), dtype=np.uint8)
    masks = np.empty((total, side, side), dtype=np.uint8)
    for place in range(total):
        subset, index = all_subsets()[place // count], place % count
        label = subset.labels[index % len(subset.labels)]
        picture, mask = draw_with_mask(subset, label, picture_seed(stream, seed, index))
        pixels[place], masks[place] = _small(picture, side), _small(mask, side)
        if (place + 1) % count == 0:
            progress(place + 1, total)
    return pixels, masks


def _small(image: Image.Image, side: int) -> Bytes:
    """The image at the model's size, resized as the model's own image processor does it."""
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))
