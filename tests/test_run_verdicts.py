"""An always-A model, one that never looks and a good one get different marks, each with its number."""

from medmat_explorer.evaluation.run_summary import summarise
from medmat_explorer.ui.run_controls_panel import ASKED, CORRECTED, control_lines
from medmat_explorer.ui.run_verdicts import marks
from tests.answered_run import always_a, good, image_blind
from tests.judged import make_item

ITEMS = [make_item(n, "ABCD"[n % 4], subset="02" if n % 2 else "10") for n in range(48)]


def tones(answers: list) -> dict[str, str]:  # type: ignore[type-arg]
    return {mark.text.partition(":")[0]: mark.tone for mark in marks(summarise(answers))}


def test_a_model_that_always_says_a_is_told_by_its_letters() -> None:
    assert tones(always_a(ITEMS)) == {
        "Not shown to differ from chance": "gray",
        "Not shown to look at the picture": "orange",
        "Follows the letter, mostly A": "red",
    }


def test_a_model_that_never_looks_follows_no_letter_and_loses_nothing_without_the_picture() -> None:
    answers = image_blind(ITEMS)
    found = tones(answers)
    assert found["Not shown to look at the picture"] == "orange"
    assert found["Follows no letter"] == "green"
    (looks,) = [mark for mark in marks(summarise(answers)) if "picture" in mark.text]
    assert looks.text.endswith("+0 points")
    assert "Blank picture" in looks.meaning
    assert "p = 1.00" in looks.meaning


def test_a_good_model_knows_looks_and_follows_no_letter() -> None:
    assert tones(good(ITEMS)) == {
        "Above chance and habit": "green",
        "Relies on the picture": "green",
        "Follows no letter": "green",
    }


def test_the_table_has_every_control_with_its_own_score() -> None:
    view = summarise(always_a(ITEMS))
    assert view.headline
    lines = {line.name: line for line in control_lines(view, view.headline)}
    assert list(lines) == [ASKED, "Blank picture", "Every rotation", CORRECTED]
    assert lines["Every rotation"].score.accuracy == 0
    assert lines["Blank picture"].lost is not None
    assert lines["Blank picture"].lost.difference == 0


def test_too_few_right_options_at_a_letter_say_nothing_of_letters() -> None:
    few = [answer for answer in always_a(ITEMS[:8]) if answer.variant == "asked"]
    assert not any("letter" in mark.text for mark in marks(summarise(few)))
