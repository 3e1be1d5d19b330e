"""How much of the accuracy comes from the picture: with it, minus without it, on the same items.

A model that does not look answers alike whatever is shown: its reliance is 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medmat_explorer.evaluation.comparison import PairedScore, paired_interval
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Verdict
from medmat_explorer.evaluation.statistics import paired


class RelianceVerdict(StrEnum):
    """What the interval of the reliance shows."""

    LOOKS = "relies on the picture"
    NOT_SHOWN = "not shown to rely on the picture"
    WORSE = "better without the picture"


@dataclass(frozen=True)
class Reliance:
    """Accuracy with the picture (first) minus accuracy under a control (second), on the n items answered in both.

    `unpaired` counts the items answered in only one of the two. `by_text` says whether the written answers were
    compared, or the most probable letters.
    """

    control: str
    score: PairedScore
    by_text: bool
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

    Written answers are compared where every item in both has them, else the most probable letters.
    """
    answers = list(answers)
    main, changed = _answered(answers, MAIN), _answered(answers, control)
    keys = [key for key in main if key in changed]
    pairs = [(main[key], changed[key]) for key in keys]
    by_text = all(answer.text is not None for pair in pairs for answer in pair)
    first, second = (_right([pair[place] for pair in pairs], by_text) for place in (0, 1))
    unpaired = len(main.keys() ^ changed.keys())
    return reliance_of(first, second, control, by_text=by_text, unpaired=unpaired) if keys else None


def reliance_of(
    right_with: Mapping[str, bool], right_without: Mapping[str, bool], control: str, *, by_text: bool, unpaired: int = 0
) -> Reliance:
    """The reliance from right and wrong by item key. Raises ValueError when no item is in both."""
    counts = paired(right_with, right_without)
    return Reliance(control, PairedScore(counts, paired_interval(counts)), by_text, unpaired)


def _answered(answers: Iterable[JudgedAnswer], variant: str) -> dict[str, JudgedAnswer]:
    return {answer.item: answer for answer in answers if answer.variant == variant and not answer.problem}


def _right(answers: Sequence[JudgedAnswer], by_text: bool) -> dict[str, bool]:
    verdicts = {answer.item: answer.by_text if by_text else answer.by_letter for answer in answers}
    return {item: verdict is Verdict.CORRECT for item, verdict in verdicts.items()}
