"""How sure and how often right: bins, errors and scores against cases worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.evaluation.calibration import Binning, calibration, calibration_of
from tests.judged import likely, make_item

SURE = (0.95, 0.95, 0.85, 0.85, 0.55, 0.55)
RIGHT = (True, True, True, False, True, False)
QUICK = 200


def test_bins_of_equal_width_are_those_worked_by_hand() -> None:
    # gaps 1 - 0.95, 0.5 - 0.85, 0.5 - 0.55, two answers each: (0.05 + 0.35 + 0.05) / 3
    found = calibration(SURE, RIGHT, draws=QUICK)
    assert [(b.low, b.high, b.n, b.correct) for b in found.bins] == [(0.5, 0.6, 2, 1), (0.8, 0.9, 2, 1), (0.9, 1, 2, 2)]
    assert [b.gap for b in found.bins] == pytest.approx([-0.05, -0.35, 0.05])
    assert found.ece == pytest.approx(0.15)
    assert (found.n, found.correct) == (6, 4)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.confidence == pytest.approx(4.7 / 6)


def test_the_brier_score_is_that_worked_by_hand() -> None:
    # (2 * 0.05**2 + 0.15**2 + 0.85**2 + 0.45**2 + 0.55**2) / 6 = 1.255 / 6
    assert calibration(SURE, RIGHT, draws=QUICK).brier == pytest.approx(1.255 / 6)


def test_bins_of_equal_mass_keep_equal_confidences_together() -> None:
    # two bins of three would cut the pair at 0.85: it stands above, 0.75 - 0.9 on four, 0.5 - 0.55 on two
    found = calibration(SURE, RIGHT, binning=Binning.MASS, bins=2, draws=QUICK)
    assert [(b.low, b.high, b.n, b.correct) for b in found.bins] == [(0.55, 0.55, 2, 1), (0.85, 0.95, 4, 3)]
    assert found.ece == pytest.approx((4 * 0.15 + 2 * 0.05) / 6)


def test_with_different_confidences_each_bin_of_equal_mass_holds_as_many() -> None:
    found = calibration([n / 100 for n in range(1, 41)], [True] * 40, binning=Binning.MASS, bins=4, draws=QUICK)
    assert [b.n for b in found.bins] == [10, 10, 10, 10]


@pytest.mark.parametrize(("sure", "low"), [(0.0, 0.0), (0.1, 0.0), (0.3, 0.2), (0.30001, 0.3), (0.7, 0.6), (1.0, 0.9)])
def test_an_edge_belongs_to_the_bin_below_it(sure: float, low: float) -> None:
    assert calibration([sure], [True], draws=QUICK).bins[0].low == pytest.approx(low)


@given(
    st.lists(st.tuples(st.sampled_from([0.2, 0.4, 0.41, 0.9]), st.booleans()), min_size=1, max_size=20), st.randoms()
)
def test_the_order_of_the_answers_does_not_matter(pairs: list[tuple[float, bool]], random: object) -> None:
    mixed = list(pairs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    for binning in Binning:
        first, second = (
            calibration([p for p, _ in rows], [r for _, r in rows], binning=binning, bins=3, draws=1)
            for rows in (pairs, mixed)
        )
        assert first.ece == pytest.approx(second.ece)
        assert [(b.low, b.n, b.correct) for b in first.bins] == [(b.low, b.n, b.correct) for b in second.bins]


def test_each_bin_has_a_wilson_interval() -> None:
    found = calibration([0.95] * 10, [True] * 5 + [False] * 5, draws=QUICK)
    assert found.bins[0].interval == pytest.approx((0.23659, 0.76341), abs=2e-5)


def test_a_model_that_is_right_as_often_as_it_is_sure_stays_within_luck() -> None:
    random = np.random.default_rng(11)
    sure = random.uniform(0.3, 1.0, 600)
    right = [bool(value) for value in random.random(600) < sure]
    found = calibration(sure.tolist(), right, draws=QUICK)
    assert 0 < found.ece < 0.06 and not found.beyond_luck


def test_a_model_that_is_far_too_sure_does_not() -> None:
    found = calibration([0.9] * 100, [True] * 50 + [False] * 50, draws=QUICK)
    assert found.ece == pytest.approx(0.4) and found.beyond_luck
    assert found.interval and found.interval[0] < 0.4 < found.interval[1]
    assert 0.03 < found.by_luck < 0.1  # 1.96 * sqrt(0.9 * 0.1 / 100) = 0.059


def test_a_seed_always_gives_the_same_and_another_seed_another_interval() -> None:
    first, again, other = (calibration(SURE * 9, RIGHT * 9, seed=seed, draws=QUICK) for seed in (1, 1, 2))
    assert first == again and first.interval != other.interval


def test_one_answer_has_no_interval() -> None:
    assert calibration([0.8], [True], draws=QUICK).interval is None


@pytest.mark.parametrize(
    ("sure", "right", "bins"),
    [([], [], 10), ([0.5], [True, False], 10), ([0.5], [True], 0), ([1.2], [True], 10), ([-0.1], [True], 10)],
)
def test_what_is_no_calibration_is_refused(sure: list[float], right: list[bool], bins: int) -> None:
    with pytest.raises(ValueError):
        calibration(sure, right, bins=bins)


def test_of_answers_the_likeliest_letter_counts_and_the_brier_score_holds_all_options() -> None:
    # right first: 0.3**2 + 0.2**2 + 0.1**2 = 0.14; right second: 0.7**2 + 0.8**2 + 0.1**2 = 1.14
    texts = ("a", "b", "c")
    answers = [likely(make_item(n, right, texts=texts), (0.7, 0.2, 0.1)) for n, right in enumerate("AB")]
    found = calibration_of(answers, draws=QUICK)
    assert found and found.brier_all == pytest.approx((0.14 + 1.14) / 2)
    assert (found.n, found.correct) == (2, 1)
    assert found.bins[0].confidence == pytest.approx(0.7)
    assert found.chance == pytest.approx(1 / 3)
    assert calibration_of([]) is None
