"""A spot check from beginning to end, for the command line: loads, asks, waits, and returns plain values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import BackboneError
from medmat_explorer.evaluation.controls import ControlFacts
from medmat_explorer.evaluation.run_record import RunKind, SpotCheckPlan
from medmat_explorer.evaluation.run_summary import RunContext, summarise
from medmat_explorer.evaluation.summary_json import as_json
from medmat_explorer.experiments.asker import Asker
from medmat_explorer.experiments.run_header import LOCAL
from medmat_explorer.experiments.spot_check_service import (
    ImageOf,
    LabelCounts,
    LiveRun,
    refuse_nothing,
    resume,
    start,
)

POLL_SECONDS, STOPPING_SECONDS = 0.1, 5.0
Progress = Callable[[str, int, int], None]
"""Told what is being done, how many questions are answered, and of how many (0 while that is not known)."""
Begun = Callable[[str], None]
"""Told the run's id once it is stored, by which it can be taken up again."""
Open = Callable[[BackboneRef, LoadOptions | None, Progress], AbstractContextManager[Asker]]
"""Loads a backbone somewhere and lets go of it in the end."""


@contextmanager
def on_this_machine(ref: BackboneRef, options: LoadOptions | None, progress: Progress) -> Iterator[Asker]:
    """The backbone in one process beside this one. Raises BackboneError when it cannot be loaded."""
    worker = BackboneWorker()
    try:
        worker.start(ref, options)
        while not worker.wait(POLL_SECONDS):
            progress(worker.state.sentence, 0, 0)
        worker.wait_until_loaded(0)
        yield worker
    finally:
        worker.unload()


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
    *,
    facts: ControlFacts | None = None,
    context: RunContext | None = None,
    opened: Open = on_this_machine,
    engine: str = LOCAL,
) -> Mapping[str, object]:
    """Asks and waits; returns what `spot-check --json` prints. What was answered is kept when it is interrupted.

    `facts` are what some controls have to know, `context` what the collection adds to the numbers. Raises BackboneError
    when the backbone cannot be loaded or stops before the end, RunError without items or for a plan without sense.
    """
    refuse_nothing(items)
    with opened(ref, options, progress) as asker:
        run = start(plan, items, image_of, asker, home, label_counts, kind, facts=facts, engine=engine)
        return _waited(run, progress, begun, context)


def resume_spot_check(
    run_id: str,
    items: Sequence[QAItem],
    image_of: ImageOf,
    ref: BackboneRef,
    home: Path,
    options: LoadOptions | None = None,
    progress: Progress = lambda stage, done, total: None,
    begun: Begun = lambda run_id: None,
    *,
    facts: ControlFacts | None = None,
    context: RunContext | None = None,
    opened: Open = on_this_machine,
) -> Mapping[str, object]:
    """Asks what a stored run has left, and waits; `items` are those of its header. Returns the whole run's summary.

    Raises BackboneError as `run_spot_check` does, RunError when the run is finished, held by another process, or was
    asked of another backbone.
    """
    with opened(ref, options, progress) as asker:
        run = resume(run_id, items, image_of, asker, home, facts=facts)
        return _waited(run, progress, begun, context)


def _waited(run: LiveRun, progress: Progress, begun: Begun, context: RunContext | None) -> Mapping[str, object]:
    """Until its end; whoever interrupts it ends it after the questions that are being answered."""
    try:
        begun(run.id)
        while not run.wait(POLL_SECONDS):
            progress("Asking.", len(run.answers), run.total)
    except BaseException:
        run.stop()
        run.wait(STOPPING_SECONDS)
        raise
    progress("Done.", len(run.answers), run.total)
    if run.sentence:
        raise BackboneError(f"{run.sentence} The run is {run.id}.")
    return summary(run, context)


def summary(run: LiveRun, context: RunContext | None = None) -> Mapping[str, object]:
    """A run's result as plain values: the headline score, all scores, the controls and each subset."""
    known = replace(context or RunContext(), controls=run.header.plan.controls)
    return {
        "run_id": run.id,
        "backbone": run.header.plan.backbone,
        "prompt": run.header.plan.prompt,
        **as_json(summarise(run.answers, known)),
        "items_per_second": round(run.questions_per_second, 2),
    }
