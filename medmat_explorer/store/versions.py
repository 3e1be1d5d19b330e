"""Collections as folders: versioned files, a pointer that is replaced atomically, and a lock for writers.

<home>/collections/<name>/current.json                 which version is valid, and where its images lie
                          catalog-<version>.duckdb     the items; never written again once pointed to
                          report-<version>.json        what the import did
                          refused-<version>.jsonl      what it refused, with the original text
                          images-<root>/*.parquet      what is known about image files, from any version
                          import.lock                  the process that is importing
                          check.lock                   the process that is looking at image files
                          pairs-, leaks-<version>.*    what the search for duplicates found (`duplicates.py`)
                          search.lock, .search         the process that is searching, and its passing files
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import psutil

from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.media import resolve_inside

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
VERSIONED = re.compile(r"(?:catalog|report|refused|scratch|pairs|leaks)-(\d{8}T\d{6}-[0-9a-f]{6})(?:\..*)?")
POINTER = "current.json"
LOCK = "import.lock"
CHECK_LOCK = "check.lock"
SEARCH_LOCK = "search.lock"
SEARCH_SCRATCH = ".search"
OWN_IMAGES = "own-subsets"
"""How image paths of subsets that readers made themselves begin; the subset's number follows."""

LOCK_TRIES = 8
LOCK_PAUSE = 0.02
"""A sweep of another import holds a folder for a moment; that is worth waiting for."""


@dataclass(frozen=True)
class Version:
    """One version of a collection and the files that belong to it.

    `own` are the numbers of the subsets that readers made themselves; `test_share` and `seed` are what it was imported
    with.
    """

    folder: Path
    stamp: str
    root: Path
    declared: bool = False
    own: tuple[str, ...] = ()
    test_share: float = 0.1
    seed: int = 0

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
    def leaks(self) -> Path:
        """The images that stand in a training and in a test item, once the search for duplicates has been done."""
        return self.folder / f"leaks-{self.stamp}.parquet"

    @property
    def pairs(self) -> Path:
        """The pairs of pictures that the search for duplicates found."""
        return self.folder / f"pairs-{self.stamp}.parquet"

    @property
    def images(self) -> Path:
        """What is known about image files, of any version that was imported from the same root."""
        digest = hashlib.sha256(str(self.root).encode("utf-8", "surrogateescape")).hexdigest()
        return self.folder / f"images-{digest[:12]}"

    def root_of(self, image: str) -> Path:
        """The folder that an image path starts from: the release's, or that of the own subsets."""
        head, _, rest = image.partition("/")
        return own_root(self.folder) if head == OWN_IMAGES and rest.split("/", 1)[0] in self.own else self.root

    def find_image(self, image: str) -> Path:
        """The file behind an image path, links followed. Raises ImageRefusedError when missing or outside its root."""
        return resolve_inside(Path(image), self.root_of(image))


def collection_folder(name: str, home: Path) -> Path:
    """Where a collection lies. Raises CollectionError for a name that cannot be one."""
    if not NAME.fullmatch(name):
        raise CollectionError(f"'{name}' cannot name a collection: use up to 64 letters, digits, - and _.")
    return Path(home) / "collections" / name


def own_root(folder: Path) -> Path:
    """Where the own subsets of the collection in this folder lie, out of the way of its versions."""
    return folder.parents[1] / "own_subsets" / folder.name


def new_version(
    name: str,
    home: Path,
    root: Path,
    declared: bool,
    *,
    own: tuple[str, ...] = (),
    test_share: float = 0.1,
    seed: int = 0,
) -> Version:
    """A version that nothing points to yet."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    return Version(collection_folder(name, home), stamp, root, declared, own, test_share, seed)


def read_pointer(folder: Path) -> Version | None:
    """The valid version of a collection; None when there is none (yet)."""
    try:
        stored = json.loads((folder / POINTER).read_text("utf-8"))
        return Version(
            folder,
            str(stored["version"]),
            Path(stored["root"]),
            bool(stored["declared"]),
            tuple(map(str, stored.get("own", ()))),
            float(stored.get("test_share", 0.1)),
            int(stored.get("seed", 0)),
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CollectionError(
            f"Collection '{folder.name}' is damaged (its {POINTER} cannot be read): delete it or import it again."
        ) from error


def point_to(version: Version) -> None:
    """Makes a version the valid one, in one step that readers see wholly or not at all."""
    text = json.dumps(
        {
            "version": version.stamp,
            "root": str(version.root),
            "declared": version.declared,
            "own": version.own,
            "test_share": version.test_share,
            "seed": version.seed,
        }
    )
    with writing(version.folder):
        write_atomically(version.folder / POINTER, text.encode())


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Work that writes into a folder: raises CollectionError where the system does not let it."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CollectionError(
            f"'{folder}' cannot be written ({why}): make room, give write access, or choose another MEDMAT_HOME."
        ) from error


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
    """The collections that can be opened, by name; one whose pointer is damaged is left out."""
    found = {}
    for folder in sorted(path for path in (Path(home) / "collections").glob("*") if NAME.fullmatch(path.name)):
        with suppress(CollectionError):
            version = read_pointer(folder)
            if version is not None:
                found[folder.name] = version
    return found


def find_version(name: str, home: Path) -> Version:
    """The valid version of a collection. Raises UnknownNameError with the names that exist.

    Raises CollectionError when its pointer is damaged.
    """
    version = read_pointer(Path(home) / "collections" / name) if NAME.fullmatch(name) else None
    if version is None:
        hint = "Import one, or make the phantoms."
        raise UnknownNameError("collection", name, valid_versions(home), hint)
    return version


@contextmanager
def folder_lock(folder: Path, name: str = LOCK) -> Iterator[None]:
    """Lets one process write a collection. Raises CollectionError while another that is alive does."""
    with writing(folder):
        _take(folder, name)
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _take(folder: Path, name: str) -> None:
    """Makes the lock ours. A sweep may remove the folder, still empty, in between: then once more."""
    lock, mine = folder / name, _mark_of(os.getpid())
    for turn in range(LOCK_TRIES):
        time.sleep(LOCK_PAUSE if turn else 0)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if _create(lock, mine):
                return
            if not lock_is_live(folder, name):
                _remove_stale(lock)
        except FileNotFoundError:
            continue
    raise CollectionError(f"Collection '{folder.name}' is being written by another task; wait until it ends.")


def _remove_stale(lock: Path) -> None:
    """Takes a dead process's lock away; one that another process has just put in its place goes back."""
    aside = lock.with_name(f".{lock.name}.{secrets.token_hex(6)}.part")
    lock.replace(aside)
    if lock_is_live(aside.parent, aside.name):
        with suppress(OSError):
            os.link(aside, lock)
    aside.unlink(missing_ok=True)


def lock_is_live(folder: Path, name: str = LOCK) -> bool:
    """Whether the process that locked the folder still runs."""
    try:
        mark = (folder / name).read_text("utf-8")
        return bool(mark) and _mark_of(int(mark.split()[0])) == mark
    except (OSError, ValueError, psutil.Error):
        return False


def sweep(home: Path, held: Path | None = None) -> None:
    """Removes what killed imports left in any collection, and versions that are no longer valid.

    A folder that a live import holds is left alone, unless it is `held` by the caller; so is what is known about
    images while a check is writing it.
    """
    for folder in (Path(home) / "collections").glob("*"):
        if folder == held:
            _sweep_folder(folder)
        elif folder.is_dir() and not lock_is_live(folder):
            with suppress(CollectionError), folder_lock(folder):
                _sweep_folder(folder)
            with suppress(OSError):
                folder.rmdir()


def _sweep_folder(folder: Path) -> None:
    try:
        current = read_pointer(folder)
    except CollectionError:
        return
    is_checked, is_searched = lock_is_live(folder, CHECK_LOCK), lock_is_live(folder, SEARCH_LOCK)
    for path in folder.iterdir():
        versioned = VERSIONED.fullmatch(path.name)
        is_old = versioned is not None and (current is None or versioned[1] != current.stamp)
        is_old |= path.name.startswith("scratch-") or path.name.endswith(".part")
        is_old |= path.name == CHECK_LOCK and not is_checked
        is_old |= path.name in {SEARCH_LOCK, SEARCH_SCRATCH} and not is_searched
        if path.name.startswith("images-") and not is_checked:
            is_old |= current is None or path != current.images
        if is_old and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif is_old:
            with suppress(OSError):
                path.unlink()


def _mark_of(pid: int) -> str:
    return f"{pid} {psutil.Process(pid).create_time():.2f}"


def _create(lock: Path, mark: str) -> bool:
    """Puts the lock there, with all that stands in it, in one step; False when there is one."""
    written = lock.with_name(f".{lock.name}.{os.getpid()}-{secrets.token_hex(3)}.part")
    written.write_text(mark, "utf-8")
    try:
        os.link(written, lock)
    except FileExistsError:
        return False
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links
        return _create_in_place(lock, mark)
    finally:
        with suppress(OSError):
            written.unlink(missing_ok=True)
    return True


def _create_in_place(lock: Path, mark: str) -> bool:
    try:
        with lock.open("x", encoding="utf-8") as stream:
            stream.write(mark)
    except FileExistsError:
        return False
    return True
