"""Does the place of an option decide the answer? Recall by letter, and how unequal the recalls are.

A model that knows finds the right option wherever it stands. The spread of the recalls over the letters is the measure
of Zheng et al. (ICLR 2024, arXiv 2309.03882).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from medmat_explorer.evaluation.chosen import mean_share
from medmat_explorer.evaluation.run_record import MAIN, ControlName, JudgedAnswer, Way, control_of
from medmat_explorer.evaluation.statistics import wilson


@dataclass(frozen=True)
class Choice:
    """What was chosen of the letters offered (None: could not be read), and what was right.

    Raises ValueError for a letter that was not offered.
    """

    letters: tuple[str, ...]
    right: str
    chosen: str | None

    def __post_init__(self) -> None:
        for letter in (self.right, self.chosen):
            if letter is not None and letter not in self.letters:
                raise ValueError(f"Letter {letter} is none of those offered: {', '.join(self.letters)}.")


@dataclass(frozen=True)
class LetterRecall:
    """One letter: `right` items have their right option there, `found` of them were answered with it.

    `chosen` counts how often it was chosen at all, `offered` the items that have such an option.
    """

    letter: str
    right: int
    found: int
    chosen: int
    offered: int

    @property
    def recall(self) -> float | None:
        """Share of the right ones that were found; None where no right option stands there."""
        return self.found / self.right if self.right else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % Wilson interval of the recall."""
        return wilson(self.found, self.right) if self.right else None


@dataclass(frozen=True)
class LetterSet:
    """The n answers to questions that offer the same letters, with the recall of each letter that has one.

    Only among these do unequal recalls mean a preference: a letter that stands in long lists alone is found less often
    because such questions are harder.
    """

    n: int
    recalls: tuple[float, ...]

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the recalls, as a share of 1 (RStd of arXiv 2309.03882); None below two letters."""
        if len(self.recalls) < 2:
            return None
        mean = sum(self.recalls) / len(self.recalls)
        return sqrt(sum((recall - mean) ** 2 for recall in self.recalls) / len(self.recalls))

    @property
    def relative_deviation(self) -> float | None:
        """The standard deviation over the mean of the recalls; None where nothing was found."""
        deviation, total = self.deviation, sum(self.recalls)
        return None if deviation is None or not total else deviation * len(self.recalls) / total

    @property
    def strength(self) -> float | None:
        """The relative deviation over the largest possible one, which is the square root of k - 1 for k recalls."""
        relative = self.relative_deviation
        return None if relative is None else min(1.0, relative / sqrt(len(self.recalls) - 1))


@dataclass(frozen=True)
class PositionBias:
    """Recalls of all letters over n answers, `unread` of them without a readable letter (they count as not found).

    `chance` is what guessing blindly finds, the mean of one over each item's number of options. `sets` are the answers
    by the letters that they were offered; how unequal the recalls are is the mean over these, weighed by their n.
    """

    letters: tuple[LetterRecall, ...]
    n: int
    unread: int
    chance: float
    sets: tuple[LetterSet, ...]

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the recalls, as a share of 1; None where every set has fewer than two letters."""
        return _weighed((one.n, one.deviation) for one in self.sets)

    @property
    def relative_deviation(self) -> float | None:
        """The standard deviation over the mean of the recalls; None where nothing was found."""
        return _weighed((one.n, one.relative_deviation) for one in self.sets)

    @property
    def strength(self) -> float | None:
        """The relative deviation over the largest possible one: 0 without bias, 1 where one letter finds all."""
        return _weighed((one.n, one.strength) for one in self.sets)


def position_bias(choices: Iterable[Choice]) -> PositionBias:
    """Recalls by letter. Raises ValueError without any choice."""
    choices = list(choices)
    if not choices:
        raise ValueError("Without an answer there is no recall of a letter.")
    sets: defaultdict[tuple[str, ...], list[Choice]] = defaultdict(list)
    for choice in choices:
        sets[choice.letters].append(choice)
    return PositionBias(
        letters=_recalls(choices),
        n=len(choices),
        unread=sum(choice.chosen is None for choice in choices),
        chance=mean_share(len(choice.letters) for choice in choices),
        sets=tuple(_set(group) for group in sets.values()),
    )


def _recalls(choices: Sequence[Choice]) -> tuple[LetterRecall, ...]:
    right, chosen = Counter(c.right for c in choices), Counter(c.chosen for c in choices)
    found = Counter(c.right for c in choices if c.chosen == c.right)
    offered = Counter(letter for c in choices for letter in c.letters)
    return tuple(LetterRecall(x, right[x], found[x], chosen[x], offered[x]) for x in sorted(offered))


def _set(choices: Sequence[Choice]) -> LetterSet:
    return LetterSet(len(choices), tuple(one.recall for one in _recalls(choices) if one.recall is not None))


def _weighed(values: Iterable[tuple[int, float | None]]) -> float | None:
    """The mean by weight of the values that are known; None without any."""
    known = [(n, value) for n, value in values if value is not None]
    return sum(n * value for n, value in known) / sum(n for n, _ in known) if known else None


def choices_of(answers: Iterable[JudgedAnswer], way: Way) -> list[Choice]:
    """Of the answers taken in that way to the questions as asked and, where they were asked, under every rotation.

    Answers to other controls say nothing here: what is right then is not what was shown.
    """
    return [
        Choice(answer.letters, answer.right, answer.said(way))
        for answer in answers
        if way in answer.ways and (answer.variant == MAIN or control_of(answer.variant) is ControlName.ROTATIONS)
    ]
