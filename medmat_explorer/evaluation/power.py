"""How many items it takes to see a difference, to be told before anything is asked.

Two models on different items are compared by two proportions (Fleiss, Levin and Paik 2003, formula 4.14 without
continuity correction; statsmodels), on the same items by the pairs in which just one is right (McNemar; Connor 1987,
Biometrics 43:207). Tests are two-sided. These are approximations for many items; `exact_paired_power` gives the exact
test's own power for a number of items.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, sqrt

from medmat_explorer.errors import RunError

LEVEL = 0.05
POWER = 0.8
FIVE_POINTS = 0.05
USUAL_DISCORDANCE = 0.2
"""An assumption, to be told as such, and replaced by a measured share where there is one."""
DISCORDANCES = (0.1, 0.2, 0.3, 0.4)
ACCURACIES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class NeededItems:
    """How many items show a difference: `apart` for each of two models on items of their own, `together` on the same.

    All numbers are shares of 1. `accuracy` is the lower of the two, `discordance` the assumed share of items that just
    one of the two gets right. None where no such case exists (an accuracy above 1, a discordance that is too small).
    """

    difference: float
    accuracy: float
    discordance: float
    apart: int | None
    together: int | None


def items_apart(accuracy: float, difference: float, *, level: float = LEVEL, power: float = POWER) -> int:
    """Items for each of two models, on different items, to show `accuracy` against `accuracy + difference`.

    Raises RunError for numbers that no such case has.
    """
    _refuse(level, power, difference)
    better = accuracy + difference
    if not 0 <= accuracy < better <= 1:
        raise RunError(f"No accuracy can rise from {accuracy:g} to {better:g}: give an accuracy and a gain within 1.")
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    found = samplesize_proportions_2indep_onetail(difference, accuracy, power, alpha=level, alternative="two-sided")
    return _whole(float(found))


def items_together(difference: float, discordance: float, *, level: float = LEVEL, power: float = POWER) -> int:
    """Items that both models answer, to show a difference where just one is right on a share `discordance` of them.

    Raises RunError when that share is smaller than the difference, or above 1.
    """
    _refuse(level, power, difference)
    if not difference <= discordance <= 1:
        raise RunError(
            f"A difference of {difference:g} needs at least that share of items that just one gets right, and at most "
            f"1, not {discordance:g}."
        )
    z, z_power = _quantiles(level, power)
    return _whole(((z * sqrt(discordance) + z_power * sqrt(discordance - difference**2)) / difference) ** 2)


def visible_difference(n: int, discordance: float, *, level: float = LEVEL, power: float = POWER) -> float | None:
    """The smallest difference that n common items show, as a share of 1; None where they show none at all.

    Raises RunError without items or for impossible shares.
    """
    _refuse(level, power, discordance)
    if n < 1 or discordance > 1:
        raise RunError(f"{n} items with a discordance of {discordance:g} show nothing: give one item and a share.")
    if items_together(discordance, discordance, level=level, power=power) > n:
        return None
    low, high = 0.0, discordance
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _shows(n, middle, discordance, level, power) else (middle, high)
    return high


def exact_paired_power(n: int, difference: float, discordance: float, *, level: float = LEVEL) -> float:
    """Chance that the exact McNemar test of n common items shows this difference. Raises RunError as above.

    A sum over how many pairs differ (binomial), each with the power of the exact test of those.
    """
    import numpy as np
    from scipy.stats import binom

    items_together(difference, discordance, level=level)
    better, counts = (1 + difference / discordance) / 2, np.arange(n + 1)
    chances = binom.pmf(counts, n, discordance)
    likely = counts[chances > 1e-12]
    most = binom.ppf(level / 2, likely, 0.5)
    most = np.where(binom.cdf(most, likely, 0.5) > level / 2, most - 1, most)
    shown = binom.cdf(most, likely, better) + binom.sf(likely - most - 1, likely, better)
    return float(np.where(most >= 0, shown, 0.0) @ chances[likely])


def power_table(
    differences: Iterable[float] = (FIVE_POINTS,),
    accuracies: Iterable[float] = ACCURACIES,
    discordances: Iterable[float] = DISCORDANCES,
    *,
    level: float = LEVEL,
    power: float = POWER,
) -> tuple[NeededItems, ...]:
    """A row for each difference, accuracy and discordance."""
    accuracies, discordances = list(accuracies), list(discordances)
    return tuple(
        NeededItems(
            difference=difference,
            accuracy=accuracy,
            discordance=discordance,
            apart=items_apart(accuracy, difference, level=level, power=power) if accuracy + difference <= 1 else None,
            together=items_together(difference, discordance, level=level, power=power)
            if discordance >= difference
            else None,
        )
        for difference in differences
        for accuracy in accuracies
        for discordance in discordances
    )


@dataclass(frozen=True)
class Sight:
    """What n items can show, as shares of 1: half the width of an interval around an accuracy of a half, and the
    smallest difference of two models on these items (`visible`, None for none).

    `needed` items would show a difference of 5 points; None where so little disagreement never does. All this assumes
    that just one of the two models is right on a share `discordance` of the items.
    """

    n: int
    half_width: float
    visible: float | None
    needed: int | None
    discordance: float

    @property
    def sentence(self) -> str:
        """In words."""
        seen = (
            "cannot be told apart"
            if self.visible is None
            else f"can be told apart from {100 * self.visible:.0f} points on"
        )
        needed = "more disagreement than that" if self.needed is None else f"{self.needed:,} items"
        return (
            f"With n = {self.n:,} an accuracy near 50 % is known to ±{100 * self.half_width:.0f} points. Two models on "
            f"these items {seen}; 5 points need {needed} (80 % power, 5 % level, assuming "
            f"that just one of the two is right on {self.discordance:.0%} of the items)."
        )


def sight(n: int, discordance: float = USUAL_DISCORDANCE) -> Sight:
    """What n items can show. Raises RunError without items."""
    return Sight(
        n=n,
        half_width=half_width(n),
        visible=visible_difference(n, discordance) if discordance else None,
        needed=items_together(FIVE_POINTS, discordance) if discordance >= FIVE_POINTS else None,
        discordance=discordance,
    )


def told_before(n: int, discordance: float = USUAL_DISCORDANCE) -> str:
    """What to say before n items are asked. Raises RunError without items."""
    return sight(n, discordance).sentence


def half_width(n: int, accuracy: float = 0.5) -> float:
    """Half the width of the 95 % Wilson interval that n items give. Raises RunError without items."""
    from medmat_explorer.evaluation.statistics import wilson

    if n < 1:
        raise RunError("No item gives no interval: ask at least one.")
    low, high = wilson(round(accuracy * n), n)
    return (high - low) / 2


def _shows(n: int, difference: float, discordance: float, level: float, power: float) -> bool:
    return difference > 0 and items_together(difference, discordance, level=level, power=power) <= n


def _refuse(level: float, power: float, difference: float) -> None:
    if not 0 < difference <= 1:
        raise RunError(f"A difference of {difference:g} cannot be looked for: give a share above 0 and up to 1.")
    if not (0 < level < 1 and level < power < 1):
        raise RunError(f"Level {level:g} and power {power:g} must lie between 0 and 1, the power above the level.")


def _quantiles(level: float, power: float) -> tuple[float, float]:
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - level / 2), NormalDist().inv_cdf(power)


def _whole(n: float) -> int:
    """The next whole number, not thrown off by the last digit of a float."""
    return max(1, ceil(round(n, 6)))
