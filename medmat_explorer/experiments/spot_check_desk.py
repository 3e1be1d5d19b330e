"""Where spot checks are asked for: a run begins once its backbone is loaded, whoever is looking by then."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import BackboneError, MedmatError, RunError
from medmat_explorer.evaluation.controls import ControlFacts
from medmat_explorer.evaluation.run_record import SpotCheckPlan
from medmat_explorer.experiments.spot_check_service import ImageOf, LabelCounts, LiveRun, LiveState, resume, start

LOADING_SECONDS = 3600
LOOK_SECONDS = 0.1
OUR_FAULT = "The spot check could not begin for a reason that is our fault; see the server's log."
log = logging.getLogger("medmat_explorer")


@dataclass(frozen=True)
class Request:
    """What `ask` takes: a backbone, how to load it, and what to ask it about.

    `owner` is who asks (a session): the backbone takes turns between owners.
    """

    ref: BackboneRef
    options: LoadOptions
    plan: SpotCheckPlan
    items: Sequence[QAItem]
    image_of: ImageOf
    label_counts: LabelCounts = lambda subset: {}
    facts: ControlFacts | None = None
    owner: str = ""

    @property
    def same(self) -> tuple[object, ...]:
        """Equal for two requests of one owner that would ask the same of the same backbone."""
        return self.owner, self.ref.id, self.options, self.plan, tuple(item.key for item in self.items)


@dataclass
class Asked:
    """A request for a run: first its backbone loads, then `run` is there, or `error` says why not.

    `after` is another request whose run has to end first.
    """

    backbone: str
    run: LiveRun | None = None
    error: str = ""
    after: "Asked | None" = None

    @property
    def waiting(self) -> bool:
        """Whether neither the run nor an error is there yet."""
        return self.run is None and not self.error

    @property
    def under_way(self) -> bool:
        """Whether its run is still to begin, or to end."""
        return self.waiting or (self.run is not None and self.run.state in (LiveState.WAITING, LiveState.RUNNING))


class SpotCheckDesk:
    """Takes requests and keeps the runs of this server at hand by id. All methods may be called from any thread."""

    def __init__(self, worker: BackboneWorker, home: Path) -> None:
        self.worker, self.home = worker, home
        self._live: dict[str, LiveRun] = {}
        self._asked: list[tuple[Request, Asked]] = []
        self._pairs: dict[str, tuple[Asked, Asked]] = {}
        self._lock = threading.Lock()

    def live(self, run_id: str) -> LiveRun | None:
        """A run that this server began, under way or ended."""
        return self._live.get(run_id)

    def ask(
        self,
        ref: BackboneRef,
        options: LoadOptions,
        plan: SpotCheckPlan,
        items: Sequence[QAItem],
        image_of: ImageOf,
        label_counts: LabelCounts,
        facts: ControlFacts | None = None,
        owner: str = "",
    ) -> Asked:
        """Begins a new run when the backbone is loaded. Raises BackboneError for one that cannot be.

        An owner who asks the same again while it is under way gets the first request back: a double click is one run.
        """
        request = Request(ref, options, plan, items, image_of, label_counts, facts, owner)
        with self._lock:
            self._asked = [(old, asked) for old, asked in self._asked if asked.under_way]
            if before := next((asked for old, asked in self._asked if owner and old.same == request.same), None):
                return before
            asked = self._when_loaded(ref, options, lambda: self._started(request))
            self._asked.append((request, asked))
            return asked

    def ask_both(self, first: Request, second: Request) -> tuple[Asked, Asked]:
        """Two backbones, one after the other: the second is loaded when the first run has ended, whoever is looking.

        There is one backbone at a time on a server, so the second also waits for the runs of others. It is not begun
        where the first was stopped or failed. Raises BackboneError for a backbone that cannot be loaded.
        """
        if problem := second.ref.problem:
            raise BackboneError(problem)
        before = self.ask(**vars(first))
        with self._lock:
            known = self._pairs.get(first.owner) if first.owner else None
            if known is not None and known[0] is before and known[1].under_way:
                return known
            asked = Asked(second.ref.manifest.title, after=before)
            self._pairs[first.owner] = before, asked
        threading.Thread(target=self._follow, args=(before, asked, second), daemon=True).start()
        return before, asked

    def pair(self, owner: str) -> tuple[Asked, Asked] | None:
        """The last two backbones that an owner asked side by side."""
        return self._pairs.get(owner)

    def resume(
        self,
        ref: BackboneRef,
        options: LoadOptions,
        run_id: str,
        items: Sequence[QAItem],
        image_of: ImageOf,
        facts: ControlFacts | None = None,
        owner: str = "",
    ) -> Asked:
        """Takes up a stored run when its backbone is loaded. Raises BackboneError for one that cannot be."""

        def begin() -> LiveRun:
            return resume(run_id, items, image_of, self.worker, self.home, facts=facts, owner=owner)

        return self._when_loaded(ref, options, begin)

    def _started(self, asked: Request) -> LiveRun:
        return start(
            asked.plan,
            asked.items,
            asked.image_of,
            self.worker,
            self.home,
            asked.label_counts,
            facts=asked.facts,
            owner=asked.owner,
        )

    def _when_loaded(self, ref: BackboneRef, options: LoadOptions, begin: Callable[[], LiveRun]) -> Asked:
        load = self.worker.start(ref, options)
        asked = Asked(ref.manifest.title)
        threading.Thread(target=self._begin, args=(asked, load, begin), daemon=True).start()
        return asked

    def _begin(self, asked: Asked, load: int, begin: Callable[[], LiveRun]) -> None:
        with _told(asked):
            self.worker.wait_until_loaded(LOADING_SECONDS, load)
            run = begin()
            self._live[run.id] = run
            asked.run = run

    def _follow(self, first: Asked, second: Asked, request: Request) -> None:
        """Waits for the first run's end and for everybody else's, then loads and asks."""
        with _told(second):
            while first.under_way:
                time.sleep(LOOK_SECONDS)
            if first.run is None or first.run.state is not LiveState.FINISHED:
                raise RunError(f"{first.backbone} did not answer everything: ask {second.backbone} by itself.")
            while self.worker.state.jobs:
                time.sleep(LOOK_SECONDS)
            load = self.worker.start(request.ref, request.options)
            self._begin(second, load, lambda: self._started(request))


class _told:
    """Whatever goes wrong inside becomes the request's error: nobody waits for the thread."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, MedmatError):
            self._asked.error = str(error)
        elif isinstance(error, Exception):
            log.error("A spot check could not begin.", exc_info=error)
            self._asked.error = OUR_FAULT
        return isinstance(error, Exception)
