"""Statistics against cases worked by hand, and scores that refuse to exist without what belongs to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.evaluation.statistics import Score, mcnemar_exact, paired, wilson


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [
        # centre (p + z^2/2n) / (1 + z^2/n), half width z sqrt(p(1-p)/n + z^2/4n^2) / (1 + z^2/n), z = 1.959964
        (5, 10, 0.23659, 0.76341),
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        (81, 263, 0.25529, 0.36621),  # Newcombe 1998, Statistics in Medicine 17:857, table I: 0.2553 to 0.3662
    ],
)
def test_wilson_interval(correct: int, n: int, low: float, high: float) -> None:
    assert wilson(correct, n) == pytest.approx((low, high), abs=2e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_accuracy_and_stays_between_0_and_1(counts: tuple[int, int]) -> None:
    correct, n = counts
    low, high = wilson(correct, n)
    assert 0 <= low <= correct / n <= high <= 1


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 2**5),
        (6, 1, 2 * (1 + 7) / 2**7),
        (2, 8, 2 * (1 + 10 + 45) / 2**10),
        (4, 4, 1.0),
    ],
)
def test_mcnemar_is_the_exact_binomial(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar_exact(only_first, only_second) == pytest.approx(p)


def test_pairs_are_counted_on_the_items_in_both() -> None:
    first = {"a": True, "b": True, "c": False, "d": False, "mine": True}
    second = {"a": True, "b": False, "c": True, "d": False, "theirs": True}
    result = paired(first, second)
    assert (result.both, result.only_first, result.only_second, result.neither) == (1, 1, 1, 1)
    assert (result.n, result.difference, result.p) == (4, 0.0, 1.0)


def test_nothing_in_common_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="no item in both"):
        paired({"a": True}, {"b": True})


def test_a_score_holds_what_belongs_to_an_accuracy() -> None:
    score = Score(correct=5, n=10, unparsed=2, chance=0.25, majority=0.4)
    assert (score.accuracy, score.wrong) == (0.5, 3)
    assert score.interval == pytest.approx((0.23659, 0.76341), abs=2e-5)
    assert not score.below_chance


@pytest.mark.parametrize(
    ("correct", "n", "unparsed", "chance"),
    [(0, 0, 0, 0.25), (0, -1, 0, 0.25), (6, 5, 0, 0.25), (3, 5, 3, 0.25), (-1, 5, 0, 0.25), (1, 5, 0, 1.5)],
)
def test_a_score_without_n_or_with_impossible_counts_is_refused(
    correct: int, n: int, unparsed: int, chance: float
) -> None:
    with pytest.raises(ValueError):
        Score(correct, n, unparsed, chance, 0.5)


@pytest.mark.parametrize(("correct", "n", "below"), [(0, 40, True), (3, 10, False), (4, 100, True), (20, 100, False)])
def test_only_a_score_whose_whole_interval_lies_below_chance_is_flagged(correct: int, n: int, below: bool) -> None:
    assert Score(correct, n, 0, 0.25, 0.25).below_chance is below
