"""Pictures for a map: a seeded draw from a selection, with their vectors and what they are coloured by."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.embeddings import FloatArray, VectorSnapshot
from medmat_explorer.store.filters import item_condition
from medmat_explorer.store.item_rows import shown_labels
from medmat_explorer.store.similar import item_ids_of
from medmat_explorer.store.versions import writing

COLOURED_BY = ("modality", "area", "task", "subset", "label", "split")
MAPS = "maps"
DRAW = """
SELECT image_id, min(place) AS place FROM items WHERE {condition}
GROUP BY image_id ORDER BY hash(image_id, $seed), image_id LIMIT $most
"""


@dataclass(frozen=True)
class MapPicture:
    """One picture on the map, with one item that stands for it."""

    content: str
    key: int
    modality: str
    area: str
    task: str
    subset: str
    label: str
    split: str

    def value(self, coloured_by: str) -> str:
        """What it is coloured by, a name of COLOURED_BY."""
        return str(getattr(self, coloured_by))


@dataclass(frozen=True)
class MapDraw:
    """Pictures of distinct content, in order of content, with a row of `vectors` each.

    `images` counts all images of the selection; those not drawn are beyond the limit, not encoded yet, or the same
    picture as another.
    """

    pictures: tuple[MapPicture, ...]
    vectors: FloatArray
    images: int

    @property
    def contents(self) -> tuple[str, ...]:
        """The pictures' contents, in their order."""
        return tuple(picture.content for picture in self.pictures)


def draw_pictures(catalog: Catalog, vectors: VectorSnapshot, selection: Selection, most: int, seed: int) -> MapDraw:
    """At most `most` of the selection's pictures that have a vector; a seed always gives the same."""
    catalog.connection.follow(selection)
    condition = item_condition(selection)
    with catalog.connection.cursor() as cursor:
        query = DRAW.format(condition=condition.sql)
        drawn = cursor.execute(query, {**condition.parameters, "seed": seed, "most": most}).fetchnumpy()
    images = catalog.connection.value(
        f"SELECT count(DISTINCT image_id) FROM items WHERE {condition.sql}", condition.parameters
    )
    places = dict(zip(drawn["image_id"].tolist(), drawn["place"].tolist(), strict=True))
    known, contents = vectors.contents_of(np.asarray(drawn["image_id"], dtype=np.int64))
    place_of: dict[str, int] = {}
    for image_id, content in zip(known.tolist(), contents, strict=True):
        place_of.setdefault(content, places[image_id])
    names, matrix = vectors.of_contents(list(place_of))
    pictures = _pictures(catalog, {name: place_of[name] for name in names})
    return MapDraw(pictures, matrix, int(images))


def _pictures(catalog: Catalog, place_of: dict[str, int]) -> tuple[MapPicture, ...]:
    rows = catalog.connection.rows(
        "SELECT place, id, modality, area, task, subset, labels, split FROM items JOIN subsets ON number = subset "
        "WHERE place IN (SELECT unnest($places::BIGINT[]))",
        {"places": list(place_of.values())},
    )
    at = {place: fields for place, *fields in rows}
    found = []
    for content, place in place_of.items():
        key, modality, area, task, subset, labels, split = at[place]
        found.append(MapPicture(content, int(key), modality, area, task, subset, shown_labels(labels), split))
    return tuple(found)


def items_of_contents(catalog: Catalog, vectors: VectorSnapshot, contents: Iterable[str]) -> npt.NDArray[np.int64]:
    """The ids of all items whose pictures have one of these contents."""
    return item_ids_of(catalog, vectors.image_ids_of(contents))


@dataclass(frozen=True)
class StoredLayout:
    """Places on the map that took long to find: a file for exactly these pictures, this method and this seed."""

    file: Path

    @classmethod
    def of(cls, folder: Path, method: str, contents: Iterable[str], seed: int) -> "StoredLayout":
        """Where it lies in the folder of an encoder's vectors."""
        digest = hashlib.sha256("\n".join([method, str(seed), *contents]).encode()).hexdigest()[:24]
        return cls(folder / MAPS / f"{digest}.npy")

    def read(self, pictures: int) -> FloatArray | None:
        """One row of two numbers a picture; None when it was not found yet, or is damaged."""
        try:
            places: FloatArray = np.load(self.file, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return places if places.shape == (pictures, 2) and bool(np.isfinite(places).all()) else None

    def folder(self) -> Path:
        """Its folder, made when it is not there. Raises CollectionError where that is not allowed."""
        with writing(self.file.parent):
            self.file.parent.mkdir(exist_ok=True)
        return self.file.parent
