"""Published rows as lines of a table: the printed numbers, what they show, and what the rule in use makes of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from medmat_explorer.charts.published import evidence_of, span, verdict_words, where
from medmat_explorer.domain.derivation import Derivation, derive, readings
from medmat_explorer.domain.relation import RelationRule
from medmat_explorer.domain.subset import Subset
from medmat_explorer.evaluation.composition_evidence import Association, DirectionSummary
from medmat_explorer.evaluation.evidence import Evidence
from medmat_explorer.paper.facts import CompositionRow, composition_rows

ROUNDING = 0.5
"""Half a point: so far a printed percentage may be from the true one."""

EXPLAINED: dict[str, str] = {
    "Verdict": "▲ beyond noise: an unpaired z above 1.96 against the better of Baseline and Baseline+. ○ not shown: "
    "no such z; the gain may still be real. ? size unknown: without n nothing can be tested. Baseline only: no "
    "Baseline+ is printed, so volume and format of the training are not controlled for.",
    "Trained": "Accuracy in percent after training on the sources, as printed.",
    "95 % interval": "Wilson interval of Trained, where the size of the test set can be inferred.",
    "n": "Items in the test set, inferred from the decimals; none where that cannot be done.",
    "Chance": "What guessing reaches, in percent: as the paper tells, or counted in this collection's questions.",
    "Baseline": "The untrained model, as printed.",
    "Baseline+": "Trained on as many samples of unrelated subsets.",
    "Gain": "Trained minus the better of the two baselines, in points; where no accuracy is printed, the printed gain.",
    "95 % of gain": "Newcombe's interval of that difference, as if two different sets of n items had been asked.",
    "z": "Two proportions, pooled variance, unpaired: which items were right was not published.",
    "Printed verdict": "Trained above both baselines, as the paper counts it; no test of significance.",
    "By this rule": "Whether the rule in use makes the printed sources a recipe of this target, in this direction.",
    "Why not": "What is missing under the rule, and other readings of the labels that would be a recipe.",
    "Mapping": "How sure it is which subsets the printed labels mean.",
    "Other readings": "Other subsets that the labels may mean.",
}


def evidence_lines(
    rows: Iterable[CompositionRow],
    subsets: Mapping[str, Subset],
    rule: RelationRule,
    chances: Mapping[str, float],
) -> list[dict[str, Any]]:
    """A line for each row. `chances`: chance in percent by subset, as counted in questions at hand."""
    return [_line(row, evidence_of(row, chances.get(row.target)), derive(row, subsets, [rule], rule)) for row in rows]


def _line(row: CompositionRow, evidence: Evidence, derivation: Derivation) -> dict[str, Any]:
    between = None if evidence.low is None or evidence.high is None else (evidence.low, evidence.high)
    return {
        "Verdict": verdict_words(evidence),
        "Where": where(row),
        "Target": row.target,
        "Sources": " + ".join(row.related),
        "Gain": round(evidence.gain_over_best, 2),
        "95 % of gain": span(between, "+"),
        "z": None if evidence.z is None else round(evidence.z, 2),
        "n": row.test_size,
        "Trained": row.trained,
        "95 % interval": span(evidence.trained_interval),
        "Baseline": row.baseline,
        "Baseline+": row.baseline_plus,
        "Chance": None if evidence.chance is None else round(evidence.chance, 1),
        "Printed verdict": "✓ helps" if row.helps else "✗ does not",
        "By this rule": "a recipe" if derivation.as_mapped else "no recipe",
        "Why not": _why_not(derivation),
        "Direction": row.direction,
        "Backbone": row.backbone,
        "Mapping": row.confidence,
        "Other readings": row.alternatives,
        "Notes": "; ".join([*_remarks(row, evidence), *([row.notes] if row.notes else [])]),
    }


def _why_not(derivation: Derivation) -> str:
    if not derivation.reason:
        return ""
    others = "; ".join(words for words, _ in derivation.otherwise)
    return f"{derivation.reason}. A recipe when read so: {others}" if others else derivation.reason


def _remarks(row: CompositionRow, evidence: Evidence) -> list[str]:
    """What the numbers themselves give away."""
    found = [f"{p:g} % is no whole number of {row.test_size} items" for p in evidence.misfit]
    if evidence.chance is not None and row.baseline is not None and row.baseline + ROUNDING < evidence.chance:
        found.append(f"baseline {row.baseline:g} is below chance ({evidence.chance:.0f}): the answer format may fail")
    if row.trained is not None and not evidence.against_plus:
        found.append("no Baseline+ printed")
    return found


def rows_by_another_reading(target: str, subsets: Mapping[str, Subset]) -> tuple[CompositionRow, ...]:
    """Rows that are mapped to another target and that a note of theirs lets mean this one."""
    return tuple(
        row
        for row in composition_rows()
        if row.target != target
        and any(r.target.subset is not None and r.target.subset.number == target for r in readings(row, subsets))
    )


def direction_lines(summaries: Iterable[DirectionSummary]) -> list[dict[str, Any]]:
    """The summary by direction type as a table."""
    return [
        {
            "Direction": summary.direction,
            "Rows": summary.rows,
            "Published successes": summary.successes,
            "▲ beyond noise": summary.beyond_noise,
            "○ not shown": summary.not_shown,
            "? size unknown": summary.size_unknown,
            "Gain 5 points or fewer": summary.small,
            "▲ without Baseline+": summary.without_plus,
        }
        for summary in summaries
    ]


def association_lines(found: Sequence[tuple[Association, str]]) -> list[dict[str, Any]]:
    """The predictors as a table, each with why rows are missing."""
    return [
        {
            "Predictor": one.predictor,
            "Rows": f"{one.rows} of {one.rows + one.missing}",
            "Targets": one.targets,
            "Kendall's tau": None if one.tau is None else round(one.tau, 2),
            "95 % interval": _between(one.low, one.high),
            "One target left out": _left_out(one),
            "Predicts the gain": _answer(one),
            "Missing": missing,
        }
        for one, missing in found
    ]


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:+.2f} to {high:+.2f}"


def _left_out(one: Association) -> str:
    if one.least is None or one.most is None:
        return ""
    return f"{one.least[0]:+.2f} (without {one.least[1]}) to {one.most[0]:+.2f} (without {one.most[1]})"


def _answer(one: Association) -> str:
    if one.tau is None:
        return "? cannot be said"
    if not one.shown:
        return "○ not shown"
    return "▲ more of it, more gain" if one.tau > 0 else "▼ more of it, less gain"
