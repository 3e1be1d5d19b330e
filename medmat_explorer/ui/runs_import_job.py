"""Somebody else's answers taken in behind the page: an uploaded file becomes a run, or one sentence says why not."""

import re
import tempfile
from contextlib import closing
from pathlib import Path, PurePosixPath

from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.errors import RunError
from medmat_explorer.experiments.imported_run import Imported, import_run
from medmat_explorer.store.collections import open_catalog

LONGEST_NAME = 120


class BackgroundRunImport(BackgroundWork):
    """One file taken in; stopped or refused, nothing of it is kept."""

    what = "The import of the run"

    def __init__(self, file: str, content: bytes, collection: str, backbone: str, home: Path) -> None:
        super().__init__("Reading the file.")
        self.file, self.collection = file, collection
        self.result: Imported | None = None
        self._content, self._backbone, self._home = content, backbone, home
        self.begin()

    def work(self) -> None:
        """Opens the collection for itself. The file lies under its own name meanwhile, since the run records it."""
        if not self._content:
            raise RunError(f"{self.file} is empty: it holds no answers.")
        name = safe_name(self.file)
        with tempfile.TemporaryDirectory(prefix="medmat-import-") as folder:
            path = Path(folder) / (PurePosixPath(name).stem or "answers") / name
            path.parent.mkdir()
            path.write_bytes(self._content)
            self._content = b""
            try:
                with closing(open_catalog(self.collection, self._home)) as catalog:
                    self.result = import_run(path, catalog, self._home, self._backbone, self._tell)
            except RunError as error:
                raise RunError(str(error).replace(str(path), name)) from error

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self.stopped:
            raise RunError("The import was stopped; nothing of it was kept.")
        self.told(stage, done, total)


def safe_name(file: str) -> str:
    """A file's own name without any folder, and without what a file system might not take."""
    name = re.sub(r"[^\w.()+@ -]", "_", file.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(". ")
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return name[:LONGEST_NAME] or "answers"
    return f"{stem[: LONGEST_NAME - len(suffix[:12])] or 'answers'}.{suffix[:12]}"
