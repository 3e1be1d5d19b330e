"""Which label is taken for which, as a matrix: rows are right, columns were chosen.

Cells bring their own fill and ink, so that they read the same on a light and on a dark page; hue tells right from
wrong, and the number in each cell says it too.
"""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from medmat_explorer.evaluation.confusion import OTHERS, Confusion

PADDING = {"left": 4, "right": 8, "top": 4, "bottom": 4}
LINE_PIXELS, AROUND_PIXELS = 30, 130
RIGHT_FILLS, WRONG_FILLS = ["#dfeeed", "#0b5e5a"], ["#f6e4da", "#a63f14"]
DARK_INK, LIGHT_INK = "#16222b", "#ffffff"
TURNING_SHARE = 0.72
"""From this share on a fill is so dark that light ink reads better."""


def confusion_chart(found: Confusion) -> alt.LayerChart | alt.FacetChart:
    """A cell a pair of labels that occurs: its count, and as darkness its share of the row."""
    table = pd.DataFrame([_cell(found, right, chosen) for right in found.rows for chosen in found.columns])
    table = table[table["count"] > 0]
    label = alt.Axis(labelLimit=240, ticks=False, domain=False)
    head = alt.Axis(labelLimit=150, ticks=False, domain=False, orient="top", labelAngle=-35)
    base = alt.Chart(table).encode(
        x=alt.X("chosen:N", sort=list(found.columns), axis=head, title="chosen"),
        y=alt.Y("row:N", sort=[_row_name(found, right) for right in found.rows], axis=label, title="right"),
        tooltip=[
            alt.Tooltip("right:N"),
            alt.Tooltip("chosen:N"),
            alt.Tooltip("count:Q"),
            alt.Tooltip("share:Q", format=".1%", title="of the right label"),
        ],
    )
    layers = [
        _fills(base, "datum.kind == 'right'", RIGHT_FILLS),
        _fills(base, "datum.kind == 'wrong'", WRONG_FILLS),
        base.mark_text(fontSize=13).encode(
            text="count:Q",
            color=alt.condition(
                alt.datum.share >= TURNING_SHARE,
                alt.value(LIGHT_INK),
                alt.value(DARK_INK),
            ),
        ),
    ]
    height = AROUND_PIXELS + LINE_PIXELS * len(found.rows)
    chart: alt.LayerChart = alt.layer(*layers).resolve_scale(color="independent")
    return chart.properties(height=height, padding=PADDING)


def _fills(base: alt.Chart, condition: str, fills: list[str]) -> alt.Chart:
    scale = alt.Scale(domain=[0, 1], range=fills)
    filled: alt.Chart = base.transform_filter(condition).mark_rect(cornerRadius=3)
    return filled.encode(color=alt.Color("share:Q", scale=scale, legend=None))


def _cell(found: Confusion, right: str, chosen: str) -> dict[str, object]:
    count = found.count(right, chosen)
    return {
        "right": right,
        "row": _row_name(found, right),
        "chosen": chosen,
        "count": count,
        "share": count / found.total(right),
        "kind": "right" if right == chosen != OTHERS else "wrong",
    }


def _row_name(found: Confusion, right: str) -> str:
    return f"{right} (n = {found.total(right)})"


def confusion_lines(found: Confusion) -> Sequence[dict[str, object]]:
    """The same as a table, a line a right label, with its recall and interval; a column a chosen label."""
    return [
        {
            "Right label": right,
            "n": found.total(right),
            "Recall": None if (recall := found.recall(right)) is None else round(recall, 4),
            "95 % interval": f"{between[0]:.1%} to {between[1]:.1%}" if (between := found.interval(right)) else "",
            **{f"as {chosen}": found.count(right, chosen) for chosen in found.columns},
        }
        for right in found.rows
    ]


def confusion_in_words(found: Confusion) -> str:
    """The numbers that belong to the picture, and the text for who cannot see it."""
    right = sum(found.count(label, label) for label in found.rows if label != OTHERS)
    wrong = [(found.count(a, b), a, b) for a in found.rows for b in found.columns if a != b and found.count(a, b)]
    most = max(wrong, key=lambda each: each[0], default=None)
    told = f" Most often wrong: {most[1]} answered with {most[2]} ({most[0]} times)." if most else ""
    chance = "" if found.chance is None else f"; chance {found.chance:.1%}"
    return f"{right} of n = {found.n:,} on the diagonal ({right / found.n:.1%}{chance}).{told}"
