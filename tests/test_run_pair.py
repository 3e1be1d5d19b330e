"""A pair of runs: four cells with their items, groups that add up, pictures that several items share."""

from datetime import UTC, datetime

import pytest

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunHeader, RunRecord, RunState, SpotCheckPlan
from medmat_explorer.experiments.run_pair import Agreement, groups, pair_runs
from tests.judged import make_item, sure_of


def record(name: str, answers: list[JudgedAnswer], **plan: object) -> RunRecord:
    fields = {"collection": "mini", "version": "1", "backbone": name, "n": len(answers), **plan}
    header = RunHeader(
        id=f"2026-11-24-063012-{name}-3f2a",
        created=datetime(2026, 11, 24, tzinfo=UTC),
        plan=SpotCheckPlan.model_validate(fields),
        item_keys=tuple(answer.item for answer in answers),
        usual_labels={},
        backbone_title=name,
        backbone_source="test",
        revision="1",
        device="cpu",
        dtype="float32",
        libraries={},
    )
    return RunRecord(header=header, answers=tuple(answers), state=RunState.FINISHED)


def run(name: str, right: str, subsets: str = "2323", picture: str = "", **plan: object) -> RunRecord:
    """Items 1, 2, ... answered rightly where `right` has a +; `picture` has a letter for each item's picture."""
    answers = []
    for place, sign in enumerate(right):
        item = make_item(place + 1, "A", subset=f"0{subsets[place % len(subsets)]}")
        shown = picture[place] if picture else ""
        answers.append(sure_of(item, "A" if sign == "+" else "B").model_copy(update={"picture": shown}))
    return record(name, answers, **plan)


def test_every_common_item_stands_in_one_cell_of_the_table() -> None:
    pair = pair_runs(run("one", "++--+"), run("two", "+-+-"))
    keys = [make_item(number).key for number in range(1, 5)]
    assert [pair.keys_of(cell) for cell in Agreement] == [[key] for key in keys]
    assert pair.keys_of(Agreement.FIRST, Agreement.SECOND) == keys[1:3]
    assert [(score.correct, score.n, score.chance) for score in pair.scores] == [(2, 4, 0.25), (2, 4, 0.25)]
    assert pair.warnings[0] == "Other items were asked too: 1 by run 1 alone. They are left out here."


def test_groups_add_up_to_the_whole_and_are_what_the_comparison_has_by_subset() -> None:
    pair = pair_runs(run("one", "++++--+-"), run("two", "+-+--+--"))
    found = groups(pair, lambda answer: answer.subset)
    assert [(group.name, group.n) for group in found] == [("02", 4), ("03", 4)]
    assert {group.name: group.paired for group in found} == pair.comparison.by_subset
    assert sum(group.first for group in found) == pair.scores[0].correct == 5
    assert sum(group.second for group in found) == pair.scores[1].correct == 3
    (everything,) = groups(pair, lambda answer: "all")
    assert everything.paired == pair.comparison.whole


def test_items_that_share_a_picture_widen_the_interval() -> None:
    first, second, shared = "+" * 20, "+" * 12 + "-" * 8, "aaaabbbbccccddddeeee"
    alone = pair_runs(run("one", first, picture="abcdefghijklmnopqrst"), run("two", second))
    together = pair_runs(run("one", first, picture=shared), run("two", second))
    assert (alone.shares_pictures, together.shares_pictures) == (False, True)
    assert (together.difference.clusters, together.difference.n) == (5, 20)
    assert together.difference.difference == alone.difference.difference == pytest.approx(0.4)
    width = [high - low for low, high in (alone.interval, together.interval)]
    assert width[1] > 1.5 * width[0]


def test_pictures_are_told_apart_by_file_name_where_no_content_was_recorded() -> None:
    names = {make_item(number).key: f"{number % 2}.png" for number in range(1, 9)}
    pair = pair_runs(run("one", "++++++++"), run("two", "+-+-+-++"), lambda keys: {key: names[key] for key in keys})
    assert (pair.difference.clusters, pair.shares_pictures) == (2, True)
    unknown = pair_runs(run("one", "++++++++"), run("two", "+-+-+-++"))
    assert (unknown.difference.clusters, unknown.shares_pictures) == (8, False)


def test_equal_runs_keep_an_interval_that_is_not_nothing() -> None:
    pair = pair_runs(run("one", "++-+"), run("two", "++-+"))
    low, high = pair.interval
    assert pair.difference.interval is None and low < 0 < high


def test_a_run_is_not_compared_with_itself() -> None:
    with pytest.raises(RunError, match="cannot be compared with itself"):
        pair_runs(run("one", "++"), run("one", "++"))


@pytest.mark.parametrize(
    ("plan", "words"),
    [({"version": "2"}, "imported anew between the runs"), ({"collection": "other"}, "The collections differ: mini")],
)
def test_another_collection_or_version_is_told(plan: dict[str, object], words: str) -> None:
    pair = pair_runs(run("one", "++", picture="ab"), run("two", "+-", picture="ab", **plan))  # type: ignore[arg-type]
    assert [words in warning for warning in pair.warnings] == [True]
