"""Random batches of pictures: shuffled passes over a gallery, each picture mirrored, shifted and lit anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medmat_explorer.experiments.bundled.halves import normalised
from medmat_explorer.experiments.bundled.pictures import Gallery
from medmat_explorer.phantoms.world import PhantomSubset, all_subsets

if TYPE_CHECKING:
    from torch import Tensor

SHIFT = 5
"""Farthest shift in pixels of the model's picture."""


@dataclass(frozen=True)
class Batch:
    """Normalised pictures (n, 3, side, side), masks (n, side, side) of 0 to 1, subset and label positions (n,)."""

    pixels: Tensor
    masks: Tensor
    subset: NDArray[np.int64]
    label: NDArray[np.int64]

    @property
    def rows(self) -> list[tuple[PhantomSubset, str]]:
        """The subset and the label of each picture."""
        subsets = all_subsets()
        pairs = zip(self.subset.tolist(), self.label.tolist(), strict=True)
        return [(subsets[subset], subsets[subset].labels[label]) for subset, label in pairs]


def endless_batches(gallery: Gallery, size: int, dice: np.random.Generator) -> Iterator[Batch]:
    """Batches for ever; every picture once a pass, passes in different orders."""
    size = min(size, len(gallery))
    while True:
        order = dice.permutation(len(gallery))
        for first in range(0, len(gallery) - size + 1, size):
            yield varied_batch(gallery, order[first : first + size], dice)


def varied_batch(gallery: Gallery, places: NDArray[np.int64], dice: np.random.Generator) -> Batch:
    """These pictures with random mirroring, shift and brightness; masks move along."""
    import torch

    pixels, masks = gallery.pixels[places], gallery.masks[places]
    mirrored = dice.random(len(places)) < 0.5
    pixels[mirrored], masks[mirrored] = pixels[mirrored][:, :, ::-1], masks[mirrored][:, :, ::-1]
    shift = tuple(dice.integers(-SHIFT, SHIFT + 1, size=2).tolist())
    pixels, masks = np.roll(pixels, shift, axis=(1, 2)), np.roll(masks, shift, axis=(1, 2))
    light = torch.from_numpy(dice.normal(0, 0.12, size=(len(places), 1, 1, 1))).float()
    return Batch(
        normalised(pixels) + light,
        torch.from_numpy(masks).float().div(255),
        gallery.subset[places],
        gallery.label[places],
    )
