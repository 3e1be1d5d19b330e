"""Where an accuracy stands against chance, habit and the paper's number."""

import pytest

from medmat_explorer.evaluation.standing import OTHER_ITEMS, Standing, beside_paper, standing
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.paper.facts import published_baseline

CASES = [
    # intervals of 100 items: 4 -> 1.6 to 9.8 %, 25 -> 17.5 to 34.3 %, 40 -> 30.9 to 49.8 %, 70 -> 60.4 to 78.1 %
    (4, 0.25, 0.5, Standing.FORMAT_FAILURE),
    (25, 0.25, 0.5, Standing.AT_CHANCE),
    (40, 0.25, 0.5, Standing.ABOVE_CHANCE),
    (70, 0.25, 0.5, Standing.ABOVE_MAJORITY),
    (70, 0.25, 0.61, Standing.ABOVE_CHANCE),
    (0, 0.0, 0.0, Standing.AT_CHANCE),
]


@pytest.mark.parametrize(("correct", "chance", "majority", "expected"), CASES)
def test_an_accuracy_stands_where_its_whole_interval_does(
    correct: int, chance: float, majority: float, expected: Standing
) -> None:
    assert standing(Score(correct, 100, 0, chance, majority)) is expected


def test_the_papers_number_comes_with_interval_and_warning() -> None:
    published = published_baseline("03")
    assert published is not None and published.percent == 47
    found = beside_paper("03", Score(40, 100, 0, 0.5, 0.5), published.percent, "LLaVA-v1.5-7B", published.table)
    assert found and found.inside and found.warning == OTHER_ITEMS
    assert found.difference == pytest.approx(-0.07)
    assert found.sentence == (
        "Measured 40.0% (n = 100, 95 % interval 30.9% to 49.8%); the paper prints 47% for LLaVA-v1.5-7B (Table 1), "
        "inside the interval."
    )


def test_a_number_outside_the_interval_is_called_so() -> None:
    found = beside_paper("03", Score(70, 100, 0, 0.5, 0.5), 47, "LLaVA-v1.5-7B", "1")
    assert found and not found.inside and "outside the interval" in found.sentence


def test_without_a_printed_number_there_is_no_comparison_and_an_impossible_one_is_refused() -> None:
    assert beside_paper("99", Score(1, 2, 0, 0.5, 0.5), None, "", "") is None
    with pytest.raises(ValueError, match="no percentage"):
        beside_paper("03", Score(1, 2, 0, 0.5, 0.5), 147, "", "1")
