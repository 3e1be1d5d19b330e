"""A run in numbers: one object from its answers, for the command line and the pages alike.

Scores are there at once. What costs more (bootstraps, matrices) is computed when it is first asked for, and then kept.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.calibration import Calibration, calibration_of
from medmat_explorer.evaluation.chosen import picture_key
from medmat_explorer.evaluation.clustered import ClusteredAccuracy, clustered_accuracy
from medmat_explorer.evaluation.comparison import answered, right_by_item
from medmat_explorer.evaluation.confusion import Confusion, confusion_of
from medmat_explorer.evaluation.control_results import (
    PictureControl,
    Rotations,
    Wordings,
    picture_controls,
    rotations,
    wordings,
)
from medmat_explorer.evaluation.controls import REASONS
from medmat_explorer.evaluation.disagreement import Disagreement, disagreement_of
from medmat_explorer.evaluation.label_key import label_key
from medmat_explorer.evaluation.label_order import LabelOrder, label_order
from medmat_explorer.evaluation.label_sets import SetScore, set_score_of
from medmat_explorer.evaluation.ordinal import OrdinalScore, ordinal_of
from medmat_explorer.evaluation.position_bias import PositionBias, choices_of, position_bias
from medmat_explorer.evaluation.power import Sight, sight
from medmat_explorer.evaluation.run_record import MAIN, ControlName, JudgedAnswer, Way, control_of
from medmat_explorer.evaluation.spot_check import Scores, score_answers, score_by_subset
from medmat_explorer.evaluation.standing import FORMAT_FAILED, BesidePaper, Standing, beside_paper, standing
from medmat_explorer.evaluation.statistics import Score

NOT_YET = "Nothing was asked yet."
FEWEST_LEVELS = 3
"""Of two labels an order says no more than the accuracy does."""


class Published(Protocol):
    """A number that the paper prints for a subset, in percent, and in which table."""

    @property
    def percent(self) -> float: ...
    @property
    def table(self) -> str: ...


@dataclass(frozen=True)
class RunContext:
    """What the answers do not tell of themselves; all of it may be left out.

    `levels` are the subsets whose labels have an order, `published` the paper's number by subset, of `backbone`.
    `controls` are those that the plan asks for; `unfinished` says that not everything was asked yet. The bootstraps
    draw from `seed`.
    """

    levels: frozenset[str] = frozenset()
    published: Mapping[str, Published] = field(default_factory=dict)
    backbone: str = "LLaVA-v1.5-7B"
    controls: tuple[ControlName, ...] = ()
    unfinished: bool = False
    seed: int = 0


@dataclass(frozen=True)
class RunSummaryView:
    """Everything that a run's answers say. Parts that do not apply are None or empty.

    `way` is how most of the analyses take an answer: what was written, where all wrote; else by letter; else by option
    text. It is that of the headline.
    """

    answers: tuple[JudgedAnswer, ...]
    context: RunContext
    scores: Scores
    by_subset: Mapping[str, Scores]
    way: Way | None

    @property
    def headline(self) -> Score | None:
        """The score by which the run is told; None while nothing is answered."""
        return self.scores.headline

    @property
    def standing(self) -> Standing | None:
        """Where the headline stands against chance and blind habit."""
        return standing(self.headline) if self.headline else None

    @property
    def format_failure(self) -> str:
        """What to say of an accuracy that lies wholly below chance; else empty."""
        return FORMAT_FAILED if self.standing is Standing.FORMAT_FAILURE else ""

    @property
    def headlines(self) -> Mapping[str, Score]:
        """The headline of each subset that has one."""
        return {subset: found.headline for subset, found in self.by_subset.items() if found.headline}

    @cached_property
    def main(self) -> tuple[JudgedAnswer, ...]:
        """The answers to the questions as asked."""
        return tuple(answer for answer in self.answers if answer.variant == MAIN)

    @cached_property
    def disagreement(self) -> Disagreement | None:
        """The ways in which answers were taken, their unparsed shares, and how far each two agree."""
        return disagreement_of(self.main)

    @cached_property
    def clustered(self) -> ClusteredAccuracy | None:
        """The headline's accuracy with pictures drawn again; None where no two items show the same picture."""
        found = answered(self.main)
        taken = {key: answer for key, answer in found.items() if self.way in answer.ways}
        pictures = {key: picture_key(answer) for key, answer in taken.items()}
        if len(set(pictures.values())) == len(taken):
            return None
        return clustered_accuracy(right_by_item(taken, taken, self.way), pictures, seed=self.context.seed)

    @cached_property
    def sight(self) -> Sight | None:
        """What so many items can show, and how many 5 points need."""
        return sight(self.headline.n) if self.headline else None

    @cached_property
    def pictures(self) -> tuple[PictureControl, ...]:
        """The controls that change what is seen, with the reliance on the picture."""
        return picture_controls(self.answers)

    @cached_property
    def without_answers(self) -> Mapping[ControlName, str]:
        """Controls that the plan asks for and no item has an answer to: why items are left out of each."""
        asked = {control_of(answer.variant) for answer in self.answers}
        left = [name for name in self.context.controls if name not in asked]
        return {name: NOT_YET if self.context.unfinished else REASONS[name] or NOT_YET for name in left}

    @cached_property
    def rotations(self) -> Rotations | None:
        """Circular and prior-corrected accuracy."""
        return rotations(self.answers)

    @cached_property
    def wordings(self) -> Wordings | None:
        """The spread over wordings."""
        return wordings(self.answers, self.way) if self.way else None

    @cached_property
    def bias(self) -> PositionBias | None:
        """Recall by letter: of the most probable letters, rotations included; else of those written."""
        way = next((way for way in (Way.LETTER, Way.WRITTEN) if any(way in answer.ways for answer in self.main)), None)
        choices = choices_of(self.answers, way) if way else []
        return position_bias(choices) if choices else None

    @cached_property
    def calibration(self) -> Calibration | None:
        """Whether it is right as often as it is sure; None where no probabilities are known."""
        return calibration_of(self.main, seed=self.context.seed)

    @property
    def calibration_note(self) -> str:
        """Why there is no calibration, or of how many answers there is none; else empty."""
        asked = sum(not answer.problem for answer in self.main)
        without = asked - (self.calibration.n if self.calibration else 0)
        if not asked or not without:
            return ""
        which = "No answer has" if without == asked else f"Left out: {without:,} of {asked:,} answers do not have"
        return f"{which} probabilities over all its letters. A letter alone does not tell how sure the model was."

    @cached_property
    def confusion(self) -> Mapping[str, Confusion]:
        """By subset which label is taken for which, in the order of its labels where they have one."""
        if self.way is None:
            return {}
        orders = self.orders
        found = {
            subset: confusion_of(group, self.way, orders[subset].labels if subset in orders else ())
            for subset, group in self._groups.items()
        }
        return {subset: one for subset, one in found.items() if one is not None}

    @cached_property
    def orders(self) -> Mapping[str, LabelOrder]:
        """The order of the labels of each subset whose task is one of levels, where it is known."""
        found = {}
        for subset, group in self._groups.items():
            labels = {text for answer in group for _, text in answer.options}
            if subset not in self.context.levels or len(labels) < FEWEST_LEVELS:
                continue
            try:
                found[subset] = label_order(labels)
            except RunError:
                continue
        return found

    @cached_property
    def ordinal(self) -> Mapping[str, OrdinalScore]:
        """By subset how many levels the answers are off."""
        found = {}
        for subset, order in self.orders.items():
            try:
                if self.way:
                    found[subset] = ordinal_of(self._groups[subset], order, self.way, seed=self.context.seed)
            except RunError:  # no answer of it could be read
                continue
        return found

    @cached_property
    def label_sets(self) -> Mapping[str, SetScore]:
        """By subset with several right labels how much of the set the answers got."""
        several = {
            subset: group
            for subset, group in self._groups.items()
            if any(len(label_key(answer.label)) > 1 for answer in group)
        }
        found = {s: set_score_of(group, self.way, seed=self.context.seed) for s, group in several.items() if self.way}
        return {subset: one for subset, one in found.items() if one is not None}

    @cached_property
    def papers(self) -> Mapping[str, BesidePaper]:
        """By subset the measured accuracy beside the paper's, with the warning that belongs to it."""
        published = self.context.published
        found = {
            subset: beside_paper(
                subset, score, published[subset].percent, self.context.backbone, published[subset].table
            )
            for subset, score in self.headlines.items()
            if subset in published
        }
        return {subset: one for subset, one in found.items() if one is not None}

    @cached_property
    def _groups(self) -> Mapping[str, Sequence[JudgedAnswer]]:
        groups: defaultdict[str, list[JudgedAnswer]] = defaultdict(list)
        for answer in self.main:
            groups[answer.subset].append(answer)
        return dict(sorted(groups.items()))


def summarise(answers: Sequence[JudgedAnswer], context: RunContext | None = None) -> RunSummaryView:
    """The summary of a run's answers, of all its variants, in any order; of the answers so far while it goes on."""
    answers = tuple(answers)
    scores = score_answers(answers)
    headline = {Way.WRITTEN: scores.text, Way.LETTER: scores.letters, Way.OPTION_TEXT: scores.options}
    return RunSummaryView(
        answers=answers,
        context=context or RunContext(),
        scores=scores,
        by_subset=score_by_subset(answers),
        way=next((way for way, score in headline.items() if score), None),
    )
