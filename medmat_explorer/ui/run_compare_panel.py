"""Two runs side by side, as the address names them (`a=`, `b=`): who got which item, and what that shows."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from medmat_explorer.charts.reliance import LEAST_WRITTEN, in_short
from medmat_explorer.charts.run_differences import (
    SIGNS,
    Ahead,
    DifferenceLine,
    ahead,
    difference_chart,
    differences_in_words,
)
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.evaluation.power import visible_difference
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunHeader, Way
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.experiments.run_pair import Agreement, GroupDifference, RunPair, groups
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.runs_pair import element_of, open_pair, subsets_of
from medmat_explorer.ui.runs_paired_items import CELL, CELL_WORDS, GROUP, ITEMS_PAGE, draw_items
from medmat_explorer.ui.runs_rows import open_address
from medmat_explorer.ui.runs_view import FIRST, SECOND

BY = "by"
BY_TITLES = {"subset": "by subset", **{axis.value: f"by {axis.value}" for axis in Axis}}
OF_ITEMS = (CELL, GROUP, ITEMS_PAGE)
FEW_GROUPS = 3


def draw_comparison(first: str, second: str) -> None:
    """The whole comparison. Raises MedmatError when the two cannot be compared."""
    pair = open_pair(first, second)
    _draw_links(pair)
    _draw_runs(pair)
    if pair.warnings:
        told = "\n".join(f"- {plain(warning)}" for warning in pair.warnings)
        st.warning(told if len(pair.warnings) > 1 else plain(pair.warnings[0]), icon=":material/warning:")
    _draw_verdict(pair)
    _draw_agreement(pair)
    by, found = _grouped(pair)
    titles = {number: subset.title for number, subset in subsets_of(pair).items()} if by == "subset" else {}
    _draw_groups(by, found, titles)
    draw_items(pair, {group.name: group for group in found}, by)


def _draw_links(pair: RunPair) -> None:
    a, b = pair.first.header.id, pair.second.header.id
    with st.container(horizontal=True, vertical_alignment="center"):
        frame.link("runs", "All runs", icon=":material/arrow_back:")
        swap = {name: url_state.values(name) for name in st.query_params if name not in OF_ITEMS}
        frame.link("runs", "Swap them", {**swap, FIRST: b, SECOND: a}, ":material/swap_horiz:")
        with st.popover("Link", icon=":material/link:"):
            st.caption("This address opens the same comparison on this server for as long as both runs are kept.")
            st.code(_here(a, b), language=None, wrap_lines=True)


def _here(a: str, b: str) -> str:
    base = (st.context.url or "").split("?")[0].rsplit("/", 1)[0]
    address = frame.address("runs", {FIRST: a, SECOND: b})
    return f"{base}/{address}" if base else address


def _draw_runs(pair: RunPair) -> None:
    """Who is asked in each, with its score on the common items alone."""
    columns = [Column("Run"), Column("Backbone"), Column("Asked")]
    columns += [Column(title, amount=True) for title in SCORE_COLUMNS]
    sides = ((pair.first.header, "1"), (pair.second.header, "2"))
    rows = [_run_row(name, header, score) for (header, name), score in zip(sides, pair.scores, strict=True)]
    linked_table(columns, rows, key="compared runs", label="The two runs, scored on their common items")


SCORE_COLUMNS = ("Accuracy", "95 % interval", "n", "Unparsed", "Chance", "Majority")


def _run_row(name: str, header: RunHeader, score: Score) -> list[Cell]:
    low, high = score.interval
    below = " below chance" if score.below_chance else ""
    return [
        Cell(name, open_address(header.id, header.plan.collection), title=f"Open run {name}"),
        Cell(_backbone(header)),
        Cell(_asked(header), tone="quiet"),
        Cell(f"{score.accuracy:.1%}{below}", tone="warn" if below else ""),
        Cell(f"{low:.1%} to {high:.1%}"),
        Cell(f"{score.n:,}"),
        Cell(f"{score.unparsed:,}"),
        Cell(f"{score.chance:.1%}"),
        Cell(f"{score.majority:.1%}"),
    ]


def _backbone(header: RunHeader) -> str:
    parts = [header.backbone_title, f"+ {header.adapter}" if header.adapter else ""]
    parts += [f"{header.bits} bits" if header.bits else "", "" if header.dtype == "none" else header.dtype]
    return " · ".join(part for part in parts if part)


def _asked(header: RunHeader) -> str:
    plan, day = header.plan, f"{header.created:%Y-%m-%d %H:%M} UTC"
    return " · ".join((day, f"{header.kind.value} on {plan.collection}", f"prompt {plan.prompt}", f"seed {plan.seed}"))


JUDGED: dict[Way | None, str] = {
    Way.WRITTEN: "what was written",
    Way.LETTER: "the most probable letters",
    Way.OPTION_TEXT: "the likeliest option texts",
    None: "what each run has",
}
VERDICTS = {
    Ahead.FIRST: "Run 1 is ahead, beyond noise.",
    Ahead.SECOND: "Run 2 is ahead, beyond noise.",
    Ahead.NOT_SHOWN: "No difference is shown.",
}


def _draw_verdict(pair: RunPair) -> None:
    """The difference in words, with everything that belongs to it."""
    counts, (low, high) = pair.comparison.whole.counts, pair.interval
    verdict = ahead(low, high, counts.p)
    p = in_short(counts.p) if counts.p < LEAST_WRITTEN else f"= {in_short(counts.p)}"
    st.markdown(
        f"### {SIGNS[verdict]} {VERDICTS[verdict]}\n"
        f"Run 1 minus run 2 **{100 * counts.difference:+.1f} points** (95 % interval {100 * low:+.1f} to "
        f"{100 * high:+.1f}) on n = {counts.n:,} items that both answered, exact McNemar p {p}, "
        f"judged by {JUDGED[pair.way]}; chance {pair.scores[0].chance:.1%}."
    )
    st.caption(plain(" ".join((_interval_words(pair), _power_words(pair)))))


def _interval_words(pair: RunPair) -> str:
    found, (low, high) = pair.difference, pair.comparison.whole.interval
    newcombe = f"Newcombe's, which takes every item by itself: {100 * low:+.1f} to {100 * high:+.1f}."
    if found.interval is None:
        return "The interval is Newcombe's: drawing the items again changes nothing here."
    if not pair.shares_pictures:
        return f"The interval is that of a paired bootstrap over items. {newcombe}"
    few = " So few pictures may make it too short." if found.few else ""
    return (
        f"Several items share a picture: the interval is that of a paired bootstrap over {found.clusters:,} "
        f"pictures.{few} {newcombe}"
    )


def _power_words(pair: RunPair) -> str:
    """What so many items could have shown at all."""
    counts = pair.comparison.whole.counts
    apart = (counts.only_first + counts.only_second) / counts.n
    if not apart:
        return "Both are right on exactly the same items, so nothing can be said of smaller differences."
    seen = visible_difference(counts.n, apart)
    told = "no difference at all" if seen is None else f"differences of {100 * seen:.0f} points or more"
    return f"Just one of them is right on {apart:.0%} of the items: so n = {counts.n:,} shows {told} (80 % power)."


def _draw_agreement(pair: RunPair) -> None:
    """The table of two by two; each count leads to its items."""
    counts = pair.comparison.whole.counts
    st.subheader("Who got which items")
    n = counts.n
    rows = [
        [Cell("Run 1 right"), *_cells(((Agreement.BOTH, counts.both), (Agreement.FIRST, counts.only_first)), n)],
        [
            Cell("Run 1 not right"),
            *_cells(((Agreement.SECOND, counts.only_second), (Agreement.NEITHER, counts.neither)), n),
        ],
        [Cell("together", tone="quiet"), *_sums(counts.both + counts.only_second, n)],
    ]
    columns = (Column(""), Column("Run 2 right", True), Column("Run 2 not right", True), Column("together", True))
    linked_table(
        columns,
        rows,
        key="agreement",
        label="Items by which run got them",
        selected=url_state.value(CELL),
        on_act=lambda act: url_state.write({CELL: act, GROUP: None, ITEMS_PAGE: None}),
    )


def _cells(found: Sequence[tuple[Agreement, int]], n: int) -> list[Cell]:
    cells = [
        Cell(f"{count:,} ({count / n:.0%})", act=cell.value, title=f"Show the {count:,} items that {CELL_WORDS[cell]}")
        if count
        else Cell("0", tone="quiet")
        for cell, count in found
    ]
    total = sum(count for _, count in found)
    return [*cells, Cell(f"{total:,} ({total / n:.0%})", tone="quiet")]


def _sums(right: int, n: int) -> list[Cell]:
    told = (f"{right:,} ({right / n:.0%})", f"{n - right:,} ({(n - right) / n:.0%})", f"{n:,}")
    return [Cell(text, tone="quiet") for text in told]


def _grouped(pair: RunPair) -> tuple[str, list[GroupDifference]]:
    """The common items by what the address names, with names for people."""
    by = url_state.value(BY)
    by = by if by in BY_TITLES else "subset"
    subsets = subsets_of(pair)
    if by == "subset":
        return by, groups(pair, lambda answer: answer.subset)
    axis = Axis(by)
    element: Callable[[JudgedAnswer], str] = lambda answer: element_of(subsets, answer.subset, axis)  # noqa: E731
    return by, groups(pair, element)


def _draw_groups(by: str, found: Sequence[GroupDifference], titles: Mapping[str, str]) -> None:
    """A forest chart and the same as a table; each group leads to its items."""
    st.subheader("Where they differ")
    st.segmented_control(
        "Groups",
        list(BY_TITLES),
        format_func=BY_TITLES.__getitem__,
        required=True,
        label_visibility="collapsed",
        **url_state.bind(BY, by, default="subset", resets=(GROUP, ITEMS_PAGE)),
    )
    lines = [_line(group, titles.get(group.name, group.name)) for group in found]
    picture, table = st.tabs(["Picture", "Table"])
    key = f"differences {by}"

    def picked() -> None:
        if chosen := st.session_state[key]["selection"].get("pick"):
            _show_group(str(chosen[0]["key"]))

    with picture:
        chart = difference_chart(lines)
        st.altair_chart(chart, key=key, on_select=picked, selection_mode="pick", alt=differences_in_words(lines))
    with table:
        _draw_group_table(by, found, titles)
    if len(found) > FEW_GROUPS:
        st.caption(
            f"{SIGNS[Ahead.FIRST]} and {SIGNS[Ahead.SECOND]} stand where Newcombe's interval and the exact test agree; "
            f"of {counted(len(found), 'group')} one in twenty would show a difference by chance alone."
        )


def _line(group: GroupDifference, title: str) -> DifferenceLine:
    low, high = group.paired.interval
    points = 100 * group.paired.difference
    p = group.paired.counts.p
    sign = SIGNS[ahead(low, high, p)]
    return DifferenceLine(group.name, f"{sign} {title} (n = {group.n:,})", points, 100 * low, 100 * high, group.n, p)


def _show_group(name: str) -> None:
    url_state.write({GROUP: name, ITEMS_PAGE: None})


def _draw_group_table(by: str, found: Sequence[GroupDifference], titles: Mapping[str, str]) -> None:
    columns = [Column(by.capitalize()), *(Column(title, amount=True) for title in GROUP_COLUMNS)]
    linked_table(
        columns,
        [_group_row(group, titles.get(group.name, group.name)) for group in found],
        key=f"groups {by}",
        label=f"Difference of the runs {BY_TITLES[by]}",
        selected=url_state.value(GROUP),
        on_act=_show_group,
    )


GROUP_COLUMNS = ("n", "Run 1", "Run 2", "Chance", "Only 1", "Only 2", "1 minus 2", "95 % interval", "McNemar p")


def _group_row(group: GroupDifference, title: str) -> list[Cell]:
    counts, (low, high) = group.paired.counts, group.paired.interval
    return [
        Cell(title, act=group.name, title=f"Show the items of {title}"),
        Cell(f"{group.n:,}"),
        Cell(f"{group.first / group.n:.1%}"),
        Cell(f"{group.second / group.n:.1%}"),
        Cell(f"{group.chance:.1%}"),
        Cell(f"{counts.only_first:,}"),
        Cell(f"{counts.only_second:,}"),
        Cell(f"{SIGNS[ahead(low, high, counts.p)]} {100 * counts.difference:+.1f}"),
        Cell(f"{100 * low:+.1f} to {100 * high:+.1f}"),
        Cell(in_short(counts.p)),
    ]
