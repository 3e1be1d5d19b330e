"""The headline score of stored runs, for lists of many: read once, and again only when a run has more answers."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from medmat_explorer.errors import RunError, UnknownNameError
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer
from medmat_explorer.evaluation.spot_check import score_answers, score_by_subset
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.store.runs import Entry, read_run

MOST_KEPT = 20_000
"""Runs whose score is remembered; a score is a few numbers."""


def run_score(home: Path, run_id: str, answers: int) -> Score | None:
    """The score of a run that holds so many answers: by what was written, else by the most probable letter.

    Controls do not count. None where nothing was answered yet, and of a run that cannot be read or is gone.
    """
    return _score(Path(home), run_id, answers) if answers else None


def subset_scores(home: Path, run_id: str, answers: int) -> Mapping[str, Score]:
    """The same for each subset that the run asked about."""
    return _subset_scores(Path(home), run_id, answers) if answers else {}


@lru_cache(MOST_KEPT)
def _score(home: Path, run_id: str, answers: int) -> Score | None:
    """Answers are only ever added, so that their number says whether a run has changed."""
    return score_answers(_main_answers(home, run_id)).headline


@lru_cache(MOST_KEPT)
def _subset_scores(home: Path, run_id: str, answers: int) -> Mapping[str, Score]:
    found = score_by_subset(_main_answers(home, run_id))
    return {subset: scores.headline for subset, scores in found.items() if scores.headline}


def _main_answers(home: Path, run_id: str) -> list[JudgedAnswer]:
    try:
        lines = read_run(home, run_id).answers
    except (RunError, UnknownNameError):
        return []
    return list(_readable(line for line in lines if line.get("variant", MAIN) == MAIN))


def _readable(lines: Iterable[Entry]) -> Iterator[JudgedAnswer]:
    """What can be read of them; opening the run tells how many cannot."""
    for line in lines:
        try:
            yield JudgedAnswer.model_validate(line)
        except ValidationError:
            continue
