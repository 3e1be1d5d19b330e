"""The exports that lie in a folder, from what they say of themselves."""

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medmat_explorer.errors import ExportError
from medmat_explorer.store.exports.folder import PARTIAL

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class StoredExport:
    """An export and its manifest; `bytes` is the size of all its files but the manifest."""

    folder: Path
    manifest: dict[str, Any]
    bytes: int


def stored_exports(folder: Path, collection: str, most: int) -> list[StoredExport]:
    """The whole exports of a collection that lie in a folder, the newest first, at most so many."""
    found: list[StoredExport] = []
    for _, path in sorted(_times(folder), reverse=True):
        with suppress(OSError, ValueError, KeyError, TypeError):
            manifest = json.loads((path / MANIFEST).read_text("utf-8"))
            if manifest["collection"]["name"] == collection:
                size = sum(int(file["bytes"]) for file in manifest["files"]) + int(manifest["images"]["bytes"])
                found.append(StoredExport(path, manifest, size))
        if len(found) == most:
            break
    return found


def delete_export(export: StoredExport) -> None:
    """Removes an export and its archive. Raises ExportError where the system does not let it."""
    try:
        export.folder.with_name(f"{export.folder.name}.zip").unlink(missing_ok=True)
        shutil.rmtree(export.folder)
    except OSError as error:
        raise ExportError(f"'{export.folder}' cannot be deleted ({error.strerror}): delete it by hand.") from error


def _times(folder: Path) -> list[tuple[int, Path]]:
    """When each manifest was written, and where; an export that is being written has another name."""
    found = []
    for path in folder.glob("*/"):
        with suppress(OSError):
            if path.suffix != PARTIAL:
                found.append(((path / MANIFEST).stat().st_mtime_ns, path))
    return found
