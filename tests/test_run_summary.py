"""One object says everything of a run: known answers give known numbers, and what does not apply is absent."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from medmat_explorer.backbones.contract import Answer, Unanswered
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.controls import ControlFacts
from medmat_explorer.evaluation.label_order import OrderSource
from medmat_explorer.evaluation.reliance import RelianceVerdict
from medmat_explorer.evaluation.run_record import ControlName, JudgedAnswer, SpotCheckPlan, Way
from medmat_explorer.evaluation.run_summary import RunContext, summarise
from medmat_explorer.evaluation.spot_check import judge
from medmat_explorer.evaluation.standing import OTHER_ITEMS, Standing
from medmat_explorer.evaluation.summary_json import as_json
from medmat_explorer.evaluation.variant import Variant
from medmat_explorer.evaluation.variants import variants
from tests.judged import QUESTION, likely, make_item, sure_of

WORDINGS = (QUESTION, "What is seen here?", "Name the finding.")
FACTS = ControlFacts({"02": "CT", "25": "X-ray"}, {"02": WORDINGS, "25": WORDINGS})
ITEMS = [make_item(n, "ABCD"[n % 4], subset="02" if n < 12 else "25") for n in range(24)]
PLAN = SpotCheckPlan(collection="mini", version="1", backbone="b", n=24, controls=tuple(ControlName))

Model = Callable[[Variant], str]
"""The option text that a model says to an item as it is put."""


def asked(model: Model, items: Sequence[QAItem] = ITEMS, plan: SpotCheckPlan = PLAN) -> list[JudgedAnswer]:
    """Every answer of a run under every control, as a run keeps them."""
    return [_answered(variant, model(variant)) for variant in variants(items, plan, FACTS)]


def _answered(variant: Variant, said: str) -> JudgedAnswer:
    letters = tuple(option.letter for option in variant.item.options)
    place = [option.text for option in variant.item.options].index(said)
    numbers = tuple(0.7 if n == place else 0.1 for n in range(len(letters)))
    text = letters[place] if variant.wants_text else None
    shown = variant.picture_of.key if variant.picture_of else ""
    reply = Answer("x", letters, numbers, text)
    return judge(variant.item, reply, variant.name, shown=shown, wording=variant.wording)


def always_a(variant: Variant) -> str:
    return variant.item.options[0].text


def perfect(variant: Variant) -> str:
    """Says what the picture that it is shown holds; of a grey one, the first option."""
    return always_a(variant) if variant.is_blank else variant.shown.answer


def image_blind(variant: Variant) -> str:
    """Knows the answer from somewhere else, whatever is shown."""
    return variant.item.answer


def test_a_model_that_always_says_a_is_at_chance_with_the_largest_bias_and_never_right_all_round() -> None:
    view = summarise(asked(always_a))
    assert view.headline and (view.headline.accuracy, view.headline.chance, view.standing) == (
        0.25,
        0.25,
        Standing.AT_CHANCE,
    )
    assert view.rotations and view.rotations.circular and view.rotations.circular.correct == 0
    assert view.bias and view.bias.strength == pytest.approx(1.0) and view.bias.n == 24 + 72
    assert view.rotations.corrected and view.rotations.corrected.undecided == 24
    assert {one.control.name: one.reliance.difference for one in view.pictures if one.reliance} == dict.fromkeys(
        (ControlName.BLANK, ControlName.SHUFFLED, ControlName.ACROSS), 0.0
    )


def test_a_model_that_looks_loses_what_the_picture_gave_it() -> None:
    view = summarise(asked(perfect))
    assert view.headline and view.headline.accuracy == 1.0 and view.standing is Standing.ABOVE_MAJORITY
    assert view.rotations and view.rotations.circular and view.rotations.circular.accuracy == 1.0
    assert view.bias and view.bias.strength == 0.0
    blank, shuffled, across = view.pictures
    assert blank.reliance and (blank.reliance.difference, blank.reliance.n) == (0.75, 24)
    assert blank.reliance.p == pytest.approx(2 / 2**18) and blank.reliance.verdict is RelianceVerdict.LOOKS
    assert (blank.same_label, blank.missing, blank.told) == (None, 0, "")
    for one in (shuffled, across):  # right just where the other picture has the same label
        assert one.same_label is not None and one.scores.headline
        assert one.scores.headline.accuracy == pytest.approx(one.same_label)


def test_a_model_that_does_not_look_has_a_reliance_of_zero_and_no_spread() -> None:
    view = summarise(asked(image_blind))
    assert [one.reliance.difference for one in view.pictures if one.reliance] == [0.0, 0.0, 0.0]
    assert all(one.reliance and one.reliance.verdict is RelianceVerdict.NOT_SHOWN for one in view.pictures)
    assert view.wordings and {s: (w.spread, w.n) for s, w in view.wordings.spread.items()} == {
        "02": (0.0, 12),
        "25": (0.0, 12),
    }


def test_wordings_are_told_apart_in_each_subset() -> None:
    def reads_one_way(variant: Variant) -> str:
        return variant.item.answer if variant.item.question == QUESTION else "Tumor"

    view = summarise(asked(reads_one_way))
    assert view.wordings and view.wordings.missing == 0
    spread = view.wordings.spread["02"]
    assert [score.accuracy for score in spread.scores] == [1.0, 0.25, 0.25] and spread.spread == 0.75


def test_whoever_is_wholly_below_chance_failed_the_format() -> None:
    view = summarise([sure_of(item, "ABCD"[("ABCD".index(item.answer_letter) + 1) % 4]) for item in ITEMS])
    assert view.headline and view.headline.below_chance and view.standing is Standing.FORMAT_FAILURE
    assert "the answer's format failed" in view.format_failure
    assert summarise(asked(perfect)).format_failure == ""


def test_questions_about_one_picture_are_drawn_together() -> None:
    alone = [sure_of(item, "A") for item in ITEMS]
    assert summarise(alone).clustered is None
    shared = [a.model_copy(update={"picture": f"p{n // 2}"}) for n, a in enumerate(alone)]
    found = summarise(shared).clustered
    assert found and (found.n, found.clusters, found.few) == (24, 12, True)


def test_what_so_many_items_can_show_is_told() -> None:
    sight = summarise([sure_of(item, "A") for item in ITEMS]).sight
    assert sight and (sight.n, sight.needed, sight.visible) == (24, 626, None)
    assert "With n = 24" in sight.sentence and "cannot be told apart; 5 points need 626 items" in sight.sentence


def test_calibration_needs_probabilities_over_all_letters() -> None:
    item = ITEMS[0]
    alone = judge(item, Answer("x", ("A", "B", "C", "D"), (), chosen="A"))
    half = likely(ITEMS[1], (0.4, 0.1, 0.0, 0.0))
    view = summarise([alone, half])
    assert view.calibration is None and view.calibration_note.startswith("No answer has probabilities over all")
    assert view.headline and (view.headline.n, view.way) == (2, Way.LETTER)
    mixed = summarise([alone, likely(ITEMS[1], (0.7, 0.1, 0.1, 0.1))])
    assert mixed.calibration and mixed.calibration.n == 1 and "1 of 2 answers" in mixed.calibration_note
    assert summarise([likely(ITEMS[1], (0.7, 0.1, 0.1, 0.1))]).calibration_note == ""


def test_levels_are_measured_in_steps_where_the_collection_says_that_there_are_levels() -> None:
    texts = ("none", "mild", "moderate", "severe")
    items = [make_item(n, "ABCD"[n % 4], texts=texts) for n in range(8)]
    answers = [sure_of(item, "A") for item in items]
    view = summarise(answers, RunContext(levels=frozenset({"02"})))
    assert view.orders["02"].source is OrderSource.WORDS
    assert view.ordinal["02"].mean_error == 1.5 and view.ordinal["02"].kappa == pytest.approx(0.0)
    assert view.confusion["02"].rows == texts
    assert summarise(answers).ordinal == {}


def test_several_right_labels_are_scored_as_a_set() -> None:
    item = make_item(1, "C", texts=("Edema", "Effusion", "Edema, Effusion"))
    answer = sure_of(item, "A").model_copy(update={"label": "Edema, Effusion"})
    assert summarise([answer]).label_sets["02"].f1 == pytest.approx(2 / 3)
    assert summarise([sure_of(ITEMS[0], "A")]).label_sets == {}


@dataclass(frozen=True)
class Printed:
    """A number of the paper."""

    percent: float = 24.0
    table: str = "1"


def test_the_papers_number_stands_beside_the_measured_one_with_its_warning() -> None:
    view = summarise([sure_of(item, "A") for item in ITEMS], RunContext(published={"02": Printed()}))
    assert list(view.papers) == ["02"]
    assert (view.papers["02"].inside, view.papers["02"].warning) == (True, OTHER_ITEMS)
    assert "LLaVA-v1.5-7B (Table 1), inside" in view.papers["02"].sentence


def test_an_open_question_is_told_by_text_and_option_likelihood_alone() -> None:
    letters = ("A", "B", "C", "D")
    replies = [Answer("x", letters, (0.25,) * 4, "a cyst", option_likelihoods=(-3.0, -2.0, -0.1, -1.0))] * 2
    answers = [judge(item, reply, lettered=False) for item, reply in zip(ITEMS[1:3], replies, strict=True)]
    view = summarise(answers)
    assert (view.way, view.scores.letters) == (Way.WRITTEN, None)
    assert view.scores.text and view.scores.options
    assert (view.scores.text.correct, view.scores.options.correct) == (1, 1)
    pair = view.disagreement and view.disagreement.agreement(Way.WRITTEN, Way.OPTION_TEXT)
    assert pair and (pair.n, pair.same) == (2, 0)
    unseen = [judge(ITEMS[1], Answer("x", letters, (0.25,) * 4, "B"), lettered=False)]
    assert unseen[0].read is None  # a letter means nothing where none was shown


def test_without_answers_there_is_nothing_and_no_error() -> None:
    missing = judge(ITEMS[0], Unanswered("x", "missing", "There is no picture."))
    for answers in ([], [missing]):
        view = summarise(answers)
        assert (view.headline, view.standing, view.way, view.sight, view.disagreement) == (None,) * 5
        assert (view.pictures, view.rotations, view.wordings, view.bias, view.clustered) == ((), None, None, None, None)
        assert (view.calibration, view.calibration_note, view.confusion, view.ordinal) == (None, "", {}, {})
        told = as_json(view)
        assert (told["n"], told["accuracy"], told["no_picture"], told["controls"]) == (0, None, len(answers), {})


def test_an_answer_whose_numbers_overflowed_is_a_problem_with_advice() -> None:
    broken = judge(ITEMS[0], Answer("x", ("A", "B", "C", "D"), (float("nan"),) * 4, "A"))
    assert "Load it in bfloat16 or float32" in broken.problem and broken.probabilities == ()
    assert summarise([broken]).scores.no_picture == 1


def test_halves_of_characters_are_replaced_visibly_and_a_note_is_kept() -> None:
    letters = ("A", "B", "C", "D")
    said = judge(ITEMS[0], Answer("x", letters, (0.25,) * 4, "A \ud800 \U0001f600", note="It was sent smaller."))
    assert (said.text, said.read, said.note) == ("A \ufffd \U0001f600", None, "It was sent smaller.")
    assert JudgedAnswer.model_validate_json(said.model_dump_json()) == said


def test_what_is_printed_as_json_is_json_with_the_names_that_stay() -> None:
    answers = asked(perfect)
    told = json.loads(json.dumps(as_json(summarise(answers, RunContext(published={"02": Printed()})))))
    assert {"n", "correct", "wrong", "unparsed", "accuracy", "interval", "chance", "majority"} <= told.keys()
    assert list(told["controls"]) == ["blank", "shuffled", "across", "circular", "prior_corrected", "wordings"]
    assert told["controls"]["blank"]["reliance"]["difference"] == 0.75
    assert (told["controls"]["blank"]["accuracy"], told["controls"]["circular"]["accuracy"]) == (0.25, 1.0)
    assert told["by_subset"]["02"]["paper"]["warning"] == OTHER_ITEMS and "paper" not in told["by_subset"]["25"]
    assert told["position_bias"]["recall"]["A"]["recall"] == 1.0
    assert told["calibration"]["n"] == told["n"] == 24
