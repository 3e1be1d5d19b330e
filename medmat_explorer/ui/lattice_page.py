"""Parts of the Lattice page: what to compare, the picture, and the two lists."""

from collections.abc import Mapping, Sequence

import streamlit as st

from medmat_explorer.charts.evidence_marks import EvidenceMark, source_marks
from medmat_explorer.charts.lattice_content import NodeFace, element_text, lattice_nodes, with_fewer_chips
from medmat_explorer.charts.lattice_svg import lattice_svg
from medmat_explorer.domain.relation import AREA_MERGES, DEFAULT_RULE
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.ui import frame, lattice_view, url_state
from medmat_explorer.ui.components.lattice import ChipNote, lattice
from medmat_explorer.ui.components.picture_files import picture_files
from medmat_explorer.ui.components.relation_table import RelationRow, relation_table
from medmat_explorer.ui.lattice_view import LatticeView
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.rule_choice import rule_titles

UNIVERSE_NAMES = {lattice_view.COLLECTION: "This collection", lattice_view.PUBLISHED: "Med-MAT (53)"}
MOST_CHIPS = 60
"""So many subsets are drawn on a node; Med-MAT never has more."""

MOST_IN_LINK = 400
COLUMNS = ".st-key-lattice_body > [data-testid='stLayoutWrapper'] > [data-testid='stHorizontalBlock']"
STYLE = f"""<style>
@media (max-width: 1180px) {{
  {COLUMNS} {{ flex-wrap: wrap; }}
  {COLUMNS} > [data-testid="stColumn"] {{ min-width: 100%; }}
}}
@media (min-width: 760px) and (max-width: 1180px) {{
  {COLUMNS} > [data-testid="stColumn"]:first-child > [data-testid="stVerticalBlock"] {{
    display: grid; grid-template-columns: 17rem 1fr; align-items: start;
  }}
}}
@media (min-width: 1181px) {{
  [data-testid="stLayoutWrapper"]:has(> .st-key-subset_card) {{ position: sticky; top: 4rem; z-index: 1; }}
  .st-key-subset_card {{ max-height: calc(100vh - 5rem); overflow-y: auto; }}
}}
</style>"""
"""Keeps the card in sight beside a picture taller than the window, and stacks the two where it is narrow."""


def draw_controls(view: LatticeView) -> None:
    """Target, universe and rule."""
    with st.container():
        _draw_target_pickers(view)
        _draw_universe_switch(view)
        _draw_rule_switch(view)


def _draw_universe_switch(view: LatticeView) -> None:
    if len(view.universes) > 1:
        st.segmented_control(
            "Subsets of",
            view.universes,
            format_func=lambda name: _universe_title(name, view.universe.made),
            required=True,
            **url_state.bind(
                lattice_view.UNIVERSE,
                view.universe.name,
                resets=(lattice_view.TARGET, lattice_view.SUBSET),
                default=view.universes[0],
            ),
        )


def _universe_title(name: str, made: int) -> str:
    return UNIVERSE_NAMES[name] + (f" and {made} own" if made and name == lattice_view.PUBLISHED else "")


def _draw_rule_switch(view: LatticeView) -> None:
    titles = rule_titles(frame.current_catalog(), view.rule)
    st.segmented_control(
        "Rule for comparing names",
        list(titles),
        format_func=lambda name: plain(titles[name]),
        required=True,
        wrap=True,
        **url_state.bind(lattice_view.RULE, view.rule.name, default=DEFAULT_RULE),
    )
    if view.rule_problem:
        st.error(plain(view.rule_problem), icon=":material/error:")
    st.caption(plain(view.rule.reason))
    st.toggle(
        "Merge areas",
        help="Reads "
        + ", ".join(f"{name} as {other}" for name, other in AREA_MERGES.items())
        + ". The paper leaves open whether they are one area.",
        **url_state.bind(lattice_view.MERGE, view.rule.merge_areas),
    )


def _draw_target_pickers(view: LatticeView) -> None:
    subsets = view.universe.subsets
    number = view.target.subset.number if view.target.subset else None
    st.session_state["lattice_target"] = number
    st.selectbox(
        "Target",
        list(subsets),
        format_func=lambda n: subsets[n].title,
        placeholder="A triple of your own",
        key="lattice_target",
        on_change=lambda: lattice_view.choose_target(st.session_state["lattice_target"]),
    )
    st.session_state["lattice_triple"] = view.asked_target if view.problem or not view.target.subset else ""
    st.text_input(
        "or any triple, also one that no subset has",
        placeholder="X-ray/Lung/COVID",
        key="lattice_triple",
        on_change=lambda: lattice_view.choose_target(st.session_state["lattice_triple"].strip()),
    )
    if view.problem:
        st.error(plain(view.problem), icon=":material/error:")


def draw_view_switch(view: LatticeView) -> None:
    """Which of the views is open; target and rule stay."""
    st.segmented_control(
        "View",
        list(lattice_view.VIEWS),
        format_func=lambda name: lattice_view.VIEWS[name],
        required=True,
        label_visibility="collapsed",
        **url_state.bind(lattice_view.VIEW, view.shown, default=next(iter(lattice_view.VIEWS))),
    )


def draw_picture(view: LatticeView) -> None:
    """The Boolean lattice of the target, with a line that says the same in numbers."""
    name = view.target.subset.title if view.target.subset else " · ".join(view.target.triplet[axis] for axis in Axis)
    merged = ", areas merged" if view.rule.merge_areas else ""
    counts = f"{len(view.related)} related and {len(view.unrelated)} unrelated"
    st.markdown(f"**{plain(name)}** · {counts} by the rule *{plain(view.rule.name)}*{merged}")
    subsets, stock = view.universe.subsets, view.universe.stock
    marks = _marks(view)
    signs = {number: mark.sign for number, mark in marks.items()}
    whole = lattice_nodes(view.target, subsets.values(), view.rule, signs)
    nodes = _drawn(view, whole)
    drawn = [subsets[chip.number] for node in nodes for chip in node.chips if chip.number]
    lattice(
        nodes,
        {s.number: ChipNote(s.title, stock[s.number].state, _words(marks, s.number)) for s in drawn},
        key="lattice",
        label=f"Lattice of {name}: {counts}. Arrow keys move, Space shows a subset's card, Enter makes it the target.",
        selected=view.chosen.number if view.chosen else "",
        on_select=lattice_view.choose_subset,
        on_target=lattice_view.choose_target,
    )
    title = f"{name}: {counts}, rule {view.rule.name}{merged}"
    states = {number: stock[number].state.value for number in subsets}
    with st.container(horizontal=True, vertical_alignment="center"):
        name = f"lattice-{view.target.key}-{view.rule.name}"
        picture_files(lattice_svg(nodes, title, states), name, key="lattice_files")
        _draw_node_links(view, whole)


def _drawn(view: LatticeView, nodes: Sequence[NodeFace]) -> tuple[NodeFace, ...]:
    """The nodes with as many chips as a picture can hold, those first that have items."""
    first = {number for number, stock in view.universe.stock.items() if stock.items}
    fewer = with_fewer_chips(nodes, MOST_CHIPS, first | ({view.chosen.number} if view.chosen else set()))
    left_out = sum(node.left_out for node in fewer)
    if left_out:
        st.caption(
            f"{counted(left_out, 'subset')} of {len(view.relations):,} are counted and not drawn: a node shows "
            f"{MOST_CHIPS} at most. The lists below have them all."
        )
    return fewer


def _words(marks: Mapping[str, EvidenceMark], number: str) -> str:
    return marks[number].words if number in marks else ""


def _draw_node_links(view: LatticeView, nodes: Sequence[NodeFace]) -> None:
    """Browse with the items of all subsets on a node."""
    with st.popover("Items behind a node", icon=":material/photo_library:"):
        for node in nodes:
            held = [chip.number for chip in node.chips if chip.number and view.universe.stock[chip.number].items]
            if len(held) > MOST_IN_LINK:
                st.write(f"{node.title}: {len(held):,} subsets, too many for a link.")
            elif held:
                items = sum(view.universe.stock[number].items for number in held)
                words = f"{node.title}: {counted(items, 'item')} of {counted(len(held), 'subset')}"
                frame.link("browse", words, {"subset": held})
        if not any(stock.items for stock in view.universe.stock.values()):
            st.write("This collection has no items of these subsets.")


def _marks(view: LatticeView) -> dict[str, EvidenceMark]:
    """What the paper tried for this target, where the numbers are Med-MAT's."""
    if view.universe.name != lattice_view.PUBLISHED or view.target.subset is None:
        return {}
    return source_marks(view.target.subset.number)


def draw_lists(view: LatticeView) -> None:
    """The related and the unrelated subsets as tables: all that the picture says."""
    for title, numbers in (("Related", view.related), ("Unrelated", view.unrelated)):
        st.subheader(f"{title} · {len(numbers)}")
        if not numbers:
            st.write(f"No subset is {title.lower()} to this target under this rule.")
            continue
        opened = relation_table(
            [_row(view, number) for number in numbers],
            key=f"table_{title.lower()}",
            label=f"{title} subsets, {len(numbers)}",
            selected=view.chosen.number if view.chosen else "",
            on_select=lattice_view.choose_subset,
        )
        if opened:
            frame.go("browse", {"subset": opened})


def _row(view: LatticeView, number: str) -> RelationRow:
    subset, stock = view.universe.subsets[number], view.universe.stock[number]
    elements = {axis: element_text(subset, axis, view.rule) for axis in Axis}
    return RelationRow(number, elements, view.relations[number], stock.items, stock.state, subset.kind)
