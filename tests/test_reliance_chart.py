"""The chart of what each control takes away: every line has its n, interval and p, and words say the same."""

from medmat_explorer.charts.reliance import in_short, reliance_chart, reliance_in_words, reliance_line
from medmat_explorer.evaluation.reliance import reliance
from medmat_explorer.evaluation.run_record import BLANK
from tests.answered_run import always_a, good
from tests.judged import make_item
from tests.test_statistic_charts import data_of

ITEMS = [make_item(n, "ABCD"[n % 4]) for n in range(24)]


def line_of(answers: list) -> object:  # type: ignore[type-arg]
    found = reliance(answers, BLANK)
    assert found
    return reliance_line("Blank picture", found)


def test_a_loss_stands_right_of_zero_with_its_interval() -> None:
    (row,) = [row for row in data_of(reliance_chart([line_of(good(ITEMS))])) if "name" in row]  # type: ignore[list-item]
    assert row["n"] == 24
    assert row["difference"] == 75.0
    assert 0 < row["low"] < row["difference"] < row["high"] <= 100  # type: ignore[operator]
    assert row["verdict"] == "relies on the picture"


def test_a_model_that_never_looks_loses_nothing() -> None:
    words = reliance_in_words([line_of(always_a(ITEMS))])  # type: ignore[list-item]
    assert "Blank picture: +0.0 points (95 % interval -" in words
    assert "n = 24, exact McNemar p = 1.00), not shown to rely on the picture." in words


def test_small_probabilities_are_told_no_finer_than_they_mean() -> None:
    assert [in_short(p) for p in (0.0000001, 0.0123, 0.5)] == ["< 0.001", "0.012", "0.50"]
