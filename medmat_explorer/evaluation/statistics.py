"""Numbers that never travel alone: an accuracy with its n, interval, unparsed count, chance and majority."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Score:
    """How many of n were right. Unparsed answers stay in n. Raises ValueError without n, or with impossible counts.

    `chance` is the mean of one over each item's number of options, `majority` what always giving the most frequent
    label would reach. `interval` is the 95 % Wilson interval of the accuracy.
    """

    correct: int
    n: int
    unparsed: int
    chance: float
    majority: float
    interval: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        if self.n <= 0:
            raise ValueError("A score needs at least one item: without n there is no accuracy.")
        if self.correct < 0 or self.unparsed < 0 or self.correct + self.unparsed > self.n:
            raise ValueError(f"{self.correct} right and {self.unparsed} unparsed do not fit into n = {self.n}.")
        if not (0 <= self.chance <= 1 and 0 <= self.majority <= 1):
            raise ValueError(f"Chance {self.chance} and majority {self.majority} must lie between 0 and 1.")
        object.__setattr__(self, "interval", wilson(self.correct, self.n))

    @property
    def accuracy(self) -> float:
        """Right answers over all items, unparsed ones included."""
        return self.correct / self.n

    @property
    def wrong(self) -> int:
        """Read, and not right."""
        return self.n - self.correct - self.unparsed

    @property
    def below_chance(self) -> bool:
        """Whether even the interval's upper end lies below chance: a sign that the format failed, not the knowledge."""
        return self.interval[1] < self.chance


def wilson(correct: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval (Wilson 1927, JASA 22:209; statsmodels `proportion_confint`)."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(correct, n, alpha=1 - level, method="wilson")
    return (0.0 if correct == 0 else float(low)), (1.0 if correct == n else float(high))


@dataclass(frozen=True)
class Paired:
    """Two results on the same n items: right in both, in one alone, in neither, and the exact McNemar p."""

    both: int
    only_first: int
    only_second: int
    neither: int
    p: float

    @property
    def n(self) -> int:
        """Items that both answered."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def difference(self) -> float:
        """Accuracy of the first minus that of the second."""
        return (self.only_first - self.only_second) / self.n


def paired(first: Mapping[str, bool], second: Mapping[str, bool]) -> Paired:
    """Compares right and wrong by item key, on the items in both. Raises ValueError when there are none."""
    keys = first.keys() & second.keys()
    if not keys:
        raise ValueError("There is no item in both results: nothing can be compared in pairs.")
    counts = dict.fromkeys(((True, True), (True, False), (False, True), (False, False)), 0)
    for key in keys:
        counts[first[key], second[key]] += 1
    only_first, only_second = counts[True, False], counts[False, True]
    p = mcnemar_exact(only_first, only_second)
    return Paired(counts[True, True], only_first, only_second, counts[False, False], p)


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided exact p for the two counts that differ (McNemar 1947; statsmodels `mcnemar(exact=True)`)."""
    from statsmodels.stats.contingency_tables import mcnemar

    if only_first + only_second == 0:
        return 1.0
    return float(mcnemar([[0, only_first], [only_second, 0]], exact=True).pvalue)
