"""Two runs in pairs: counted by hand, intervals as published, and a warning for all that makes them differ."""

from datetime import UTC, datetime
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.comparison import Comparison, compare_runs, paired_interval
from medmat_explorer.evaluation.run_record import BLANK, JudgedAnswer, RunHeader, RunRecord, RunState, SpotCheckPlan
from medmat_explorer.evaluation.statistics import Paired, mcnemar_exact


def answer(item: str, right: bool, subset: str = "02", **changes: object) -> JudgedAnswer:
    fields = {
        "item": item,
        "subset": subset,
        "options": (("A", "Cyst"), ("B", "Stone")),
        "right": "A",
        "probabilities": (0.9, 0.1) if right else (0.1, 0.9),
        "picture": "same",
    }
    return JudgedAnswer.model_validate(fields | changes)


def record(name: str, answers: list[JudgedAnswer], state: RunState = RunState.FINISHED, **plan: object) -> RunRecord:
    fields = {"collection": "mini", "version": "1", "backbone": name, "n": len(answers) or 1, **plan}
    header = RunHeader(
        id=f"2026-11-24-063012-{name}-3f2a",
        created=datetime(2026, 11, 24, tzinfo=UTC),
        plan=SpotCheckPlan.model_validate(fields),
        item_keys=tuple(one.item for one in answers),
        usual_labels={},
        backbone_title=name,
        backbone_source="test",
        revision="1",
        device="cpu",
        dtype="float32",
        libraries={},
    )
    return RunRecord(header=header, answers=tuple(answers), state=state)


def pair_of(both: int, only_first: int, only_second: int, neither: int) -> tuple[RunRecord, RunRecord]:
    """Two runs with these counts, on items in two subsets turn by turn."""
    kinds = chain(
        repeat((True, True), both),
        repeat((True, False), only_first),
        repeat((False, True), only_second),
        repeat((False, False), neither),
    )
    rows = [(f"i{number}", "02" if number % 2 else "03", *right) for number, right in enumerate(kinds)]
    return (
        record("one", [answer(item, first, subset) for item, subset, first, _ in rows]),
        record("two", [answer(item, second, subset) for item, subset, _, second in rows]),
    )


def counts(found: Comparison) -> tuple[int, int, int, int]:
    pairs = found.whole.counts
    return pairs.both, pairs.only_first, pairs.only_second, pairs.neither


def test_pairs_are_counted_over_the_whole_and_by_subset() -> None:
    found = compare_runs(*pair_of(3, 6, 1, 2))
    assert counts(found) == (3, 6, 1, 2)
    assert found.whole.counts.p == pytest.approx(2 * (1 + 7) / 2**7)
    assert found.whole.difference == pytest.approx(5 / 12)
    assert {subset: score.counts.n for subset, score in found.by_subset.items()} == {"02": 6, "03": 6}
    assert sum(score.counts.only_first for score in found.by_subset.values()) == 6
    assert (len(found.items_first), len(found.items_second), found.warnings) == (6, 1, ())


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ((59, 6, 16, 80), -0.1186, -0.0046),
        ((1, 1, 7, 12), -0.5069, -0.0256),
        ((36, 12, 2, 0), 0.0569, 0.3404),
        ((20, 12, 2, 16), 0.0562, 0.3292),
    ],
)
def test_the_interval_is_newcombes(table: tuple[int, int, int, int], low: float, high: float) -> None:
    """The first as R's contingencytables gives it (Cavo 2012)."""
    assert paired_interval(Paired(*table, 1.0)) == pytest.approx((low, high), abs=5e-5)


@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_the_interval_holds_the_difference_and_turns_round_with_the_runs(table: tuple[int, int, int, int]) -> None:
    both, first, second, neither = table
    there, back = Paired(both, first, second, neither, 1.0), Paired(both, second, first, neither, 1.0)
    low, high = paired_interval(there)
    assert -1 - 1e-9 <= low <= there.difference + 1e-9
    assert there.difference - 1e-9 <= high <= 1 + 1e-9
    assert paired_interval(back) == pytest.approx((-high, -low), abs=1e-9)
    assert 0 <= mcnemar_exact(first, second) <= 1


def test_only_items_that_both_answered_count() -> None:
    first = [answer("a", True), answer("b", True), answer("mine", True)]
    second = [answer("a", False), answer("b", True), answer("yours", True)]
    missing = answer("c", True, probabilities=(), problem="There is no image.")
    blank = answer("a", True, variant=BLANK)
    found = compare_runs(record("one", [*first, missing]), record("two", [*second, answer("c", True), blank]))
    assert counts(found) == (1, 1, 0, 0)
    assert (found.only_in_first, found.only_in_second) == (1, 2)


def test_runs_without_a_common_item_are_refused() -> None:
    with pytest.raises(RunError, match="have no answered item in common"):
        compare_runs(record("one", [answer("a", True)]), record("two", [answer("b", True)]))


def test_what_was_written_decides_where_both_wrote() -> None:
    said = answer("a", True, text="B", read="B")
    found = compare_runs(record("one", [said]), record("two", [answer("a", True, text="A", read="A")]))
    assert (found.judged_by, counts(found)) == ("text", (0, 0, 1, 0))
    letters = compare_runs(record("one", [said]), record("two", [answer("a", True)]))
    assert (letters.judged_by, counts(letters)) == ("letters", (1, 0, 0, 0))
    only_text = answer("a", True, text="hm", read=None, probabilities=())
    mixed = compare_runs(record("one", [only_text]), record("two", [answer("a", True)]))
    assert (mixed.judged_by, counts(mixed)) == ("each run's own", (0, 0, 1, 0))
    assert "The runs are judged in different ways" in mixed.warnings[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompt": "polite-2"}, "The prompts differ: released-1 and polite-2."),
        ({"prompt": "unknown"}, "The prompt of an imported run is not known"),
        ({"seed": 5}, "The seeds differ: 0 and 5."),
        ({"state": RunState.UNFINISHED}, "is not finished"),
    ],
)
def test_what_else_differs_is_told(changes: dict[str, object], words: str) -> None:
    first, second = [answer("a", True)], [answer("a", False)]
    found = compare_runs(record("one", first), record("two", second, **changes))  # type: ignore[arg-type]
    assert [words in warning for warning in found.warnings] == [True]


def test_other_pictures_are_told_and_unknown_ones_too() -> None:
    first = [answer("a", True), answer("b", True), answer("c", True)]
    second = [answer("a", True), answer("b", True, picture="other"), answer("c", True, picture="")]
    found = compare_runs(record("one", first), record("two", second))
    assert found.warnings == (
        "The image files of 1 of 3 items differ: another picture was shown.",
        "Whether the same pictures were shown is not known for 1 of 3 items.",
    )
