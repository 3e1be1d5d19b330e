"""A run's summary as plain values: what `spot-check --json` and `evaluate --json` print of it. Names here stay."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from medmat_explorer.evaluation.calibration import Calibration
from medmat_explorer.evaluation.control_results import PictureControl, Rotations
from medmat_explorer.evaluation.disagreement import Disagreement
from medmat_explorer.evaluation.ordinal import OrdinalScore
from medmat_explorer.evaluation.position_bias import PositionBias
from medmat_explorer.evaluation.reliance import Reliance
from medmat_explorer.evaluation.run_summary import RunSummaryView
from medmat_explorer.evaluation.spot_check import Scores
from medmat_explorer.evaluation.standing import BesidePaper
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.evaluation.wording_spread import WordingSpread

Plain = dict[str, Any]


def as_json(view: RunSummaryView) -> Plain:
    """The headline's values at the top, then everything else that applies; what does not is null or empty."""
    return {
        **_scores(view.scores),
        "way": view.way.value if view.way else None,
        "standing": view.standing.value if view.standing else None,
        "by_picture": asdict(view.clustered) | {"few": view.clustered.few} if view.clustered else None,
        "sight": asdict(view.sight) if view.sight else None,
        "disagreement": _disagreement(view.disagreement) if view.disagreement else None,
        "controls": _controls(view),
        "controls_without_answers": {name.value: why for name, why in view.without_answers.items()},
        "position_bias": _bias(view.bias) if view.bias else None,
        "calibration": _calibration(view.calibration) if view.calibration else None,
        "calibration_note": view.calibration_note,
        "by_subset": {subset: _of_subset(view, subset) for subset in view.by_subset},
    }


def score_json(score: Score | None) -> Plain:
    """A score with everything that belongs to it; without one the same keys, counts 0 and numbers null."""
    if score is None:
        counts = dict.fromkeys(("n", "correct", "wrong", "unparsed"), 0)
        return {**counts, **dict.fromkeys(("accuracy", "interval", "chance", "majority", "below_chance"))}
    return {
        "n": score.n,
        "correct": score.correct,
        "wrong": score.wrong,
        "unparsed": score.unparsed,
        "accuracy": score.accuracy,
        "interval": list(score.interval),
        "chance": score.chance,
        "majority": score.majority,
        "below_chance": score.below_chance,
    }


def _scores(scores: Scores) -> Plain:
    """The headline's values, with each score by its name, and who is not in n."""
    by_name = {"letters": scores.letters, "text": scores.text, "options": scores.options}
    return {
        **score_json(scores.headline),
        "no_picture": scores.no_picture,
        "disagreements": scores.disagreements,
        "scores": {name: score_json(score) for name, score in by_name.items() if score},
    }


def _of_subset(view: RunSummaryView, subset: str) -> Plain:
    found = _scores(view.by_subset[subset])
    parts: Mapping[str, Plain | None] = {
        "ordinal": _ordinal(view.ordinal[subset]) if subset in view.ordinal else None,
        "label_sets": asdict(view.label_sets[subset]) if subset in view.label_sets else None,
        "paper": _paper(view.papers[subset]) if subset in view.papers else None,
    }
    return {**found, **{name: part for name, part in parts.items() if part is not None}}


def _controls(view: RunSummaryView) -> Plain:
    found: Plain = {one.control.name.value: _picture(one) for one in view.pictures}
    if view.rotations:
        found |= _rotations(view.rotations)
    if view.wordings:
        spreads = {subset: _wordings(spread) for subset, spread in view.wordings.spread.items()}
        found["wordings"] = {"by_subset": spreads, "missing": view.wordings.missing}
    return found


def _picture(one: PictureControl) -> Plain:
    return {
        **_scores(one.scores),
        "reliance": _reliance(one.reliance) if one.reliance else None,
        "same_label_share": one.same_label,
        "missing": one.missing,
    }


def _reliance(found: Reliance) -> Plain:
    return {
        "n": found.n,
        "difference": found.difference,
        "interval": list(found.score.interval),
        "mcnemar_p": found.p,
        "judged_by": found.way.value if found.way else "each answer's own",
        "verdict": found.verdict.value,
        "unpaired": found.unpaired,
    }


def _rotations(found: Rotations) -> Plain:
    """`circular` stays null-free: it is left out where no item was answered under every rotation."""
    told: Plain = {}
    if found.circular:
        told["circular"] = {**score_json(found.circular), "missing": found.missing}
    if found.corrected:
        told["prior_corrected"] = {
            **score_json(found.corrected.score),
            "rotated": found.corrected.rotated,
            "undecided": found.corrected.undecided,
            "left_out": found.corrected.left_out,
            "priors": {"".join(letters): list(prior) for letters, prior in found.corrected.priors.items()},
        }
    return told


def _wordings(found: WordingSpread) -> Plain:
    return {
        "n": found.n,
        "spread": found.spread,
        "cochran_p": found.p,
        "changing": found.changing,
        "left_out": found.left_out,
        "accuracies": {
            score.wording: {"accuracy": score.accuracy, "interval": list(score.interval)} for score in found.scores
        },
    }


def _bias(found: PositionBias) -> Plain:
    return {
        "n": found.n,
        "unread": found.unread,
        "chance": found.chance,
        "deviation": found.deviation,
        "strength": found.strength,
        "recall": {
            letter.letter: {
                "recall": letter.recall,
                "interval": list(letter.interval) if letter.interval else None,
                "n": letter.right,
                "chosen": letter.chosen,
            }
            for letter in found.letters
        },
    }


def _calibration(found: Calibration) -> Plain:
    numbers = asdict(found)
    del numbers["bins"]
    return {**numbers, "binning": found.binning.value, "accuracy": found.accuracy, "beyond_luck": found.beyond_luck}


def _disagreement(found: Disagreement) -> Plain:
    return {
        "ways": {
            way.way.value: {
                "n": way.n,
                "accuracy": way.accuracy,
                "interval": list(way.interval),
                "unparsed_rate": way.unparsed_rate,
                "unparsed_interval": list(way.unparsed_interval),
            }
            for way in found.ways
        },
        "pairs": [
            {
                "first": pair.first.value,
                "second": pair.second.value,
                "n": pair.n,
                "same": pair.share,
                "interval": list(pair.interval),
            }
            for pair in found.agreements
        ],
        "in_all": found.in_all,
        "all_same": found.all_same,
    }


def _ordinal(found: OrdinalScore) -> Plain:
    numbers = asdict(found)
    return {**numbers, "order": list(found.order.labels), "order_known_by": found.order.source.value}


def _paper(found: BesidePaper) -> Plain:
    return {
        "published": found.published,
        "backbone": found.backbone,
        "table": found.table,
        "difference": found.difference,
        "inside": found.inside,
        "warning": found.warning,
    }
