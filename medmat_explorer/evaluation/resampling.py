"""The bootstrap: how much a statistic moves when the items, or whole groups of them, are drawn again.

Percentile intervals (Efron 1979), always from a seed. Where several questions share one picture, whole pictures are
drawn: their answers are no independent witnesses (Davison and Hinkley 1997, section 3.8).
"""

from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

DRAWS = 2000
LEVEL = 0.95

Weights = npt.NDArray[np.float64]
"""How often each item was drawn: one number an item, 0 for those left out."""
Statistic = Callable[[Weights], float]
"""A number from weighted items; nan where they give none."""
Interval = tuple[float, float]


def cluster_codes(clusters: Sequence[Hashable]) -> npt.NDArray[np.int64]:
    """For each item the place of its cluster, clusters counted as they first occur."""
    places: dict[Hashable, int] = {}
    return np.asarray([places.setdefault(cluster, len(places)) for cluster in clusters], dtype=np.int64)


def redrawn(clusters: Sequence[Hashable], seed: int, draws: int) -> Iterator[Weights]:
    """Weights of the items, whole clusters drawn with replacement, as many as there are."""
    codes = cluster_codes(clusters)
    total = int(codes.max()) + 1 if len(codes) else 0
    random = np.random.default_rng(seed)
    for _ in range(draws if total else 0):
        times = np.bincount(random.integers(0, total, total), minlength=total)
        yield times[codes].astype(np.float64)


def bootstrap_interval(
    statistic: Statistic, clusters: Sequence[Hashable], *, seed: int, draws: int = DRAWS, level: float = LEVEL
) -> Interval | None:
    """The percentile interval of a statistic; `clusters` names each item's group (the item itself for single items).

    None where there are fewer than two clusters, where most draws give no number, or where all give the same: an
    interval of width 0 would claim too much.
    """
    if len(set(clusters)) < 2:
        return None
    found = np.asarray([statistic(weights) for weights in redrawn(clusters, seed, draws)])
    found = found[~np.isnan(found)]
    if len(found) <= draws / 2 or found.min() == found.max():
        return None
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
