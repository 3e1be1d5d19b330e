"""Where spot checks are asked for: a run begins once its backbone is loaded, whoever is looking by then."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.run_record import SpotCheckPlan
from medmat_explorer.experiments.spot_check_service import ImageOf, LabelCounts, LiveRun, resume, start

LOADING_SECONDS = 3600
log = logging.getLogger("medmat_explorer")


@dataclass
class Asked:
    """A request for a run: first its backbone loads, then `run` is there, or `error` says why not."""

    backbone: str
    run: LiveRun | None = None
    error: str = ""

    @property
    def waiting(self) -> bool:
        """Whether neither the run nor an error is there yet."""
        return self.run is None and not self.error


class SpotCheckDesk:
    """Takes requests and keeps the runs of this server at hand by id. All methods may be called from any thread."""

    def __init__(self, worker: BackboneWorker, home: Path) -> None:
        self.worker, self.home = worker, home
        self._live: dict[str, LiveRun] = {}

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
    ) -> Asked:
        """Begins a new run when the backbone is loaded. Raises BackboneError for one that cannot be."""

        def begin() -> LiveRun:
            return start(plan, items, image_of, self.worker, self.home, label_counts)

        return self._when_loaded(ref, options, begin)

    def resume(
        self,
        ref: BackboneRef,
        options: LoadOptions,
        run_id: str,
        items: Sequence[QAItem],
        image_of: ImageOf,
    ) -> Asked:
        """Takes up a stored run when its backbone is loaded. Raises BackboneError for one that cannot be."""

        def begin() -> LiveRun:
            return resume(run_id, items, image_of, self.worker, self.home)

        return self._when_loaded(ref, options, begin)

    def _when_loaded(self, ref: BackboneRef, options: LoadOptions, begin: Callable[[], LiveRun]) -> Asked:
        load = self.worker.start(ref, options)
        asked = Asked(ref.manifest.title)
        threading.Thread(target=self._begin, args=(asked, load, begin), daemon=True).start()
        return asked

    def _begin(self, asked: Asked, load: int, begin: Callable[[], LiveRun]) -> None:
        try:
            self.worker.wait_until_loaded(LOADING_SECONDS, load)
            run = begin()
        except MedmatError as error:
            asked.error = str(error)
        except Exception:
            log.exception("A spot check could not begin.")
            asked.error = "The spot check could not begin for a reason that is our fault; see the server's log."
        else:
            self._live[run.id] = run
            asked.run = run
