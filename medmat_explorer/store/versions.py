"""Collections as folders: versioned files, a pointer that is replaced atomically, and a lock for writers.

<home>/collections/<name>/current.json                 which version is valid, and where its images lie
                          catalog-<version>.duckdb     the items; never written again once pointed to
                          report-<version>.json        what the import did
                          refused-<version>.jsonl      what it refused, with the original text
                          images-<root>/part-*.parquet what is known about image files, from any version
                          import.lock                  the process that is importing
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from medmat_explorer.errors import CollectionError, UnknownNameError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
VERSIONED = re.compile(r"(?:catalog|report|refused|scratch)-(\d{8}T\d{6}-[0-9a-f]{6})(?:\..*)?")
POINTER = "current.json"
LOCK = "import.lock"


@dataclass(frozen=True)
class Version:
    """One version of a collection and the files that belong to it."""

    folder: Path
    stamp: str
    root: Path
    declared: bool = False

    @property
    def name(self) -> str:
        """The collection's name."""
        return self.folder.name

    @property
    def catalog(self) -> Path:
        """The database."""
        return self.folder / f"catalog-{self.stamp}.duckdb"

    @property
    def report(self) -> Path:
        """What the import did."""
        return self.folder / f"report-{self.stamp}.json"

    @property
    def refused(self) -> Path:
        """What the import refused, one line each."""
        return self.folder / f"refused-{self.stamp}.jsonl"

    @property
    def scratch(self) -> Path:
        """A folder for the import's passing files."""
        return self.folder / f"scratch-{self.stamp}"

    @property
    def images(self) -> Path:
        """What is known about image files, of any version that was imported from the same root."""
        digest = hashlib.sha256(str(self.root).encode("utf-8", "surrogateescape")).hexdigest()
        return self.folder / f"images-{digest[:12]}"


def collection_folder(name: str, home: Path) -> Path:
    """Where a collection lies. Raises CollectionError for a name that cannot be one."""
    if not NAME.fullmatch(name):
        raise CollectionError(f"'{name}' cannot name a collection: use up to 64 letters, digits, - and _.")
    return Path(home) / "collections" / name


def new_version(name: str, home: Path, root: Path, declared: bool) -> Version:
    """A version that nothing points to yet."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    return Version(collection_folder(name, home), stamp, root, declared)


def read_pointer(folder: Path) -> Version | None:
    """The valid version of a collection; None when there is none (yet)."""
    try:
        stored = json.loads((folder / POINTER).read_text("utf-8"))
        return Version(folder, stored["version"], Path(stored["root"]), bool(stored["declared"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise CollectionError(f"The pointer of collection '{folder.name}' is damaged; import it again.") from error


def point_to(version: Version) -> None:
    """Makes a version the valid one, in one step that readers see wholly or not at all."""
    text = json.dumps({"version": version.stamp, "root": str(version.root), "declared": version.declared})
    write_atomically(version.folder / POINTER, text.encode())


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file so that other processes see the old one or the whole new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(3)}.part")
    try:
        with partial.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def valid_versions(home: Path) -> dict[str, Version]:
    """The collections that can be opened, by name."""
    folders = sorted(path for path in (Path(home) / "collections").glob("*") if NAME.fullmatch(path.name))
    found = {folder.name: read_pointer(folder) for folder in folders}
    return {name: version for name, version in found.items() if version is not None}


def find_version(name: str, home: Path) -> Version:
    """The valid version of a collection. Raises UnknownNameError with the names that exist."""
    version = read_pointer(Path(home) / "collections" / name) if NAME.fullmatch(name) else None
    if version is None:
        hint = "Import one, or make the phantoms."
        raise UnknownNameError("collection", name, valid_versions(home), hint)
    return version


@contextmanager
def folder_lock(folder: Path, name: str = LOCK) -> Iterator[None]:
    """Lets one process write a collection. Raises CollectionError while another that is alive does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / name
    mine = _mark_of(os.getpid())
    if not _create(lock, mine):
        if lock_is_live(folder, name):
            raise CollectionError(f"Collection '{folder.name}' is being written by another task; wait until it ends.")
        lock.unlink(missing_ok=True)
        if not _create(lock, mine):
            raise CollectionError(f"Collection '{folder.name}' is being written by another task; wait until it ends.")
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def lock_is_live(folder: Path, name: str = LOCK) -> bool:
    """Whether the process that locked the folder still runs."""
    try:
        mark = (folder / name).read_text("utf-8")
        return bool(mark) and _mark_of(int(mark.split()[0])) == mark
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return False


def sweep(home: Path, held: Path | None = None) -> None:
    """Removes what killed imports left in any collection, and versions that are no longer valid.

    A folder that a live import holds is left alone, unless it is `held` by the caller.
    """
    for folder in (Path(home) / "collections").glob("*"):
        if folder.is_dir() and (folder == held or not lock_is_live(folder)):
            _sweep_folder(folder)


def _sweep_folder(folder: Path) -> None:
    try:
        current = read_pointer(folder)
    except CollectionError:
        return
    for path in folder.iterdir():
        versioned = VERSIONED.fullmatch(path.name)
        is_old = versioned is not None and (current is None or versioned[1] != current.stamp)
        is_scratch = path.name.startswith("scratch-") or path.name.endswith(".part")
        is_old |= path.name.startswith("images-") and (current is None or path != current.images)
        if (is_old or is_scratch) and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif is_old or is_scratch or (path.name == LOCK and not lock_is_live(folder)):
            with suppress(OSError):
                path.unlink()
    with suppress(OSError):
        folder.rmdir()


def _mark_of(pid: int) -> str:
    return f"{pid} {psutil.Process(pid).create_time():.2f}"


def _create(lock: Path, mark: str) -> bool:
    try:
        with lock.open("x", encoding="utf-8") as stream:
            stream.write(mark)
    except FileExistsError:
        return False
    return True
