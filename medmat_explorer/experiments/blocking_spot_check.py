"""A spot check from beginning to end, for the command line: loads, asks, waits, and returns plain values."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import BackboneError
from medmat_explorer.evaluation.run_record import RunKind, SpotCheckPlan
from medmat_explorer.evaluation.spot_check import Scores
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.experiments.spot_check_service import (
    ImageOf,
    LabelCounts,
    LiveRun,
    refuse_nothing,
    resume,
    start,
)

POLL_SECONDS = 0.1
Progress = Callable[[str, int, int], None]
"""Told what is being done, how many questions are answered, and of how many (0 while that is not known)."""
Begun = Callable[[str], None]
"""Told the run's id once it is stored, by which it can be taken up again."""


def run_spot_check(
    plan: SpotCheckPlan,
    items: Sequence[QAItem],
    image_of: ImageOf,
    ref: BackboneRef,
    home: Path,
    options: LoadOptions | None = None,
    progress: Progress = lambda stage, done, total: None,
    label_counts: LabelCounts = lambda subset: {},
    kind: RunKind = RunKind.SPOT_CHECK,
    begun: Begun = lambda run_id: None,
) -> Mapping[str, object]:
    """Asks and waits; returns what `spot-check --json` prints. What was answered is kept when it is interrupted.

    Raises BackboneError when the backbone cannot be loaded or stops before the end, RunError without items.
    """
    refuse_nothing(items)
    return _asked(
        lambda worker: start(plan, items, image_of, worker, home, label_counts, kind),
        ref,
        options,
        progress,
        begun,
    )


def resume_spot_check(
    run_id: str,
    items: Sequence[QAItem],
    image_of: ImageOf,
    ref: BackboneRef,
    home: Path,
    options: LoadOptions | None = None,
    progress: Progress = lambda stage, done, total: None,
    begun: Begun = lambda run_id: None,
) -> Mapping[str, object]:
    """Asks what a stored run has left, and waits; `items` are those of its header. Returns the whole run's summary.

    Raises BackboneError as `run_spot_check` does, RunError when the run is finished, held by another process, or was
    asked of another backbone.
    """
    return _asked(lambda worker: resume(run_id, items, image_of, worker, home), ref, options, progress, begun)


def _asked(
    begin: Callable[[BackboneWorker], LiveRun],
    ref: BackboneRef,
    options: LoadOptions | None,
    progress: Progress,
    begun: Begun,
) -> Mapping[str, object]:
    worker = BackboneWorker()
    try:
        worker.start(ref, options)
        while not worker.wait(POLL_SECONDS):
            progress(worker.state.sentence, 0, 0)
        worker.wait_until_loaded(0)
        run = begin(worker)
        begun(run.id)
        while not run.wait(POLL_SECONDS):
            progress("Asking.", len(run.answers), run.total)
        progress("Done.", len(run.answers), run.total)
        if run.sentence:
            raise BackboneError(f"{run.sentence} The run is {run.id}.")
        return summary(run)
    finally:
        worker.unload()


def summary(run: LiveRun) -> Mapping[str, object]:
    """A run's result as plain values: the headline score, both scores, the controls and each subset."""
    scores, controls = run.score(), run.controls()
    found: dict[str, object] = {}
    if controls.blank:
        found["blank"] = _both(controls.blank)
    if controls.circular:
        found["circular"] = _plain(controls.circular)
    return {
        "run_id": run.id,
        "backbone": run.header.plan.backbone,
        **_both(scores),
        "controls": found,
        "by_subset": {subset: _both(entry) for subset, entry in run.by_subset().items()},
        "items_per_second": round(run.questions_per_second, 2),
    }


def _both(scores: Scores) -> dict[str, object]:
    """The headline's values, with each score by its name, and who is not in n."""
    by_name = {"letters": scores.letters, "text": scores.text}
    return {
        **_plain(scores.headline),
        "no_picture": scores.no_picture,
        "disagreements": scores.disagreements,
        "scores": {name: _plain(score) for name, score in by_name.items() if score},
    }


def _plain(score: Score | None) -> dict[str, object]:
    if score is None:
        counts = dict.fromkeys(("n", "correct", "wrong", "unparsed"), 0)
        return {**counts, **dict.fromkeys(("accuracy", "interval", "chance", "majority", "below_chance"))}
    return {
        "n": score.n,
        "correct": score.correct,
        "wrong": score.wrong,
        "unparsed": score.unparsed,
        "accuracy": score.accuracy,
        "interval": list(score.interval),
        "chance": score.chance,
        "majority": score.majority,
        "below_chance": score.below_chance,
    }
