"""Do pictures that lie close together share a property? The share of nearest neighbours that do, against chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NEIGHBOURS = 10
MOST_ASKED = 1_000
ROUNDS = 1_000
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Over `n` pictures drawn with a seed: the mean share of their nearest neighbours that have the same value.

    `low` and `high` bound it with 95 % by a bootstrap over pictures; `chance` is the share that any other picture
    would have. `value` is empty where all values are taken together.
    """

    value: str
    n: int
    share: float
    low: float
    high: float
    chance: float


def neighbour_agreement(
    vectors: npt.NDArray[np.float32], values: Sequence[str], seed: int, neighbours: int = NEIGHBOURS
) -> list[Agreement]:
    """Of all pictures together, then of each value, the most frequent first; empty for fewer than three pictures.

    Vectors have length 1, one row a value. A picture is never its own neighbour.
    """
    total = len(values)
    if total < 3:
        return []
    names, codes, sizes = np.unique(
        np.asarray(values, dtype=object).astype(str), return_inverse=True, return_counts=True
    )
    draw = np.random.default_rng(seed)
    asked = np.sort(draw.choice(total, size=min(MOST_ASKED, total), replace=False))
    shares = _shares(vectors, codes, asked, min(neighbours, total - 1))
    chance = (sizes[codes[asked]] - 1) / (total - 1)
    found = [_agreement("", shares, chance, draw)]
    for place in np.argsort(-sizes, kind="stable"):
        of_value = codes[asked] == place
        if of_value.any():
            found.append(_agreement(str(names[place]), shares[of_value], chance[of_value], draw))
    return found


def _shares(
    vectors: npt.NDArray[np.float32], codes: npt.NDArray[np.intp], asked: npt.NDArray[np.int64], neighbours: int
) -> Numbers:
    shares = np.empty(len(asked))
    for start in range(0, len(asked), 256):
        rows = asked[start : start + 256]
        near = vectors[rows] @ vectors.T
        near[np.arange(len(rows)), rows] = -np.inf
        best = np.argpartition(-near, neighbours - 1, axis=1)[:, :neighbours]
        shares[start : start + 256] = (codes[best] == codes[rows][:, None]).mean(axis=1)
    return shares


def _agreement(value: str, shares: Numbers, chance: Numbers, draw: np.random.Generator) -> Agreement:
    n = len(shares)
    means = shares[draw.integers(0, n, (ROUNDS, n))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Agreement(value, n, float(shares.mean()), float(low), float(high), float(chance.mean()))
