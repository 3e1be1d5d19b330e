"""Is the right option found wherever it stands? Recall by letter, beside how often each letter was chosen."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from medmat_explorer.charts.palette import ACCENT, NEUTRAL
from medmat_explorer.evaluation.position_bias import LetterRecall, PositionBias

PADDING = {"left": 4, "right": 22, "top": 4, "bottom": 4}
LINE_PIXELS, AROUND_PIXELS = 26, 120
RECALL, CHOSEN = "recall", "share of answers"
SHAPES = {RECALL: "circle", CHOSEN: "square"}


def letter_recall_chart(bias: PositionBias) -> alt.LayerChart | alt.FacetChart:
    """A line a letter: its recall with the 95 % interval, the share of answers that it got, dashes at chance."""
    table = pd.DataFrame([_row(letter) for letter in bias.letters])
    y = alt.Y("letter:N", sort=list(table["letter"]), title=None, axis=alt.Axis(ticks=False, domain=False))
    scale, axis = alt.Scale(domain=[0, 1], nice=False), alt.Axis(format="%", tickCount=5)
    title = f"recall, 95 % Wilson interval; dashes: chance {bias.chance:.1%}"
    tip = [
        alt.Tooltip("letter:N"),
        alt.Tooltip("recall:Q", format=".1%"),
        alt.Tooltip("low:Q", format=".1%", title="interval from"),
        alt.Tooltip("high:Q", format=".1%", title="to"),
        alt.Tooltip("chosen:Q", format=".1%", title=CHOSEN),
    ]
    base = alt.Chart(table).encode(y=y, tooltip=tip)
    known = base.transform_filter("isValid(datum.low)")
    intervals = known.mark_rule(color=ACCENT, strokeWidth=3, opacity=0.55).encode(
        x=alt.X("low:Q", scale=scale, axis=axis, title=title), x2="high:Q"
    )
    chance = alt.Chart(pd.DataFrame({"chance": [bias.chance]})).mark_rule(color=NEUTRAL, strokeDash=[4, 3])
    points = base.transform_fold([RECALL, "chosen"], as_=["what", "share"]).transform_filter("isValid(datum.share)")
    marks = points.transform_calculate(shown=f"datum.what == 'chosen' ? '{CHOSEN}' : '{RECALL}'").mark_point(
        filled=False, size=75, opacity=1, strokeWidth=2
    )
    names, legend = list(SHAPES), alt.Legend(orient="top", title=None)
    shown = marks.encode(
        x="share:Q",
        shape=alt.Shape(
            "shown:N",
            scale=alt.Scale(domain=names, range=list(SHAPES.values())),
            legend=legend,
        ),
        color=alt.Color("shown:N", scale=alt.Scale(domain=names, range=[ACCENT, NEUTRAL]), legend=legend),
    )
    height = AROUND_PIXELS + LINE_PIXELS * len(table)
    return alt.layer(chance.encode(x="chance:Q"), intervals, shown).properties(height=height, padding=PADDING)


def _row(letter: LetterRecall) -> dict[str, object]:
    low, high = letter.interval or (None, None)
    return {
        "letter": f"{letter.letter} (n = {letter.right})",
        "recall": letter.recall,
        "low": low,
        "high": high,
        "chosen": letter.chosen / letter.offered,
    }


def letter_recall_lines(bias: PositionBias) -> Sequence[dict[str, object]]:
    """The same as a table, a line a letter."""
    return [
        {
            "Letter": letter.letter,
            "Right there": letter.right,
            "Found": letter.found,
            "Recall": None if letter.recall is None else round(letter.recall, 4),
            "95 % interval": f"{letter.interval[0]:.1%} to {letter.interval[1]:.1%}" if letter.interval else "",
            "Chosen": letter.chosen,
            "Offered": letter.offered,
        }
        for letter in bias.letters
    ]


def letter_recall_in_words(bias: PositionBias) -> str:
    """The numbers that belong to the picture, and the text for who cannot see it."""
    recalls = ", ".join(f"{each.letter} {each.recall:.0%}" for each in bias.letters if each.recall is not None)
    unread = f", {bias.unread} unparsed" if bias.unread else ""
    spread = ""
    if bias.deviation is not None:
        spread = f" Standard deviation of the recalls {100 * bias.deviation:.1f} points"
        spread += "." if bias.strength is None else f": {bias.strength:.0%} of the largest possible bias."
    return f"Recall by letter: {recalls} (n = {bias.n:,}{unread}, chance {bias.chance:.1%}).{spread}"
