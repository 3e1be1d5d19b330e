"""Drawing a training mix: leaks out, shares divided, items picked by a seed.

The same mix of the same collection is the same items whatever the machine, the number of threads or the import: draws
follow from item ids, which are hashes of content.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.arms import ArmKind
from medmat_explorer.domain.qa import LETTERS, Split
from medmat_explorer.domain.relation import SAME_TRIPLE
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.domain.shares import LetterStock, element_weights, equal_shares, evenly_lettered, share_letters
from medmat_explorer.domain.subset import subset_order
from medmat_explorer.domain.training_mix import Balance, FormatNote, TrainingMix
from medmat_explorer.errors import MixError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.held_out import draw_factor
from medmat_explorer.store.mix_leaks import LEAKS, ORDER, LeakKnowledge, Removed
from medmat_explorer.store.mix_pool import Ints, MixCell, MixPool
from medmat_explorer.store.workspace import BASKET


@dataclass(frozen=True)
class SourceCount:
    """One subset of a mix: its training items, those removed by reason, what is left, and what was taken.

    Of what is `left`, `usable` remains when all letters are to stand equally often.
    """

    subset: str
    available: int
    removed: Mapping[str, int]
    usable: int
    taken: int

    @property
    def left(self) -> int:
        """Items that may be drawn."""
        return self.available - sum(self.removed.values())


@dataclass(frozen=True)
class DrawnMix:
    """A mix with its items: `places` in the catalog, in order, and their `ids`.

    `cell` is the number of each item's cell in `cells`; `removed` are places with the number of the reason; `held_out`
    are the target's test items. `capacity` is the most that this mix can give. `lost` items were drawn, but not
    written since their picture could not be copied.
    """

    mix: TrainingMix
    places: Ints
    ids: Ints
    sources: tuple[SourceCount, ...]
    capacity: int
    cells: tuple[MixCell, ...]
    cell: Ints
    removed: Ints
    removed_reasons: Ints
    held_out: Ints
    target_options: Mapping[int, int]
    knowledge: LeakKnowledge
    same_triple: tuple[str, ...] = ()
    not_here: tuple[str, ...] = ()
    lost: int = 0
    fingerprint: str = field(default="", compare=False)

    @property
    def items(self) -> int:
        """How many items it holds."""
        return len(self.places)

    @cached_property
    def _items_by_cell(self) -> dict[int, int]:
        return _counted(self.cell)

    @cached_property
    def labels(self) -> Mapping[str, Mapping[str, int]]:
        """Items by subset and label, both in order."""
        found: dict[str, Counter[str]] = {}
        for number, items in self._items_by_cell.items():
            found.setdefault(self.cells[number].subset, Counter())[self.cells[number].label] += items
        return {subset: dict(sorted(found[subset].items())) for subset in sorted(found, key=subset_order)}

    @cached_property
    def letters(self) -> Mapping[int, Mapping[str, int]]:
        """Items by number of options and right letter."""
        found: dict[int, dict[str, int]] = {}
        for number, items in self._items_by_cell.items():
            cell = self.cells[number]
            counts = found.setdefault(cell.options, dict.fromkeys(LETTERS[: cell.options], 0))
            counts[LETTERS[cell.letter]] += items
        return dict(sorted(found.items()))

    @property
    def options(self) -> dict[int, int]:
        """Items by number of options."""
        return {options: sum(counts.values()) for options, counts in self.letters.items()}

    @property
    def removed_by_reason(self) -> dict[str, int]:
        """Items that were left out, by reason."""
        counts = Counter(self.removed_reasons.tolist())
        return {ORDER[number].value: counts[number] for number in sorted(counts)}

    @property
    def leaks_removed(self) -> int:
        """Items left out since they are, or show, the target."""
        return sum(n for reason, n in self.removed_by_reason.items() if Removed(reason) in LEAKS)

    @property
    def shortfall(self) -> str:
        """A sentence where there are fewer items to draw than were asked for; else, or if none were, empty."""
        drawn = self.items + self.lost
        if drawn >= self.mix.budget or not self.mix.budget_asked:
            return ""
        even = " with every letter equally often" if self.mix.letters else ""
        return f"{self.mix.budget:,} items were asked for; {drawn:,} are all that this arm can give{even}."

    @property
    def loss(self) -> str:
        """A sentence where items were drawn and not written; else empty."""
        if not self.lost:
            return ""
        what = "1 drawn item was" if self.lost == 1 else f"{self.lost:,} drawn items were"
        uneven = ", and the right letters no longer stand equally often" if self.mix.letters else ""
        return (
            f"{what} left out since the picture could not be copied (images-not-copied.csv): {self.items:,} "
            f"of {self.items + self.lost:,} are here{uneven}."
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before training on it."""
        mix, said = self.mix, list(self.knowledge.sentences)
        said += [sentence for sentence in (self.shortfall, self.loss) if sentence]
        if sentence := FormatNote(self.options, self.target_options).sentence:
            said.append(sentence)
        if not len(self.held_out):
            said.append(f"There is no test item of the target {mix.target.key} here to evaluate on.")
        if self.same_triple:
            said.append(
                f"Under the rule '{mix.rule.name}' {', '.join(self.same_triple)} share all three elements with the "
                "target: they count as related."
            )
        return tuple(said)

    def without(self, ids: Sequence[int]) -> "DrawnMix":
        """The mix as it was written when the items of these ids could not be: all is counted anew."""
        if not ids:
            return self
        kept = ~np.isin(self.ids, np.asarray(ids, dtype=np.int64))
        fewer = replace(
            self,
            places=self.places[kept],
            ids=self.ids[kept],
            cell=self.cell[kept],
            lost=self.lost + int(np.sum(~kept)),
        )
        taken = {subset: sum(counts.values()) for subset, counts in fewer.labels.items()}
        sources = tuple(replace(source, taken=taken.get(source.subset, 0)) for source in self.sources)
        return replace(fewer, sources=sources)


def draw_mix(catalog: Catalog, pool: MixPool, mix: TrainingMix, *, basket: Ints | None = None) -> DrawnMix:
    """Draws a mix from its target's pool. `basket` are the item ids of a basket's mix; by default today's basket.

    Raises MixError when nothing is left to draw.
    """
    candidates = _Candidates.of(catalog, pool, mix, basket)
    drawn = candidates.draw()
    if not drawn.items:
        gone = f", and {drawn.leaks_removed:,} items were the target's" if drawn.leaks_removed else ""
        if unseen := drawn.removed_by_reason.get(Removed.NO_PICTURE):
            gone += f", and {unseen:,} have no readable picture to copy"
        raise MixError(
            f"Nothing is left for the arm '{mix.arm.key}' of {mix.target.key} in '{mix.collection}': "
            f"its {len(mix.subsets)} subsets have no usable training item here{gone}."
        )
    return drawn


def mix_capacity(catalog: Catalog, pool: MixPool, mix: TrainingMix) -> int:
    """The most items that a mix can give; 0 when nothing is left."""
    return _Candidates.of(catalog, pool, mix, None).capacity


def basket_ids(catalog: Catalog) -> Ints:
    """The ids of the items in the reader's basket."""
    return catalog.ids(Selection({Facet.TAG: frozenset({BASKET})}))


@dataclass
class _Candidates:
    """The items that one mix may be drawn from; `at` are their places in the pool's arrays.

    A unit is what gets an equal share: a subset, or a label of a subset. `reason` is the pool's for this mix.
    """

    pool: MixPool
    mix: TrainingMix
    reason: Ints
    at: Ints
    banned: Ints
    units: list[tuple[str, ...]]
    unit_of_cell: Ints
    stock: list[LetterStock]

    @classmethod
    def of(cls, catalog: Catalog, pool: MixPool, mix: TrainingMix, basket: Ints | None) -> "_Candidates":
        reason = pool.reasons(pictures=mix.pictures)
        in_mix = pool.cells_of(mix.by_number)[pool.cell]
        if mix.arm.kind is ArmKind.BASKET:
            ids = basket_ids(catalog) if basket is None else basket
            asked = np.isin(pool.id, ids)
            in_mix &= asked
            is_banned = asked & ((reason >= 0) | ~in_mix)
        else:
            is_banned = in_mix & (reason >= 0)
        at = np.flatnonzero(in_mix & (reason < 0))
        is_label = mix.balance is Balance.LABEL
        keys = [(c.subset, c.label) if is_label else (c.subset,) for c in pool.cells]
        present = np.unique(pool.cell[at])
        units = sorted({keys[i] for i in present.tolist()}, key=lambda key: (subset_order(key[0]), key[1:]))
        number = {key: i for i, key in enumerate(units)}
        unit_of_cell = np.array([number.get(key, -1) for key in keys], dtype=np.int64)
        stock = _letter_stock(pool, at, unit_of_cell, len(units))
        return cls(pool, mix, reason, at, np.flatnonzero(is_banned), units, unit_of_cell, stock)

    @property
    def usable(self) -> list[LetterStock]:
        """The stock, evenly lettered where the mix asks for that."""
        return list(evenly_lettered(self.stock)) if self.mix.letters else self.stock

    @property
    def capacity(self) -> int:
        return sum(map(_size, self.usable))

    def draw(self) -> DrawnMix:
        """Quotas of units and letters, then items of each by turns of labels and the seed."""
        usable = self.usable
        sizes = [_size(unit) for unit in usable]
        quotas = equal_shares(sizes, self.mix.budget, self._weights())
        group, quota = self._groups(usable, quotas)
        label = _codes([cell.label for cell in self.pool.cells])[self.pool.cell[self.at]]
        chosen = self.at[_picked(group, label, seeded_draw(self.pool.id[self.at], self.mix.seed), quota)]
        return self._drawn(np.sort(chosen), sizes)

    def _weights(self) -> Sequence[Fraction] | None:
        if self.mix.balance is not Balance.ELEMENT:
            return None
        return element_weights([self.mix.shares(unit[0]) for unit in self.units])

    def _groups(self, usable: list[LetterStock], quotas: list[int]) -> tuple[Ints, Ints]:
        """The group of each candidate and the quota of each group: units, or units with a letter and its company."""
        unit = self.unit_of_cell[self.pool.cell[self.at]]
        if not self.mix.letters:
            return unit, np.array(quotas, dtype=np.int64)
        width = max((cell.options for cell in self.pool.cells), default=1) + 1
        quota = np.zeros(len(self.units) * width * width, dtype=np.int64)
        for place, by_options in enumerate(share_letters(usable, quotas)):
            for options, by_letter in by_options.items():
                start = (place * width + options) * width
                quota[start : start + options] = by_letter
        letter = np.array([cell.options * width + cell.letter for cell in self.pool.cells], dtype=np.int64)
        return unit * width * width + letter[self.pool.cell[self.at]], quota

    def _drawn(self, chosen: Ints, sizes: list[int]) -> DrawnMix:
        pool, mix = self.pool, self.mix
        taken = Counter[str]()
        for number, items in _counted(pool.cell[chosen]).items():
            taken[pool.cells[number].subset] += items
        sources = self._sources(sorted(mix.by_number, key=subset_order), taken, sizes)
        return DrawnMix(
            mix=mix,
            places=pool.place[chosen],
            ids=pool.id[chosen],
            sources=tuple(source for source in sources if source.available),
            capacity=sum(sizes),
            cells=pool.cells,
            cell=pool.cell[chosen],
            removed=pool.place[self.banned],
            removed_reasons=self._banned_reasons(),
            held_out=pool.held_out(),
            target_options=pool.target_options(),
            knowledge=pool.knowledge,
            same_triple=tuple(s.subset for s in sources if s.taken and mix.shares(s.subset) is SAME_TRIPLE),
            not_here=tuple(source.subset for source in sources if not source.available),
            fingerprint=pool.fingerprint(),
        )

    def _banned_reasons(self) -> Ints:
        """Why each may not be drawn. An item of a basket may be of a subset that the mix does not have."""
        is_test = np.array([cell.split != Split.TRAIN for cell in self.pool.cells], dtype=bool)
        reason = self.reason[self.banned]
        reason = np.where(reason >= 0, reason, ORDER.index(Removed.OTHER_SUBSET))
        return np.where(is_test[self.pool.cell[self.banned]], ORDER.index(Removed.NOT_TRAINING), reason)

    def _sources(self, order: list[str], taken: Mapping[str, int], sizes: list[int]) -> tuple[SourceCount, ...]:
        """Every subset of the mix, by number."""
        pool = self.pool
        left, usable = Counter[str](), Counter[str]()
        for number, items in enumerate(np.bincount(pool.cell[self.at], minlength=len(pool.cells)).tolist()):
            left[pool.cells[number].subset] += items
        for unit, size in zip(self.units, sizes, strict=True):
            usable[unit[0]] += size
        removed: dict[str, Counter[str]] = {}
        pairs = pool.cell[self.banned] * len(ORDER) + self._banned_reasons()
        for pair, items in zip(*(found.tolist() for found in np.unique(pairs, return_counts=True)), strict=True):
            cell, reason = divmod(pair, len(ORDER))
            removed.setdefault(pool.cells[cell].subset, Counter())[ORDER[reason].value] += items
        return tuple(
            SourceCount(
                subset=number,
                available=left[number] + sum(removed.get(number, {}).values()),
                removed=dict(removed.get(number, {})),
                usable=usable[number],
                taken=taken.get(number, 0),
            )
            for number in order
        )


def seeded_draw(ids: Ints, seed: int) -> npt.NDArray[np.uint64]:
    """A number an item in which its id and the seed are mixed: sorting by it is a random order that a seed repeats."""
    mixed = ids.astype(np.uint64) * np.uint64(draw_factor(seed))
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(draw_factor(seed + 1))
    return mixed ^ (mixed >> np.uint64(32))


def _picked(group: Ints, label: Ints, draw: npt.NDArray[np.uint64], quota: Ints) -> npt.NDArray[np.int64]:
    """Of each group as many as its quota says: labels in turn, and within a label by the draw."""
    order = np.lexsort((draw, label, group))
    turn = _running(group[order], label[order])
    order = order[np.lexsort((draw[order], turn, group[order]))]
    return order[_running(group[order]) < quota[group[order]]]


def _running(*keys: Ints) -> Ints:
    """Numbers rows from 0 on wherever any of the keys changes; rows that are alike stand together."""
    n = len(keys[0])
    if not n:
        return np.zeros(0, np.int64)
    begins = np.zeros(n, dtype=bool)
    begins[0] = True
    for key in keys:
        begins[1:] |= key[1:] != key[:-1]
    starts = np.flatnonzero(begins)
    return np.arange(n) - np.repeat(starts, np.diff(np.append(starts, n)))


def _counted(numbers: Ints) -> dict[int, int]:
    """How often each number occurs."""
    found, times = np.unique(numbers, return_counts=True)
    return dict(zip(found.tolist(), times.tolist(), strict=True))


def _codes(texts: Sequence[str]) -> Ints:
    """Equal texts get equal numbers, in the order of the texts."""
    number = {text: i for i, text in enumerate(sorted(set(texts)))}
    return np.array([number[text] for text in texts], dtype=np.int64)


def _letter_stock(pool: MixPool, at: Ints, unit_of_cell: Ints, units: int) -> list[LetterStock]:
    """By unit: items by number of options and right letter."""
    stock: list[dict[int, list[int]]] = [{} for _ in range(units)]
    for number, items in zip(*np.unique(pool.cell[at], return_counts=True), strict=True):
        cell = pool.cells[int(number)]
        by_letter = stock[unit_of_cell[number]].setdefault(cell.options, [0] * cell.options)
        by_letter[cell.letter] += int(items)
    return list(stock)


def _size(unit: LetterStock) -> int:
    return sum(map(sum, unit.values()))
