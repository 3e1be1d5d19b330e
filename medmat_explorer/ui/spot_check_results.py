"""The lower part of the Spot check page: a run under way or stored, and the runs before it."""

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.evaluation.run_record import RunRecord
from medmat_explorer.evaluation.run_summary import RunSummaryView
from medmat_explorer.experiments.spot_check_desk import Asked
from medmat_explorer.experiments.stored_runs import stored_runs
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.answer_card import subset_titles
from medmat_explorer.ui.answer_filter import LOOK, filter_changes
from medmat_explorer.ui.item_look_panel import draw_look
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.run_answers_panel import draw_answers
from medmat_explorer.ui.run_calibration_panel import draw_calibration
from medmat_explorer.ui.run_confusion_panel import draw_confusion
from medmat_explorer.ui.run_controls_panel import draw_controls
from medmat_explorer.ui.run_head_panel import described, draw_head, draw_restart
from medmat_explorer.ui.run_headline_panel import draw_headline, draw_limits, draw_scores
from medmat_explorer.ui.run_letters_panel import draw_letters
from medmat_explorer.ui.run_levels_panel import draw_levels
from medmat_explorer.ui.run_live_panel import draw_live, is_under_way
from medmat_explorer.ui.run_opened import catalog_of, opened_run, summary_of
from medmat_explorer.ui.run_record_panel import draw_record
from medmat_explorer.ui.run_subsets_panel import draw_paper_note, draw_subsets
from medmat_explorer.ui.run_tab import Tab, draw_tabs
from medmat_explorer.ui.run_verdicts import draw_verdicts
from medmat_explorer.ui.spot_check_plan import ASKED, PROBLEM, RUN

MOST_LISTED = 12
PAGE = "spot_check"


@st.fragment(run_every=0.4)
def draw_waiting() -> None:
    """While the backbone loads: what it is doing. Then opens the run, or says why there is none."""
    asked: Asked = st.session_state[ASKED]
    if asked.run is not None:
        st.session_state.pop(ASKED)
        url_state.write({**filter_changes(), RUN: asked.run.id})
        st.rerun()
    if asked.error:
        st.session_state.pop(ASKED)
        st.session_state[PROBLEM] = (asked.error, st.query_params.to_dict())
        st.rerun()
    state = resources.desk().worker.state
    st.progress(0.0, f"Loading {plain(asked.backbone)}: {plain(state.sentence)}")
    st.button("Stop loading", on_click=resources.desk().worker.unload, icon=":material/stop_circle:")


def draw_problem() -> None:
    """Why the last request came to nothing, as long as the same view is looked at."""
    if PROBLEM not in st.session_state:
        return
    sentence, view = st.session_state[PROBLEM]
    if view != st.query_params.to_dict():
        st.session_state.pop(PROBLEM)
        return
    frame.show_error(sentence)
    draw_restart()


def draw_run(run_id: str) -> None:
    """A run of this server as it goes on, or a stored one. Raises UnknownNameError and RunError as `open_run` does."""
    live = resources.desk().live(run_id)
    if is_under_way(live):
        draw_live(run_id)
        return
    record = opened_run(run_id)
    catalog = catalog_of(record.header)
    draw_head(record, catalog, live)
    if not record.answers:
        st.info("Nothing was answered in this run. Resume it, or ask anew above.", icon=":material/hourglass_empty:")
        return
    if key := url_state.value(LOOK):
        draw_look(record, catalog, key)
        return
    view = summary_of(record)
    _draw_numbers(view, catalog)
    _draw_tab(record, view, catalog)


def _draw_numbers(view: RunSummaryView, catalog: Catalog | None) -> None:
    """Above the tabs: the accuracy, the scores side by side, the controls."""
    if view.headline is None:
        st.info("No item could be asked; the cards say why.", icon=":material/hide_image:")
        return
    draw_headline(view.scores)
    draw_verdicts(view)
    draw_limits(view.sight, view.clustered)
    draw_scores(view.scores, view.disagreement)
    draw_controls(view, subset_titles(catalog))
    draw_paper_note(view.papers)


@st.fragment
def _draw_tab(record: RunRecord, view: RunSummaryView, catalog: Catalog | None) -> None:
    """Drawn by itself when only a tab, a filter or a page of it changes; an opened answer takes the whole page."""
    if url_state.value(LOOK):
        st.rerun()
    frame.remember_view(PAGE)
    has_levels = bool(view.orders or view.label_sets)
    offered = [tab for tab in Tab if tab is not Tab.LEVELS or has_levels]
    titles, run_id = subset_titles(catalog), record.header.id
    match draw_tabs(offered):
        case Tab.ANSWERS:
            draw_answers(view.main, catalog)
        case Tab.SUBSETS:
            draw_subsets(view.headlines, view.papers, titles, run_id)
        case Tab.LETTERS:
            draw_letters(view.bias, view.rotations, run_id)
        case Tab.CALIBRATION:
            draw_calibration(view.calibration, view.calibration_note, run_id)
        case Tab.CONFUSION:
            draw_confusion(view.confusion, titles)
        case Tab.LEVELS:
            draw_levels(view.ordinal, view.label_sets, titles)
        case Tab.RECORD:
            draw_record(record, catalog)


def draw_earlier_runs() -> None:
    """The newest stored runs, each of which opens, and the way to all of them."""
    entries = stored_runs(settings().home)
    if not entries:
        return
    with st.expander(f"Earlier runs ({len(entries):,})"):
        for entry in entries[:MOST_LISTED]:
            opened = {RUN: entry.header.id, url_state.COLLECTION: entry.header.plan.collection}
            st.button(
                f"{described(entry.header)} · {entry.answers:,} answers, {entry.state}",
                key=f"open {entry.header.id}",
                type="tertiary",
                icon=":material/history:",
                disabled=entry.header.id == url_state.value(RUN),
                on_click=url_state.write,
                args=({**filter_changes(), **opened},),
            )
        frame.link("runs", "All runs: filter, compare, import", icon=":material/list:")
