"""Items whose pictures an encoder finds nearest: to an item's picture, or to any vector."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.qa import QAItem, item_key, parse_item_key
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.embeddings import FloatArray, Near, VectorSnapshot

SPARE = 8
"""Contents that are asked for beyond those wanted: a later import may have left some without items."""


@dataclass(frozen=True)
class SimilarItem:
    """An item that stands for its picture; `items` counts all items of pictures with this very content."""

    item: QAItem
    similarity: float
    items: int


@dataclass(frozen=True)
class PictureVector:
    """What is known of an item's picture: its content, its vector, or why there is none.

    All are empty for a picture that no encoder has looked at yet.
    """

    content: str
    vector: FloatArray | None
    reason: str


def picture_vector(catalog: Catalog, vectors: VectorSnapshot, key: str) -> PictureVector:
    """Of an item. Raises UnknownNameError when there is no such item."""
    catalog.items([key])
    image_id = catalog.connection.value("SELECT image_id FROM items WHERE id = $id", {"id": parse_item_key(key)})
    return PictureVector(*vectors.of_image(int(image_id)))


def similar_items(
    catalog: Catalog, vectors: VectorSnapshot, vector: FloatArray, k: int, without: str = ""
) -> list[SimilarItem]:
    """The `k` pictures nearest to a vector by cosine, one item each, the nearest first.

    `without` is a content to leave out, so that a picture is not its own neighbour.
    """
    wanted = k + SPARE
    while True:
        near = vectors.nearest(vector, wanted)
        found = _with_items(catalog, [one for one in near if one.content != without])
        if len(found) >= k or len(near) < wanted:
            return found[:k]
        wanted *= 2


def _with_items(catalog: Catalog, near: list[Near]) -> list[SimilarItem]:
    image_ids = [image_id for one in near for image_id in one.image_ids]
    rows = catalog.connection.rows(
        "SELECT image_id, min_by(id, place), count(*) FROM items WHERE image_id IN (SELECT unnest($ids::BIGINT[])) "
        "GROUP BY image_id",
        {"ids": image_ids},
    )
    standing = {image_id: (item_key(id_), int(items)) for image_id, id_, items in rows}
    items = catalog.items_found([key for key, _ in standing.values()])
    found = []
    for one in near:
        here = [standing[image_id] for image_id in one.image_ids if image_id in standing]
        if here:
            found.append(SimilarItem(items[here[0][0]], one.similarity, sum(count for _, count in here)))
    return found


def item_ids_of(catalog: Catalog, image_ids: Iterable[int]) -> npt.NDArray[np.int64]:
    """The ids of all items that have one of the images."""
    query = "SELECT id FROM items WHERE image_id IN (SELECT unnest($ids::BIGINT[])) ORDER BY place"
    with catalog.connection.cursor() as cursor:
        found = cursor.execute(query, {"ids": list(image_ids)}).fetchnumpy()
    return np.asarray(found["id"], dtype=np.int64)
