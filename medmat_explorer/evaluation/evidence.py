"""What a printed gain is worth: intervals, an unpaired test against the better baseline, and a verdict in words.

Whoever prints percentages of a test set of known size has printed counts. From them follow Wilson intervals (1927),
Newcombe's interval of a difference (1998, method 10) and the z of two proportions with a pooled variance. The two
models answered the same items, but which of them each got right was not published, so no paired test is possible.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, isclose
from typing import Protocol

from medmat_explorer.evaluation.statistics import wilson

Z_LIMIT = 1.96
"""Two-sided 5 %."""


class Verdict(StrEnum):
    """What the numbers show of a gain."""

    BEYOND_NOISE = "beyond noise"
    NOT_SHOWN = "not shown"
    SIZE_UNKNOWN = "size unknown"


class Measured(Protocol):
    """A printed row: percentages, None where none is printed; `gain` is over `baseline`, as printed."""

    @property
    def baseline(self) -> float | None: ...
    @property
    def baseline_plus(self) -> float | None: ...
    @property
    def trained(self) -> float | None: ...
    @property
    def gain(self) -> float: ...
    @property
    def test_size(self) -> int | None: ...


@dataclass(frozen=True)
class Evidence:
    """A printed row, weighed. Percentages and points (0 to 100); None where a number or the size is not known.

    `best_baseline` is the larger of Baseline and Baseline+, `gain_over_best` Trained minus that (the printed gain
    where only that is printed), `low` to `high` its 95 % interval, `z` the unpaired test. `chance` is what guessing
    reaches. `against_plus` says whether a Baseline+ is printed; without one only the untrained model can be beaten.
    `misfit` names the printed percentages that no whole number of items gives.
    """

    trained_interval: tuple[float, float] | None
    baseline_interval: tuple[float, float] | None
    best_baseline: float | None
    gain_over_best: float
    low: float | None
    high: float | None
    z: float | None
    chance: float | None
    verdict: Verdict
    against_plus: bool = False
    misfit: tuple[float, ...] = ()


def judge(row: Measured, chance: float | None = None) -> Evidence:
    """Weighs a printed row against max(Baseline, Baseline+). `chance` in percent, where it is known."""
    baselines = [b for b in (row.baseline, row.baseline_plus) if b is not None]
    best = max(baselines, default=None)
    plus = row.baseline_plus is not None
    if row.trained is None or best is None or not row.test_size:
        gain = row.gain if row.trained is None or best is None else row.trained - best
        return Evidence(None, None, best, gain, None, None, None, chance, Verdict.SIZE_UNKNOWN, plus)
    n = row.test_size
    right, right_before = count_of(row.trained, n), count_of(best, n, half_up=True)
    low, high, z = difference(right, right_before, n)
    return Evidence(
        trained_interval=_in_percent(wilson(right, n)),
        baseline_interval=_in_percent(wilson(right_before, n)),
        best_baseline=best,
        gain_over_best=row.trained - best,
        low=low,
        high=high,
        z=z,
        chance=chance,
        verdict=Verdict.BEYOND_NOISE if z > Z_LIMIT else Verdict.NOT_SHOWN,
        against_plus=plus,
        misfit=tuple(p for p in dict.fromkeys((row.trained, best)) if not fits(p, n)),
    )


def count_of(percent: float, n: int, *, half_up: bool = False) -> int:
    """The right answers nearest to a printed percentage of n items.

    Two counts may be equally near (49 % of 150 is 73 or 74): the smaller is taken, or with `half_up` the larger.
    So Trained is rounded down and a baseline up, and a doubtful half never makes a gain.
    """
    exact = percent * n / 100
    if isclose(exact % 1, 0.5, abs_tol=1e-9):
        return ceil(exact) if half_up else floor(exact)
    return round(exact)


def fits(percent: float, n: int) -> bool:
    """Whether some whole number of n items is printed as this percentage, with its decimals (at most two)."""
    decimals = next(d for d in (0, 1, 2) if d == 2 or isclose(percent, round(percent, d), abs_tol=1e-9))
    half_step = 0.5 * 10**-decimals + 1e-9
    counts = (floor(percent * n / 100), ceil(percent * n / 100))
    return any(abs(100 * count / n - percent) <= half_step for count in counts)


def difference(right: int, right_before: int, n: int) -> tuple[float, float, float]:
    """95 % interval in points and z of the difference of two accuracies on n items each, answered independently.

    z is 0 where both got nothing or everything right.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    low, high = confint_proportions_2indep(right, n, right_before, n, method="newcomb", compare="diff")
    none_varies = right + right_before in (0, 2 * n)
    z = 0.0 if none_varies else float(proportions_ztest([right, right_before], [n, n])[0])
    return 100 * float(low), 100 * float(high), z


def _in_percent(interval: tuple[float, float]) -> tuple[float, float]:
    return 100 * interval[0], 100 * interval[1]
