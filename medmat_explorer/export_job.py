"""An export in the background of a server."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import medmat_explorer
from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.export import ExportReport, export_selection

log = logging.getLogger("medmat_explorer")


@dataclass(frozen=True)
class ExportWish:
    """What to export, and in which form."""

    collection: str
    selection: Selection
    format: str
    images: bool = False
    sort: str = "subset"
    seed: int = 0


def exports_folder(home: Path) -> Path:
    """Where exports lie that were asked for in the app."""
    return Path(home) / "exports"


def new_folder(wish: ExportWish, home: Path) -> Path:
    """A folder for an export that says what is in it, and that does not exist yet."""
    base = f"{wish.collection}-{wish.format}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder, turn = exports_folder(home) / base, 2
    while folder.exists() or folder.with_name(f"{folder.name}.partial").exists():
        folder, turn = exports_folder(home) / f"{base}-{turn}", turn + 1
    return folder


class BackgroundExport:
    """One export in a thread of its own. Look at its fields from any thread; they only ever move forward."""

    def __init__(self, wish: ExportWish, home: Path) -> None:
        self.wish, self.folder = wish, new_folder(wish, home)
        self.stage, self.done, self.total = "Starting", 0, 0
        self.report: ExportReport | None = None
        self.error = ""
        self.stopped = False
        self._stage_began = time.monotonic()
        self._thread = threading.Thread(target=self._run, args=(home,), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    @property
    def rate(self) -> float:
        """Items a second in the present stage."""
        return self.done / max(time.monotonic() - self._stage_began, 1e-3)

    def stop(self) -> None:
        """Asks for an end; nothing of it is kept."""
        self.stopped = True

    def wait(self, seconds: float) -> bool:
        """Waits for the end; returns whether it came."""
        self._thread.join(seconds)
        return not self.running

    def _run(self, home: Path) -> None:
        """Opens the collection for itself, so that an import meanwhile does not close it."""
        try:
            catalog = open_catalog(self.wish.collection, home)
            try:
                self.report = export_selection(
                    catalog,
                    self.wish.selection,
                    self.folder,
                    self.wish.format,
                    images=self.wish.images,
                    sort=self.wish.sort,
                    seed=self.wish.seed,
                    program=medmat_explorer.__version__,
                    progress=self._told,
                    should_stop=lambda: self.stopped,
                )
            finally:
                catalog.close()
        except MedmatError as error:
            self.error = str(error)
        except Exception:
            log.exception("The export of %s failed.", self.wish.collection)
            self.error = "The export failed for a reason that is our fault; the server's log has the details."

    def _told(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self._stage_began = time.monotonic()
        self.stage, self.done, self.total = stage, done, total
