"""Questions that share a picture are drawn together: the interval tells how many pictures there really are."""

import numpy as np
import pytest

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.clustered import clustered_accuracy, clustered_difference
from medmat_explorer.evaluation.comparison import paired_interval
from medmat_explorer.evaluation.resampling import bootstrap_interval, redrawn
from medmat_explorer.evaluation.statistics import paired, wilson

QUICK = 1000


def results(values: str) -> dict[str, bool]:
    """One item a sign: `1` is right."""
    return {f"{place:03}": value == "1" for place, value in enumerate(values)}


def by_fives(count: int) -> dict[str, int]:
    return {f"{place:03}": place // 5 for place in range(count)}


def test_five_equal_answers_to_one_picture_are_worth_one() -> None:
    # residuals of half an item: 20 * 0.25 = 5 by item, 4 * 2.5**2 = 25 by picture
    found = clustered_accuracy(results("1" * 10 + "0" * 10), by_fives(20), seed=0, draws=QUICK)
    assert (found.accuracy, found.n, found.clusters) == (0.5, 20, 4)
    assert found.effect == pytest.approx(5.0)
    low, high = wilson(10, 20)
    assert found.interval[0] < low and found.interval[1] > high


def test_items_with_a_picture_each_vary_as_single_items_do() -> None:
    right = results("10" * 50)
    found = clustered_accuracy(right, {key: key for key in right}, seed=0, draws=QUICK)
    assert found.effect == pytest.approx(1.0)
    assert found.interval == pytest.approx(wilson(50, 100), abs=0.02)


def test_two_pictures_give_none_half_or_all() -> None:
    found = clustered_accuracy(results("10"), {"000": "a", "001": "b"}, seed=0, draws=QUICK)
    assert found.interval == (0.0, 1.0) and found.few


def test_where_all_is_right_the_interval_counts_pictures_and_is_not_empty() -> None:
    found = clustered_accuracy(results("1" * 20), by_fives(20), seed=0, draws=QUICK)
    assert found.interval == wilson(4, 4) and found.interval[0] < 1
    single = clustered_accuracy(results("1100"), dict.fromkeys(results("1100"), "one"), seed=0, draws=QUICK)
    assert single.interval == wilson(0, 1)  # half of one picture is rounded to the even number


def test_a_seed_always_gives_the_same_whatever_the_order_of_the_items() -> None:
    right = results("11111000001101001110" * 2)
    first = clustered_accuracy(right, by_fives(40), seed=3, draws=QUICK)
    assert first == clustered_accuracy(dict(reversed(right.items())), by_fives(40), seed=3, draws=QUICK)
    assert first.interval != clustered_accuracy(right, by_fives(40), seed=4, draws=QUICK).interval


def test_a_difference_on_single_items_agrees_with_newcombes_interval() -> None:
    random = np.random.default_rng(2)
    first = {f"{n:03}": bool(random.random() < 0.7) for n in range(300)}
    second = {key: value if random.random() < 0.7 else bool(random.random() < 0.5) for key, value in first.items()}
    found = clustered_difference(first, second, {key: key for key in first}, seed=0)
    assert found.difference == pytest.approx(paired(first, second).difference)
    assert found.interval == pytest.approx(paired_interval(paired(first, second)), abs=0.015)


def test_a_difference_counts_only_items_in_both_and_grows_wider_by_picture() -> None:
    first, second = results("1" * 10 + "0" * 10), results("1" * 5 + "0" * 10)
    alone = clustered_difference(first, second, {key: key for key in first}, seed=0, draws=QUICK)
    together = clustered_difference(first, second, by_fives(20), seed=0, draws=QUICK)
    assert (together.n, together.clusters, together.few) == (15, 3, True)
    assert together.difference == pytest.approx(1 / 3)
    assert alone.interval and together.interval
    assert together.interval[1] - together.interval[0] > alone.interval[1] - alone.interval[0]


def test_an_item_without_a_picture_and_no_item_at_all_are_refused() -> None:
    with pytest.raises(RunError, match="Item 001 has no picture"):
        clustered_accuracy(results("11"), {"000": "a"}, seed=0)
    with pytest.raises(RunError, match="no answered item"):
        clustered_accuracy({}, {}, seed=0)
    with pytest.raises(RunError, match="no answered item"):
        clustered_difference(results("1"), {}, {}, seed=0)


def test_whole_clusters_are_drawn_as_many_as_there_are() -> None:
    for weights in redrawn(["a", "a", "b", "c"], seed=1, draws=50):
        assert weights[0] == weights[1]
        assert weights[0] + weights[2] + weights[3] == 3


def test_the_bootstrap_agrees_with_scipy() -> None:
    from scipy.stats import bootstrap

    values = np.random.default_rng(5).normal(size=80)
    theirs = bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=1).confidence_interval
    ours = bootstrap_interval(lambda w: float(values @ w / w.sum()), range(80), seed=1, draws=4000)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_a_statistic_that_mostly_is_no_number_has_no_interval() -> None:
    assert bootstrap_interval(lambda weights: float("nan"), range(10), seed=0, draws=20) is None
    assert bootstrap_interval(lambda weights: 1.0, ["one"] * 3, seed=0, draws=20) is None


def test_draws_that_do_not_differ_give_no_interval_of_width_zero() -> None:
    assert (
        clustered_difference(results("111"), results("111"), {f"{i:03}": i for i in range(3)}, seed=0).interval is None
    )
