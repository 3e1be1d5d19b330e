"""What each control of a run shows, from its answers: reliance on the picture, the rotations, the wordings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from medmat_explorer.evaluation.circular import circular_score
from medmat_explorer.evaluation.controls import CONTROLS, REASONS, Control, same_label_share
from medmat_explorer.evaluation.prior_correction import PriorCorrected, prior_corrected
from medmat_explorer.evaluation.reliance import Reliance, reliance
from medmat_explorer.evaluation.run_record import MAIN, PICTURE_CONTROLS, ControlName, JudgedAnswer, Way, control_of
from medmat_explorer.evaluation.spot_check import Scores, score_answers
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.evaluation.wording_spread import WordingSpread, right_by_wording, wording_spread


@dataclass(frozen=True)
class PictureControl:
    """One control that changes what is seen: its own scores, and what they take from those of the question as asked.

    `same_label` is the share of its pictures that show the item's own label after all; None for a grey one, and where
    it was not recorded. `missing` counts the items answered as asked that have no answer here.
    """

    control: Control
    scores: Scores
    reliance: Reliance | None
    same_label: float | None
    missing: int

    @property
    def told(self) -> str:
        """Why items are missing; empty where none is."""
        return _missing(self.control.name, self.missing)


@dataclass(frozen=True)
class Rotations:
    """What asking under every rotation of the options shows.

    `circular` counts an item as right when its letter is right under every rotation; `corrected` is the accuracy once
    the preference for letters is taken out, None where no probabilities are known. `missing` as for pictures.
    """

    control: Control
    circular: Score | None
    corrected: PriorCorrected | None
    missing: int

    @property
    def told(self) -> str:
        """Why items are missing; empty where none is."""
        return _missing(self.control.name, self.missing)


@dataclass(frozen=True)
class Wordings:
    """How far the accuracy moves with the wording, subset by subset: only there do wordings mean the same."""

    control: Control
    spread: Mapping[str, WordingSpread]
    missing: int

    @property
    def told(self) -> str:
        """Why items are missing; empty where none is."""
        return _missing(self.control.name, self.missing)


def picture_controls(answers: Sequence[JudgedAnswer]) -> tuple[PictureControl, ...]:
    """Of the controls that were asked, in their order."""
    found = []
    for name in PICTURE_CONTROLS:
        scores = score_answers(answers, name)
        if scores.headline is None:
            continue
        shown_alike = same_label_share(answers, name)
        missing = _without(answers, name)
        found.append(PictureControl(CONTROLS[name], scores, reliance(answers, name), shown_alike, missing))
    return tuple(found)


def rotations(answers: Sequence[JudgedAnswer]) -> Rotations | None:
    """None where none was asked."""
    if not _asked(answers, ControlName.ROTATIONS):
        return None
    missing = _without(answers, ControlName.ROTATIONS)
    return Rotations(CONTROLS[ControlName.ROTATIONS], circular_score(answers), prior_corrected(answers), missing)


def wordings(answers: Sequence[JudgedAnswer], way: Way) -> Wordings | None:
    """By answers taken in one way; None where no other wording was asked."""
    if not _asked(answers, ControlName.WORDINGS):
        return None
    groups: defaultdict[str, list[JudgedAnswer]] = defaultdict(list)
    for answer in answers:
        groups[answer.subset].append(answer)
    found = {subset: wording_spread(right_by_wording(group, way)) for subset, group in sorted(groups.items())}
    spread = {subset: one for subset, one in found.items() if one is not None}
    return Wordings(CONTROLS[ControlName.WORDINGS], spread, _without(answers, ControlName.WORDINGS))


def _asked(answers: Iterable[JudgedAnswer], name: ControlName) -> bool:
    return any(control_of(answer.variant) is name for answer in answers)


def _without(answers: Iterable[JudgedAnswer], name: ControlName) -> int:
    """Items answered as asked that have no answer under the control."""
    said = [(answer.item, answer.variant) for answer in answers if not answer.problem]
    there = {item for item, variant in said if control_of(variant) is name}
    return len({item for item, variant in said if variant == MAIN} - there)


def _missing(name: ControlName, count: int) -> str:
    if not count:
        return ""
    items = "1 item has no answer here" if count == 1 else f"{count:,} items have no answer here"
    reason = REASONS[name]
    return f"{items}: {reason[0].lower()}{reason[1:]}" if reason else f"{items}: it could not be asked, or not yet."
