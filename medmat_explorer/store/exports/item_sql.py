"""What an export says of an item, as the database writes it: for many items at once, without objects of ours between.

Fields that pass (`PASSING`) and copied pictures are not among them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.exports.tally import Tally

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STRETCH = 50_000
"""Items that are read at once."""

CHOICE = """coalesce(nullif(question_choice, ''), array_to_string(list_concat([question],
    list_transform(options, lambda text, i: chr(64 + i::INTEGER) || separator || ' ' || text),
    if(instruction = '', [], [instruction])), chr(10)))"""
FIELD_SQL: dict[str, str] = {
    "id": "printf('%016x', id)",
    "subset": "subset",
    "modality": "s.modality",
    "area": "s.area",
    "task": "s.task",
    "published_task": "s.published_task",
    "split": "split",
    "split_is_ours": "split_is_ours",
    "dataset": "dataset",
    "dataset_name": "coalesce(d.name, '')",
    "image_path": "image",
    "question": "question",
    "options": "options",
    "question_choice": CHOICE,
    "answer_letter": "letter",
    "answer": "options[ascii(letter) - 64]",
    "labels": "list_sort(list_distinct(labels))",
    "caption": "caption",
    "repairs": "coalesce(repairs, [])",
}
"""By field what it is in `ITEMS`."""

ITEMS = """
FROM (SELECT * FROM items WHERE place BETWEEN $low AND $high
      AND place IN (SELECT place FROM chosen WHERE place BETWEEN $low AND $high))
JOIN subsets s ON s.number = subset LEFT JOIN datasets d ON d.number = dataset ORDER BY place
"""
"""The items of a stretch, in order."""

COUNTED = """
SELECT subset, split, dataset, count(*) FROM items WHERE place IN (SELECT place FROM chosen) GROUP BY ALL ORDER BY ALL
"""


@contextmanager
def chosen_items(catalog: Catalog, places: npt.NDArray[np.int64]) -> "Iterator[tuple[DuckDBPyConnection, Tally]]":
    """A cursor in which `ITEMS` reads the items of these places, and what they are counted."""
    with catalog.connection.cursor() as cursor:
        cursor.register("given_places", {"place": places})
        cursor.execute("CREATE TEMP TABLE chosen AS SELECT place::BIGINT AS place FROM given_places")
        cursor.unregister("given_places")
        yield cursor, _tally(cursor.execute(COUNTED).fetchall())


def stretch_bounds(places: npt.NDArray[np.int64]) -> Iterator[tuple[int, dict[str, int]]]:
    """For each stretch of places that are in order: where it starts, and the parameters of `ITEMS`."""
    for start in range(0, len(places), STRETCH):
        stretch = places[start : start + STRETCH]
        yield start, {"low": int(stretch[0]), "high": int(stretch[-1])}


def _tally(rows: list[tuple[str, str, str, int]]) -> Tally:
    tally = Tally()
    for subset, split, dataset, items in rows:
        tally.items += items
        tally.splits[split] += items
        tally.datasets[dataset] += items
        tally.by_subset.setdefault(subset, {"train": 0, "test": 0})[split] += items
    return tally
