"""Controls change one thing and nothing else; what they show is counted in pairs."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.backbones.contract import Answer
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import RunError, UnknownNameError
from medmat_explorer.evaluation.controls import (
    CONTROLS,
    ControlFacts,
    control,
    control_questions,
    own_wording,
    reworded,
    same_label_share,
)
from medmat_explorer.evaluation.reliance import RelianceVerdict, reliance, reliance_of
from medmat_explorer.evaluation.run_record import ACROSS, BLANK, MAIN, SHUFFLED, JudgedAnswer, Way, wording
from medmat_explorer.evaluation.spot_check import judge
from medmat_explorer.evaluation.wording_spread import right_by_wording, wording_spread
from tests.judged import QUESTION, make_item, sure_of

MODALITIES = ControlFacts(modality_of={"02": "CT", "03": "CT", "25": "X-ray", "16": "FP"})
WORDINGS = (QUESTION, "What is seen here?", "Name the finding.", "Which finding is it?", "Classify it.", "Look: what?")
ASKED = ControlFacts(wordings_of={"02": WORDINGS})


def some_items(sizes: dict[str, int]) -> list[QAItem]:
    numbers = iter(range(1000))
    return [
        make_item(next(numbers), "ABCD"[place % 4], subset=subset)
        for subset, size in sizes.items()
        for place in range(size)
    ]


def shown_instead(name: str, items: list[QAItem], seed: int = 3) -> dict[str, QAItem]:
    return {v.item.key: v.shown for v in control_questions(name, items, seed, MODALITIES).variants}


def test_every_control_is_described_and_can_be_asked() -> None:
    items = some_items({"02": 4, "25": 4})
    facts = ControlFacts(MODALITIES.modality_of, {"02": WORDINGS, "25": WORDINGS})
    for name, entry in CONTROLS.items():
        found = control_questions(name, items, 0, facts)
        assert found.control is entry and found.variants and not found.left_out
        assert all((entry.title, entry.change.endswith("."), entry.shows.endswith(".")))


def test_an_unknown_control_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="blank, shuffled, across, rotations, wordings"):
        control("mirror")


def test_blank_questions_are_the_items_themselves() -> None:
    items = some_items({"02": 3})
    found = control_questions("blank", items, 0).variants
    assert [(variant.name, variant.item, variant.is_blank) for variant in found] == [(BLANK, i, True) for i in items]


def test_a_shuffled_picture_is_another_one_of_the_same_subset_and_each_is_shown_once() -> None:
    items = some_items({"02": 7, "25": 5})
    shown = shown_instead("shuffled", items)
    by_key = {item.key: item for item in items}
    assert all(by_key[key].subset == other.subset and by_key[key].image != other.image for key, other in shown.items())
    assert sorted(other.image for other in shown.values()) == sorted(item.image for item in items)


def test_a_shuffled_question_keeps_its_own_text_options_and_right_letter() -> None:
    items = some_items({"02": 6})
    found = control_questions("shuffled", items, 1).variants
    assert [variant.item for variant in found] == items
    assert {variant.name for variant in found} == {SHUFFLED} and all(variant.wants_text for variant in found)


@given(st.integers(0, 10_000), st.integers(2, 12))
def test_no_item_ever_gets_its_own_picture_back(seed: int, size: int) -> None:
    items = some_items({"02": size, "25": 2})
    assert all(other.key != key for key, other in shown_instead("shuffled", items, seed).items())


def test_the_seed_decides_and_the_order_of_the_list_does_not() -> None:
    items = some_items({"02": 12, "25": 6})
    for name in ("shuffled", "across"):
        assert shown_instead(name, items) == shown_instead(name, items[::-1])
        assert shown_instead(name, items) != shown_instead(name, items, seed=4)


def test_questions_about_one_picture_go_on_sharing_one() -> None:
    items = [make_item(n, image=f"images/{n // 2}.png") for n in range(8)]
    shown = shown_instead("shuffled", items)
    for first, second in zip(items[::2], items[1::2], strict=True):
        assert shown[first.key].image == shown[second.key].image != first.image


def test_an_item_without_another_picture_is_left_out_with_the_reason() -> None:
    items = [*some_items({"02": 3}), make_item(50, subset="25"), make_item(51, subset="25", image="images/50.png")]
    found = control_questions("shuffled", items, 0)
    assert dict(found.left_out) == dict.fromkeys(
        (items[3].key, items[4].key), "No other picture of its subset is among the items."
    )


def test_over_modalities_every_picture_is_of_another_modality_and_shown_once_where_that_can_be() -> None:
    items = some_items({"02": 4, "03": 2, "25": 5, "16": 3})
    found = control_questions("across", items, 5, MODALITIES)
    for variant in found.variants:
        assert MODALITIES.modality_of[variant.item.subset] != MODALITIES.modality_of[variant.shown.subset]
    assert Counter(variant.shown.key for variant in found.variants) == {item.key: 1 for item in items}
    assert {variant.name for variant in found.variants} == {ACROSS}


def test_where_one_modality_has_most_pictures_those_of_the_others_are_shown_in_turn() -> None:
    items = some_items({"02": 9, "25": 3})
    times = Counter(other.key for key, other in shown_instead("across", items).items() if other.subset == "25")
    assert sorted(times.values()) == [3, 3, 3]


def test_with_one_modality_nothing_can_be_shown_instead() -> None:
    items = some_items({"02": 2, "03": 2})
    found = control_questions("across", items, 0, MODALITIES)
    assert found.variants == () and set(found.left_out.values()) == {
        "No picture of another modality is among the items."
    }


def test_a_subset_whose_modality_is_not_known_is_refused() -> None:
    with pytest.raises(RunError, match="modality of subset 99 is not known"):
        control_questions("across", [make_item(1, subset="99")], 0, MODALITIES)


def test_a_picture_that_stands_in_two_groups_is_never_its_own_replacement() -> None:
    items = [make_item(1, subset="02", image="one.png"), make_item(2, subset="25", image="one.png")]
    assert shown_instead("across", items) == {}


def shown_answers(items: list[QAItem]) -> list[JudgedAnswer]:
    """The items' answers as asked and with shuffled pictures, as a run keeps them."""
    shuffled = control_questions(SHUFFLED, items, 0).variants
    reply = Answer("x", tuple("ABCD"), (0.25,) * 4)
    return [judge(item, reply) for item in items] + [judge(v.item, reply, v.name, shown=v.shown.key) for v in shuffled]


def test_how_many_shuffled_pictures_have_the_same_label_is_told() -> None:
    alike = [make_item(n, "B") for n in range(5)]
    assert same_label_share(shown_answers(alike), SHUFFLED) == 1.0
    assert same_label_share(shown_answers(some_items({"02": 4})), SHUFFLED) == 0.0
    assert same_label_share(shown_answers(alike), BLANK) is None


def test_rotations_move_the_option_texts_and_keep_the_letters() -> None:
    found = control_questions("rotations", [make_item(1, "B")], 0).variants
    assert [variant.name for variant in found] == ["rotation-1", "rotation-2", "rotation-3"]
    assert ["".join(o.letter for o in variant.item.options) for variant in found] == ["ABCD"] * 3
    assert [variant.item.answer_letter for variant in found] == ["C", "D", "A"]
    assert {variant.item.answer for variant in found} == {"Cyst"}


def test_an_item_whose_options_are_not_in_its_prompt_has_no_rotation() -> None:
    odd = replace(make_item(1), question_choice="Which one? Normal, cyst, stone or tumor?")
    found = control_questions("rotations", [odd, make_item(2)], 0)
    assert list(found.left_out) == [odd.key] and len(found.variants) == 3


def test_other_wordings_change_the_question_in_the_prompt_and_nothing_else() -> None:
    found = control_questions("wordings", [make_item(1)], 0, ASKED).variants
    assert [variant.name for variant in found] == [wording(n) for n in range(2, 7)]
    second = found[0].item
    assert second.question_choice == make_item(1, question=WORDINGS[1]).question_choice
    assert replace(second, question=QUESTION, question_choice=make_item(1).question_choice) == make_item(1)
    assert [variant.wording for variant in found] == [2, 3, 4, 5, 6]
    assert own_wording(make_item(1), WORDINGS) == 1
    assert own_wording(make_item(1, question="Another?"), WORDINGS) == 0


def test_wordings_that_are_not_known_or_cannot_be_put_are_said() -> None:
    with pytest.raises(RunError, match="wordings of subset 02 are not known"):
        control_questions("wordings", [make_item(1)], 0)
    odd = replace(make_item(1), question_choice="Something else\nA: Normal")
    assert list(control_questions("wordings", [odd], 0, ASKED).left_out) == [odd.key]
    with pytest.raises(RunError, match="does not stand once in its prompt"):
        reworded(odd, "New?")


def answered(letters: str, rights: str, variant: str = MAIN) -> list[JudgedAnswer]:
    pairs = zip(letters, rights, strict=True)
    return [sure_of(make_item(n, right), letter, variant) for n, (letter, right) in enumerate(pairs)]


def test_an_image_blind_model_has_a_reliance_of_zero() -> None:
    rights, said = "ABCDABCDAB", "AACDABAACB"
    found = reliance(answered(said, rights) + answered(said, rights, BLANK), BLANK)
    assert found and (found.difference, found.p, found.n, found.same) == (0.0, 1.0, 10, 10)
    assert found.verdict is RelianceVerdict.NOT_SHOWN
    low, high = found.score.interval
    assert low < 0 < high


def test_a_model_that_needs_its_picture_is_shown_to() -> None:
    rights = "ABCDABCDAB"
    found = reliance(answered(rights, rights) + answered("D" * 10, rights, BLANK), BLANK)
    assert found and (found.difference, found.n) == (0.8, 10)
    assert found.p == pytest.approx(2 / 2**8)
    assert found.verdict is RelianceVerdict.LOOKS


def test_reliance_agrees_with_published_numbers() -> None:
    # Newcombe 1998, Statistics in Medicine 17:2635, table III: 36, 12, 2, 0 gives 0.0569 to 0.3404 by method 10
    first = {str(n): n < 48 for n in range(50)}
    second = {str(n): n < 36 or n >= 48 for n in range(50)}
    found = reliance_of(first, second, "blank")
    assert found.score.interval == pytest.approx((0.0569, 0.3404), abs=5e-5)
    # exact McNemar of 12 against 2: 2 * (1 + 14 + 91) / 2**14
    assert found.p == pytest.approx(2 * 106 / 2**14)
    assert reliance_of(second, first, "blank").verdict is RelianceVerdict.WORSE


def test_only_items_answered_both_ways_are_compared_and_the_others_counted() -> None:
    answers = answered("AB", "AB") + answered("DAA", "ABC", SHUFFLED)
    found = reliance(answers, SHUFFLED)
    assert found and (found.n, found.unpaired) == (2, 1)
    assert reliance(answers, BLANK) is None


def test_written_answers_are_compared_where_all_have_them() -> None:
    item = make_item(1, "B")
    written = [sure_of(item, "A", text="B"), sure_of(item, "A", BLANK, text="I cannot tell")]
    found = reliance(written, BLANK)
    assert found and (found.way, found.difference) == (Way.WRITTEN, 1.0)
    mixed = reliance([written[0], sure_of(item, "A", BLANK)], BLANK)
    assert mixed and (mixed.way, mixed.difference) == (Way.LETTER, 0.0)


def test_the_spread_over_wordings_is_that_worked_by_hand() -> None:
    # Cochran's Q: columns 3, 2, 1 of 4 items, rows 3, 2, 1, 0; Q = 2 (3 * 14 - 36) / (3 * 6 - 14) = 3
    right = {
        "wording-1": {"a": True, "b": True, "c": True, "d": False, "only here": True},
        "wording-2": {"a": True, "b": True, "c": False, "d": False},
        "wording-3": {"a": True, "b": False, "c": False, "d": False},
    }
    found = wording_spread(right)
    assert found and [score.accuracy for score in found.scores] == [0.75, 0.5, 0.25]
    assert (found.n, found.spread, found.always, found.never, found.changing) == (4, 0.5, 1, 1, 2)
    assert found.p == pytest.approx(0.22313, abs=1e-5)  # chi-square of 3 with two degrees of freedom
    assert found.left_out == 1


def test_an_answer_that_never_changes_has_no_spread() -> None:
    found = wording_spread({"wording-1": {"a": True, "b": False}, "wording-2": {"a": True, "b": False}})
    assert found and (found.spread, found.p, found.changing) == (0.0, 1.0, 0)
    assert wording_spread({"wording-1": {"a": True}}) is None
    assert wording_spread({"wording-1": {"a": True}, "wording-2": {"b": True}}) is None


def test_the_released_wording_counts_as_the_one_it_is() -> None:
    item, other = make_item(1, "A"), make_item(2, "B", question="None of them?")
    answers = [sure_of(item, "A"), sure_of(other, "B"), sure_of(item, "C", "wording-2"), sure_of(item, "A", BLANK)]
    numbers = [own_wording(item, WORDINGS), own_wording(other, WORDINGS), 2, 0]
    asked = [a.model_copy(update={"wording": number}) for a, number in zip(answers, numbers, strict=True)]
    found = right_by_wording(asked, Way.LETTER)
    assert found == {"wording-1": {item.key: True}, "wording-2": {item.key: False}}
