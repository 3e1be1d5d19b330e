"""Items counted by all facets at once, as arrays in memory: the counts of a click are sums over its rows.

One query with a part for each facet costs more to plan than to run; over arrays all counts together take a millisecond.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.selection import READER_FACETS, Facet, Selection

COUNTED = tuple(facet for facet in Facet if facet not in READER_FACETS)
"""Facets that a cube has as columns."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Column:
    """One facet: `codes` index `values`, and stand for the cube's rows `rows`, each of which may have several."""

    values: npt.NDArray[Any]
    codes: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64] | None

    def holds(self, wanted: frozenset[str], size: int) -> Mask:
        """Which rows have one of the values."""
        among = np.isin(self.codes, np.flatnonzero(np.isin(self.values, list(wanted))))
        if self.rows is None:
            return among
        mask = np.zeros(size, dtype=np.bool_)
        mask[self.rows[among]] = True
        return mask

    def count(self, items: npt.NDArray[np.int64], mask: Mask) -> dict[str, int]:
        """Items of the masked rows by value; values without any are left out."""
        kept = mask if self.rows is None else mask[self.rows]
        weights = items[mask] if self.rows is None else items[self.rows[kept]]
        sums = np.bincount(self.codes[kept], weights=weights, minlength=len(self.values))
        return {str(self.values[code]): int(sums[code]) for code in np.flatnonzero(sums)}


class Cube:
    """Rows of one combination of values each, from columns of DuckDB: a column a facet, `labels`, and `items`."""

    def __init__(self, columns: Mapping[str, npt.NDArray[Any]]) -> None:
        self._items = np.asarray(columns["items"], dtype=np.int64)
        self._columns = {facet: _column(columns, facet) for facet in COUNTED}

    @property
    def rows(self) -> int:
        """How many combinations there are."""
        return len(self._items)

    def total(self, selection: Selection) -> int:
        """Items that have what was chosen in the cube's facets."""
        return int(self._items[self._all(selection, COUNTED)].sum())

    def counts(self, selection: Selection) -> dict[Facet, dict[str, int]]:
        """Every facet's values with counts, each facet counted without its own choice."""
        everything = self._all(selection, COUNTED)
        found = {}
        for facet, column in self._columns.items():
            others = everything
            if facet in selection.facets:
                others = self._all(selection, [other for other in COUNTED if other is not facet])
            found[facet] = column.count(self._items, others)
        return found

    def _all(self, selection: Selection, facets: Sequence[Facet]) -> Mask:
        mask = np.ones(self.rows, dtype=np.bool_)
        for facet in facets:
            if wanted := selection.chosen.get(facet):
                mask &= self._columns[facet].holds(wanted, self.rows)
            if refused := selection.excluded.get(facet):
                mask &= ~self._columns[facet].holds(refused, self.rows)
        return mask


def _column(columns: Mapping[str, npt.NDArray[Any]], facet: Facet) -> _Column:
    if facet is not Facet.LABEL:
        return _Column(*_coded(columns[facet.value]), None)
    lists = columns["labels"]
    lengths = np.fromiter((len(labels) for labels in lists), dtype=np.int64, count=len(lists))
    flat = np.concatenate(lists) if len(lists) else np.empty(0, dtype=object)
    return _Column(*_coded(flat), np.repeat(np.arange(len(lists)), lengths))


def _coded(texts: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """The different texts, and for each text which it is."""
    known: dict[str, int] = {}
    codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), dtype=np.int64, count=len(texts))
    return np.asarray(list(known), dtype=object), codes
