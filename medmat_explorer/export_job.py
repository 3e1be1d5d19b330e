"""An export in the background of a server: a selection, or training mixes."""

import hashlib
import re
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import medmat_explorer
from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.domain.arms import Arm
from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.export import ExportReport, export_selection
from medmat_explorer.store.mix_arms import MixWish, draw_arm, draw_arms
from medmat_explorer.store.mix_export import MixReport, export_arms, export_mix

LONGEST = 80
"""Letters of a folder's name before the time; a longer one is cut and ends in a hash of all of it."""


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


@dataclass(frozen=True)
class MixOrder:
    """Which mix to export, and in which form; without an arm all arms of the target."""

    collection: str
    wish: MixWish
    arm: Arm | None
    format: str
    images: bool = False

    @property
    def title(self) -> str:
        """For people: `related for 28`."""
        return f"{self.arm.title if self.arm else 'all arms'} for {self.wish.target.key}"


def new_folder(wish: ExportWish, home: Path) -> Path:
    """A folder for an export that says what is in it, and that does not exist yet."""
    return _new_folder(f"{wish.collection}-{wish.format}", home)


def _new_folder(what: str, home: Path) -> Path:
    if len(what) > LONGEST:
        digest = hashlib.sha256(what.encode()).hexdigest()[:8]
        what = f"{what[: LONGEST - 9]}-{digest}"
    base = f"{what}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
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


class BackgroundMix(BackgroundWork):
    """The export of one mix, or of all arms of a target; stopped, nothing of it is kept."""

    what = "The export of the mix"

    def __init__(self, order: MixOrder, home: Path) -> None:
        super().__init__("Drawing")
        self.order = order
        what = re.sub(r"[^A-Za-z0-9]+", "-", f"mix-{order.title}-{order.format}")
        self.folder = _new_folder(f"{order.collection}-{what}", home)
        self.reports: dict[str, MixReport] = {}
        self._home = home
        self.begin()

    def work(self) -> None:
        """Opens the collection for itself, draws and writes."""
        order = self.order
        wish = replace(order.wish, pictures=order.images)
        with closing(open_catalog(order.collection, self._home)) as catalog:
            if order.arm is None:
                arms = draw_arms(catalog, wish)
                self.reports = export_arms(
                    catalog,
                    arms,
                    self.folder,
                    order.format,
                    images=order.images,
                    progress=self.told,
                    should_stop=self.is_stopped,
                )
            else:
                drawn = draw_arm(catalog, wish, order.arm)
                report = export_mix(
                    catalog,
                    drawn,
                    self.folder,
                    order.format,
                    images=order.images,
                    progress=self.told,
                    should_stop=self.is_stopped,
                )
                self.reports = {order.arm.key: report}
