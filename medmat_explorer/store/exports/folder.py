"""The folder of an export: written aside, put in its place when it is whole."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medmat_explorer.errors import CollectionError, ExportError
from medmat_explorer.store.versions import folder_lock, lock_is_live

LOCK = ".export.lock"
PARTIAL = ".partial"


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to write into, `<out>.partial`; it becomes `out` when all goes well, and is removed when not.

    What a killed export left there is replaced. Raises ExportError when `out` has something in it, when another export
    writes there, or when the system does not let it be written (a full disk).
    """
    out = out.absolute()
    partial = out.with_name(out.name + PARTIAL)
    _refuse_taken(out, partial)
    with _writing(out):
        partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        with folder_lock(partial, LOCK):
            with _writing(out):
                _clear(partial)
            try:
                with _writing(out):
                    yield partial
                    _put_in_place(partial, out)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
    except CollectionError as error:
        if lock_is_live(partial, LOCK):
            raise ExportError(f"'{out}' is being written by another export; wait, or choose another folder.") from error
        raise ExportError(str(error)) from error


def _refuse_taken(out: Path, partial: Path) -> None:
    with _writing(out):
        if out.exists() and not out.is_dir():
            raise ExportError(f"'{out}' is a file; choose a folder that is new or empty.")
        if out.is_dir() and any(out.iterdir()):
            raise ExportError(f"The folder '{out}' is not empty; choose one that is new or empty.")
        is_ours = (partial / LOCK).exists() or not partial.exists()
        if not is_ours and (not partial.is_dir() or any(partial.iterdir())):
            raise ExportError(f"'{partial}' is in the way; move it, or choose another folder.")


def _clear(partial: Path) -> None:
    for path in partial.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def _put_in_place(partial: Path, out: Path) -> None:
    (partial / LOCK).unlink()
    if out.is_dir():
        out.rmdir()
    partial.rename(out)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """Work on files: what the system refuses becomes a sentence."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise ExportError(f"The export to '{out}' failed ({why}): make room, or choose another folder.") from error
