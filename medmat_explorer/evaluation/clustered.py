"""Accuracy where several questions share one picture: drawn again by picture, not by question.

Ten questions about one picture are less than ten pictures. The interval of a plain accuracy would be too short.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.resampling import DRAWS, Interval, Weights, bootstrap_interval, cluster_codes
from medmat_explorer.evaluation.statistics import wilson

FEW = 20
"""With fewer pictures the bootstrap's interval is known to be too short (Cameron, Gelbach and Miller 2008)."""


@dataclass(frozen=True)
class ClusteredAccuracy:
    """An accuracy over n items in so many clusters, with the interval of a cluster bootstrap.

    `effect` is how many times more the accuracy varies than it would if every item stood alone (the design effect);
    `few` warns of an interval that may be too short.
    """

    correct: int
    n: int
    clusters: int
    interval: Interval
    effect: float

    @property
    def accuracy(self) -> float:
        """Right answers over all items."""
        return self.correct / self.n

    @property
    def few(self) -> bool:
        """Whether there are too few clusters for the interval to be trusted."""
        return self.clusters < FEW


def clustered_accuracy(
    right: Mapping[str, bool], cluster_of: Mapping[str, Hashable], *, seed: int, draws: int = DRAWS
) -> ClusteredAccuracy:
    """Accuracy of results by item key, with `cluster_of` naming each item's picture.

    Where the draws do not vary (all right, all wrong, or a single picture) Wilson's interval stands in, with the
    clusters as n: an interval of width 0 would claim too much. Raises RunError without items, or when an item has no
    cluster.
    """
    keys = _keys(right, cluster_of)
    groups = [cluster_of[key] for key in keys]
    values = np.asarray([right[key] for key in keys], dtype=np.float64)
    total, correct = len(set(groups)), int(values.sum())
    interval = bootstrap_interval(lambda weights: _mean(values, weights), groups, seed=seed, draws=draws)
    if interval is None:
        interval = wilson(round(correct / len(keys) * total), total)
    return ClusteredAccuracy(correct, len(keys), total, interval, _design_effect(values, groups))


@dataclass(frozen=True)
class ClusteredDifference:
    """The accuracy of the first minus that of the second on the same n items, with the cluster bootstrap's interval.

    The interval is None where there are fewer than two clusters, or where no draw differs from another.
    """

    difference: float
    n: int
    clusters: int
    interval: Interval | None

    @property
    def few(self) -> bool:
        """Whether there are too few clusters for the interval to be trusted."""
        return self.clusters < FEW


def clustered_difference(
    first: Mapping[str, bool],
    second: Mapping[str, bool],
    cluster_of: Mapping[str, Hashable],
    *,
    seed: int,
    draws: int = DRAWS,
) -> ClusteredDifference:
    """Two results on the items in both, drawn again in pairs and by cluster. Raises RunError as above."""
    keys = _keys({key: value for key, value in first.items() if key in second}, cluster_of)
    groups = [cluster_of[key] for key in keys]
    values = np.asarray([int(first[key]) - int(second[key]) for key in keys], dtype=np.float64)
    interval = bootstrap_interval(lambda weights: _mean(values, weights), groups, seed=seed, draws=draws)
    return ClusteredDifference(float(values.mean()), len(keys), len(set(groups)), interval)


def _keys(right: Mapping[str, bool], cluster_of: Mapping[str, Hashable]) -> list[str]:
    if not right:
        raise RunError("There is no answered item: without one there is no accuracy. Ask at least one item.")
    if unknown := sorted(right.keys() - cluster_of.keys()):
        raise RunError(f"Item {unknown[0]} has no picture to be grouped by: name the picture of every item.")
    return sorted(right)


def _mean(values: Weights, weights: Weights) -> float:
    return float(values @ weights / weights.sum())


def _design_effect(values: Weights, groups: Sequence[Hashable]) -> float:
    """Variance of the mean by cluster over that by item, both linearised; 1 where nothing varies."""
    rest = values - values.mean()
    by_cluster = np.bincount(cluster_codes(groups), weights=rest)
    alone = float(rest @ rest)
    return float(by_cluster @ by_cluster) / alone if alone else 1.0
