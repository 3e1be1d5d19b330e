"""Which of two runs is ahead: only where interval and exact test agree; and the chart that shows it group by group."""

import pytest

from medmat_explorer.charts.run_differences import Ahead, DifferenceLine, ahead, difference_chart, differences_in_words


@pytest.mark.parametrize(
    ("low", "high", "p", "verdict"),
    [
        (0.02, 0.3, 0.01, Ahead.FIRST),
        (-0.3, -0.02, 0.01, Ahead.SECOND),
        (-0.1, 0.3, 0.01, Ahead.NOT_SHOWN),
        (0.0, 0.3, 0.01, Ahead.NOT_SHOWN),
        (0.07, 1.0, 0.5, Ahead.NOT_SHOWN),  # two items, both only right in the first run
    ],
)
def test_a_run_is_ahead_only_where_interval_and_exact_test_say_so(
    low: float, high: float, p: float, verdict: Ahead
) -> None:
    assert ahead(low, high, p) is verdict


def test_the_chart_tells_runs_apart_by_shape_and_says_it_in_words() -> None:
    lines = [
        DifferenceLine("02", "one", 40.0, 20.0, 60.0, 30, 0.001),
        DifferenceLine("03", "two", -40.0, -60.0, -20.0, 30, 0.001),
        DifferenceLine("04", "three", 0.0, -20.0, 20.0, 30, 1.0),
    ]
    drawn = difference_chart(lines).to_dict()
    shapes = [layer["encoding"]["shape"]["scale"] for layer in drawn["layer"] if "shape" in layer.get("encoding", {})]
    assert shapes[0]["domain"] == ["run 1 ahead", "run 2 ahead", "no difference shown"]
    assert len(set(shapes[0]["range"])) == 3
    assert "1 run 1 ahead, 1 run 2 ahead, 1 no difference shown" in differences_in_words(lines)
