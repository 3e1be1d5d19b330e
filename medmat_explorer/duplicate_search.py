"""Looking at a collection's image files, then for duplicates among them, in the background of a server."""

import logging
import threading
import time
from pathlib import Path

from medmat_explorer.errors import MedmatError
from medmat_explorer.store.duplicates import SearchRecord, find_duplicates
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.report import Progress

log = logging.getLogger("medmat_explorer")


class BackgroundSearch:
    """One search in a thread of its own. Look at its fields from any thread; they only ever move forward.

    With `check`, image files that were not looked at yet, or have changed, are looked at first.
    """

    def __init__(self, name: str, home: Path, *, check: bool) -> None:
        self.name = name
        self.stage, self.done, self.total = "Starting", 0, 0
        self.record: SearchRecord | None = None
        self.error = ""
        self.stopped = False
        self._stage_began = time.monotonic()
        self._thread = threading.Thread(target=self._run, args=(home, check), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    @property
    def rate(self) -> float:
        """Steps a second in the present stage: images while checking, else comparisons of all looks."""
        return self.done / max(time.monotonic() - self._stage_began, 1e-3)

    def stop(self) -> None:
        """Asks for an end: image files already looked at stay so, what an earlier search found stays."""
        self.stopped = True

    def wait(self, seconds: float) -> bool:
        """Waits for the end; returns whether it came."""
        self._thread.join(seconds)
        return not self.running

    def _run(self, home: Path, check: bool) -> None:
        def stopped() -> bool:
            return self.stopped

        try:
            if check:
                check_images(self.name, home, progress=self._told, should_stop=stopped)
            if not self.stopped:
                self.record = find_duplicates(self.name, home, progress=self._told, should_stop=stopped)
        except MedmatError as error:
            self.error = str(error)
        except Exception:
            log.exception("The search for duplicates in %s failed.", self.name)
            self.error = "The search failed for a reason that is our fault; the server's log has the details."

    def _told(self, step: Progress) -> None:
        if step.stage != self.stage:
            self._stage_began = time.monotonic()
        self.stage, self.done, self.total = step.stage, step.done, step.total
