"""One caller's questions on their way through a backbone's process."""

import threading
import time
from collections.abc import Callable

from medmat_explorer.backbones.contract import Reply
from medmat_explorer.errors import MedmatError

OnReply = Callable[[Reply], None]
OnEnd = Callable[["Job"], None]


class Job:
    """Replies as they come. Every method returns at once and may be called from any thread.

    `on_reply` and `on_end` are called from the thread that reads the process, in the order of the replies: what must
    happen even when nobody polls (storing) stands there. They must not call the worker. `owner` is whose it is.
    """

    def __init__(
        self,
        total: int,
        stop: Callable[["Job"], None],
        on_reply: OnReply | None,
        on_end: OnEnd | None,
        owner: str = "",
    ) -> None:
        self.total, self.owner = total, owner
        self.error = ""
        self.stopped = False
        self.began: float | None = None
        self.writing: tuple[str, str] | None = None
        self._stop, self._on_reply, self._on_end = stop, on_reply, on_end
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._fresh: list[Reply] = []
        self._answered = 0
        self._position = 0

    @property
    def done(self) -> bool:
        """Whether it has ended: all answered, stopped, or failed (`error` holds the sentence)."""
        return self._ended.is_set()

    @property
    def position(self) -> int:
        """How many jobs must end before its turn comes: those of its owner that were there before it.

        0 means that it is served, in turn with the jobs of other owners. Set by the worker; `began` is the moment,
        monotonic, when it first was 0.
        """
        return self._position

    @position.setter
    def position(self, jobs: int) -> None:
        self._position = jobs
        if jobs == 0 and self.began is None:
            self.began = time.monotonic()

    @property
    def answered(self) -> int:
        """How many replies have come."""
        return self._answered

    def poll(self) -> list[Reply]:
        """The replies since the last call."""
        with self._lock:
            fresh, self._fresh = self._fresh, []
        return fresh

    def stop(self) -> None:
        """Asks for an end after the question that is being answered."""
        if not self.done:
            self.stopped = True
            self._stop(self)

    def wait(self, seconds: float | None = None) -> bool:
        """Blocks until the end, for callers that have nothing else to do. True when it has ended."""
        return self._ended.wait(seconds)

    def take(self, reply: Reply) -> None:
        """A reply has come (called by the worker)."""
        if self.done or not self._kept(reply):
            return
        with self._lock:
            self._fresh.append(reply)
            self._answered += 1
        self.writing = None

    def end(self, error: str = "") -> None:
        """No more replies come (called by the worker); the first end counts."""
        if self._ended.is_set():
            return
        self.error, self.writing = error, None
        try:
            if self._on_end:
                self._on_end(self)
        finally:
            self._ended.set()

    def _kept(self, reply: Reply) -> bool:
        if self._on_reply is None:
            return True
        try:
            self._on_reply(reply)
        except MedmatError as error:
            self._stop(self)
            self.end(str(error))
            return False
        return True
