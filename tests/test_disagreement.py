"""Three ways to take an answer side by side, and which label is taken for which."""

import pytest

from medmat_explorer.evaluation.confusion import OTHERS, UNREAD, confusion, confusion_of
from medmat_explorer.evaluation.disagreement import disagreement, disagreement_of
from medmat_explorer.evaluation.run_record import Verdict, Way
from tests.judged import make_item, sure_of

RIGHT = {"1": "A", "2": "B", "3": "C", "4": "D"}
LETTER = {"1": "A", "2": "B", "3": "C", "4": "A"}
WRITTEN = {"1": "A", "2": "C", "3": None, "4": None}
TEXT = {"1": "A", "2": "B", "3": None}


def test_agreement_and_unparsed_answers_are_counted_by_pair() -> None:
    found = disagreement({Way.LETTER: LETTER, Way.WRITTEN: WRITTEN, Way.OPTION_TEXT: TEXT}, RIGHT)
    assert found is not None
    assert [(w.way, w.n, w.unparsed, w.correct) for w in found.ways] == [
        (Way.LETTER, 4, 0, 3),
        (Way.WRITTEN, 4, 2, 1),
        (Way.OPTION_TEXT, 3, 1, 2),
    ]
    assert [(a.first, a.second, a.n, a.same, a.items) for a in found.agreements] == [
        (Way.LETTER, Way.WRITTEN, 4, 1, ("2", "3", "4")),
        (Way.LETTER, Way.OPTION_TEXT, 3, 2, ("3",)),
        (Way.WRITTEN, Way.OPTION_TEXT, 3, 1, ("2", "3")),  # two unparsed answers to 3 do not agree
    ]
    assert (found.in_all, found.all_same) == (3, 1)


def test_each_share_has_its_interval() -> None:
    found = disagreement({Way.LETTER: LETTER, Way.WRITTEN: WRITTEN}, RIGHT)
    assert found is not None
    pair = found.agreement(Way.WRITTEN, Way.LETTER)
    assert pair and pair.share == 0.25 and pair.interval == pytest.approx((0.04559, 0.69936), abs=1e-5)
    written = found.ways[1]
    assert written.unparsed_rate == 0.5 and written.unparsed_interval == pytest.approx((0.15004, 0.84996), abs=1e-5)
    assert (written.accuracy, written.interval[0] < 0.25 < written.interval[1]) == (0.25, True)


def test_a_way_that_was_not_asked_is_left_out_and_items_without_common_way_are_not_compared() -> None:
    found = disagreement({Way.LETTER: {"1": "A"}, Way.WRITTEN: {"2": "B"}, Way.OPTION_TEXT: {}}, RIGHT)
    assert found and [w.way for w in found.ways] == [Way.LETTER, Way.WRITTEN]
    assert found.agreements == () and found.agreement(Way.LETTER, Way.WRITTEN) is None
    assert (found.in_all, found.all_same) == (0, 0)
    assert disagreement({Way.LETTER: {}}, RIGHT) is None


def test_an_item_without_a_right_letter_is_refused() -> None:
    with pytest.raises(ValueError, match="Item 9"):
        disagreement({Way.LETTER: {"9": "A"}}, RIGHT)


def test_of_answers_the_three_ways_are_found() -> None:
    items = [make_item(n, right) for n, right in enumerate("AB")]
    answers = [sure_of(items[0], "A", text="B: Cyst"), sure_of(items[1], "B", text="a lesion")]
    answers[0] = answers[0].model_copy(update={"option_likelihoods": (-0.1, -0.5, -2.0, -3.0)})
    found = disagreement_of(answers)
    assert found and [(w.way, w.n, w.unparsed, w.correct) for w in found.ways] == [
        (Way.LETTER, 2, 0, 2),
        (Way.WRITTEN, 2, 1, 0),
        (Way.OPTION_TEXT, 1, 0, 1),
    ]


@pytest.mark.parametrize(
    ("means", "letter"), [((-1.0, -0.5, -2.0), "B"), ((-0.5, -0.5, -2.0), None), ((-3.0, -2.9, -0.1), "C")]
)
def test_the_likeliest_option_is_the_one_with_the_largest_mean_and_a_tie_is_none(
    means: tuple[float, ...], letter: str | None
) -> None:
    answer = sure_of(make_item(1, "B", texts=("Normal", "Cyst", "Stone")), "A")
    told = answer.model_copy(update={"option_likelihoods": means})
    assert (answer.option, answer.by_option, told.option) == (None, None, letter)
    verdicts = {"B": Verdict.CORRECT, "C": Verdict.WRONG, None: Verdict.UNPARSED}
    assert (told.by_option, told.verdict) == (verdicts[letter], Verdict.WRONG)


def test_a_confusion_counts_right_against_chosen() -> None:
    found = confusion([("cyst", "cyst"), ("cyst", "stone"), ("stone", "stone"), ("stone", None), ("cyst", "tumor")])
    assert (found.rows, found.columns) == (("cyst", "stone"), ("cyst", "stone", "tumor", UNREAD))
    assert (found.count("cyst", "stone"), found.count("stone", UNREAD), found.count("stone", "tumor")) == (1, 1, 0)
    assert (found.total("cyst"), found.recall("stone")) == (3, 0.5)
    assert found.recall("cyst") == pytest.approx(1 / 3)
    assert found.interval("stone") == pytest.approx((0.09453, 0.90547), abs=1e-5)


def test_a_known_order_of_labels_is_kept() -> None:
    said = [("severe", "mild"), ("mild", "mild"), ("none", "mild"), ("odd", "mild")]
    assert confusion(said, order=("none", "mild", "severe")).rows == ("none", "mild", "severe", "odd")


def test_of_many_labels_the_rarest_are_put_together_and_nothing_is_lost() -> None:
    said = [(f"label {n}", f"label {n}") for n in range(20) for _ in range(30 - n)]
    found = confusion(said, most=6)
    assert found.rows == (*(f"label {n}" for n in range(5)), OTHERS)
    assert sum(found.total(right) for right in found.rows) == found.n == len(said)
    assert (found.recall(OTHERS), found.interval(OTHERS)) == (None, None)


def test_of_answers_the_confusion_is_between_option_texts() -> None:
    answers = [sure_of(make_item(1, "A"), "B", text="C"), sure_of(make_item(2, "B"), "B")]
    found = confusion_of(answers, Way.LETTER)
    assert found and (found.count("Normal", "Cyst"), found.count("Cyst", "Cyst"), found.chance) == (1, 1, 0.25)
    written = confusion_of(answers, Way.WRITTEN)
    assert written and (written.n, written.count("Normal", "Stone")) == (1, 1)
    assert confusion_of([], Way.WRITTEN) is None
    with pytest.raises(ValueError, match="Without an answer"):
        confusion([])
