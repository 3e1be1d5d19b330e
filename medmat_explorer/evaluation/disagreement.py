"""Three ways to take an answer from one model, and how often they say the same.

The most probable letter, the letter read from what it wrote, and the option whose text it finds most likely: for some
chat models the first two differ in over 60 % of cases (Wang et al. 2024, arXiv 2402.14499). One number alone hides it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Way
from medmat_explorer.evaluation.statistics import wilson

Letters = Mapping[str, str | None]
"""By item key the letter, None where it could not be read. An item that was not asked in this way is not in it."""


@dataclass(frozen=True)
class WayCount:
    """One way: n items asked in it, `unparsed` of them without a letter, `correct` right."""

    way: Way
    n: int
    unparsed: int
    correct: int

    @property
    def unparsed_rate(self) -> float:
        """Share that could not be read."""
        return self.unparsed / self.n

    @property
    def unparsed_interval(self) -> tuple[float, float]:
        """95 % Wilson interval of that share."""
        return wilson(self.unparsed, self.n)

    @property
    def accuracy(self) -> float:
        """Right over all, unparsed ones included."""
        return self.correct / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the accuracy."""
        return wilson(self.correct, self.n)


@dataclass(frozen=True)
class Agreement:
    """Two ways on the n items asked in both: `same` say the same letter; two unparsed answers do not agree."""

    first: Way
    second: Way
    n: int
    same: int
    items: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the items on which both say the same letter."""
        return self.same / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of that share."""
        return wilson(self.same, self.n)


@dataclass(frozen=True)
class Disagreement:
    """What each way says, and how far each two agree; `items` of an agreement are those on which they differ.

    `all_same` counts the `in_all` items asked in every way on which all say the same letter.
    """

    ways: tuple[WayCount, ...]
    agreements: tuple[Agreement, ...]
    in_all: int
    all_same: int

    def agreement(self, first: Way, second: Way) -> Agreement | None:
        """Of two ways, in either order; None where no item was asked in both."""
        return next((a for a in self.agreements if {a.first, a.second} == {first, second}), None)


def disagreement(said: Mapping[Way, Letters], right: Mapping[str, str]) -> Disagreement | None:
    """`right` is the right letter by item key. None where nothing was asked; ways without items are left out.

    Raises ValueError for an item without a right letter.
    """
    asked = {way: said[way] for way in Way if said.get(way)}
    if not asked:
        return None
    if unknown := sorted({key for letters in asked.values() for key in letters} - right.keys()):
        raise ValueError(f"Item {unknown[0]} has no right letter.")
    common = set.intersection(*(set(letters) for letters in asked.values()))
    pairs = (_agreement(first, second, asked) for first, second in combinations(asked, 2))
    return Disagreement(
        ways=tuple(_count(way, letters, right) for way, letters in asked.items()),
        agreements=tuple(pair for pair in pairs if pair is not None),
        in_all=len(common),
        all_same=sum(_same({letters[key] for letters in asked.values()}) for key in common),
    )


def disagreement_of(answers: Iterable[JudgedAnswer]) -> Disagreement | None:
    """Of the answers to the question as asked."""
    asked = [answer for answer in answers if answer.variant == MAIN and not answer.problem]
    said = {way: {answer.item: answer.said(way) for answer in asked if way in answer.ways} for way in Way}
    return disagreement(said, {answer.item: answer.right for answer in asked})


def _count(way: Way, letters: Letters, right: Mapping[str, str]) -> WayCount:
    counts = Counter("unparsed" if letter is None else letter == right[key] for key, letter in letters.items())
    return WayCount(way, len(letters), counts["unparsed"], counts[True])


def _agreement(first: Way, second: Way, asked: Mapping[Way, Letters]) -> Agreement | None:
    keys = [key for key in asked[first] if key in asked[second]]
    differ = tuple(key for key in keys if not _same({asked[first][key], asked[second][key]}))
    return Agreement(first, second, len(keys), len(keys) - len(differ), differ) if keys else None


def _same(letters: set[str | None]) -> bool:
    return len(letters) == 1 and None not in letters
