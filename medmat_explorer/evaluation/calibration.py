"""Is a model right as often as it is sure? Reliability by bin, expected calibration error, Brier score.

The confidence is the probability of the most probable letter, among the item's own letters. Bins of equal width show
the whole scale, bins of equal mass give each the same number of answers (Nixon et al. 2019). Answers of the same
confidence always stand in one bin, so that the order of the answers does not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from medmat_explorer.evaluation.chosen import mean_chance
from medmat_explorer.evaluation.resampling import DRAWS, Interval, Weights, bootstrap_interval
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer
from medmat_explorer.evaluation.statistics import wilson

BINS = 10
WHOLE = 0.01
"""How far probabilities may be from adding up to 1: they may have been rounded."""
Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
"""Of each answer the place of its bin."""


class Binning(StrEnum):
    """How confidences are put into bins."""

    WIDTH = "equal width"
    MASS = "equal mass"


@dataclass(frozen=True)
class ReliabilityBin:
    """The answers with a confidence from `low` to `high`: how sure on average, how many right of n.

    Under equal width `low` and `high` are the bin's edges (the upper one belongs to it), under equal mass the least and
    the largest confidence in it.
    """

    low: float
    high: float
    n: int
    correct: int
    confidence: float

    @property
    def accuracy(self) -> float:
        """Right answers over all in the bin."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval:
        """95 % Wilson interval of the accuracy."""
        return wilson(self.correct, self.n)

    @property
    def gap(self) -> float:
        """Accuracy minus confidence: below 0 where the model is too sure."""
        return self.accuracy - self.confidence


@dataclass(frozen=True)
class Calibration:
    """Over n answers: the bins that hold any, the expected calibration error with its interval, and the Brier scores.

    `ece` is the mean of the bins' absolute gaps, weighed by their n. It is above 0 even for a perfectly calibrated
    model: `by_luck` is what such a model with these confidences stays below in 95 % of draws. `brier` is the mean
    squared error of the confidence (0 to 1), `brier_all` that of the probabilities of all options, summed (0 to 2;
    Brier 1950), None where only confidences are known. `interval` is the bootstrap's over answers; None for one.
    """

    binning: Binning
    bins: tuple[ReliabilityBin, ...]
    n: int
    correct: int
    confidence: float
    ece: float
    interval: Interval | None
    by_luck: float
    brier: float
    brier_all: float | None
    chance: float | None = None

    @property
    def accuracy(self) -> float:
        """Right answers over all."""
        return self.correct / self.n

    @property
    def beyond_luck(self) -> bool:
        """Whether the error is larger than a perfectly calibrated model's would be in 95 % of draws."""
        return self.ece > self.by_luck


def calibration(
    confidences: Sequence[float],
    right: Sequence[bool],
    *,
    binning: Binning = Binning.WIDTH,
    bins: int = BINS,
    seed: int = 0,
    draws: int = DRAWS,
) -> Calibration:
    """Raises ValueError without answers, for numbers that are no probabilities, or for fewer than one bin."""
    sure, hits = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.float64)
    _refuse(sure, hits, bins)
    codes = _codes(sure, binning, bins)
    return Calibration(
        binning=binning,
        bins=_bins(sure, hits, codes, binning, bins),
        n=len(sure),
        correct=int(hits.sum()),
        confidence=float(sure.mean()),
        ece=_error(codes, sure - hits, np.ones_like(sure)),
        interval=_interval(sure, hits, codes, seed, draws),
        by_luck=_by_luck(sure, codes, seed, draws),
        brier=float(((sure - hits) ** 2).mean()),
        brier_all=None,
    )


def calibration_of(
    answers: Iterable[JudgedAnswer],
    *,
    binning: Binning = Binning.WIDTH,
    bins: int = BINS,
    seed: int = 0,
    draws: int = DRAWS,
) -> Calibration | None:
    """Of the answers to the question as asked that have probabilities over all their letters; None without any.

    Probabilities from elsewhere that do not add up to 1 are none of all letters: how sure the model was is not known.
    With the Brier score of all options.
    """
    asked = [answer for answer in answers if answer.variant == MAIN and answer.probabilities]
    likely = [answer for answer in asked if abs(sum(answer.probabilities) - 1) < WHOLE]
    if not likely:
        return None
    sure = [max(answer.probabilities) for answer in likely]
    right = [answer.letter == answer.right for answer in likely]
    found = calibration(sure, right, binning=binning, bins=bins, seed=seed, draws=draws)
    return replace(found, brier_all=sum(map(_brier, likely)) / len(likely), chance=mean_chance(likely))


def _brier(answer: JudgedAnswer) -> float:
    pairs = zip(answer.letters, answer.probabilities, strict=True)
    return sum((p - (letter == answer.right)) ** 2 for letter, p in pairs)


def _refuse(sure: Numbers, hits: Numbers, bins: int) -> None:
    if not len(sure) or len(sure) != len(hits) or bins < 1:
        raise ValueError(f"{len(sure)} confidences, {len(hits)} verdicts and {bins} bins make no calibration.")
    if not ((sure >= 0) & (sure <= 1)).all():
        raise ValueError("A confidence must lie between 0 and 1.")


def _codes(sure: Numbers, binning: Binning, bins: int) -> Places:
    """The place of each answer's bin; under equal mass by the middle rank of its confidence."""
    if binning is Binning.WIDTH:
        return np.asarray(np.clip(np.ceil(np.round(sure * bins, 9)) - 1, 0, bins - 1), dtype=np.int64)
    _, places, counts = np.unique(sure, return_inverse=True, return_counts=True)
    middle: Numbers = np.cumsum(counts) - counts / 2
    return np.asarray(np.minimum(middle[places] * bins / len(sure), bins - 1), dtype=np.int64)


def _bins(sure: Numbers, hits: Numbers, codes: Places, binning: Binning, bins: int) -> tuple[ReliabilityBin, ...]:
    found = []
    for code in np.unique(codes):
        inside = codes == code
        chosen = sure[inside]
        edges = (code / bins, (code + 1) / bins) if binning is Binning.WIDTH else (chosen.min(), chosen.max())
        correct = int(hits[inside].sum())
        found.append(ReliabilityBin(float(edges[0]), float(edges[1]), len(chosen), correct, float(chosen.mean())))
    return tuple(found)


def _error(codes: Places, gaps: Numbers, weights: Weights) -> float:
    return float(np.abs(np.bincount(codes, weights=gaps * weights)).sum() / weights.sum())


def _interval(sure: Numbers, hits: Numbers, codes: Places, seed: int, draws: int) -> Interval | None:
    """Bins are made once, from all answers: an answer drawn again stays in its bin."""
    return bootstrap_interval(lambda w: _error(codes, sure - hits, w), range(len(sure)), seed=seed, draws=draws)


def _by_luck(sure: Numbers, codes: Places, seed: int, draws: int) -> float:
    """The error that a model right with just its confidence stays below in 95 % of draws (Bröcker and Smith 2007)."""
    random = np.random.default_rng(seed)
    alike = np.ones_like(sure)
    found = [_error(codes, sure - (random.random(len(sure)) < sure), alike) for _ in range(draws)]
    return float(np.quantile(found, 0.95))
