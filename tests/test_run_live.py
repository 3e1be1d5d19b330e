"""A run under way: the rate follows what is asked now, and cards stay where they are when others come."""

from datetime import UTC, datetime, timedelta

from medmat_explorer.evaluation.run_record import JudgedAnswer
from medmat_explorer.ui.run_live_panel import in_places, progress_words, recent_rate
from tests.judged import make_item, sure_of

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def answers_at(*seconds: float) -> list[JudgedAnswer]:
    return [
        sure_of(make_item(n), "A").model_copy(update={"at": START + timedelta(seconds=second)})
        for n, second in enumerate(seconds)
    ]


def test_the_rate_is_that_of_the_latest_answers() -> None:
    slow, fast = [10.0 * n for n in range(30)], [300 + 0.5 * n for n in range(60)]
    assert recent_rate(answers_at(*slow, *fast)) == 2.0
    assert recent_rate(answers_at(1.0)) is None
    assert recent_rate([]) is None


def test_progress_tells_count_rate_and_time_left_once_they_are_known() -> None:
    assert progress_words([], 40) == "0 of 40 answered"
    answers = answers_at(*(0.5 * n for n in range(10)))
    assert progress_words(answers, 40) == "10 of 40 answered, 2.0 a second, about 15 seconds left"
    assert progress_words(answers, 10) == "10 of 10 answered"


def test_a_new_card_takes_the_place_of_the_oldest_and_no_other_moves() -> None:
    answers = answers_at(*map(float, range(9)))
    before, after = in_places(answers[:8], 4), in_places(answers, 4)
    assert [answers.index(answer) for answer in before] == [4, 5, 6, 7]
    assert [answers.index(answer) for answer in after] == [8, 5, 6, 7]
    assert in_places(answers[:3], 4) == answers[:3]
