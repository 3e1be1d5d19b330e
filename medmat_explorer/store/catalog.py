"""An open collection: everything that is asked about its items."""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.facts import in_subset_order, subset_number
from medmat_explorer.domain.qa import QAItem, Split, item_key, parse_item_key
from medmat_explorer.domain.selection import IMAGE_FACETS, READER_FACETS, Selection
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.connection import CatalogConnection, Row
from medmat_explorer.store.facets import FacetCounts, count_facets
from medmat_explorer.store.filters import Condition
from medmat_explorer.store.item_rows import (
    DATASET_FIELDS,
    ITEM_FIELDS,
    SUBSET_FIELDS,
    dataset_of,
    item_of,
    shown_labels,
    subset_of,
)
from medmat_explorer.store.orders import SORTS, order_named
from medmat_explorer.store.report import IngestReport
from medmat_explorer.store.sampling import count_drawable, draw_sample
from medmat_explorer.store.shown import CollectionSummary, ItemCard, ItemDetail, SubsetCount
from medmat_explorer.store.shown_images import ShownImages
from medmat_explorer.store.versions import Version
from medmat_explorer.store.workspace import Workspace

__all__ = ["SORTS", "Catalog", "CollectionSummary", "ItemCard", "ItemDetail", "SubsetCount"]

T = TypeVar("T")
STATES = ("ok", "missing", "unreadable", "unchecked")
STATE = "coalesce(state, 'unchecked')"


class Catalog:
    """One version of a collection, read-only; safe to share between threads.

    Counts and states of images follow the image check while it runs.
    """

    def __init__(self, version: Version) -> None:
        self._version = version
        self._connection = CatalogConnection(version)
        self._images = ShownImages()
        self._counted: dict[str, tuple[object, object]] = {}
        self._counting = threading.Lock()

    @property
    def name(self) -> str:
        """The collection's name."""
        return self._version.name

    @property
    def version(self) -> str:
        """Changes with every import."""
        return self._version.stamp

    @property
    def root(self) -> Path:
        """The folder that image paths start from."""
        return self._version.root

    @property
    def declared(self) -> bool:
        """Whether the collection brought facts of its own (`subsets.csv`)."""
        return self._version.declared

    @cached_property
    def report(self) -> IngestReport:
        """What the import did."""
        return IngestReport.read(self._version.report)

    @property
    def files(self) -> Version:
        """The version that is open: where everything that is known about it lies."""
        return self._version

    @property
    def connection(self) -> CatalogConnection:
        """For what asks the collection's tables something of its own."""
        return self._connection

    @property
    def workspace(self) -> Workspace:
        """The tags, sets and views that readers keep about this collection."""
        return self._connection.workspace

    def close(self) -> None:
        """Lets go of the collection's files."""
        self._connection.close()

    # -- the whole ---------------------------------------------------------------------------------------------------

    def subsets(self) -> tuple[Subset, ...]:
        """The subsets that have items, by number."""
        return self._subsets

    @cached_property
    def _subsets(self) -> tuple[Subset, ...]:
        rows = self._connection.rows(f"SELECT {SUBSET_FIELDS} FROM subsets WHERE number IN (SELECT subset FROM cube)")
        return in_subset_order(subset_of(row) for row in rows)

    def datasets(self) -> dict[str, SourceDataset]:
        """The source data sets that items name, by number."""
        return dict(self._datasets)

    @cached_property
    def _datasets(self) -> dict[str, SourceDataset]:
        named = "SELECT DISTINCT dataset FROM items"
        rows = self._connection.rows(f"SELECT {DATASET_FIELDS} FROM datasets WHERE number IN ({named})")
        found = {dataset.number: dataset for dataset in map(dataset_of, rows)}
        return dict(sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0])))

    def summary(self) -> CollectionSummary:
        """The collection in numbers."""
        splits = {str(split): 0 for split in Split}
        splits |= {split: int(n) for split, n in self._connection.rows("SELECT split, sum(items) FROM cube GROUP BY 1")}
        return CollectionSummary(
            name=self.name,
            items=sum(splits.values()),
            subsets=len(self.subsets()),
            datasets=len(self._datasets),
            splits=splits,
            images=self._as_checked("images", self._image_counts),
            version=self.version,
            root=self.root,
        )

    def subset_counts(self) -> list[SubsetCount]:
        """Items and images of every subset and split that has any, by number."""
        return list(self._as_checked("subsets", self._subset_counts))

    def label_counts(self, subset: str, split: Split | None = None) -> dict[str, int]:
        """Items by right answer, most frequent first; several labels of one answer count as one, joined by commas."""
        rows = self._connection.rows(
            "SELECT array_to_string(labels, ', ') AS label, sum(items) AS n FROM cube "
            "WHERE subset = $subset AND ($split IS NULL OR split = $split) GROUP BY label ORDER BY n DESC, label",
            {"subset": subset, "split": split.value if split else None},
        )
        return {label: int(n) for label, n in rows}

    def matrix(self) -> list[tuple[str, str, str, int]]:
        """Modality, area, task and the number of items that have these."""
        query = "SELECT modality, area, task, sum(items) FROM cube GROUP BY ALL ORDER BY ALL"
        return [(modality, area, task, int(n)) for modality, area, task, n in self._connection.rows(query)]

    # -- a selection -------------------------------------------------------------------------------------------------

    def facet_counts(self, selection: Selection) -> FacetCounts:
        """Every facet's values with counts, each facet counted without its own choice."""
        return count_facets(self._connection, selection)

    def count(self, selection: Selection) -> int:
        """How many items the selection holds."""
        if not selection.text.strip() and not selection.facets & (IMAGE_FACETS | READER_FACETS):
            return self._connection.cube().total(selection)
        condition = self._connection.condition(selection)
        return int(self._connection.value(f"SELECT count(*) FROM items WHERE {condition.sql}", condition.parameters))

    def ids(self, selection: Selection) -> npt.NDArray[np.int64]:
        """The ids of the selection's items, as they lie in the release."""
        condition = self._connection.condition(selection)
        with self._connection.cursor() as cursor:
            found = cursor.execute(f"SELECT id FROM items WHERE {condition.sql} ORDER BY place", condition.parameters)
            return np.asarray(found.fetchnumpy()["id"], dtype=np.int64)

    def page(
        self, selection: Selection, offset: int, limit: int, sort: str = "subset", seed: int = 0
    ) -> list[ItemCard]:
        """A stretch of the selection in an order of SORTS. Raises UnknownNameError for another order."""
        order, condition = order_named(sort, seed), self._connection.condition(selection)
        rows = self._connection.rows(
            f"""WITH chosen AS (
                SELECT place, {order.sql} AS rank FROM {order.source} WHERE {condition.sql}
                ORDER BY rank, place LIMIT $limit OFFSET $offset
            )
            SELECT id, image, subset, split, labels, caption, {STATE}, question,
                (SELECT list_sort(list(tag)) FROM tags WHERE tags.id = items.id), coalesce(reason, '')
            FROM items JOIN chosen USING (place) LEFT JOIN states USING (image_id)
            WHERE place IN (SELECT place FROM chosen) ORDER BY rank, place""",
            {**condition.parameters, **order.parameters, "limit": max(0, limit), "offset": max(0, offset)},
        )
        self._images.remember((item_key(row[0]), row[1]) for row in rows)
        return [_card(row) for row in rows]

    def neighbours(
        self, selection: Selection, key: str, sort: str = "subset", seed: int = 0
    ) -> tuple[str | None, str | None]:
        """The items before and after one in the selection's order. Raises UnknownNameError when the key is unknown."""
        condition, place = self._connection.condition(selection), self._place(key)
        order = order_named(sort, seed)
        here = f"(SELECT {order.sql} FROM {order.source} WHERE place = $here)"
        found = []
        for side, direction in (("<", "DESC"), (">", "ASC")):
            rows = self._connection.rows(
                f"SELECT id FROM {order.source} WHERE {condition.sql} AND ({order.sql} {side} {here} "
                f"OR ({order.sql} = {here} AND place {side} $here)) "
                f"ORDER BY {order.sql} {direction}, place {direction} LIMIT 1",
                {**condition.parameters, **order.parameters, "here": place},
            )
            found.append(item_key(rows[0][0]) if rows else None)
        return found[0], found[1]

    def position(self, selection: Selection, key: str, sort: str = "subset", seed: int = 0) -> int:
        """How many items stand before this one in the selection's order. Raises UnknownNameError."""
        condition, place = self._connection.condition(selection), self._place(key)
        order = order_named(sort, seed)
        here = f"(SELECT {order.sql} FROM {order.source} WHERE place = $here)"
        before = f"({order.sql} < {here} OR ({order.sql} = {here} AND place < $here))"
        query = f"SELECT count(*) FROM {order.source} WHERE {condition.sql} AND {before}"
        return int(self._connection.value(query, {**condition.parameters, **order.parameters, "here": place}))

    def sample(
        self,
        n: int,
        seed: int,
        *,
        subsets: Iterable[str] | None = None,
        split: Split | None = Split.TEST,
        selection: Selection | None = None,
        by: str = "subset",
    ) -> list[QAItem]:
        """At most `n` items, no two of one image, in equal parts of what `by` names; a seed always gives the same.

        By default subsets take turns, and the labels of each. Raises UnknownNameError for a subset that has no items,
        or a name that is not in `store/sampling.py: DRAWS`.
        """
        condition = self._drawn_from(selection, split)
        if subsets is not None:
            numbers = [self._known_subset(number) for number in subsets]
            condition &= Condition("list_contains($of_subsets, subset)", {"of_subsets": numbers})
        return self._items_at(draw_sample(self._connection, condition, n, seed, by))

    def drawable(self, selection: Selection, split: Split | None = Split.TEST) -> int:
        """How many items `sample` can give of a selection."""
        return count_drawable(self._connection, self._drawn_from(selection, split))

    # -- single items ------------------------------------------------------------------------------------------------

    def item(self, key: str) -> ItemDetail:
        """An item with its subset, source and image. Raises UnknownNameError when there is no such item."""
        place = self._place(key)
        self._connection.follow(Selection())
        (row,) = self._connection.rows(
            f"SELECT image_id, repairs, {STATE}, coalesce(width, 0), coalesce(height, 0), coalesce(mode, ''), "
            "coalesce(reason, ''), (SELECT list_sort(list(tag)) FROM tags WHERE tags.id = items.id), "
            f"{ITEM_FIELDS} FROM items LEFT JOIN states USING (image_id) WHERE place = $place",
            {"place": place},
        )
        image_id, repairs, state, width, height, mode, reason, tags = row[:8]
        item = item_of(row[8:])
        twins = self._connection.rows(
            "SELECT id FROM items WHERE image_id = $image_id AND image = $image AND place <> $place ORDER BY place",
            {"image_id": image_id, "image": item.image, "place": place},
        )
        return ItemDetail(
            item=item,
            subset=next(subset for subset in self.subsets() if subset.number == item.subset),
            dataset=self._datasets.get(item.dataset),
            image_state=state,
            width=width,
            height=height,
            mode=mode,
            same_image=tuple(item_key(twin[0]) for twin in twins),
            repairs=tuple(repairs),
            image_reason=reason,
            tags=tuple(tags or ()),
        )

    def items(self, keys: Sequence[str]) -> list[QAItem]:
        """The items of these keys, in their order. Raises UnknownNameError for the first that does not exist."""
        found = self.items_found(keys)
        for key in keys:
            if key not in found:
                raise _no_item(key)
        return [found[key] for key in keys]

    def items_found(self, keys: Sequence[str]) -> dict[str, QAItem]:
        """The items of those keys that exist, by key."""
        wanted = [_id(key) for key in keys]
        query = f"SELECT {ITEM_FIELDS} FROM items WHERE id IN (SELECT unnest($ids::BIGINT[]))"
        return {(item := item_of(row)).key: item for row in self._connection.rows(query, {"ids": wanted})}

    @property
    def own_subsets(self) -> tuple[str, ...]:
        """Numbers of the subsets that readers made themselves."""
        return self._version.own

    def image_of(self, item: QAItem) -> Path:
        """The image file of an item that is at hand, as `image_path` gives it."""
        return self._version.find_image(item.image)

    def image_path(self, key: str) -> Path:
        """The image file of an item, links followed. Raises ImageRefusedError when missing or outside the root."""
        image = self._images.of(key)
        if image is None:
            image = self._connection.value("SELECT image FROM items WHERE id = $id", {"id": _id(key)})
        if image is None:
            raise _no_item(key)
        return self._version.find_image(image)

    # -- within ------------------------------------------------------------------------------------------------------

    def _place(self, key: str) -> int:
        place = self._connection.value("SELECT place FROM items WHERE id = $id", {"id": _id(key)})
        if place is None:
            raise _no_item(key)
        return int(place)

    def _drawn_from(self, selection: Selection | None, split: Split | None) -> Condition:
        condition = self._connection.condition(selection or Selection())
        return condition & Condition("split = $of_split", {"of_split": split.value}) if split else condition

    def _items_at(self, places: list[int]) -> list[QAItem]:
        rows = self._connection.rows(
            f"SELECT place, {ITEM_FIELDS} FROM items WHERE place IN (SELECT unnest($places::BIGINT[]))",
            {"places": places},
        )
        found = {row[0]: item_of(row[1:]) for row in rows}
        return [found[place] for place in places]

    def _known_subset(self, number: str) -> str:
        known = [subset.number for subset in self.subsets()]
        if subset_number(number) not in known:
            raise UnknownNameError("subset", number, known)
        return subset_number(number)

    def _as_checked(self, what: str, count: Callable[[], T]) -> T:
        """A count that is kept until the image check has found more."""
        state = self._connection.follow_check()
        with self._counting:
            kept = self._counted.get(what)
            if kept is None or kept[0] != state:
                kept = self._counted[what] = (state, count())
        return kept[1]  # type: ignore[return-value]

    def _image_counts(self) -> dict[str, int]:
        rows = self._connection.rows(
            f"SELECT {STATE} AS state, count(*) FROM (SELECT DISTINCT image_id FROM items) "
            "LEFT JOIN states USING (image_id) GROUP BY 1"
        )
        return {**dict.fromkeys(STATES, 0), **{state: int(n) for state, n in rows}}

    def _subset_counts(self) -> list[SubsetCount]:
        by_state = ", ".join(f"count(*) FILTER ({STATE} = '{state}')" for state in STATES)
        rows = self._connection.rows(
            f"""WITH seen AS (
                SELECT subset, split, count(*) AS images, {by_state} FROM (
                    SELECT DISTINCT image_id, subset, split FROM items
                ) LEFT JOIN states USING (image_id) GROUP BY subset, split
            ), sizes AS (SELECT subset, split, sum(items)::BIGINT AS items FROM cube GROUP BY subset, split)
            SELECT subset, split, items, seen.* EXCLUDE (subset, split) FROM sizes JOIN seen USING (subset, split)"""
        )
        place = {subset.number: i for i, subset in enumerate(self.subsets())}
        counts = [SubsetCount(row[0], Split(row[1]), *row[2:]) for row in rows]
        return sorted(counts, key=lambda count: (place[count.subset], count.split != Split.TRAIN))


def _card(row: Row) -> ItemCard:
    id_, _, subset, split, labels, caption, state, question, tags, reason = row
    shown = shown_labels(labels)
    return ItemCard(item_key(id_), subset, Split(split), shown, caption, state, question, tuple(tags or ()), reason)


def _id(key: str) -> int:
    try:
        return parse_item_key(key)
    except ValueError:
        raise _no_item(key) from None


def _no_item(key: str) -> UnknownNameError:
    return UnknownNameError("item", key, ["the keys of this collection's items"], "Another import may have changed it.")
