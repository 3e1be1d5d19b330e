"""A coarse print of what the generator draws: it tells when pixels and weights no longer belong together.

It is tolerant of rounding, so that another numpy or Pillow does not count as another generator.
"""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from medmat_explorer.phantoms.canvas import SIDE
from medmat_explorer.phantoms.draw import draw
from medmat_explorer.phantoms.world import Stream, picture_seed, subset_of

TOLERANCE = 2
_CELLS = 8
_SAMPLES = (("P05", "malignant tumour"), ("P14", "effusion"), ("P18", "severe"), ("P23", "striped"), ("P24", "normal"))

Fingerprint = dict[str, str]


def fingerprint() -> Fingerprint:
    """Mean brightness, 0 to 255, in 8 x 8 fields of a few pictures, as numbers with spaces between."""
    prints = {}
    for number, label in _SAMPLES:
        picture = draw(subset_of(number), label, picture_seed(Stream.SHOWCASE, 0, 0)).convert("L")
        part = SIDE // _CELLS
        fields = np.asarray(picture, dtype=np.float64).reshape(_CELLS, part, _CELLS, part).mean(axis=(1, 3))
        prints[f"{number} {label}"] = " ".join(str(round(value)) for value in fields.flatten().tolist())
    return prints


def same_pictures(first: Fingerprint, second: Fingerprint) -> bool:
    """Whether two prints agree in every field within TOLERANCE."""
    return first.keys() == second.keys() and all(_close(first[name], second[name]) for name in first)


def _close(first: str, second: str) -> bool:
    pairs = list(zip_longest(map(int, first.split()), map(int, second.split()), fillvalue=-1000))
    return max(abs(a - b) for a, b in pairs) <= TOLERANCE
