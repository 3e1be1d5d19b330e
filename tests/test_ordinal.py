"""Labels with an order: known or refused, never guessed; and how far off an answer is."""

import pytest

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.label_order import LabelOrder, OrderSource, label_order
from medmat_explorer.evaluation.ordinal import ordinal_of, ordinal_score
from medmat_explorer.evaluation.run_record import Way
from tests.judged import make_item, sure_of

LEVELS = ("none", "mild", "moderate", "severe")
ORDER = LabelOrder(LEVELS, OrderSource.DECLARED)
QUICK = 200

READ = [
    (("severe", "none", "moderate", "mild"), LEVELS, OrderSource.WORDS),
    (
        ("Minimal", "Moderate", "Healthy", "Severe", "Doubtful"),
        ("Healthy", "Doubtful", "Minimal", "Moderate", "Severe"),
        OrderSource.WORDS,
    ),
    (
        ("Proliferative DR", "No DR", "Severe", "Mild", "Moderate"),
        ("No DR", "Mild", "Moderate", "Severe", "Proliferative DR"),
        OrderSource.WORDS,
    ),
    (("very severe", "severe", "very mild", "mild"), ("very mild", "mild", "severe", "very severe"), OrderSource.WORDS),
    (("low grade", "high grade"), ("low grade", "high grade"), OrderSource.WORDS),
    (("10", "9", "2"), ("2", "9", "10"), OrderSource.NUMBERS),
    (("Grade 3", "Grade 1", "grade 2"), ("Grade 1", "grade 2", "Grade 3"), OrderSource.NUMBERS),
    (("Stage IV", "Stage II", "Stage I"), ("Stage I", "Stage II", "Stage IV"), OrderSource.NUMBERS),
    (("level 0.5", "level 2", "level 0"), ("level 0", "level 0.5", "level 2"), OrderSource.NUMBERS),
]
NOT_KNOWN = [
    ("Good", "Bad", "Outlier"),
    ("Benign", "Malignant"),
    ("Normal", "Benign", "Malignant"),
    ("none", "mild", "strange"),
    ("normal", "healthy", "severe"),
    ("Grade 1", "Stage 2"),
    ("Grade 1", "Grade I"),
    ("1-2", "3-4"),
    ("mild to moderate", "severe"),
    ("T1", "T2"),
]


@pytest.mark.parametrize(("labels", "ordered", "source"), READ)
def test_an_order_is_read_from_numbers_or_words_of_degree(
    labels: tuple[str, ...], ordered: tuple[str, ...], source: OrderSource
) -> None:
    assert label_order(labels) == LabelOrder(ordered, source)


@pytest.mark.parametrize("labels", NOT_KNOWN)
def test_an_order_that_cannot_be_read_is_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(RunError, match="is not known.*Declare the order"):
        label_order(labels)


def test_a_declared_order_wins_and_may_hold_labels_that_do_not_occur() -> None:
    found = label_order(["Bad", "good"], declared=("Outlier", "Bad", "Good"))
    assert found == LabelOrder(("Outlier", "Bad", "Good"), OrderSource.DECLARED)
    assert (found.rank("GOOD"), found.rank(" bad "), found.rank("fine")) == (2, 1, None)


@pytest.mark.parametrize(
    ("labels", "declared", "problem"),
    [
        (("a", "b"), ("a",), "does not hold the label 'b'"),
        (("a", "b"), ("a", "b", "A"), "'a' twice"),
        (("a",), ("a",), "holds one label"),
        (("a",), (), "1 label has no order"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(
    labels: tuple[str, ...], declared: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(RunError, match=problem):
        label_order(labels, declared)


def test_errors_and_kappa_are_those_worked_by_hand() -> None:
    # steps 0, 1, 0, 2; observed cost 5; expected (14 + 6 + 2 * 6) / 4 = 8; kappa 1 - 5 / 8
    said = [("none", "none"), ("mild", "moderate"), ("moderate", "moderate"), ("severe", "mild")]
    found = ordinal_score(said, ORDER, draws=QUICK)
    assert (found.n, found.exact, found.mean_error, found.unread) == (4, 2, 0.75, 0)
    assert found.kappa == pytest.approx(0.375)


def test_kappa_agrees_with_statsmodels() -> None:
    from statsmodels.stats.inter_rater import cohens_kappa

    table = [[20, 5, 1, 0], [4, 15, 6, 1], [0, 7, 12, 3], [1, 0, 5, 10]]
    said = [(LEVELS[i], LEVELS[j]) for i in range(4) for j in range(4) for _ in range(table[i][j])]
    found = ordinal_score(said, ORDER, draws=QUICK)
    assert found.kappa and found.kappa == pytest.approx(float(cohens_kappa(table, wt="quadratic").kappa))
    assert found.kappa_interval and found.kappa_interval[0] < found.kappa < found.kappa_interval[1]
    assert found.error_interval and found.error_interval[0] < found.mean_error < found.error_interval[1]


def test_full_agreement_is_one_and_a_constant_answer_has_no_agreement_beyond_chance() -> None:
    assert ordinal_score([(x, x) for x in LEVELS], ORDER, draws=QUICK).kappa == pytest.approx(1.0)
    assert ordinal_score([(x, "mild") for x in LEVELS], ORDER, draws=QUICK).kappa == pytest.approx(0.0)


def test_where_only_one_label_occurs_there_is_no_kappa() -> None:
    found = ordinal_score([("mild", "mild")] * 5, ORDER, draws=QUICK)
    assert (found.kappa, found.kappa_interval, found.mean_error) == (None, None, 0.0)


def test_an_answer_that_cannot_be_read_is_counted_apart_and_at_its_worst() -> None:
    # one step of one read answer; at worst 1 + 3 (none can be three off) + 2 (mild can be two off) of three
    found = ordinal_score([("none", "mild"), ("none", None), ("mild", None)], ORDER, draws=QUICK)
    assert (found.n, found.unread, found.mean_error, found.at_worst) == (1, 2, 1.0, 2.0)


def test_when_nothing_can_be_read_or_a_label_is_foreign_it_is_said() -> None:
    with pytest.raises(RunError, match="No answer could be read"):
        ordinal_score([("none", None)], ORDER)
    with pytest.raises(RunError, match="'huge' is not in the order none, mild, moderate, severe"):
        ordinal_score([("none", "huge")], ORDER)


def test_answers_about_one_picture_are_drawn_together() -> None:
    said = [("none", "none"), ("severe", "none")] * 19 + [("none", "none")] * 2
    alone = ordinal_score(said, ORDER, draws=QUICK).error_interval
    together = ordinal_score(said, ORDER, clusters=[n // 10 for n in range(40)], draws=QUICK).error_interval
    assert (
        alone and together and together[1] - together[0] < alone[1] - alone[0]
    )  # a picture has about one half of each


def test_of_answers_the_option_behind_the_letter_counts_and_guessing_is_told() -> None:
    # guessing: none is 0, 1, 2, 3 off, mean 1.5; mild is 1, 0, 1, 2 off, mean 1
    item, other = make_item(1, "A", texts=LEVELS), make_item(2, "B", texts=LEVELS)
    answers = [sure_of(item, "C", text="severe"), sure_of(other, "B", text="no idea")]
    found = ordinal_of(answers, ORDER, Way.LETTER, draws=QUICK)
    assert (found.mean_error, found.exact, found.chance) == (1.0, 1, 1.25)
    by_text = ordinal_of(answers, ORDER, Way.WRITTEN, draws=QUICK)
    assert (by_text.mean_error, by_text.n, by_text.unread) == (3.0, 1, 1)
    with pytest.raises(RunError, match="No answer could be read"):
        ordinal_of([], ORDER, Way.WRITTEN)
