"""Figure 4 of the paper held against the engine: which rule could give its counts, and what its bars show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from medmat_explorer.charts.published import rows_on, span, verdict_words
from medmat_explorer.domain.related_counts import RelatedCount, pools, related_counts
from medmat_explorer.domain.relation import Target
from medmat_explorer.evaluation.evidence import Evidence, judge
from medmat_explorer.paper.facts import TrainingSetAccuracy, datasets, figure4, subsets
from medmat_explorer.paper.figure4_counts import PRINTED_COUNTS, TARGETS

UNTRAINED, UNRELATED = "baseline", "all unrelated"
PRINTED_NUMBERS = frozenset(number for pair in PRINTED_COUNTS for number in pair)
PRINTED = " and ".join(f"{related}:{unrelated}" for related, unrelated in PRINTED_COUNTS)


def figure4_counts() -> tuple[RelatedCount, ...]:
    """Related and unrelated subsets of both targets, in every pool under every rule."""
    known = subsets()
    among = pools(known.values(), datasets())
    return tuple(
        count for number in TARGETS for count in related_counts(Target(known[number].triplet, known[number]), among)
    )


def counts_sentence(counts: Sequence[RelatedCount]) -> str:
    """Whether any of the counts is a printed one, in words."""
    fitting = [count for count in counts if count.pair in PRINTED_COUNTS]
    tried = len({(count.pool, count.rule) for count in counts})
    said = f"Figure 4 prints {PRINTED} related to unrelated subsets for targets {' and '.join(TARGETS)}."
    if fitting:
        listed = ", ".join(f"{c.target} by {c.rule} among {c.pool}" for c in fitting)
        return f"{said} These counts give that: {listed}."
    return (
        f"{said} None of the {tried} ways to count them here gives either: three rules, areas merged or not, six pools."
    )


def count_lines(counts: Iterable[RelatedCount]) -> list[dict[str, Any]]:
    """A line for each pool and rule, the targets side by side."""
    by_way: dict[tuple[str, str], dict[str, RelatedCount]] = {}
    for count in counts:
        by_way.setdefault((count.pool, count.rule), {})[count.target] = count
    return [
        {
            "Counted among": f"{pool} ({_size(found)})",
            "Rule": rule,
            **{f"Target {number}": f"{found[number].related}:{found[number].unrelated}" for number in TARGETS},
            "Of the printed numbers": _partly(found),
        }
        for (pool, rule), found in by_way.items()
    ]


def _size(found: dict[str, RelatedCount]) -> int:
    """How many subsets the pool has without the target."""
    return max(sum(count.pair) for count in found.values())


def _partly(found: dict[str, RelatedCount]) -> str:
    """Which half of a printed pair a count reaches, if any."""
    said = []
    for number, count in found.items():
        if count.pair in PRINTED_COUNTS:
            said.append(f"{number}: both")
        elif count.related in PRINTED_NUMBERS:
            said.append(f"{number}: {count.related} related, but {count.unrelated} unrelated")
        elif count.unrelated in PRINTED_NUMBERS:
            said.append(f"{number}: {count.unrelated} unrelated, but {count.related} related")
    return "; ".join(said)


@dataclass(frozen=True)
class Arm:
    """One bar of Figure 4 with what it has to beat, as `judge` takes it."""

    training: str
    trained: float
    baseline: float | None
    baseline_plus: float | None
    test_size: int | None

    @property
    def gain(self) -> float:
        """Over the untrained model."""
        return self.trained - (self.baseline or 0)


def arms(target: str) -> tuple[Arm, ...]:
    """The bars of a target; the size of its test set is the one inferred for its rows in the tables."""
    bars = [bar for bar in figure4() if bar.target == target]
    percent = {bar.training: bar.percent for bar in bars}
    sizes = {row.test_size for row in rows_on(target) if row.test_size}
    size = sizes.pop() if len(sizes) == 1 else None
    return tuple(_arm(bar, percent, size) for bar in bars)


def _arm(bar: TrainingSetAccuracy, percent: dict[str, float], size: int | None) -> Arm:
    return Arm(bar.training, bar.percent, percent.get(UNTRAINED), percent.get(UNRELATED), size)


def arm_lines(target: str) -> list[dict[str, Any]]:
    """A line for each bar: accuracy with n and interval, and the gain over the better of untrained and unrelated."""
    return [_arm_line(arm, judge(arm)) for arm in arms(target)]


def _arm_line(arm: Arm, evidence: Evidence) -> dict[str, Any]:
    compared = arm.training not in (UNTRAINED, UNRELATED)
    between = None if evidence.low is None or evidence.high is None else (evidence.low, evidence.high)
    return {
        "Training set": arm.training,
        "Accuracy": arm.trained,
        "95 % interval": span(evidence.trained_interval),
        "n": arm.test_size,
        "Gain": evidence.gain_over_best if compared else None,
        "95 % of gain": span(between, "+") if compared else "",
        "z": round(evidence.z, 2) if compared and evidence.z is not None else None,
        "Verdict": verdict_words(evidence) if compared else "what is to be beaten",
    }
