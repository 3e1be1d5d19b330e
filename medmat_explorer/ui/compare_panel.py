"""Two targets side by side: who is related to both, to one alone, and which recipes teach both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from medmat_explorer.charts.comparison_content import comparison_face
from medmat_explorer.charts.matrix_svg import matrix_svg
from medmat_explorer.domain.relation import Relation, Target, find_target
from medmat_explorer.domain.target_comparison import Parting, TargetComparison, compare_targets
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.ui import frame, lattice_view, url_state
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.components.matrix import matrix
from medmat_explorer.ui.components.picture_files import picture_files
from medmat_explorer.ui.lattice_view import BOTH, OTHER, LatticeView
from medmat_explorer.ui.plain import counted, plain

FEW = 40
"""So many numbers are written out; of more the first."""


@dataclass(frozen=True)
class OtherTarget:
    """The target that the address compares with; `problem` says why what it asks for is none."""

    target: Target | None = None
    problem: str = ""
    asked: str = ""


def read_other(view: LatticeView) -> OtherTarget:
    """The second target that the address names."""
    asked = url_state.value(OTHER)
    if not asked:
        return OtherTarget()
    try:
        found = find_target(asked, view.universe.subsets.values())
    except UnknownNameError:
        usual = next(iter(view.universe.subsets))
        sentence = f"'{asked}' is no subset here and no triple: write a number such as {usual}, or MODALITY/AREA/TASK."
        return OtherTarget(None, sentence, asked)
    if found.key == view.target.key:
        return OtherTarget(None, f"{found.key} is the target itself: choose another to compare it with.", asked)
    return OtherTarget(found, "", asked)


def draw_compare(view: LatticeView, other: OtherTarget) -> None:
    """The picker, and what the two targets have in common."""
    st.subheader("Compare two targets")
    _draw_pickers(view, other)
    if other.target is None:
        return
    compared = compare_targets(view.target, other.target, view.universe.subsets.values(), view.rule)
    _draw_sentences(compared)
    _draw_axes(compared)
    _draw_groups(view, compared)


def _draw_pickers(view: LatticeView, other: OtherTarget) -> None:
    subsets = {n: s for n, s in view.universe.subsets.items() if n != view.target.key}
    left, right = st.columns(2)
    number = other.target.subset.number if other.target and other.target.subset else None
    st.session_state["lattice_other"] = number
    left.selectbox(
        plain(f"Compare {view.target.key} with"),
        list(subsets),
        format_func=lambda n: subsets[n].title,
        placeholder="Choose a subset",
        key="lattice_other",
        on_change=lambda: url_state.write({OTHER: st.session_state["lattice_other"], BOTH: None}),
    )
    st.session_state["lattice_other_triple"] = "" if number else other.asked
    right.text_input(
        "or with any triple",
        placeholder="X-ray/Lung/COVID",
        key="lattice_other_triple",
        on_change=lambda: url_state.write({OTHER: st.session_state["lattice_other_triple"].strip(), BOTH: None}),
    )
    if other.problem:
        st.error(plain(other.problem), icon=":material/error:")
    if other.asked:
        st.button("End the comparison", on_click=lambda: url_state.write({OTHER: None, BOTH: None}))


def _draw_sentences(compared: TargetComparison) -> None:
    first, second = compared.first.key, compared.second.key
    between = " and ".join(axis.value for axis in compared.between.axes) or "nothing"
    related = compared.related
    st.markdown(
        f"**{plain(first)}** and **{plain(second)}** share {between}. Related to both: {len(related.both)}; only to "
        f"{plain(first)}: {len(related.first)}; only to {plain(second)}: {len(related.second)}; to neither: "
        f"{len(compared.unrelated)}. The two targets themselves are not counted."
    )
    st.markdown(plain(_about_sources(compared)))


def _about_sources(compared: TargetComparison) -> str:
    """Which subsets stand in recipes of both targets, and which pairs are a recipe of both."""
    sources, first, second = compared.sources, compared.first.key, compared.second.key
    if not sources.both:
        return "No subset stands in a recipe of both."
    text = f"In a pair recipe of each: {listed(sources.both)} ({len(sources.both)}). "
    text += f"Only for {first}: {len(sources.first)}; only for {second}: {len(sources.second)}. "
    if not compared.shared_pairs:
        return text + "No two of them are a recipe of both at once."
    pairs = [" + ".join(pair) for pair in compared.some_pairs]
    more = ", ..." if compared.shared_pairs > len(pairs) else ""
    return text + f"A recipe of both at once: {counted(compared.shared_pairs, 'pair')}, {', '.join(pairs)}{more}."


def listed(numbers: Sequence[str]) -> str:
    """Numbers in a row; of very many only the first."""
    return ", ".join(numbers[:FEW]) + (", ..." if len(numbers) > FEW else "")


def _draw_axes(compared: TargetComparison) -> None:
    first, second = compared.first.key, compared.second.key
    heads = ("Shares", "with both", f"only with {first}", f"only with {second}")
    partings = [("any element", compared.related), *((axis.value, compared.by_axis(axis)) for axis in Axis)]
    partings.append(("stands in a recipe", compared.sources))
    linked_table(
        [Column(head) for head in heads],
        [_axis_row(name, parting) for name, parting in partings],
        key="compare_axes",
        label=f"Subsets that share elements with {first} and with {second}",
    )


def _axis_row(name: str, parting: Parting) -> list[Cell]:
    def cell(numbers: tuple[str, ...]) -> Cell:
        return Cell(f"{len(numbers)}: {listed(numbers)}") if numbers else Cell("none", tone="quiet")

    return [Cell(name), cell(parting.both), cell(parting.first), cell(parting.second)]


def _draw_groups(view: LatticeView, compared: TargetComparison) -> None:
    """Every subset by what it shares with the one and with the other; a cell lists its subsets."""
    first, second = compared.first.key, compared.second.key
    face = comparison_face(compared)
    chosen = _chosen_group(compared.groups)
    label = f"Subsets by what they share with {first} (rows) and with {second} (columns)"
    st.markdown(f"**{plain(label)}**")
    matrix(
        face,
        (),
        key="compare_matrix",
        label=label,
        selected=(_written(chosen[0]), _written(chosen[1])) if chosen else None,
        on_open=lambda row, column: url_state.write({BOTH: f"{row}|{column}"}),
        on_close=lambda: url_state.write({BOTH: None}),
    )
    picture_files(matrix_svg(face, (), label), f"compare-{first}-{second}", key="compare_files")
    if chosen:
        _draw_group(view, compared.groups[chosen], chosen)


def _chosen_group(groups: Mapping[tuple[Relation, Relation], tuple[str, ...]]) -> tuple[Relation, Relation] | None:
    asked = url_state.value(BOTH)
    return next((shared for shared in groups if "|".join(map(_written, shared)) == asked), None)


def _written(shared: Relation) -> str:
    return "+".join(axis.value for axis in shared.axes) or "nothing"


def _draw_group(view: LatticeView, numbers: Sequence[str], shared: tuple[Relation, Relation]) -> None:
    title = f"Shares {_written(shared[0])} with the target, {_written(shared[1])} with the other"
    st.markdown(f"**{plain(title)}** · {counted(len(numbers), 'subset')}")
    linked_table(
        [Column("Subset"), Column("Modality, area, task"), Column("Here"), Column("Items", amount=True), Column("")],
        [_subset_row(view, number) for number in numbers],
        key="compare_group",
        label=title,
        on_act=lambda number: lattice_view.choose_target(number, show=True),
    )


def _subset_row(view: LatticeView, number: str) -> list[Cell]:
    subset, stock = view.universe.subsets[number], view.universe.stock[number]
    href = frame.address("browse", {"subset": number}) if stock.items else ""
    return [
        Cell(number),
        Cell(str(subset.triplet).replace("/", " · ", 2)),
        Cell(stock.state.meaning, tone="quiet"),
        Cell(f"{stock.items:,}" if stock.items else "", href=href, title=f"Browse the items of {number}"),
        Cell("make it the target", act=number, title=f"Make {number} the target"),
    ]
