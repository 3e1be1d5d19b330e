"""Where the right answer hangs on the picture: its probability with one part after another hidden."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.errors import MedmatError
from medmat_explorer.experiments.item_look import MOST_CELLS, Occlusion
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.components.heat_overlay import HeatMap, heat_overlay
from medmat_explorer.ui.item_asking import LOOK_SECONDS, keep, kept, looking_owner, problem_of
from medmat_explorer.ui.item_attention_panel import grid_rows
from medmat_explorer.ui.opened_item import OpenedItem
from medmat_explorer.ui.pictures import picture_address
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.table_file import draw_table

GRID, GRIDS, USUAL = "grid", (4, 8, 12, MOST_CELLS), 8
PICTURE = 512
LEAST_POINTS = 1.0
"""The colours never stand for less: noise must not look like a finding."""

COSTS, HELPS = "hiding this part costs the right answer", "hiding it helps the right answer"
Rows = Sequence[Sequence[float | None]]


def draw_occlusion(opened: OpenedItem) -> None:
    """The choice of the grid, a button that asks, and the map as it fills."""
    st.markdown("**Occlusion map**: which parts of the picture the right answer hangs on")
    if not opened.shows_letters:
        st.caption("An open question has no probability of a letter, so there is nothing to map.")
        return
    wanted = url_state.number(GRID, USUAL, least=1, most=MOST_CELLS)
    grid = wanted if wanted in GRIDS else USUAL
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = url_state.bind(GRID, grid, default=USUAL)
        st.segmented_control("Parts a side", GRIDS, format_func=str, required=True, **chosen)
        label = f"Hide {grid * grid} parts, one at a time"
        st.button(label, on_click=_ask, args=(opened, grid), icon=":material/grid_on:")
    about = _about(opened, grid)
    if sentence := problem_of(about):
        frame.show_error(sentence)
    found = kept(about, Occlusion)
    if found is None:
        st.caption(f"It asks {grid * grid + 1} questions, for letters alone. Other sessions keep their turns.")
        return
    st.fragment(_draw_map, run_every=None if found.done else LOOK_SECONDS)(opened, found, found.done)


def _about(opened: OpenedItem, grid: int) -> tuple[object, ...]:
    return *opened.about, GRID, grid


def _ask(opened: OpenedItem, grid: int) -> None:
    worker, prompt = resources.desk().worker, opened.header.plan.prompt
    item, picture, revision = opened.item, opened.picture, opened.loaded.revision
    keep(_about(opened, grid), lambda: Occlusion(item, picture, grid, worker, revision, looking_owner(), prompt))


def _draw_map(opened: OpenedItem, found: Occlusion, over: bool) -> None:
    """Drawn again by the clock as long as parts are being hidden."""
    if found.done and not over:
        st.rerun()
    _draw_progress(found)
    try:
        rows, base = found.rows, found.base
    except MedmatError as error:
        frame.show_error(error)
        return
    if base is None:
        return
    before = base.probabilities[base.letters.index(found.right)]
    words = occlusion_in_words(rows, before, f"{found.right}: {opened.item.answer}")
    points = [[None if drop is None else 100 * drop for drop in row] for row in rows]
    most = max([LEAST_POINTS, *(abs(point) for row in points for point in row if point is not None)])
    src = picture_address(opened.catalog, opened.item.key, PICTURE)
    heat_overlay(src, HeatMap(points, most, "points", COSTS, HELPS), key="occlusion", alt=words)
    st.caption(plain(words))
    if found.done:
        with st.expander("The map as a table"):
            st.caption("Points of probability that the right option loses when the part is hidden.")
            draw_table(grid_rows(points, 2), key="occlusion_table", file=f"{opened.item.key}-occlusion-{found.grid}")


def _draw_progress(found: Occlusion) -> None:
    done = len(found.replies)
    if found.problem:
        frame.show_error(found.problem)
    if not found.done:
        st.progress(done / found.total, f"{done:,} of {found.total:,} answered")
        st.button("Stop", key="stop occlusion", on_click=found.stop, icon=":material/stop_circle:")
    elif done < found.total and not found.problem:
        st.caption(f"Stopped after {done:,} of {found.total:,} questions.")


def occlusion_in_words(rows: Rows, before: float, right: str) -> str:
    """What the map shows, and the text for who cannot see it. Rows and columns count from 1."""
    whole = f"With the whole picture the right option ({right}) has a probability of {before:.1%}."
    parts = [(drop, r, c) for r, row in enumerate(rows, 1) for c, drop in enumerate(row, 1) if drop is not None]
    if not parts:
        return whole
    drop, r, c = max(parts)
    if drop <= 0:
        return f"{whole} Of {len(parts):,} parts hidden one at a time none is needed: hiding one never lowers it."
    return (
        f"{whole} Of {len(parts):,} parts hidden one at a time, row {r}, column {c} costs most: {before - drop:.1%} is "
        f"left ({-100 * drop:+.1f} points)."
    )
