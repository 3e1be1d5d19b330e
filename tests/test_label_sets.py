"""Several right labels: what an answer got of them, by set and by label."""

import pytest

from medmat_explorer.evaluation.label_sets import LabelScore, set_f1, set_score, set_score_of
from medmat_explorer.evaluation.run_record import Way
from tests.judged import make_item, sure_of

QUICK = 200
SAID = [("a, b", "a"), ("c", "C."), ("a", "b, c"), ("b", None)]


def test_scores_of_sets_are_those_worked_by_hand() -> None:
    # set F1: 2 / 3, 1, 0, 0; pooled 2 * 2 / (5 + 4); by label a 2 / 3, b 0, c 2 / 3
    found = set_score(SAID, draws=QUICK)
    assert (found.n, found.unread, found.exact, found.exact_share) == (4, 1, 1, 0.25)
    assert found.f1 == pytest.approx((2 / 3 + 1) / 4)
    assert found.micro == pytest.approx(4 / 9)
    assert found.macro == pytest.approx(4 / 9)


def test_each_label_has_its_own_counts() -> None:
    found = set_score(SAID, draws=QUICK)
    assert found.labels == (LabelScore("a", 2, 1, 1), LabelScore("b", 2, 1, 0), LabelScore("c", 1, 2, 1))
    assert [(each.precision, each.recall) for each in found.labels] == [(1.0, 0.5), (0.0, 0.0), (0.5, 1.0)]
    assert LabelScore("x", 1, 0, 0).precision is None and LabelScore("x", 0, 1, 0).recall is None


@pytest.mark.parametrize(
    ("right", "said", "f1"),
    [("ab", "ab", 1.0), ("ab", "cd", 0.0), ("abc", "ab", 0.8), ("a", "", 0.0), ("", "", 1.0), ("", "a", 0.0)],
)
def test_f1_of_two_sets(right: str, said: str, f1: float) -> None:
    assert set_f1(frozenset(right), frozenset(said)) == pytest.approx(f1)


def test_rare_labels_weigh_in_macro_and_not_in_micro() -> None:
    found = set_score([("often", "often")] * 9 + [("rare", "often")], draws=QUICK)
    assert found.micro == pytest.approx(0.9)
    assert found.macro == pytest.approx((18 / 19 + 0) / 2)


def test_order_case_and_blanks_do_not_matter() -> None:
    assert set_score([("Edema,  Cardiomegaly", "cardiomegaly, edema.")], draws=QUICK).exact == 1


def test_intervals_hold_their_numbers_come_from_the_seed_and_need_two_answers() -> None:
    first, again = (set_score(SAID * 10, seed=4, draws=QUICK) for _ in range(2))
    assert first == again
    for value, interval in (
        (first.f1, first.f1_interval),
        (first.micro, first.micro_interval),
        (first.macro, first.macro_interval),
        (first.exact_share, first.exact_interval),
    ):
        assert interval and 0 <= interval[0] <= value <= interval[1] <= 1
    assert set_score(SAID[:1], draws=QUICK).f1_interval is None


def test_without_answers_there_is_no_set() -> None:
    with pytest.raises(ValueError, match="Without an answer"):
        set_score([])


def test_of_answers_the_set_is_the_text_of_the_chosen_option() -> None:
    texts = ("Edema", "Effusion", "Edema, Effusion")
    answers = [sure_of(make_item(1, "C", texts=texts), "A", text="C"), sure_of(make_item(2, "A", texts=texts), "A")]
    found = set_score_of(answers, Way.LETTER, draws=QUICK)
    assert found and (found.n, found.exact) == (2, 1)
    assert found.f1 == pytest.approx((2 / 3 + 1) / 2)
    written = set_score_of(answers, Way.WRITTEN, draws=QUICK)
    assert written and (written.n, written.exact) == (1, 1)
    assert set_score_of([], Way.WRITTEN) is None
