"""The collections on this machine."""

import shutil
from contextlib import closing, suppress
from pathlib import Path

from medmat_explorer.errors import CollectionError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.shown import CollectionSummary
from medmat_explorer.store.versions import POINTER, collection_folder, find_version, lock_is_live, valid_versions

__all__ = ["CollectionSummary", "current_version", "delete_collection", "list_collections", "open_catalog"]


def list_collections(home: Path) -> tuple[CollectionSummary, ...]:
    """All collections that can be opened, by name; one that is damaged is left out."""
    found = []
    for version in valid_versions(home).values():
        try:
            catalog = Catalog(version)
        except CollectionError:
            continue
        with closing(catalog), suppress(CollectionError):
            found.append(catalog.summary())
    return tuple(found)


def open_catalog(name: str, home: Path) -> Catalog:
    """Opens the current version of a collection. Raises UnknownNameError with the names that exist."""
    return Catalog(find_version(name, home))


def current_version(name: str, home: Path) -> str:
    """What the current version is called, at the cost of reading one small file. Raises UnknownNameError."""
    return find_version(name, home).stamp


def delete_collection(name: str, home: Path) -> None:
    """Removes a collection, damaged or not, but not the folder it was imported from.

    Raises CollectionError while it is being imported.
    """
    folder = collection_folder(name, home)
    if not (folder / POINTER).exists():
        find_version(name, home)
    if lock_is_live(folder):
        raise CollectionError(f"Collection '{name}' is being imported; delete it when the import has ended.")
    with suppress(OSError):
        (folder / POINTER).unlink()
    shutil.rmtree(folder, ignore_errors=True)
