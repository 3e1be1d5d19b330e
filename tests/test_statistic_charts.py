"""Charts of calibration, letters and labels: every figure has n, interval and chance, and a table beside it."""

import json
import re

import pytest

from medmat_explorer.charts.confusion import confusion_chart, confusion_in_words, confusion_lines
from medmat_explorer.charts.letter_recall import letter_recall_chart, letter_recall_in_words, letter_recall_lines
from medmat_explorer.charts.reliability import reliability_chart, reliability_in_words, reliability_lines
from medmat_explorer.evaluation.calibration import Calibration, calibration_of
from medmat_explorer.evaluation.confusion import confusion
from medmat_explorer.evaluation.position_bias import Choice, PositionBias, position_bias
from tests.judged import likely, make_item

PAGES = ("#ffffff", "#11171b")


@pytest.fixture
def calibrated() -> Calibration:
    rows = [(0.97, 0.01, 0.01, 0.01)] * 6 + [(0.4, 0.2, 0.2, 0.2)] * 4
    answers = [likely(make_item(n, "AB"[n % 2]), row) for n, row in enumerate(rows)]
    found = calibration_of(answers, draws=100)
    assert found
    return found


@pytest.fixture
def bias() -> PositionBias:
    pairs = "AA AA AB BB BA CC"
    return position_bias([Choice(("A", "B", "C", "D"), pair[0], pair[1]) for pair in pairs.split()])


def data_of(chart: object) -> list[dict[str, object]]:
    made = chart.to_dict()  # type: ignore[attr-defined]
    return [row for rows in made["datasets"].values() for row in rows]


def contrast(first: str, second: str) -> float:
    """WCAG's ratio of two colours."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _blend(first: str, second: str, share: float) -> str:
    ends = [[int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in (first, second)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*ends, strict=True))


def test_reliability_shows_each_bin_with_n_and_interval(calibrated: Calibration) -> None:
    rows = [row for row in data_of(reliability_chart(calibrated)) if "n" in row]
    assert [(row["n"], row["right"]) for row in rows] == [(4, 2), (6, 3)]
    assert all(row["from"] < row["accuracy"] < row["to"] for row in rows)  # type: ignore[operator]
    lines = reliability_lines(calibrated)
    assert [(line["n"], line["Accuracy"], line["95 % interval"]) for line in lines] == [
        (4, 0.5, "15.0% to 85.0%"),
        (6, 0.5, "18.8% to 81.2%"),
    ]


def test_reliability_tells_chance_and_what_luck_would_give(calibrated: Calibration) -> None:
    words = reliability_in_words(calibrated)
    assert "n = 10" in words and "chance 25.0%" in words and "by luck" in words and "interval" in words
    assert any(
        row.get("what") == "chance" and row["accuracy"] == 0.25 for row in data_of(reliability_chart(calibrated))
    )


def test_letter_recall_shows_each_letter_with_n_interval_and_chance(bias: PositionBias) -> None:
    chart = letter_recall_chart(bias)
    rows = {row["letter"]: row for row in data_of(chart) if "letter" in row}
    assert list(rows) == ["A (n = 3)", "B (n = 2)", "C (n = 1)", "D (n = 0)"]
    first, last = rows["A (n = 3)"], rows["D (n = 0)"]
    assert first["recall"] == pytest.approx(2 / 3) and first["low"] < first["recall"] < first["high"]  # type: ignore[operator]
    assert (last["recall"], last["low"], last["chosen"]) == (None, None, 0.0)
    assert {"chance": 0.25} in data_of(chart)
    assert "chance 25.0%" in json.dumps(chart.to_dict())
    marks = chart.to_dict()["layer"][2]["encoding"]
    assert marks["color"]["legend"] == marks["shape"]["legend"] == {"orient": "top", "title": None}


def test_letter_recall_has_a_table_and_words(bias: PositionBias) -> None:
    lines = letter_recall_lines(bias)
    assert [(line["Letter"], line["Right there"], line["Found"], line["Chosen"]) for line in lines] == [
        ("A", 3, 2, 3),
        ("B", 2, 1, 2),
        ("C", 1, 1, 1),
        ("D", 0, 0, 0),
    ]
    assert letter_recall_in_words(bias).startswith("Recall by letter: A 67%, B 50%, C 100% (n = 6, chance 25.0%).")


def test_confusion_shows_counts_and_hides_empty_cells() -> None:
    found = confusion([("cyst", "cyst")] * 3 + [("cyst", "stone"), ("stone", None)], chance=0.25)
    rows = data_of(confusion_chart(found))
    assert {(row["right"], row["chosen"], row["count"], row["kind"]) for row in rows} == {
        ("cyst", "cyst", 3, "right"),
        ("cyst", "stone", 1, "wrong"),
        ("stone", "unparsed", 1, "wrong"),
    }
    assert {row["row"] for row in rows} == {"cyst (n = 4)", "stone (n = 1)"}
    assert confusion_lines(found)[0] == {
        "Right label": "cyst",
        "n": 4,
        "Recall": 0.75,
        "95 % interval": "30.1% to 95.4%",
        "as cyst": 3,
        "as stone": 1,
        "as unparsed": 0,
    }
    assert confusion_in_words(found) == (
        "3 of n = 5 on the diagonal (60.0%; chance 25.0%). Most often wrong: cyst answered with stone (1 times)."
    )


def test_labels_from_the_data_stay_data() -> None:
    odd = 'a.b[0] <img src=x> "quoted" \\ datum.x'
    rows = data_of(confusion_chart(confusion([(odd, odd), (odd, None)])))
    assert {row["right"] for row in rows} == {odd}


def test_every_colour_reads_on_both_pages(calibrated: Calibration, bias: PositionBias) -> None:
    for chart in (reliability_chart(calibrated), letter_recall_chart(bias)):
        text = json.dumps({key: value for key, value in chart.to_dict().items() if key != "config"})
        for colour in set(re.findall(r"#[0-9a-f]{6}", text)):
            assert min(contrast(colour, page) for page in PAGES) >= 3, colour


def test_numbers_in_cells_read_on_every_fill() -> None:
    from medmat_explorer.charts.confusion import DARK_INK, LIGHT_INK, RIGHT_FILLS, TURNING_SHARE, WRONG_FILLS

    for light, dark in (RIGHT_FILLS, WRONG_FILLS):
        for step in range(101):
            fill = _blend(light, dark, step / 100)
            ink = LIGHT_INK if step / 100 >= TURNING_SHARE else DARK_INK
            assert contrast(ink, fill) >= 3.5, (fill, step)
