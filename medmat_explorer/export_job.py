"""An export in the background of a server."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import medmat_explorer
from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.export import ExportReport, export_selection


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


class BackgroundExport(BackgroundWork):
    """One export; stopped, nothing of it is kept."""

    what = "The export"

    def __init__(self, wish: ExportWish, home: Path) -> None:
        super().__init__()
        self.wish, self.folder = wish, new_folder(wish, home)
        self.report: ExportReport | None = None
        self._home = home
        self.begin()

    def work(self) -> None:
        """Opens the collection for itself, so that an import meanwhile does not close it, and writes it out."""
        with closing(open_catalog(self.wish.collection, self._home)) as catalog:
            self.report = export_selection(
                catalog,
                self.wish.selection,
                self.folder,
                self.wish.format,
                images=self.wish.images,
                sort=self.wish.sort,
                seed=self.wish.seed,
                program=medmat_explorer.__version__,
                progress=self.told,
                should_stop=self.is_stopped,
            )
