"""Tables 1 and 2 by subset: the untrained model, single-task and multi-task training, and runs of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from medmat_explorer.charts.backbone_marks import MARKS, marked
from medmat_explorer.charts.own_results import OwnResult
from medmat_explorer.charts.palette import NEUTRAL
from medmat_explorer.charts.published import interval
from medmat_explorer.domain.subset import Subset
from medmat_explorer.paper.facts import SubsetAccuracy, composition_rows

LINE_PIXELS, AROUND_PIXELS = 24, 110
OWN = "#b8529a"
PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}
DISTRIBUTIONS: dict[str, str] = {"in": "In distribution (Table 1)", "out": "Out of distribution (Table 2)"}
TRAININGS = ("baseline", "single-task", "multi-task")

EXPLAINED: dict[str, str] = {
    "Baseline": "LLaVA-v1.5-7B without training on medical data, accuracy in percent, as printed.",
    "Single-task": "Trained on this subset alone.",
    "Multi-task": "Trained on all subsets in distribution together.",
    "Multi minus single": "In points: what the other subsets add.",
    "Multi minus baseline": "In points; out of distribution the subset itself was never trained on.",
    "n": "Items in the test set, inferred from decimals in the composition tables; mostly unknown.",
    "95 % of multi-task": "Wilson interval, where n is known.",
}


@dataclass(frozen=True)
class SubsetLine:
    """The printed numbers of one subset, in percent; None where none is printed."""

    subset: str
    distribution: str
    baseline: float | None
    single: float | None
    multi: float | None
    n: int | None

    @property
    def percents(self) -> dict[str, float]:
        """What is printed, by way of training."""
        found = dict(zip(TRAININGS, (self.baseline, self.single, self.multi), strict=True))
        return {name: percent for name, percent in found.items() if percent is not None}


def subset_lines(accuracies: Sequence[SubsetAccuracy]) -> tuple[SubsetLine, ...]:
    """One line for each subset, in the order of the tables."""
    groups: dict[tuple[str, str], dict[str, float]] = {}
    for accuracy in accuracies:
        groups.setdefault((accuracy.distribution, accuracy.subset), {})[accuracy.training] = accuracy.percent
    return tuple(
        SubsetLine(
            subset,
            distribution,
            baseline=found.get("baseline"),
            single=found.get("single-task"),
            multi=found.get("multi-task"),
            n=known_size(subset),
        )
        for (distribution, subset), found in groups.items()
    )


def known_size(subset: str) -> int | None:
    """The size of the subset's test set, where the composition tables agree on one."""
    sizes = {row.test_size for row in composition_rows() if row.target == subset and row.test_size}
    return sizes.pop() if len(sizes) == 1 else None


def subset_chart(
    lines: Sequence[SubsetLine], subsets: Mapping[str, Subset], own: Sequence[OwnResult] = ()
) -> alt.LayerChart | alt.FacetChart:
    """A line for each subset, a mark for each way of training, a rule from the least to the most.

    Runs of one's own stand below the paper's marks, each with its interval.
    """
    titles = [subsets[line.subset].title for line in lines]
    table = pd.DataFrame(
        [
            {"subset": title, "mark": name, "percent": percent}
            for line, title in zip(lines, titles, strict=True)
            for name, percent in line.percents.items()
        ]
    )
    spans = table.groupby("subset", sort=False)["percent"].agg(least="min", most="max").reset_index()
    names = alt.Axis(labelLimit=280, ticks=False, domain=False, labelOverlap=False, labelFlush=False)
    y = alt.Y("subset:N", sort=titles, title=None, axis=names)
    x = alt.X("percent:Q", title="accuracy, %", scale=alt.Scale(domain=[0, 100]))
    rules = alt.Chart(spans).mark_rule(color=NEUTRAL, opacity=0.5).encode(y=y, x="least:Q", x2="most:Q")
    shape, colour = marked([name for name in MARKS if name in set(table["mark"])], "training")
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=70, opacity=0.95)
        .encode(
            y=y,
            x=x,
            tooltip=["subset:N", alt.Tooltip("mark:N", title="training"), alt.Tooltip("percent:Q", title="%")],
            shape=shape,
            color=colour,
        )
    )
    layers = [rules, points, *_own_layers(own, {line.subset for line in lines}, subsets, y, x)]
    return alt.layer(*layers).properties(height=AROUND_PIXELS + LINE_PIXELS * len(lines), padding=PADDING)


def _own_layers(
    own: Sequence[OwnResult], shown: set[str], subsets: Mapping[str, Subset], y: alt.Y, x: alt.X
) -> list[alt.Chart]:
    table = pd.DataFrame(
        [
            {
                "subset": subsets[result.subset].title,
                "run": result.name,
                "percent": 100 * result.score.accuracy,
                "low": result.interval[0],
                "high": result.interval[1],
                "n": result.score.n,
            }
            for result in own
            if result.subset in shown
        ]
    )
    if table.empty:
        return []
    tip = [
        alt.Tooltip("subset:N"),
        alt.Tooltip("run:N", title="your run"),
        alt.Tooltip("percent:Q", format=".1f", title="%"),
        alt.Tooltip("n:Q"),
    ]
    base = alt.Chart(table).encode(y=y, tooltip=tip)
    intervals = base.mark_rule(color=OWN, strokeWidth=2, yOffset=7).encode(x="low:Q", x2="high:Q")
    points = base.mark_point(color=OWN, shape="diamond", filled=True, size=70, opacity=1, yOffset=7).encode(x=x)
    return [intervals, points]


def accuracy_lines(lines: Sequence[SubsetLine], subsets: Mapping[str, Subset]) -> list[dict[str, Any]]:
    """The same as a table, with the differences."""
    return [
        {
            "Subset": subsets[line.subset].title,
            "Baseline": line.baseline,
            "Single-task": line.single,
            "Multi-task": line.multi,
            "Multi minus single": _minus(line.multi, line.single),
            "Multi minus baseline": _minus(line.multi, line.baseline),
            "n": line.n,
            "95 % of multi-task": interval(line.multi, line.n),
        }
        for line in lines
    ]


def _minus(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second
