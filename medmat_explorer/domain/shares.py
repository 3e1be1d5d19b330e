"""Dividing a budget: equal shares of what there is, and equal counts of right letters.

All of it is exact arithmetic over counts, so that the same counts are always divided the same way.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from medmat_explorer.domain.relation import Relation

LetterStock = Mapping[int, Sequence[int]]
"""Items of one unit: by number of options, how many there are with each right letter, A first."""


def equal_shares(available: Sequence[int], budget: int, weights: Sequence[Fraction] | None = None) -> list[int]:
    """How many to take of each: equal shares, or in the ratio of the weights, but never more than there is.

    What some cannot give, the others give in equal shares again; what cannot be divided goes, one each, to those that
    have most. All is taken when the budget is more than all. Returns counts in the order of `available`.
    """
    weights = weights or [Fraction(1)] * len(available)
    taken = [0] * len(available)
    left, weight = min(budget, sum(available)), sum(weights, Fraction(0))
    for place in sorted(range(len(available)), key=lambda i: Fraction(available[i]) / weights[i]):
        share = left * weights[place] / weight
        taken[place] = min(available[place], int(share))
        left, weight = left - taken[place], weight - weights[place]
    return taken


def element_weights(shared: Sequence[Relation]) -> list[Fraction]:
    """The weight of each subset when the elements that they share with the target get equal shares.

    The subsets that share an element divide its share; those that share nothing divide one share more.
    """
    groups = [[flag in one for one in shared] for flag in (Relation.MODALITY, Relation.AREA, Relation.TASK)]
    groups.append([one is Relation.NONE for one in shared])
    return [sum((Fraction(g[i], sum(g)) for g in groups if g[i]), Fraction(0)) for i in range(len(shared))]


def evenly_lettered(units: Sequence[LetterStock]) -> list[dict[int, list[int]]]:
    """As much of the stock as there can be when every letter is to stand equally often.

    For each number of options every letter keeps as many items as the rarest has; units with few items keep theirs.
    """
    kept: list[dict[int, list[int]]] = [{options: [0] * options for options in unit} for unit in units]
    for options in sorted({options for unit in units for options in unit}):
        rows = [unit.get(options, [0] * options) for unit in units]
        least = min(sum(row[letter] for row in rows) for letter in range(options))
        for letter in range(options):
            for row, items in zip(kept, equal_shares([row[letter] for row in rows], least), strict=True):
                if options in row:
                    row[options][letter] = items
    return kept


def share_letters(units: Sequence[LetterStock], wanted: Sequence[int]) -> list[dict[int, list[int]]]:
    """How many items of each letter every unit gives, when unit i gives `wanted[i]`.

    `units` is what `evenly_lettered` left. For each number of options the counts of two letters differ by at most one
    over all units. Where a unit's own letters are too uneven for that, another gives an item in its stead.
    """
    given: list[dict[int, list[int]]] = [{} for _ in units]
    parts = [_by_options(unit, items) for unit, items in zip(units, wanted, strict=True)]
    for options in sorted({options for unit in units for options in unit}):
        rows = [list(unit.get(options, [0] * options)) for unit in units]
        table = _LetterTable(rows, [part.get(options, 0) for part in parts])
        table.fill()
        table.level()
        for place, unit in enumerate(units):
            if options in unit:
                given[place][options] = table.taken[place]
    return given


def _by_options(unit: LetterStock, items: int) -> dict[int, int]:
    """A unit's items divided over its numbers of options, in the ratio of what there is of each."""
    order = sorted(unit)
    sizes = [sum(unit[options]) for options in order]
    weights = [Fraction(max(size, 1)) for size in sizes]
    return dict(zip(order, equal_shares(sizes, items, weights), strict=True))


@dataclass
class _LetterTable:
    """Items with one number of options: rows are units, columns are letters."""

    stock: list[list[int]]
    wanted: list[int]

    def __post_init__(self) -> None:
        self.letters = len(self.stock[0])
        self.taken = [[0] * self.letters for _ in self.stock]
        self.sums = [0] * self.letters
        supply = [sum(row[letter] for row in self.stock) for letter in range(self.letters)]
        self.goal = equal_shares(supply, sum(self.wanted))

    def fill(self) -> None:
        """Every row by equal shares of its letters; what cannot be divided goes to the letters that lack most."""
        for row, items in enumerate(self.wanted):
            self._put(row, equal_shares(self.stock[row], items - items % self.letters))
            for _ in range(items - sum(self.taken[row])):
                free = [x for x in range(self.letters) if self.taken[row][x] < self.stock[row][x]]
                best = max(free, key=lambda x: (self.goal[x] - self.sums[x], -self.taken[row][x], -x))
                self._put(row, [int(x == best) for x in range(self.letters)])

    def level(self) -> None:
        """Moves items from letters that stand too often to those that lack, within rows as far as can be."""
        while True:
            over = next((x for x in range(self.letters) if self.sums[x] > self.goal[x]), None)
            if over is None:
                return
            path = self._path(over)
            if path:
                self._move_along(path)
            else:
                self._move_across(over)

    def _put(self, row: int, more: Sequence[int]) -> None:
        for letter, items in enumerate(more):
            self.taken[row][letter] += items
            self.sums[letter] += items

    def _path(self, start: int) -> list[tuple[int, int, int]]:
        """Steps (row, from, to) that lead from a letter to one that lacks; empty when rows alone cannot do it."""
        came: dict[int, tuple[int, int, int]] = {}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for there in range(self.letters):
                if there == start or there in came:
                    continue
                row = self._row_with(here, there)
                if row is None:
                    continue
                came[there] = (row, here, there)
                if self.sums[there] < self.goal[there]:
                    return _walked(came, start, there)
                waiting.append(there)
        return []

    def _row_with(self, here: int, there: int) -> int | None:
        """The row that can give most of one letter for another."""
        room = [min(t[here], s[there] - t[there]) for t, s in zip(self.taken, self.stock, strict=True)]
        best = max(range(len(room)), key=lambda row: (room[row], -row))
        return best if room[best] > 0 else None

    def _move_along(self, path: list[tuple[int, int, int]]) -> None:
        first, last = path[0][1], path[-1][2]
        amount = min(self.sums[first] - self.goal[first], self.goal[last] - self.sums[last])
        rows = [row for row, _, _ in path]
        if len(set(rows)) < len(rows):
            amount = 1
        amount = min([amount, *(self._room(*step) for step in path)])
        for row, here, there in path:
            self._put(row, [amount * ((x == there) - (x == here)) for x in range(self.letters)])

    def _room(self, row: int, here: int, there: int) -> int:
        return min(self.taken[row][here], self.stock[row][there] - self.taken[row][there])

    def _move_across(self, over: int) -> None:
        """One item less in the row that has most of the letter, one more in the row that has most left of another."""
        lacking = next(x for x in range(self.letters) if self.sums[x] < self.goal[x])
        rows = range(len(self.stock))
        giver = max(rows, key=lambda row: (self.taken[row][over], -row))
        taker = max(rows, key=lambda row: (self.stock[row][lacking] - self.taken[row][lacking], -row))
        self._put(giver, [-int(x == over) for x in range(self.letters)])
        self._put(taker, [int(x == lacking) for x in range(self.letters)])


def _walked(came: Mapping[int, tuple[int, int, int]], start: int, end: int) -> list[tuple[int, int, int]]:
    path = [came[end]]
    while path[-1][1] != start:
        path.append(came[path[-1][1]])
    return path[::-1]
