"""One's own runs beside the paper's numbers for the same subsets: other test items, so never one and the same thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medmat_explorer.domain.subset import Subset
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.paper.facts import SubsetAccuracy

OTHER_ITEMS = (
    "The paper's test items were never published: your runs asked others, so a difference may lie in the items. "
    "Intervals are of your runs alone (Wilson, 95 %)."
)
EXPLAINED: dict[str, str] = {
    "Accuracy": "In percent, of your run on this subset.",
    "n": "Items of this subset that were answered, unparsed answers counted as wrong.",
    "Chance": "What guessing reaches on these items, in percent.",
    "Paper's baseline": "LLaVA-v1.5-7B untrained, Tables 1 and 2, in percent.",
    "Paper's multi-task": "The same model trained on all subsets in distribution.",
    "Against baseline": "Whether the interval of your run leaves the paper's baseline out.",
}


@dataclass(frozen=True)
class OwnResult:
    """The score of one of one's own runs on one subset."""

    run: str
    name: str
    subset: str
    score: Score

    @property
    def interval(self) -> tuple[float, float]:
        """In percent."""
        low, high = self.score.interval
        return 100 * low, 100 * high


def own_lines(
    results: Iterable[OwnResult], accuracies: Sequence[SubsetAccuracy], subsets: Mapping[str, Subset]
) -> list[dict[str, Any]]:
    """A line for each run and subset, with what the paper printed for the subset."""
    printed = {(found.subset, found.training): found.percent for found in accuracies}
    return [_line(result, printed, subsets[result.subset]) for result in results]


def _line(result: OwnResult, printed: Mapping[tuple[str, str], float], subset: Subset) -> dict[str, Any]:
    score, (low, high) = result.score, result.interval
    baseline = printed.get((result.subset, "baseline"))
    return {
        "Subset": subset.title,
        "Your run": result.name,
        "Accuracy": round(100 * score.accuracy, 1),
        "95 % interval": f"{low:.1f} to {high:.1f}",
        "n": score.n,
        "Unparsed": score.unparsed,
        "Chance": round(100 * score.chance, 1),
        "Majority": round(100 * score.majority, 1),
        "Paper's baseline": baseline,
        "Paper's multi-task": printed.get((result.subset, "multi-task")),
        "Against baseline": _against(baseline, low, high),
        "Run": result.run,
    }


def _against(baseline: float | None, low: float, high: float) -> str:
    if baseline is None:
        return "? none printed"
    if low > baseline:
        return "▲ above"
    return "▼ below" if high < baseline else "○ not told apart"
