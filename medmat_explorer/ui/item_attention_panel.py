"""Where on the picture the answer position attends, by attention roll-out (Abnar and Zuidema 2020)."""

import base64
from collections.abc import Sequence

import streamlit as st

from medmat_explorer.backbones.contract import Grid, Sent
from medmat_explorer.errors import MedmatError
from medmat_explorer.ui import frame, resources
from medmat_explorer.ui.components.heat_overlay import HeatMap, heat_overlay
from medmat_explorer.ui.opened_item import OpenedItem
from medmat_explorer.ui.table_file import draw_table

SHOWN, PROBLEM = "attention of an opened item", "why there is no attention"


def draw_attention(opened: OpenedItem) -> None:
    """A button that asks for it, and the map over the picture as it is sent."""
    st.markdown("**Attention**: where the answer position looks")
    st.button("Show the attention", on_click=_attend, args=(opened,), icon=":material/visibility:")
    if sentence := st.session_state.get(PROBLEM, {}).get(opened.about):
        frame.show_error(sentence)
    shown: tuple[Grid, Sent] | None = st.session_state.get(SHOWN, {}).get(opened.about)
    if shown is None:
        st.caption("Attention roll-out over the layers, from the answer position to the picture's tokens.")
        return
    rows, sent = shown
    percents = [[100 * share for share in row] for row in rows]
    heat = HeatMap(percents, max(map(max, percents)), "%", "of the attention to the picture")
    words = attention_in_words(rows)
    heat_overlay("data:image/png;base64," + base64.b64encode(sent.picture).decode(), heat, key="attention", alt=words)
    st.caption(f"{words} Attention is no proof of use: the occlusion map shows what the answer hangs on.")
    with st.expander("The attention as a table"):
        draw_table(grid_rows(percents, 3), key="attention_table", file=f"{opened.item.key}-attention")


def attention_in_words(rows: Grid) -> str:
    """What the map shows, and the text for who cannot see it. Rows and columns count from 1."""
    most, r, c = max((share, r, c) for r, row in enumerate(rows, 1) for c, share in enumerate(row, 1))
    parts = len(rows) * len(rows[0])
    return (
        f"Of {len(rows)} by {len(rows[0])} parts of the picture the answer attends most to row {r}, column {c}: "
        f"{most:.1%} of all; evenly spread it would be {1 / parts:.1%}."
    )


def grid_rows(rows: Sequence[Sequence[float | None]], digits: int) -> list[dict[str, object]]:
    """A grid as the rows of a table, counted from 1."""
    return [
        {"Row": r, **{f"Column {c}": None if v is None else round(v, digits) for c, v in enumerate(row, start=1)}}
        for r, row in enumerate(rows, start=1)
    ]


def _attend(opened: OpenedItem) -> None:
    """Kept for one item at a time: it holds a picture."""
    worker = resources.desk().worker
    for name in (SHOWN, PROBLEM):
        st.session_state.pop(name, None)
    try:
        shown = worker.attention(opened.question), worker.sent(opened.question)
        st.session_state[SHOWN] = {opened.about: shown}
    except MedmatError as error:
        st.session_state[PROBLEM] = {opened.about: str(error)}
