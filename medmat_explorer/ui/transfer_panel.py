"""The transfer view of the Lattice page: which source the paper used for which target, and what came of it."""

from collections.abc import Mapping

import streamlit as st

from medmat_explorer.charts.evidence_table import EXPLAINED, evidence_lines
from medmat_explorer.charts.matrix_content import in_use
from medmat_explorer.charts.transfer import (
    ALL,
    LEGEND,
    NOTES,
    REPEATS,
    Pair,
    Transfer,
    describe,
    places,
    row_groups,
    transfer_face,
    transfer_lines,
    transfer_svg,
    transfers,
)
from medmat_explorer.evaluation.evidence import Verdict
from medmat_explorer.paper.facts import CompositionRow, subsets
from medmat_explorer.ui import frame, lattice_view, url_state
from medmat_explorer.ui.components.matrix import matrix
from medmat_explorer.ui.components.picture_files import picture_files
from medmat_explorer.ui.evidence_panel import chances_here
from medmat_explorer.ui.lattice_view import PUBLISHED, TRANSFER, LatticeView, choose_target
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.table_file import draw_table

BACKBONE = "backbone"
"""Whose rows are shown, in the address."""


def draw_transfer(view: LatticeView) -> None:
    """Picture, the rows of the chosen cell, and the same as a table. The paper measured Med-MAT's subsets only."""
    st.subheader("What the paper's rows gained, from source to target")
    if view.universe.name != PUBLISHED:
        st.write(
            "The paper measured Med-MAT's 53 subsets and no others, so there is nothing to show for the subsets of "
            "this collection."
        )
        if PUBLISHED in view.universes:
            st.button("Show Med-MAT's 53 subsets", key="transfer_universe", on_click=_show_published)
        return
    groups = row_groups()
    name = _draw_picker(groups)
    found = transfers(groups[name])
    _draw_sentence(groups[name])
    _draw_matrix(view, name, found, places(groups[name]))
    chosen = found.get(_pair(url_state.value(TRANSFER)))
    if chosen:
        _draw_rows(view, chosen)
    with st.expander("The matrix as a table"):
        draw_table(list(transfer_lines(found, subsets())), key="transfer_table", file=f"transfer-{name}")


def _show_published() -> None:
    url_state.write({lattice_view.UNIVERSE: PUBLISHED, lattice_view.TARGET: None, lattice_view.SUBSET: None})


def _draw_picker(groups: Mapping[str, tuple[CompositionRow, ...]]) -> str:
    usual, asked = next(iter(groups)), url_state.value(BACKBONE)
    shown = asked if asked in groups else usual
    st.selectbox(
        "Published rows of",
        list(groups),
        format_func=lambda name: _choice(name, usual, groups[name]),
        **url_state.bind(BACKBONE, shown, default=usual, resets=(TRANSFER,)),
    )
    return shown


def _choice(name: str, usual: str, rows: tuple[CompositionRow, ...]) -> str:
    titles = {ALL: "all backbones, repeats among them", REPEATS: f"{usual}, repeats"}
    return f"{titles.get(name, name)} · {places(rows)} · {counted(len(rows), 'row')}"


def _draw_sentence(rows: tuple[CompositionRow, ...]) -> None:
    every = Transfer("", "", rows)
    told = ", ".join(f"{every.verdicts.get(verdict, 0)} {verdict.value}" for verdict in Verdict)
    if every.alone:
        told += f" ({every.alone} of those beyond noise over Baseline only: no Baseline+ is printed)"
    st.markdown(f"**{counted(len(rows), 'row')}**: {told}. {plain(' '.join(NOTES))}")


def _draw_matrix(view: LatticeView, name: str, found: Mapping[Pair, Transfer], tables: str) -> None:
    number = view.target.subset.number if view.target.subset else ""
    face = transfer_face(found, subsets(), number)
    chosen = _pair(url_state.value(TRANSFER))
    title = f"Published gains from source (row) to target (column), {name}, {tables}"
    matrix(
        face,
        in_use(LEGEND, face),
        key="transfer",
        label=f"{title}. A sign says whether a gain is beyond noise, a number how many points it is.",
        selected=chosen if chosen in found else None,
        on_open=lambda row, column: url_state.write({TRANSFER: f"{row}-{column}"}),
        on_close=lambda: url_state.write({TRANSFER: None}),
    )
    picture_files(transfer_svg(face, title), f"transfer-{name}", key="transfer_files")


def _pair(text: str) -> Pair:
    source, _, target = text.partition("-")
    return source, target


def _draw_rows(view: LatticeView, transfer: Transfer) -> None:
    with st.container(border=True, key="transfer_cell"):
        known = subsets()
        st.markdown(f"**{plain(known[transfer.source].title)} → {plain(known[transfer.target].title)}**")
        st.caption(plain(describe(transfer)))
        lines = evidence_lines(transfer.rows, known, view.rule, chances_here(view))
        name = f"transfer-{transfer.source}-{transfer.target}"
        draw_table(lines, key="transfer_rows", file=name, explained=EXPLAINED, hidden=("Target",))
        with st.container(horizontal=True, gap="small"):
            for number in (transfer.target, transfer.source):
                st.button(
                    f"Make {number} the target",
                    key=f"transfer_target_{number}",
                    on_click=choose_target,
                    args=(number,),
                    kwargs={"show": True},
                )
                if view.universe.stock[number].items:
                    frame.link("browse", f"Browse {number}", {"subset": number}, ":material/photo_library:")
            st.button("Close", key="transfer_close", on_click=lambda: url_state.write({TRANSFER: None}))
