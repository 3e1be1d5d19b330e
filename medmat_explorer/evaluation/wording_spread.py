"""How far the accuracy moves when the same items are asked in other words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Verdict, Way, wording
from medmat_explorer.evaluation.statistics import wilson


@dataclass(frozen=True)
class WordingScore:
    """Accuracy under one wording, over the n items that were asked in all of them."""

    wording: str
    correct: int
    n: int

    @property
    def accuracy(self) -> float:
        """Right answers over all items."""
        return self.correct / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval."""
        return wilson(self.correct, self.n)


@dataclass(frozen=True)
class WordingSpread:
    """Scores by wording on the same n items, how many items are right in all and in none, and whether wordings differ.

    `p` is Cochran's Q test (Cochran 1950, Biometrika 37:256); 1 where no item changes with the wording. `left_out`
    counts items that were not asked in every wording.
    """

    scores: tuple[WordingScore, ...]
    always: int
    never: int
    p: float
    left_out: int

    @property
    def n(self) -> int:
        """Items asked in all wordings."""
        return self.scores[0].n

    @property
    def spread(self) -> float:
        """Best accuracy minus worst, as a share of 1."""
        found = [score.accuracy for score in self.scores]
        return max(found) - min(found)

    @property
    def changing(self) -> int:
        """Items whose verdict hangs on the wording."""
        return self.n - self.always - self.never


def wording_spread(right: Mapping[str, Mapping[str, bool]]) -> WordingSpread | None:
    """From right and wrong by wording and item key; None with fewer than two wordings, or no item asked in all.

    A wording's number means something inside one subset only: give the items of one.
    """
    every = set.intersection(*(set(found) for found in right.values())) if right else set()
    if len(right) < 2 or not every:
        return None
    keys, names = sorted(every), sorted(right)
    rows = [[right[name][key] for name in names] for key in keys]
    return WordingSpread(
        scores=tuple(WordingScore(name, sum(right[name][key] for key in keys), len(keys)) for name in names),
        always=sum(map(all, rows)),
        never=sum(not any(row) for row in rows),
        p=_cochran(rows),
        left_out=len(set().union(*right.values())) - len(keys),
    )


def right_by_wording(answers: Iterable[JudgedAnswer], way: Way) -> dict[str, dict[str, bool]]:
    """By wording and item key whether the answer is right, taken in that way.

    The answer to the question as asked belongs to the wording that it has. Answers to other controls, to a wording that
    is none of the subset's, and without that score are left out.
    """
    found: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for answer in answers:
        name = wording(answer.wording)
        if answer.wording and answer.variant in (MAIN, name) and way in answer.ways:
            found[name][answer.item] = answer.by(way) is Verdict.CORRECT
    return dict(found)


def _cochran(rows: list[list[bool]]) -> float:
    from statsmodels.stats.contingency_tables import cochrans_q

    changing = [[int(right) for right in row] for row in rows if len(set(row)) > 1]
    return float(cochrans_q(changing).pvalue) if changing else 1.0
