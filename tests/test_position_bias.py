"""Preference for a letter: seen in the recalls, fatal under rotations, and taken out of the probabilities."""

from collections.abc import Callable, Sequence
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.circular import circular_score, whole_rotations
from medmat_explorer.evaluation.control_results import rotations
from medmat_explorer.evaluation.controls import rotations_of
from medmat_explorer.evaluation.position_bias import Choice, LetterRecall, choices_of, position_bias
from medmat_explorer.evaluation.prior_correction import corrected, letter_prior, prior_corrected
from medmat_explorer.evaluation.run_record import BLANK, MAIN, JudgedAnswer, Way
from medmat_explorer.evaluation.spot_check import score_answers
from tests.judged import likely, make_item, sure_of

ABCD = ("A", "B", "C", "D")
Model = Callable[[QAItem], Sequence[float]]


def choices(pairs: str) -> list[Choice]:
    """`AB` is right A, chosen B; `A?` could not be read."""
    return [Choice(ABCD, pair[0], None if pair[1] == "?" else pair[1]) for pair in pairs.split()]


def all_rotations(items: Sequence[QAItem], model: Model) -> list[JudgedAnswer]:
    answers = [likely(item, model(item)) for item in items]
    turned = [variant for item in items for variant in rotations_of(item)]
    return answers + [likely(variant.item, model(variant.item), variant.name) for variant in turned]


def always_a(item: QAItem) -> Sequence[float]:
    return [0.7, *[0.3 / (len(item.options) - 1)] * (len(item.options) - 1)]


def perfect(item: QAItem) -> Sequence[float]:
    return [0.97 if option.letter == item.answer_letter else 0.01 for option in item.options]


ITEMS = [make_item(number, right) for number, right in enumerate("ABCDABCD")]


def test_recalls_by_letter_and_their_spread_are_those_worked_by_hand() -> None:
    # recalls 4/4, 1/2, 1/2, 0/2: mean 1/2, variance (1/4 + 0 + 0 + 1/4) / 4 = 1/8
    bias = position_bias(choices("AA AA AA AA BB BA CC CA DA D?"))
    assert bias.letters == (
        LetterRecall("A", right=4, found=4, chosen=7, offered=10),
        LetterRecall("B", right=2, found=1, chosen=1, offered=10),
        LetterRecall("C", right=2, found=1, chosen=1, offered=10),
        LetterRecall("D", right=2, found=0, chosen=0, offered=10),
    )
    assert (bias.n, bias.unread, bias.chance) == (10, 1, 0.25)
    assert bias.deviation == pytest.approx(0.353553, abs=1e-6)
    assert bias.relative_deviation == pytest.approx(0.707107, abs=1e-6)
    assert bias.strength == pytest.approx(0.408248, abs=1e-6)
    assert bias.letters[1].interval == pytest.approx((0.09453, 0.90547), abs=1e-5)


def test_a_model_that_always_says_a_has_the_largest_possible_bias_and_is_never_right_under_all_rotations() -> None:
    answers = all_rotations(ITEMS, always_a)
    bias = position_bias(choices_of([answer for answer in answers if answer.variant == MAIN], Way.LETTER))
    assert [letter.recall for letter in bias.letters] == [1.0, 0.0, 0.0, 0.0]
    assert bias.relative_deviation == pytest.approx(sqrt(3))
    assert bias.strength == pytest.approx(1.0)
    circular = circular_score(answers)
    assert circular and (circular.correct, circular.n) == (0, 8)
    assert circular.chance == pytest.approx(4**-4)


def test_a_perfect_model_has_no_bias_and_is_right_under_all_rotations() -> None:
    answers = all_rotations(ITEMS, perfect)
    bias = position_bias(choices_of(answers, Way.LETTER))
    assert (bias.deviation, bias.strength, bias.n) == (0.0, 0.0, 32)
    circular = circular_score(answers)
    assert circular and (circular.correct, circular.n) == (8, 8)


def test_a_letter_where_nothing_is_right_has_no_recall_and_one_letter_alone_no_spread() -> None:
    bias = position_bias(choices("AA AB"))
    assert [letter.recall for letter in bias.letters] == [0.5, None, None, None]
    assert (bias.deviation, bias.strength, bias.letters[1].interval) == (None, None, None)


def test_where_nothing_is_found_there_is_a_deviation_of_zero_and_no_share_of_it() -> None:
    bias = position_bias(choices("AB BA"))
    assert (bias.deviation, bias.relative_deviation, bias.strength) == (0.0, None, None)


def test_items_with_fewer_options_count_only_for_their_own_letters() -> None:
    bias = position_bias([Choice(("A", "B"), "B", "B"), Choice(ABCD, "D", "D")])
    assert [letter.offered for letter in bias.letters] == [2, 2, 1, 1]
    assert bias.chance == pytest.approx((1 / 2 + 1 / 4) / 2)


@pytest.mark.parametrize(("right", "chosen"), [("E", "A"), ("A", "E")])
def test_a_letter_that_was_not_offered_is_refused(right: str, chosen: str) -> None:
    with pytest.raises(ValueError, match="none of those offered"):
        Choice(ABCD, right, chosen)


def test_without_answers_there_is_no_recall() -> None:
    with pytest.raises(ValueError, match="Without an answer"):
        position_bias([])


@given(st.lists(st.tuples(st.sampled_from(ABCD), st.sampled_from([*ABCD, None])), min_size=1, max_size=40))
def test_the_strength_always_lies_between_none_and_all(pairs: list[tuple[str, str | None]]) -> None:
    strength = position_bias([Choice(ABCD, right, chosen) for right, chosen in pairs]).strength
    assert strength is None or 0 <= strength <= 1


def test_written_letters_are_judged_apart_from_likely_ones() -> None:
    answers = [sure_of(make_item(1, "A"), "A", text="B"), sure_of(make_item(2, "B"), "A", text="who knows")]
    assert [choice.chosen for choice in choices_of(answers, Way.LETTER)] == ["A", "A"]
    assert [choice.chosen for choice in choices_of(answers, Way.WRITTEN)] == ["B", None]


def test_the_circular_score_leaves_out_other_controls_and_items_with_a_rotation_missing() -> None:
    answers = all_rotations(ITEMS[:2], perfect)
    blank = [likely(item, perfect(item), BLANK) for item in ITEMS[:2]]
    shuffled = [likely(item, perfect(item), "shuffled") for item in ITEMS]
    missing = [answer for answer in all_rotations(ITEMS[2:3], perfect) if answer.variant != "rotation-2"]
    found = circular_score(answers + blank + shuffled + missing)
    assert found and (found.correct, found.n) == (2, 2)
    told = rotations(answers + blank + shuffled + missing)
    assert told and (told.circular, told.missing) == (found, 0)
    assert circular_score(missing + shuffled) is None


def test_the_prior_of_one_item_is_that_worked_by_hand() -> None:
    # geometric means over the rotations: A sqrt(0.8 * 0.6) = 0.692820, B sqrt(0.2 * 0.4) = 0.282843
    assert letter_prior([(0.8, 0.2), (0.6, 0.4)]) == pytest.approx((0.710102, 0.289898), abs=1e-6)
    # 0.6 / 0.710102 = 0.844949 against 0.4 / 0.289898 = 1.379796
    assert corrected((0.6, 0.4), (0.710102, 0.289898)) == pytest.approx((0.379796, 0.620204), abs=1e-6)


SHARES = st.lists(st.floats(0.05, 1), min_size=4, max_size=4)


@given(SHARES, SHARES)
def test_preference_times_belief_is_taken_apart_exactly(preference: list[float], belief: list[float]) -> None:
    rows = []
    for by in range(4):
        seen = [preference[place] * belief[(place - by) % 4] for place in range(4)]
        rows.append([one / sum(seen) for one in seen])
    prior = letter_prior(rows)
    assert prior == pytest.approx([one / sum(preference) for one in preference])
    assert corrected(rows[0], prior) == pytest.approx([one / sum(belief) for one in belief])


@pytest.mark.parametrize("rows", [[], [(0.5, 0.5)], [(0.5, 0.5), (1.0,)]])
def test_a_prior_needs_every_rotation(rows: list[tuple[float, ...]]) -> None:
    with pytest.raises(ValueError, match="every rotation"):
        letter_prior(rows)


def leaning(item: QAItem) -> Sequence[float]:
    """Knows the answer, but likes A ten times better than any other letter."""
    seen = [
        (10 if option.letter == "A" else 1) * (3 if option.letter == item.answer_letter else 1)
        for option in item.options
    ]
    return [one / sum(seen) for one in seen]


def test_knowledge_behind_a_preference_comes_to_light() -> None:
    answers = all_rotations(ITEMS, leaning)
    plain = score_answers(answers).letters
    assert plain and plain.correct == 2  # the two whose right option stands at A
    fair = prior_corrected(answers)
    assert fair and (fair.score.correct, fair.score.n, fair.rotated, fair.undecided, fair.left_out) == (8, 8, 8, 0, 0)
    assert fair.priors[ABCD] == pytest.approx((10 / 13, 1 / 13, 1 / 13, 1 / 13))


def test_a_preference_and_nothing_behind_it_leaves_nothing_decided() -> None:
    fair = prior_corrected(all_rotations(ITEMS, always_a))
    assert fair and (fair.score.correct, fair.undecided, fair.score.unparsed) == (0, 8, 8)


def test_the_preference_of_some_items_corrects_others_with_the_same_letters_only() -> None:
    two = make_item(20, "B", texts=("Yes", "No"))
    answers = [*all_rotations(ITEMS[:4], leaning), likely(ITEMS[5], leaning(ITEMS[5])), likely(two, leaning(two))]
    fair = prior_corrected(answers)
    assert fair and (fair.score.correct, fair.score.n, fair.rotated, fair.left_out) == (5, 5, 4, 1)


def test_a_probability_of_zero_does_not_break_the_prior() -> None:
    assert letter_prior([(1.0, 0.0), (1.0, 0.0)]) == pytest.approx((1.0, 1e-9))
    assert sum(corrected((1.0, 0.0), (1.0, 0.0))) == pytest.approx(1.0)


def test_without_rotations_there_is_no_correction() -> None:
    assert prior_corrected([likely(item, leaning(item)) for item in ITEMS]) is None
    assert whole_rotations([]) == []


def test_letters_of_long_lists_that_are_found_less_often_are_no_preference() -> None:
    """Two options are easier than four: C and D have lower recalls though nothing is preferred."""
    easy = [Choice(("A", "B"), right, right) for right in "AB" * 10]
    hard = [
        Choice(ABCD, right, right if place % 2 else other)
        for place in range(2)
        for right, other in zip(ABCD, "BCDA", strict=True)
    ]
    found = position_bias(easy + hard)
    assert [round(one.recall or 0, 2) for one in found.letters] == [0.92, 0.92, 0.5, 0.5]
    assert (found.deviation, found.strength) == (0.0, 0.0)
    preferred = position_bias([*easy, *(Choice(ABCD, right, "A") for right in ABCD)])
    assert preferred.strength == pytest.approx(4 / 24)
