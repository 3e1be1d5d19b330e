"""Whether the backbone is right as often as it is sure."""

import streamlit as st

from medmat_explorer.charts.reliability import reliability_chart, reliability_in_words, reliability_lines
from medmat_explorer.evaluation.calibration import Calibration
from medmat_explorer.ui.table_file import draw_table

COLUMNS = {
    "Confidence": "The range of the bin: the probability of the most probable letter.",
    "Mean confidence": "What a perfectly calibrated model would be right in.",
    "Gap": "Accuracy minus mean confidence: below 0 where the model is too sure.",
}


def draw_calibration(found: Calibration | None, note: str, run_id: str) -> None:
    """The reliability diagram with its table; without probabilities the sentence that says why there is none."""
    if found is None:
        st.info(note or "Nothing was answered yet.", icon=":material/info:")
        return
    if note:
        st.caption(note)
    st.altair_chart(reliability_chart(found), alt=reliability_in_words(found))
    brier = f" Brier score {found.brier:.3f} of the confidence"
    brier += f", {found.brier_all:.3f} over all options." if found.brier_all is not None else "."
    st.caption(reliability_in_words(found) + brier)
    draw_table(reliability_lines(found), key="calibration_table", file=f"{run_id}-calibration", explained=COLUMNS)
