"""How large an export will be, before it is made: from a few of its items, spread over all of them."""

import json
from dataclasses import dataclass

import numpy as np

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.exports.formats import format_named
from medmat_explorer.store.exports.record import RecordReader

LOOKED_AT = 100
"""Items that stand for all."""

SHARE = {"llava": 0.42, "jsonl": 1.0, "parquet": 0.07, "csv": 0.68, "hf": 0.07}
"""Bytes of a format over those of JSONL, measured on Med-MAT's questions."""


@dataclass(frozen=True)
class Estimate:
    """Items and their images, and roughly how many bytes the texts of the ones and copies of the others take."""

    items: int
    images: int
    text_bytes: int
    image_bytes: int


def estimate_export(catalog: Catalog, selection: Selection, format: str) -> Estimate:
    """Counts exactly, and guesses sizes from at most LOOKED_AT items. Raises UnknownNameError for another format."""
    format_named(format)
    condition = catalog.connection.condition(selection)
    query = f"SELECT place, image_id FROM items WHERE {condition.sql} ORDER BY place"
    found = catalog.connection.columns(query, condition.parameters)
    places, images = np.asarray(found["place"], np.int64), len(np.unique(np.asarray(found["image_id"])))
    spread = places[np.linspace(0, len(places) - 1, min(len(places), LOOKED_AT)).astype(int)]
    looked_at = [record for records in RecordReader(catalog).stretches(spread) for record in records]
    if not looked_at:
        return Estimate(0, 0, 0, 0)
    lines = [json.dumps(record.flat(images=True), ensure_ascii=False).encode() for record in looked_at]
    text = sum(map(len, lines)) / len(lines)
    picture = sum(_size(catalog, record.item) for record in looked_at) / len(looked_at)
    return Estimate(len(places), images, round(text * len(places) * SHARE[format]), round(picture * images))


def _size(catalog: Catalog, item: QAItem) -> int:
    """Bytes of a picture; none where there is no file to copy."""
    try:
        return catalog.image_of(item).stat().st_size
    except (ImageRefusedError, OSError):
        return 0
