"""A folder becomes a collection: the import, then the look at every image file; also in the background."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from medmat_explorer.domain.facts import Facts
from medmat_explorer.errors import MedmatError
from medmat_explorer.paper.facts import datasets, subsets
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.ingest import import_collection
from medmat_explorer.store.report import IngestReport, Progress
from medmat_explorer.terminal import Report

log = logging.getLogger("medmat_explorer")


def paper_facts() -> Facts:
    """The published subsets and data sets."""
    return Facts(subsets(), datasets())


def import_folder(
    path: Path,
    name: str,
    home: Path,
    *,
    progress: Report,
    test_share: float = 0.1,
    seed: int = 0,
    without: str = "",
    check: bool = True,
    imported: Callable[[IngestReport], None] = lambda report: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Imports `path` and returns the report under the names of the command line's JSON.

    `without` is the number of an own subset of the collection that is left out.
    `imported` is called when the collection can be looked at already, before its image files are.
    """

    def passed_on(step: Progress) -> None:
        progress(step.stage, step.done, step.total)

    report = import_collection(
        path,
        name,
        home,
        paper_facts(),
        test_share=test_share,
        seed=seed,
        without=without,
        progress=passed_on,
        should_stop=should_stop,
    )
    imported(report)
    result: dict[str, Any] = report.as_json()
    if check:
        result["images"] = check_images(name, home, progress=passed_on, should_stop=should_stop).as_json()
    return result


class BackgroundImport:
    """One import in a thread of its own. Look at its fields from any thread; they only ever move forward."""

    def __init__(self, path: Path, name: str, home: Path, test_share: float = 0.1, seed: int = 0) -> None:
        self.path, self.name = path, name
        self.stage, self.done, self.total = "Starting", 0, 0
        self.report: IngestReport | None = None
        self.result: dict[str, Any] | None = None
        self.error = ""
        self.stopped = False
        self._stage_began = time.monotonic()
        self._thread = threading.Thread(target=self._run, args=(home, test_share, seed), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    @property
    def rate(self) -> float:
        """Steps a second in the present stage."""
        return self.done / max(time.monotonic() - self._stage_began, 1e-3)

    def stop(self) -> None:
        """Asks for an end; what stood before stays, image files already looked at stay so."""
        self.stopped = True

    def _run(self, home: Path, test_share: float, seed: int) -> None:
        try:
            self.result = import_folder(
                self.path,
                self.name,
                home,
                progress=self._told,
                test_share=test_share,
                seed=seed,
                imported=self._imported,
                should_stop=lambda: self.stopped,
            )
        except MedmatError as error:
            self.error = str(error)
        except Exception:
            log.exception("The import of %s failed.", self.path)
            self.error = "The import failed for a reason that is our fault; the server's log has the details."

    def _told(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self._stage_began = time.monotonic()
        self.stage, self.done, self.total = stage, done, total

    def _imported(self, report: IngestReport) -> None:
        self.report = report
