"""Scores of stored runs for a list: those of the run opened, without its controls, and read once."""

from pathlib import Path

from medmat_explorer.evaluation.run_record import BLANK
from medmat_explorer.evaluation.spot_check import score_answers
from medmat_explorer.experiments.run_scores import run_score
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.run_list import find_runs
from medmat_explorer.store.runs import delete_run, reopen_run
from tests.judged import make_item, sure_of
from tests.kept_runs import kept_run

ITEMS = [make_item(number) for number in range(1, 9)]


def test_the_score_is_that_of_the_run_opened_and_controls_are_not_in_it(home: Path) -> None:
    blank = [sure_of(item, "B", BLANK) for item in ITEMS]
    run_id = kept_run(home, ITEMS, lambda place: place < 6, extra=blank)
    (row,) = find_runs(home)
    score = run_score(home, run_id, row.answers)
    assert score == score_answers(open_run(home, run_id).answers).headline
    assert score and (score.correct, score.n, score.chance) == (6, 8, 0.25)


def test_more_answers_make_another_score_and_lines_that_cannot_be_read_are_left_out(home: Path) -> None:
    run_id = kept_run(home, ITEMS, lambda place: True, finished=False)
    first = run_score(home, run_id, 4)
    assert first and (first.correct, first.n) == (4, 4)
    writer = reopen_run(home, run_id)
    writer.append(sure_of(ITEMS[4], "B").model_dump(mode="json"))
    writer.append({"item": "not one of ours"})
    writer.close(finished=False)
    second = run_score(home, run_id, find_runs(home)[0].answers)
    assert second and (second.correct, second.n) == (4, 5)


def test_a_run_without_answers_or_that_is_gone_has_no_score(home: Path) -> None:
    assert run_score(home, "2026-11-24-063012-nobody-3f2a", 0) is None
    assert run_score(home, "2026-11-24-063012-nobody-3f2a", 7) is None
    assert run_score(home, "../../etc", 7) is None


def test_a_score_is_read_once(home: Path) -> None:
    run_id = kept_run(home, ITEMS, lambda place: True)
    before = run_score(home, run_id, 8)
    delete_run(home, run_id)
    assert before is not None and run_score(home, run_id, 8) is before
