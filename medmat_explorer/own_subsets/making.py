"""Makes a subset of one's own and takes one away again; the collection is imported anew with it or without.

What is stopped, killed or fails before the end leaves everything as it was.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.collection_import import import_folder
from medmat_explorer.domain.progress import Report
from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.own_subsets.assembly import REFUSED_FILE, Assembled, Assembly
from medmat_explorer.own_subsets.plan import SubsetPlan, SubsetWish, plan_subset, read_pictures
from medmat_explorer.store.collections import delete_collection, open_catalog
from medmat_explorer.store.own_folder import MAKE_LOCK, OwnFolder
from medmat_explorer.store.report import IngestReport
from medmat_explorer.store.seen_images import keep_seen_images
from medmat_explorer.store.versions import collection_folder, find_version, folder_lock, lock_is_live, read_pointer

WAITING = "Waiting for another task of this collection"
PAUSE = 0.2


def make_subset(
    wish: SubsetWish, home: Path, *, progress: Report, should_stop: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Makes the subset and imports the collection with it; returns what the command prints as JSON.

    Raises CollectionError or LayoutError with what to mend; nothing is changed then.
    """
    started = time.monotonic()
    own = OwnFolder.of(wish.collection, home)
    try:
        with folder_lock(own.path, MAKE_LOCK):
            own.clear_leftovers()
            with _collection_lock(wish.collection, home, progress, should_stop):
                own.settle()
            plan = plan_subset(wish, home)
            try:
                made = Assembly(plan, read_pictures(wish), progress, should_stop).run()
                with _collection_lock(wish.collection, home, progress, should_stop):
                    own.commit(made.subset, plan.dataset)
            finally:
                own.clear_leftovers()
            _import_with(plan, made, home, progress, should_stop)
    finally:
        _drop_empty(own, collection_folder(wish.collection, home))
    return _result(plan, made, home, time.monotonic() - started)


def remove_subset(
    collection: str,
    number: str,
    home: Path,
    *,
    progress: Report = lambda stage, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Imports the collection without an own subset and takes its files away; one that held nothing else goes as well.

    Raises UnknownNameError for a number that is no own subset, LayoutError when the release cannot be read any more.
    Where it is stopped or fails, the subset stays.
    """
    own, before = OwnFolder.of(collection, home), read_pointer(collection_folder(collection, home))
    if number not in own.numbers():
        raise UnknownNameError("own subset", number, own.numbers())
    is_last = leaves_nothing(collection, number, home)
    if before is not None and is_last:
        delete_collection(collection, home)
    elif before is not None:
        import_folder(
            before.root,
            collection,
            home,
            progress=progress,
            test_share=before.test_share,
            seed=before.seed,
            without=number,
            check=False,
            should_stop=should_stop,
        )
    with _collection_lock(collection, home, progress, lambda: False):
        own.remove(number)
    _drop_empty(own, collection_folder(collection, home))
    return {"collection": collection, "subset": number, "removed": True, "collection_left": not is_last}


def own_subset_titles(collection: str, home: Path) -> dict[str, str]:
    """The own subsets of a collection, by number, as people read them."""
    return {subset.number: subset.title for subset in OwnFolder.of(collection, home).subsets()}


def leaves_nothing(collection: str, number: str, home: Path) -> bool:
    """Whether the collection holds this own subset only, so that it goes with it."""
    own, before = OwnFolder.of(collection, home), read_pointer(collection_folder(collection, home))
    return before is not None and before.root == own.path.resolve() and set(own.numbers()) <= {number}


def _import_with(
    plan: SubsetPlan, made: Assembled, home: Path, progress: Report, should_stop: Callable[[], bool]
) -> None:
    """Imports the collection again; the subset is taken back when that fails or is stopped."""
    name, before, wish = plan.wish.collection, plan.before, plan.wish
    done: list[IngestReport] = []

    def imported(report: IngestReport) -> None:
        done.append(report)
        with suppress(CollectionError):  # a check that is at work will look for itself
            keep_seen_images(find_version(name, home), made.looks)

    try:
        import_folder(
            plan.source,
            name,
            home,
            progress=progress,
            test_share=before.test_share if before else wish.share,
            seed=before.seed if before else wish.seed,
            imported=imported,
            should_stop=should_stop,
        )
    except BaseException:
        if not done:
            with _collection_lock(name, home, progress, lambda: False):
                plan.own.remove(plan.subset.number)
        raise


@contextmanager
def _collection_lock(name: str, home: Path, progress: Report, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Holds the collection as an import does, once whoever holds it has ended."""
    folder = collection_folder(name, home)
    while lock_is_live(folder):
        progress(WAITING, 0, 0)
        if should_stop():
            raise CollectionError("Making the subset was stopped; nothing was changed.")
        time.sleep(PAUSE)
    with folder_lock(folder):
        yield


def _drop_empty(own: OwnFolder, collection: Path) -> None:
    """Removes folders that nothing came to lie in."""
    for folder in (own.path / "Aggregated_Subsets", own.path / "own-subsets", own.path, collection):
        with suppress(OSError):
            folder.rmdir()


def _result(plan: SubsetPlan, made: Assembled, home: Path, seconds: float) -> dict[str, Any]:
    """What was made, counted in the collection as it is now."""
    number = made.subset.number
    with closing(open_catalog(plan.wish.collection, home)) as catalog:
        splits = {count.split.value: count.items for count in catalog.subset_counts() if count.subset == number}
        labels = catalog.label_counts(number)
    return {
        "collection": plan.wish.collection,
        "subset": number,
        "items": sum(splits.values()),
        "labels": labels,
        "splits": {"train": 0, "test": 0, **splits},
        "refused": len(made.refused),
        "reasons": dict(Counter(one.reason for one in made.refused).most_common()),
        "refused_file": str(plan.own.images(number) / REFUSED_FILE),
        "notes": list(made.notes),
        "seconds": round(seconds, 3),
    }


class BackgroundChange(BackgroundWork):
    """A subset being made or taken away. Stopped before the collection is imported anew, it changes nothing."""

    what = "The change of the subsets"

    def __init__(self, collection: str, change: Callable[[Report, Callable[[], bool]], dict[str, Any]]) -> None:
        super().__init__()
        self.collection = collection
        self.result: dict[str, Any] | None = None
        self._change = change
        self.begin()

    @classmethod
    def making(cls, wish: SubsetWish, home: Path) -> "BackgroundChange":
        """Begins to make a subset."""
        return cls(wish.collection, lambda told, stop: make_subset(wish, home, progress=told, should_stop=stop))

    @classmethod
    def removing(cls, collection: str, number: str, home: Path) -> "BackgroundChange":
        """Begins to take a subset away."""
        return cls(
            collection, lambda told, stop: remove_subset(collection, number, home, progress=told, should_stop=stop)
        )

    def work(self) -> None:
        """The change."""
        self.result = self._change(self.told, self.is_stopped)
