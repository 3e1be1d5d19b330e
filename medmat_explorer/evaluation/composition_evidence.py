"""What all printed rows show together: by direction type, and whether a likeness of the sources predicts the gain.

Rows of one target share its test set and its baselines, so they are no independent witnesses: the bootstrap draws
whole targets, and every association is also computed with one target left out. Where the rest, or a draw, does not
vary any more, it says nothing for the predictor and counts as an association of 0.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import erfc, sqrt

import numpy as np
import numpy.typing as npt

from medmat_explorer.evaluation.evidence import Z_LIMIT, Evidence, Verdict

LEAST_ROWS, LEAST_TARGETS = 5, 3
"""Fewer rows or targets say nothing about an association."""

DRAWS = 2000
LEVEL = 0.05
SMALL_GAIN = 5
"""Points."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class WeighedRow:
    """A printed row with what its numbers are worth. `key` tells it from every other row."""

    key: Hashable
    direction: str
    target: str
    helps: bool
    evidence: Evidence


@dataclass(frozen=True)
class DirectionSummary:
    """Rows of one direction type: how many, published successes, how many of those are beyond noise or of unknown size.

    `without_plus` counts, of those beyond noise, the rows that print no Baseline+ to hold them against; `small` the
    successes that gain at most 5 points over the better baseline.
    """

    direction: str
    rows: int
    successes: int
    beyond_noise: int
    not_shown: int
    size_unknown: int
    without_plus: int
    small: int


def by_direction(rows: Iterable[WeighedRow]) -> tuple[DirectionSummary, ...]:
    """A summary of each direction, in the order in which they first occur, and one of `all` at the end."""
    rows = list(rows)
    names = list(dict.fromkeys(row.direction for row in rows))
    found = [_summary(name, [row for row in rows if row.direction == name]) for name in names]
    return (*found, _summary("all", rows)) if rows else ()


def _summary(name: str, rows: Sequence[WeighedRow]) -> DirectionSummary:
    won = [row.evidence for row in rows if row.helps]
    count = {verdict: sum(evidence.verdict is verdict for evidence in won) for verdict in Verdict}
    return DirectionSummary(
        direction=name,
        rows=len(rows),
        successes=len(won),
        beyond_noise=count[Verdict.BEYOND_NOISE],
        not_shown=count[Verdict.NOT_SHOWN],
        size_unknown=count[Verdict.SIZE_UNKNOWN],
        without_plus=sum(e.verdict is Verdict.BEYOND_NOISE and not e.against_plus for e in won),
        small=sum(e.gain_over_best <= SMALL_GAIN for e in won),
    )


@dataclass(frozen=True)
class ManyTests:
    """How many rows could be tested, how many gains pass one by one, and how many still do once all are counted.

    `by_chance` is how many would pass on average if no gain were real, `after_holm` follows Holm (1979).
    """

    tested: int
    passed: int
    by_chance: float
    after_holm: int


def many_tests(rows: Iterable[WeighedRow]) -> ManyTests:
    """Counts the tests of these rows at 5 %, two-sided; only gains pass, losses are no success."""
    z = [row.evidence.z for row in rows if row.evidence.z is not None]
    ordered = sorted((erfc(abs(one) / sqrt(2)), one) for one in z)
    still = takewhile(lambda pair: pair[1][0] <= LEVEL / (len(z) - pair[0]), enumerate(ordered))
    return ManyTests(
        tested=len(z),
        passed=sum(one > Z_LIMIT for one in z),
        by_chance=LEVEL / 2 * len(z),
        after_holm=sum(one > 0 for _, (_, one) in still),
    )


@dataclass(frozen=True)
class Association:
    """How a predictor goes with the gain over the better baseline: Kendall's tau-b, -1 to 1.

    `low` to `high` is the 95 % percentile interval of a bootstrap over targets; `least` and `most` are the extremes of
    tau with one target left out, with that target (0 where nothing varies without it). All None where there are too few
    rows or nothing varies; `rows` and `targets` say of how many it was computed, `missing` how many rows had no value
    of the predictor.
    """

    predictor: str
    rows: int
    targets: int
    missing: int
    tau: float | None = None
    low: float | None = None
    high: float | None = None
    least: tuple[float, str] | None = None
    most: tuple[float, str] | None = None

    @property
    def shown(self) -> bool:
        """Whether the interval leaves 0 out and no single target carries the sign."""
        if self.tau is None or self.low is None or self.high is None or self.least is None or self.most is None:
            return False
        same_sign = self.least[0] > 0 if self.tau > 0 else self.most[0] < 0
        return (self.low > 0 or self.high < 0) and same_sign


def association(
    predictor: str,
    values: Mapping[Hashable, float | None],
    rows: Iterable[WeighedRow],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> Association:
    """Whether a predictor's values, by row key, go with the gains. A seed always gives the same interval."""
    rows = list(rows)
    known = [(row, value) for row in rows if (value := values.get(row.key)) is not None]
    targets = sorted({row.target for row, _ in known})
    counted = Association(predictor, len(known), len(targets), len(rows) - len(known))
    x = np.asarray([value for _, value in known], dtype=np.float64)
    y = np.asarray([row.evidence.gain_over_best for row, _ in known], dtype=np.float64)
    if len(known) < LEAST_ROWS or len(targets) < LEAST_TARGETS or (tau := kendall(x, y)) is None:
        return counted
    places = {name: np.flatnonzero([row.target == name for row, _ in known]) for name in targets}
    without = [(kendall(*_without(x, y, places[name])) or 0.0, name) for name in targets]
    low, high = _bootstrap(x, y, list(places.values()), seed, draws)
    return replace(counted, tau=tau, low=low, high=high, least=min(without), most=max(without))


def kendall(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float | None:
    """Kendall's tau-b (1945), which takes ties into account; None where one side does not vary."""
    return _tau(_order(x), _order(y), np.arange(len(x)))


def _order(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For each pair of values whether the first is larger (1), equal (0) or smaller (-1)."""
    return np.sign(np.subtract.outer(values, values))


def _tau(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], chosen: IntArray) -> float | None:
    """tau-b of the chosen values, which may repeat, from the orders of all."""
    here = np.ix_(chosen, chosen)
    a, b = x[here], y[here]
    size = float((a * a).sum()) * float((b * b).sum())
    return float((a * b).sum()) / size**0.5 if size else None


def _without(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], places: IntArray
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    return np.delete(x, places), np.delete(y, places)


def _bootstrap(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], groups: Sequence[IntArray], seed: int, draws: int
) -> tuple[float, float]:
    """2.5th and 97.5th percentile of tau over samples of as many groups, drawn with replacement.

    A sample in which nothing varies counts as 0: to drop it would leave only those that hold whoever makes it vary.
    """
    random, orders = np.random.default_rng(seed), (_order(x), _order(y))
    found = []
    for _ in range(draws):
        drawn = random.integers(0, len(groups), len(groups))
        found.append(_tau(*orders, np.concatenate([groups[i] for i in drawn])) or 0.0)
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
