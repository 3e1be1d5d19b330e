"""Spot check: a backbone answers sampled questions, and the numbers say what that is worth."""

import streamlit as st

from medmat_explorer.errors import MedmatError
from medmat_explorer.ui import backbone_pair, frame, spot_check_plan, spot_check_results, url_state

catalog = frame.current_catalog()
st.title("Spot check")
st.write("A backbone answers sampled questions live, in the data set's own form. Does it know, guess, or not look?")
spot_check_plan.draw_plan(catalog)
backbone_pair.draw_pair()
spot_check_results.draw_problem()
if spot_check_plan.ASKED in st.session_state:
    spot_check_results.draw_waiting()
elif run_id := url_state.value(spot_check_plan.RUN):
    try:
        spot_check_results.draw_run(run_id)
    except MedmatError as error:
        frame.show_error(error)
else:
    st.info("Choose a backbone and press Ask; answers appear as they come.", icon=":material/psychology_alt:")
spot_check_results.draw_earlier_runs()
