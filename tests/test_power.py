"""How many items a difference needs: against published numbers, statsmodels, and a full count of small cases."""

from math import ceil, comb, sqrt
from statistics import NormalDist

import pytest

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.power import (
    ACCURACIES,
    DISCORDANCES,
    NeededItems,
    exact_paired_power,
    half_width,
    items_apart,
    items_together,
    power_table,
    told_before,
    visible_difference,
)
from medmat_explorer.evaluation.statistics import mcnemar_exact
from tests.conftest import ROOT


@pytest.mark.parametrize(("accuracy", "items"), [(0.25, 1251), (0.5, 1565), (0.75, 1094)])
def test_items_for_five_points_on_different_items_are_those_of_the_formula(accuracy: float, items: int) -> None:
    better = accuracy + 0.05
    middle, z, z_power = (accuracy + better) / 2, NormalDist().inv_cdf(0.975), NormalDist().inv_cdf(0.8)
    alike, apart = 2 * middle * (1 - middle), accuracy * (1 - accuracy) + better * (1 - better)
    assert items_apart(accuracy, 0.05) == items == ceil(((z * sqrt(alike) + z_power * sqrt(apart)) / 0.05) ** 2)


@pytest.mark.parametrize(
    ("discordance", "items"),
    [
        # ((1.959964 * sqrt(0.2) + 0.841621 * sqrt(0.2 - 0.0025)) / 0.05)**2 = (1.250551 / 0.05)**2 = 625.6
        (0.2, 626),
        (0.1, 312),
        (0.3, 940),
        (0.05, 155),
    ],
)
def test_items_for_five_points_on_the_same_items(discordance: float, items: int) -> None:
    assert items_together(0.05, discordance) == items


def test_the_exact_power_is_that_of_a_full_count() -> None:
    n, difference, discordance = 12, 0.3, 0.5
    better, worse = (discordance + difference) / 2, (discordance - difference) / 2
    full = sum(
        comb(n, b) * comb(n - b, c) * better**b * worse**c * (1 - discordance) ** (n - b - c)
        for b in range(n + 1)
        for c in range(n - b + 1)
        if mcnemar_exact(b, c) <= 0.05
    )
    assert exact_paired_power(n, difference, discordance) == pytest.approx(full)


def test_the_number_for_the_same_items_gives_about_the_power_asked_for() -> None:
    assert exact_paired_power(626, 0.05, 0.2) == pytest.approx(0.8, abs=0.03)


def test_more_power_a_smaller_difference_and_more_discordance_need_more_items() -> None:
    assert items_together(0.05, 0.2, power=0.9) > items_together(0.05, 0.2)
    assert items_together(0.02, 0.2) > items_together(0.05, 0.2)
    assert items_together(0.05, 0.4) > items_together(0.05, 0.2)
    assert items_apart(0.5, 0.05, level=0.01) > items_apart(0.5, 0.05)


def test_the_smallest_visible_difference_turns_the_number_of_items_round() -> None:
    assert visible_difference(626, 0.2) == pytest.approx(0.05, abs=1e-4)
    assert visible_difference(100, 0.2) == pytest.approx(0.124, abs=2e-3)
    assert visible_difference(5, 0.2) is None


def test_the_table_has_a_row_a_case_and_says_where_there_is_none() -> None:
    rows = power_table((0.05, 0.3), (0.5, 0.75), (0.2,))
    assert rows == (
        NeededItems(0.05, 0.5, 0.2, 1565, 626),
        NeededItems(0.05, 0.75, 0.2, 1094, 626),
        NeededItems(0.3, 0.5, 0.2, 39, None),
        NeededItems(0.3, 0.75, 0.2, None, None),
    )
    assert len(power_table()) == 12


def test_what_can_be_seen_is_told_before_a_run() -> None:
    assert told_before(100) == (
        "With n = 100 an accuracy near 50 % is known to ±10 points. Two models on these items can be told apart "
        "from 12 points on; 5 points need 626 items (80 % power, 5 % level, assuming that just one of the two is right "
        "on 20% of the items)."
    )
    assert "cannot be told apart" in told_before(5)


def test_the_table_in_the_document_is_computed() -> None:
    text = (ROOT / "docs" / "statistics.md").read_text("utf-8")
    apart = " | ".join(f"{items_apart(accuracy, 0.05):,}" for accuracy in ACCURACIES)
    together = " | ".join(f"{items_together(0.05, discordance):,}" for discordance in DISCORDANCES)
    assert f"| {apart} | {together} |" in text


def test_the_interval_of_so_many_items_is_told() -> None:
    assert half_width(100) == pytest.approx(0.09617, abs=1e-5)
    assert half_width(1600) == pytest.approx(0.02447, abs=1e-5)


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda: items_apart(0.98, 0.05), "rise from 0.98 to 1.03"),
        (lambda: items_apart(0.5, 0), "difference of 0 cannot"),
        (lambda: items_apart(0.5, -0.1), "difference of -0.1 cannot"),
        (lambda: items_together(0.05, 0.04), "not 0.04"),
        (lambda: items_together(0.05, 1.2), "not 1.2"),
        (lambda: items_together(0.05, 0.2, power=0.01), "power above the level"),
        (lambda: items_together(0.05, 0.2, level=0), "Level 0"),
        (lambda: visible_difference(0, 0.2), "0 items"),
        (lambda: exact_paired_power(10, 0.5, 0.2), "not 0.2"),
        (lambda: half_width(0), "No item"),
    ],
)
def test_a_case_that_does_not_exist_is_said(ask: object, problem: str) -> None:
    with pytest.raises(RunError, match=problem):
        ask()  # type: ignore[operator]


@pytest.mark.parametrize("discordance", [0.0, 0.03])
def test_a_measured_disagreement_may_be_too_small_for_five_points(discordance: float) -> None:
    assert "5 points need more disagreement than that" in told_before(100, discordance)
