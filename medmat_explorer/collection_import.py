"""A folder becomes a collection: the import, then the look at every image file; also in the background."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.domain.facts import Facts
from medmat_explorer.domain.progress import Report
from medmat_explorer.paper.facts import datasets, subsets
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.ingest import import_collection
from medmat_explorer.store.report import IngestReport, Progress


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


class BackgroundImport(BackgroundWork):
    """One import; stopped, it leaves what stood before, and image files already looked at stay so."""

    what = "The import"

    def __init__(self, path: Path, name: str, home: Path, test_share: float = 0.1, seed: int = 0) -> None:
        super().__init__()
        self.path, self.name = path, name
        self.report: IngestReport | None = None
        self.result: dict[str, Any] | None = None
        self._wish = (home, test_share, seed)
        self.begin()

    def work(self) -> None:
        """The import, then the look at image files; `report` stands as soon as the collection can be looked at."""
        home, test_share, seed = self._wish
        self.result = import_folder(
            self.path,
            self.name,
            home,
            progress=self.told,
            test_share=test_share,
            seed=seed,
            imported=self._imported,
            should_stop=self.is_stopped,
        )

    def _imported(self, report: IngestReport) -> None:
        self.report = report
