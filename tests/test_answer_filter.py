"""Which answers of a run are looked at: every filter, the orders, and addresses that ask for nonsense."""

import pytest

from medmat_explorer.evaluation.confusion import UNREAD
from medmat_explorer.evaluation.run_record import BLANK, JudgedAnswer
from medmat_explorer.ui.answer_filter import AnswerFilter, Order, scores_differ, wanted_answers
from tests.judged import likely, make_item, sure_of

ITEMS = [make_item(1, "A"), make_item(2, "B"), make_item(3, "C", subset="10"), make_item(4, "D", subset="10")]
ANSWERS = [
    likely(ITEMS[0], (0.5, 0.3, 0.1, 0.1), text="A"),
    likely(ITEMS[1], (0.9, 0.05, 0.03, 0.02), text="B: Cyst"),
    likely(ITEMS[2], (0.3, 0.3, 0.2, 0.2), text="hard to say"),
    sure_of(ITEMS[3], "A"),
    sure_of(ITEMS[0], "B", BLANK),
]


def chosen(**wanted: object) -> list[str]:
    found = wanted_answers(ANSWERS, AnswerFilter(**wanted))  # type: ignore[arg-type]
    return [answer.item[-1] for answer in found]


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ({}, "1234"),
        ({"verdict": "correct"}, "12"),
        ({"verdict": "unparsed"}, "3"),
        ({"subset": "10"}, "34"),
        ({"letter": "A"}, "14"),
        ({"letter": "B"}, "2"),
        ({"differ": True}, "23"),
        ({"right": "Tumor"}, "4"),
        ({"right": "Tumor", "chosen": "Normal"}, "4"),
        ({"chosen": UNREAD}, "3"),
        ({"verdict": "wrong", "subset": "02"}, ""),
    ],
)
def test_each_filter_keeps_what_it_names_of_the_questions_as_asked(wanted: dict[str, object], kept: str) -> None:
    assert "".join(chosen(**wanted)) == kept


def test_answers_are_sorted_by_how_sure_they_are_and_those_that_do_not_tell_stand_last() -> None:
    silent = ANSWERS[3].model_copy(update={"probabilities": (), "chosen": "A"})
    answers = [silent, *ANSWERS[:3]]
    for order, keys in ((Order.LEAST_SURE, "3124"), (Order.MOST_SURE, "2134"), (Order.ASKED, "4123")):
        found = wanted_answers(answers, AnswerFilter(order=order))
        assert "".join(answer.item[-1] for answer in found) == keys


def test_scores_differ_where_any_two_ways_do_not_say_the_same_letter() -> None:
    def with_options(answer: JudgedAnswer, best: int) -> JudgedAnswer:
        numbers = [-2.0] * 4
        numbers[best] = -1.0
        return answer.model_copy(update={"option_likelihoods": tuple(numbers)})

    assert not scores_differ(ANSWERS[0])
    assert not scores_differ(with_options(ANSWERS[0], 0))
    assert scores_differ(with_options(ANSWERS[0], 2))
    assert not scores_differ(ANSWERS[3])
