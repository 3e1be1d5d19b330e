"""What can be drawn for a target: all training items of a collection that are not the target's, read once as arrays.

Every arm of the target is drawn from the same pool, so that its leaks are looked for once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.arms import is_target
from medmat_explorer.domain.qa import LETTERS
from medmat_explorer.domain.relation import RelationRule, Target
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.training_mix import LeakRule, target_datasets
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.mix_leaks import ORDER, LeakKnowledge, Removed, find_target_pictures

Ints = npt.NDArray[np.int64]
CELLS = """
SELECT cell, subset, dataset, array_to_string(labels, ', ') AS label, options::INTEGER AS options, letter, split
FROM cube ORDER BY subset, dataset, label, options, letter, split, cell
"""
ITEMS = "SELECT place, id, image_id, cell FROM items ORDER BY place"


@dataclass(frozen=True)
class MixCell:
    """What many items have in common; `letter` is the right one's place in the alphabet."""

    subset: str
    dataset: str
    label: str
    options: int
    letter: int
    split: str


@dataclass(frozen=True)
class MixPool:
    """All items of a collection as arrays: place, id, the number of their cell, and why they may not be drawn.

    `reason` is a place in `ORDER`, or -1 for items that may be drawn. `no_picture` marks items whose image is known to
    be missing or unreadable. `target_subsets` are the subsets of the collection that are the target.
    """

    target: Target
    leaks: LeakRule
    target_subsets: tuple[str, ...]
    cells: tuple[MixCell, ...]
    place: Ints
    id: Ints
    cell: Ints
    reason: Ints
    no_picture: npt.NDArray[np.bool_]
    knowledge: LeakKnowledge

    def reasons(self, *, pictures: bool) -> Ints:
        """As `reason`; when the pictures are to be copied, items without one may not be drawn either."""
        if not pictures:
            return self.reason
        return np.where((self.reason < 0) & self.no_picture, ORDER.index(Removed.NO_PICTURE), self.reason)

    def cells_of(self, numbers: Iterable[str], split: str | None = "train") -> npt.NDArray[np.bool_]:
        """Which cells are of these subsets, and of this split if one is given."""
        wanted = set(numbers)
        chosen = [cell.subset in wanted and split in {None, cell.split} for cell in self.cells]
        return np.array(chosen, dtype=bool).reshape(-1)

    def held_out(self) -> Ints:
        """Places of the target's test items."""
        return self.place[self.cells_of(self.target_subsets, "test")[self.cell]]

    def target_options(self) -> dict[int, int]:
        """How many options the target's test questions have; those of all its questions where there is no test."""
        for split in ("test", None):
            cells = self.cell[self.cells_of(self.target_subsets, split)[self.cell]]
            if len(cells):
                found = np.bincount(np.array([cell.options for cell in self.cells], np.int64)[cells])
                return {options: int(items) for options, items in enumerate(found) if items}
        return {}

    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that stand for all items of the collection: the same after every import."""
        import hashlib

        return hashlib.sha256(np.sort(self.id).tobytes()).hexdigest()[:16]


def read_pool(catalog: Catalog, target: Target, rule: RelationRule, leaks: LeakRule = LeakRule.NEAR) -> MixPool:
    """Reads a collection for a target, and looks for the target's pictures in it.

    The rule matters only for a target that is a written-out triple: it says which subset that names (`is_target`).
    """
    rows = catalog.connection.rows(CELLS)
    cells = tuple(MixCell(row[1], row[2], row[3], row[4], LETTERS.index(row[5]), row[6]) for row in rows)
    items = catalog.connection.columns(ITEMS)
    place, id_, image, hashed = (np.asarray(items[name]) for name in ("place", "id", "image_id", "cell"))
    hashes = np.array([row[0] for row in rows], dtype=np.uint64)
    order = np.argsort(hashes)
    cell = order[np.searchsorted(hashes[order], hashed.astype(np.uint64))] if len(rows) else hashed.astype(np.int64)
    subsets = catalog.subsets()
    mine = [subset for subset in subsets if is_target(subset, target, rule)]
    theirs = mine
    if not mine and target.subset is not None and not catalog.declared:
        theirs = [target.subset]  # not here, but its data sets may stand in other subsets
    reason = _cell_reasons(cells, subsets, mine, theirs)[cell]
    is_mine = np.isin(reason, [ORDER.index(Removed.TARGET_ITEM), ORDER.index(Removed.TARGET_DATASET)])
    pictures = find_target_pictures(catalog, image[is_mine].astype(np.int64), leaks)
    reason = np.where(reason < 0, pictures.reason_of(image.astype(np.int64)), reason)
    return MixPool(
        target=target,
        leaks=leaks,
        target_subsets=tuple(subset.number for subset in mine),
        cells=cells,
        place=place.astype(np.int64),
        id=id_.astype(np.int64),
        cell=cell.astype(np.int64),
        reason=reason.astype(np.int64),
        no_picture=np.isin(image.astype(np.int64), pictures.unreadable),
        knowledge=pictures.knowledge,
    )


def _cell_reasons(
    cells: tuple[MixCell, ...], subsets: Iterable[Subset], mine: list[Subset], theirs: list[Subset]
) -> Ints:
    """By cell: whether its items are the target's, by their subset or by their data set."""
    numbers = {subset.number for subset in mine}
    banned = {s.number: frozenset[str]().union(*(target_datasets(s, one) for one in theirs)) for s in subsets}

    def reason(cell: MixCell) -> int:
        if cell.subset in numbers:
            return ORDER.index(Removed.TARGET_ITEM)
        return ORDER.index(Removed.TARGET_DATASET) if cell.dataset in banned[cell.subset] else -1

    return np.array([reason(cell) for cell in cells], dtype=np.int64)
