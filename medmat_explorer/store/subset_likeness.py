"""How alike subsets of an open collection are: by the names of their labels, and by how an encoder sees their pictures.

Both are read once for each version of a collection. What a collection does not hold has no likeness: None, never 0.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.embeddings import VectorSnapshot, open_vectors, stored_files

PICTURES_A_SUBSET = 2000
"""Pictures that make a subset's mean vector, at most; always the same ones."""

LOOKED_UP_AT_ONCE = 10_000

DoubleArray = npt.NDArray[np.float64]
Labels = Mapping[str, frozenset[str]]

_labels: WeakKeyDictionary[Catalog, Labels] = WeakKeyDictionary()
_means: WeakKeyDictionary[Catalog, dict[tuple[str, int], "MeanVectors"]] = WeakKeyDictionary()
_reading = threading.Lock()


def labels_of_subsets(catalog: Catalog) -> Labels:
    """The labels of every subset that has items, without regard to case and blanks; each of several labels alone."""
    found = _labels.get(catalog)
    if found is None:
        rows = catalog.connection.rows("SELECT DISTINCT subset, unnest(labels) FROM cube")
        gathered: dict[str, set[str]] = {}
        for subset, label in rows:
            gathered.setdefault(subset, set()).add(same_label(label))
        found = _labels[catalog] = {subset: frozenset(labels - {""}) for subset, labels in gathered.items()}
    return found


def same_label(label: str) -> str:
    """What two spellings of one label have in common: no case, single blanks, `_` and `-` read as blanks."""
    return " ".join(label.casefold().replace("_", " ").replace("-", " ").split())


def label_overlap(catalog: Catalog, sources: Sequence[str], target: str) -> float | None:
    """Jaccard's index of the sources' labels together and the target's: 0 none in common, 1 the same ones.

    None where the collection has no items of the target or of one of the sources.
    """
    labels = labels_of_subsets(catalog)
    if not sources or any(not labels.get(number) for number in (*sources, target)):
        return None
    together = frozenset().union(*(labels[number] for number in sources))
    return len(together & labels[target]) / len(together | labels[target])


@dataclass(frozen=True)
class MeanVectors:
    """The mean picture of each subset as one encoder sees it (unit vectors averaged, float64), and of how many."""

    encoder: str
    means: Mapping[str, DoubleArray]
    pictures: Mapping[str, int]

    def distance(self, sources: Sequence[str], target: str) -> float | None:
        """1 minus the cosine of the target's mean and the sources' (each source weighs the same): 0 alike, up to 2.

        None where one of them has no picture with a vector.
        """
        if not sources or any(number not in self.means for number in (*sources, target)):
            return None
        together = np.mean([_unit(self.means[number]) for number in sources], axis=0)
        return 1.0 - float(np.dot(_unit(together), _unit(self.means[target])))


def mean_vectors(catalog: Catalog, encoder: str, subsets: Iterable[str] | None = None) -> MeanVectors:
    """The mean vector of each subset (all, or these), of at most 2,000 of its pictures that have a vector.

    Raises UnknownNameError for an encoder without vectors here, CollectionError for damaged files.
    """
    wanted = sorted(set(subsets) if subsets is not None else {subset.number for subset in catalog.subsets()})
    snapshot = open_vectors(catalog.files, encoder)
    try:
        last = stored_files(snapshot.folder).last
        with _reading:
            kept = _means.setdefault(catalog, {})
            known = kept.get((encoder, last), MeanVectors(snapshot.record.title, {}, {}))
            new = {number: _mean(catalog, snapshot, number) for number in wanted if number not in known.pictures}
            means = {**known.means, **{number: mean for number, (mean, _) in new.items() if mean is not None}}
            pictures = {**known.pictures, **{number: n for number, (_, n) in new.items()}}
            found = kept[encoder, last] = MeanVectors(snapshot.record.title, means, pictures)
    finally:
        snapshot.close()
    chosen = set(wanted)
    return MeanVectors(
        found.encoder,
        {number: mean for number, mean in found.means.items() if number in chosen},
        {number: n for number, n in found.pictures.items() if number in chosen},
    )


def _mean(catalog: Catalog, snapshot: VectorSnapshot, subset: str) -> tuple[DoubleArray | None, int]:
    """The mean of a subset's vectors and how many pictures it is of; equal files count once."""
    rows = catalog.connection.rows(
        "SELECT image_id FROM (SELECT DISTINCT image_id FROM items WHERE subset = $subset) ORDER BY hash(image_id)",
        {"subset": subset},
    )
    ids = np.asarray([row[0] for row in rows], dtype=np.int64)
    contents: dict[str, None] = {}
    for start in range(0, len(ids), LOOKED_UP_AT_ONCE):
        contents |= dict.fromkeys(snapshot.contents_of(ids[start : start + LOOKED_UP_AT_ONCE])[1])
        if len(contents) >= PICTURES_A_SUBSET:
            break
    _, vectors = snapshot.of_contents(list(contents)[:PICTURES_A_SUBSET])
    return (vectors.astype(np.float64).mean(axis=0) if len(vectors) else None), len(vectors)


def _unit(vector: DoubleArray) -> DoubleArray:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
