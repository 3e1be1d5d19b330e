"""Long work in a thread of the server: how far it is, how to stop it, and why it came to nothing."""

import logging
import threading
import time
from abc import ABC, abstractmethod

from medmat_explorer.errors import MedmatError

log = logging.getLogger("medmat_explorer")


class BackgroundWork(ABC):
    """One piece of work in a thread of its own. Look at its fields from any thread; they only ever move forward.

    `what` begins the sentence for a fault of ours, as in "The import". A subclass calls `begin` at the end of making
    itself.
    """

    what = "The work"

    def __init__(self, stage: str = "Starting") -> None:
        self.stage, self.done, self.total = stage, 0, 0
        self.error = ""
        self.stopped = False
        self._stage_began, self._done_before = time.monotonic(), 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def begin(self) -> None:
        """Starts the thread."""
        self._thread.start()

    @abstractmethod
    def work(self) -> None:
        """What is done in the thread: tells how far it is through `told`, and ends early once `stopped` is true."""

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    @property
    def rate(self) -> float:
        """Steps a second since the present stage was first told of."""
        return max(0, self.done - self._done_before) / max(time.monotonic() - self._stage_began, 1e-3)

    @property
    def seconds_left(self) -> float | None:
        """How long the present stage will take at this rate; None before that can be said."""
        return (self.total - self.done) / self.rate if self.rate and self.total else None

    def stop(self) -> None:
        """Asks for an end, which comes at the next step."""
        self.stopped = True

    def is_stopped(self) -> bool:
        """Whether an end was asked for; for what takes a function."""
        return self.stopped

    def wait(self, seconds: float) -> bool:
        """Waits for the end; returns whether it came."""
        self._thread.join(seconds)
        return not self.running

    def told(self, stage: str, done: int, total: int) -> None:
        """Takes in how far the work is; a new stage starts its own clock."""
        if stage != self.stage:
            self._stage_began, self._done_before = time.monotonic(), done
        self.stage, self.done, self.total = stage, done, total

    def _run(self) -> None:
        try:
            self.work()
        except MedmatError as error:
            self.error = str(error)
        except Exception:
            log.exception("%s failed.", self.what)
            self.error = f"{self.what} failed for a reason that is our fault; the server's log has the details."
