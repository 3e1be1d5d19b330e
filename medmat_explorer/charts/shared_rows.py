"""Gains of several backbones on the combinations they share, as a picture and as lines of a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from medmat_explorer.charts.backbone_marks import MARKS, marked
from medmat_explorer.charts.palette import NEUTRAL
from medmat_explorer.domain.subset import Subset
from medmat_explorer.evaluation.shared_rows import BackboneGain, BackboneSummary, SharedRow

LINE_PIXELS, AROUND_PIXELS = 30, 120
PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}

SUMMARY_HELP: dict[str, str] = {
    "Combinations": "Sources and target that this backbone shares with at least one other.",
    "Helped": "Combinations with a printed gain above 0.",
    "Harmed": "Combinations with a printed gain below 0.",
    "Median gain": "In points, over the untrained model.",
    "Sign test p": "Two-sided, as if combinations were independent; those of one target share its test set.",
}


def shared_chart(shared: Sequence[SharedRow]) -> alt.LayerChart | alt.FacetChart:
    """A line for each combination, a mark for each backbone; a rule joins repeated trainings of one backbone."""
    table = pd.DataFrame(
        [
            {
                "combination": name_of(row),
                "mark": found.backbone,
                "gain": found.gain,
                "least": found.least,
                "most": found.most,
                "rows": found.rows,
                "where": ", ".join(found.places),
            }
            for row in shared
            for found in row.gains
        ]
    )
    names = alt.Axis(labelLimit=260, ticks=False, domain=False, labelOverlap=False, labelFlush=False)
    y = alt.Y("combination:N", sort=[name_of(row) for row in shared], title=None, axis=names)
    axis = alt.Axis(tickCount=7, format="d", labelExpr="datum.value > 0 ? '+' + datum.label : datum.label")
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=NEUTRAL, strokeDash=[4, 3]).encode(x="zero:Q")
    shape, colour = marked([name for name in MARKS if name in set(table["mark"])], "backbone")
    base = alt.Chart(table).encode(y=y, color=colour)
    ends = base.mark_rule(strokeWidth=2, opacity=0.5).encode(x="least:Q", x2="most:Q")
    points = base.mark_point(filled=True, size=80, opacity=0.95).encode(
        x=alt.X("gain:Q", title="gain over the untrained model, points", axis=axis),
        shape=shape,
        tooltip=[
            alt.Tooltip("combination:N"),
            alt.Tooltip("mark:N", title="backbone"),
            alt.Tooltip("gain:Q", format="+.1f"),
            alt.Tooltip("rows:Q", title="printed rows"),
            alt.Tooltip("where:N", title="printed in"),
        ],
    )
    return alt.layer(zero, ends, points).properties(height=AROUND_PIXELS + LINE_PIXELS * len(shared), padding=PADDING)


def name_of(row: SharedRow) -> str:
    """`30 + 03 → 28`."""
    return f"{' + '.join(row.sources)} → {row.target}"


def shared_lines(shared: Sequence[SharedRow], subsets: Mapping[str, Subset]) -> list[dict[str, Any]]:
    """The same as a table: a line for each combination, a column for each backbone."""
    backbones = list(dict.fromkeys(found.backbone for row in shared for found in row.gains))
    return [
        {
            "Sources": " + ".join(row.sources),
            "Target": subsets[row.target].title,
            **{backbone: _told(row, backbone) for backbone in backbones},
            "Helped": f"{row.helped} of {len(row.gains)} backbones",
        }
        for row in shared
    ]


def _told(row: SharedRow, backbone: str) -> str:
    found = next((gain for gain in row.gains if gain.backbone == backbone), None)
    return _gain(found) if found else ""


def _gain(found: BackboneGain) -> str:
    if found.rows == 1:
        return f"{found.gain:+.1f}"
    return f"{found.gain:+.1f} ({found.rows} rows, {found.least:+.1f} to {found.most:+.1f})"


def summary_lines(summaries: Sequence[BackboneSummary]) -> list[dict[str, Any]]:
    """A line for each backbone over the combinations shared."""
    return [
        {
            "Backbone": found.backbone,
            "Combinations": found.combinations,
            "Helped": found.helped,
            "Harmed": found.harmed,
            "Median gain": round(found.median, 1),
            "Sign test p": None if found.p is None else round(found.p, 4),
        }
        for found in summaries
    ]
