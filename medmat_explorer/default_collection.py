"""The synthetic collection that is there without any download, imported through the same door as real data."""

from pathlib import Path
from typing import Any

from medmat_explorer.collection_import import import_folder
from medmat_explorer.domain.progress import Report
from medmat_explorer.phantoms.layout import write_layout
from medmat_explorer.store.collections import list_collections
from medmat_explorer.store.versions import collection_folder, writing

NAME = "phantoms"
ITEMS_A_SUBSET = 180


def make_phantoms(home: Path, name: str, items: int, seed: int, progress: Report) -> dict[str, Any]:
    """Draws the images, writes them in Med-MAT's layout under `home/phantoms/<name>` and imports that folder.

    Returns the import's report under the names of the command line's JSON. Raises CollectionError for a name that
    cannot be one and for a home that cannot be written.
    """
    collection_folder(name, home)  # refuses a name that would lead elsewhere
    folder = home / "phantoms" / name

    def drawn(done: int, total: int) -> None:
        progress("Drawing synthetic images", done, total)

    with writing(folder):
        write_layout(folder, items, seed, progress=drawn)
    return import_folder(folder, name, home, seed=seed, progress=progress)


def ensure_phantoms(home: Path, progress: Report) -> None:
    """Makes the synthetic collection when there is no collection at all."""
    if not list_collections(home):
        print("Making the synthetic collection, once (about half a minute) ...", flush=True)
        make_phantoms(home, NAME, ITEMS_A_SUBSET, seed=0, progress=progress)
