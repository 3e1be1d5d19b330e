"""Two stored runs as a pair: who got which item, what both said, and the difference with pictures drawn again.

`evaluation.comparison` says what is compared and by which score; here stands what a reader looks at besides: the four
cells of the agreement table with their items, groups of items, and an interval that knows of shared pictures.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.chosen import mean_chance
from medmat_explorer.evaluation.clustered import ClusteredDifference, clustered_difference
from medmat_explorer.evaluation.comparison import (
    Comparison,
    PairedScore,
    answered,
    common_way,
    compare_runs,
    paired_score,
    right_by_item,
)
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunRecord, Verdict, Way
from medmat_explorer.evaluation.spot_check import score_answers, score_way
from medmat_explorer.evaluation.statistics import Score

SEED = 0
"""Of the bootstrap: the same two runs always show the same interval."""


class Agreement(StrEnum):
    """The four cells of the agreement table: which of two runs got an item right."""

    BOTH = "both"
    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"


CELLS = {
    (True, True): Agreement.BOTH,
    (True, False): Agreement.FIRST,
    (False, True): Agreement.SECOND,
    (False, False): Agreement.NEITHER,
}


@dataclass(frozen=True)
class PairedAnswer:
    """What two runs said to one item, and which of them got it, by the score that decides for both."""

    first: JudgedAnswer
    second: JudgedAnswer
    right: tuple[bool, bool]

    @property
    def agreement(self) -> Agreement:
        """Its cell of the agreement table."""
        return CELLS[self.right]


@dataclass(frozen=True)
class GroupDifference:
    """A group of the common items: how many each run got, and the difference in pairs.

    `keys` are the group's items, `chance` the mean of one over each item's number of options.
    """

    name: str
    keys: tuple[str, ...]
    paired: PairedScore
    chance: float

    @property
    def n(self) -> int:
        """Items that both answered."""
        return len(self.keys)

    @property
    def first(self) -> int:
        """How many of them the first run got right."""
        return self.paired.counts.both + self.paired.counts.only_first

    @property
    def second(self) -> int:
        """How many of them the second run got right."""
        return self.paired.counts.both + self.paired.counts.only_second


@dataclass(frozen=True)
class RunPair:
    """Two runs on the items that both answered.

    `answers` are by item key, in the first run's order. `way` says how all of them are taken; None where the runs have
    no way in common, so that each is taken in its own. `scores` are both runs' on these items alone. `difference` is
    drawn again by picture, so that its `clusters` are fewer than its `n` where several items share one.
    """

    first: RunRecord
    second: RunRecord
    comparison: Comparison
    way: Way | None
    answers: Mapping[str, PairedAnswer]
    scores: tuple[Score, Score]
    difference: ClusteredDifference
    warnings: tuple[str, ...]

    @property
    def shares_pictures(self) -> bool:
        """Whether several of the items show the same picture."""
        return self.difference.clusters < self.difference.n

    @property
    def interval(self) -> tuple[float, float]:
        """The bootstrap's interval; where no draw differs from another, Newcombe's, which does not claim too much."""
        return self.difference.interval or self.comparison.whole.interval

    def keys_of(self, *cells: Agreement) -> list[str]:
        """The items in some cells of the agreement table."""
        return [key for key, answer in self.answers.items() if answer.agreement in cells]

    def verdict(self, answer: JudgedAnswer) -> Verdict:
        """An answer's verdict by the score that decides here."""
        return (self.way and answer.by(self.way)) or answer.verdict

    def taken(self, answer: JudgedAnswer) -> str | None:
        """The letter that an answer is taken for here; None where none could be read."""
        own = next((way for way in (Way.WRITTEN, Way.LETTER, Way.OPTION_TEXT) if way in answer.ways), Way.LETTER)
        return answer.said(self.way or own)


ImageNames = Callable[[Sequence[str]], Mapping[str, str]]
"""The image path of each item that is known, by key."""


def pair_runs(first: RunRecord, second: RunRecord, image_names: ImageNames = lambda keys: {}) -> RunPair:
    """The pair of two runs, compared as `compare_runs` does. Raises RunError as it does, and for a run with itself."""
    if first.header.id == second.header.id:
        raise RunError(f"Run {first.header.id} cannot be compared with itself: choose another one.")
    comparison = compare_runs(first, second)
    mine, theirs = answered(first.answers), answered(second.answers)
    keys = [key for key in mine if key in theirs]
    ours = [[found[key] for key in keys] for found in (mine, theirs)]
    way = common_way(answer for side in ours for answer in side)
    right, right_too = right_by_item(mine, keys, way), right_by_item(theirs, keys, way)
    clusters = _clusters(first, second, keys, image_names)
    return RunPair(
        first=first,
        second=second,
        comparison=comparison,
        way=way,
        answers={key: PairedAnswer(mine[key], theirs[key], (right[key], right_too[key])) for key in keys},
        scores=(_score(ours[0], way), _score(ours[1], way)),
        difference=clustered_difference(right, right_too, clusters, seed=SEED),
        warnings=(*_other_items(first, second, comparison), *comparison.warnings),
    )


def groups(pair: RunPair, group_of: Callable[[JudgedAnswer], str]) -> list[GroupDifference]:
    """The common items by a group that each belongs to, in the groups' order by name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, answer in pair.answers.items():
        found[group_of(answer.first)].append(key)
    return [_group(pair, name, found[name]) for name in sorted(found)]


def _group(pair: RunPair, name: str, keys: Sequence[str]) -> GroupDifference:
    first, second = ({key: pair.answers[key].right[side] for key in keys} for side in (0, 1))
    chance = mean_chance(pair.answers[key].first for key in keys)
    return GroupDifference(name, tuple(keys), paired_score(first, second), chance)


def _score(answers: Sequence[JudgedAnswer], way: Way | None) -> Score:
    score = score_way(answers, way) if way else score_answers(answers).headline
    if score is None:
        raise RunError("Nothing is known of what one of the runs answered: there is nothing to compare.")
    return score


def _clusters(first: RunRecord, second: RunRecord, keys: Sequence[str], image_names: ImageNames) -> Mapping[str, str]:
    """The picture of each item: by its content where a run recorded that, else by its file's name, else by itself."""
    shown = {**second.pictures, **first.pictures}
    named = image_names([key for key in keys if key not in shown])
    return {key: shown.get(key) or named.get(key) or key for key in keys}


def _other_items(first: RunRecord, second: RunRecord, found: Comparison) -> Iterator[str]:
    plan, other = first.header.plan, second.header.plan
    if plan.collection != other.collection:
        both = f"{plan.collection} and {other.collection}"
        yield f"The collections differ: {both}. Items with the same content are compared."
    elif plan.version != other.version:
        yield "The collection was imported anew between the runs: only items that stayed the same are compared."
    alone = [(n, side) for n, side in ((found.only_in_first, "run 1"), (found.only_in_second, "run 2")) if n]
    if alone:
        told = " and ".join(f"{n:,} by {side} alone" for n, side in alone)
        yield f"Other items were asked too: {told}. They are left out here."
