"""Looking at a collection's image files, then for duplicates among them, in the background of a server."""

from pathlib import Path

from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.store.duplicates import SearchRecord, find_duplicates
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.report import Progress


class BackgroundSearch(BackgroundWork):
    """One search. With `check`, image files that were not looked at yet, or have changed, are looked at first.

    Stopped, image files already looked at stay so, and what an earlier search found stays.
    """

    what = "The search"

    def __init__(self, name: str, home: Path, *, check: bool) -> None:
        super().__init__()
        self.name = name
        self.record: SearchRecord | None = None
        self._home, self._check = home, check
        self.begin()

    def work(self) -> None:
        """The look at image files where it is wished, then the search."""
        if self._check:
            check_images(self.name, self._home, progress=self._step, should_stop=self.is_stopped)
        if not self.stopped:
            self.record = find_duplicates(self.name, self._home, progress=self._step, should_stop=self.is_stopped)

    def _step(self, step: Progress) -> None:
        self.told(step.stage, step.done, step.total)
