"""How much of the accuracy comes from the picture: with it, minus without it, on the same items.

A model that does not look answers alike whatever is shown: its reliance is 0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from medmat_explorer.evaluation.comparison import PairedScore, answered, common_way, paired_score, right_by_item
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Way


class RelianceVerdict(StrEnum):
    """What the interval of the reliance shows."""

    LOOKS = "relies on the picture"
    NOT_SHOWN = "not shown to rely on the picture"
    WORSE = "better without the picture"


@dataclass(frozen=True)
class Reliance:
    """Accuracy with the picture (first) minus accuracy under a control (second), on the n items answered in both.

    `unpaired` counts the items answered in only one of the two. `way` says how the answers were taken; None where some
    were taken otherwise than others.
    """

    control: str
    score: PairedScore
    way: Way | None
    unpaired: int

    @property
    def n(self) -> int:
        """Items answered both with their picture and under the control."""
        return self.score.counts.n

    @property
    def difference(self) -> float:
        """The reliance, as a share of 1."""
        return self.score.difference

    @property
    def p(self) -> float:
        """Exact McNemar test, two-sided."""
        return self.score.counts.p

    @property
    def same(self) -> int:
        """Items that were as right or as wrong without the picture as with it."""
        return self.score.counts.both + self.score.counts.neither

    @property
    def verdict(self) -> RelianceVerdict:
        """By whether the 95 % interval leaves 0 out."""
        low, high = self.score.interval
        if low > 0:
            return RelianceVerdict.LOOKS
        return RelianceVerdict.WORSE if high < 0 else RelianceVerdict.NOT_SHOWN


def reliance(answers: Iterable[JudgedAnswer], control: str) -> Reliance | None:
    """The reliance against the answers whose variant is `control`; None where no item was answered in both.

    Answers are compared in the first way that every item has in both: written, by letter, by option text.
    """
    answers = list(answers)
    main, changed = answered(answers, MAIN), answered(answers, control)
    keys = [key for key in main if key in changed]
    if not keys:
        return None
    way = common_way(found[key] for found in (main, changed) for key in keys)
    first, second = (right_by_item(found, keys, way) for found in (main, changed))
    return reliance_of(first, second, control, way=way, unpaired=len(main.keys() ^ changed.keys()))


def reliance_of(
    right_with: Mapping[str, bool],
    right_without: Mapping[str, bool],
    control: str,
    *,
    way: Way | None = None,
    unpaired: int = 0,
) -> Reliance:
    """The reliance from right and wrong by item key. Raises ValueError when no item is in both."""
    return Reliance(control, paired_score(right_with, right_without), way, unpaired)
