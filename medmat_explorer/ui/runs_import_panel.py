"""Taking in a run from elsewhere: a file, a collection, a name; what matched, what was left out and why."""

from collections.abc import Mapping

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.evaluation.spot_check import score_answers
from medmat_explorer.experiments.imported_run import Imported
from medmat_explorer.store.answer_match import REASONS
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.runs_import_job import BackgroundRunImport
from medmat_explorer.ui.work_bar import follow_work

JOB = "import of a run"
TYPES = ["jsonl", "ndjson", "parquet", "xlsx", "tsv", "csv", "json"]
MOST_MEGABYTES = 100
"""An upload is held in memory while it is read; larger files are for the command line (`import-run`)."""


def draw_import() -> None:
    """The form, the bar while it works, and what came of it."""
    job: BackgroundRunImport | None = st.session_state.get(JOB)
    with st.expander("Import a run", icon=":material/upload_file:", expanded=job is not None):
        st.write(
            "Answers of another program, judged here: a run exported here (JSON lines or Parquet), a sample log of "
            "lmms-eval (`..._samples_....jsonl`), or a prediction table of VLMEvalKit. Every row finds its item by "
            "what it says, texts are read by our reader, and nothing is guessed."
        )
        if job is not None and job.running:
            follow_work(job, f"Taking in {job.file}", "Stopped, nothing of it is kept.")
            return
        _draw_form()
        if job is not None:
            _draw_end(job)


def _draw_form() -> None:
    names = list(resources.collection_names())
    if not names:
        st.info("There is no collection yet whose items could have been asked.", icon=":material/database:")
        st.page_link(frame.page_named("data"), label="Make or import a collection", icon=":material/database:")
        return
    with st.form("import form", border=False):
        file = st.file_uploader("File with the answers", type=TYPES, max_upload_size=MOST_MEGABYTES)
        left, right = st.columns(2)
        here = names.index(frame.current_name()) if frame.current_name() in names else 0
        collection = left.selectbox("Collection whose items were asked", names, index=here)
        backbone = right.text_input(
            "Name of the backbone", placeholder="as the file says", help="What the model is called in the list."
        )
        pressed = st.form_submit_button("Import", type="primary", icon=":material/upload_file:")
    if pressed:
        if file is None:
            frame.show_error(
                f"Choose a file of at most {MOST_MEGABYTES} MB first; the command import-run takes larger ones."
            )
            return
        job = BackgroundRunImport(file.name, file.getvalue(), collection, backbone.strip(), settings().home)
        job.wait(0.3)  # most files are small: then there is nothing to follow
        st.session_state[JOB] = job
        st.rerun()


def _draw_end(job: BackgroundRunImport) -> None:
    if job.error:
        frame.show_error(job.error)
    elif job.result is not None:
        _draw_report(job.result, job.collection)
    st.button("Done", key="import seen", type="tertiary", on_click=lambda: st.session_state.pop(JOB, None))


def _draw_report(found: Imported, collection: str) -> None:
    """What became of every row."""
    score = score_answers(found.answers).headline
    taken = sum(found.matched.values())
    st.success(
        f"Took in {counted(taken, 'answer')} as a run of {plain(found.header.backbone_title)} ({plain(found.form)}).",
        icon=":material/check_circle:",
    )
    if score is not None:
        low, high = score.interval
        st.markdown(
            f"Accuracy **{score.accuracy:.1%}** (n = {score.n:,}, 95 % interval {low:.1%} to {high:.1%}, chance "
            f"{score.chance:.1%}, {score.unparsed:,} unparsed)"
        )
    columns = (Column("Rows", amount=True), Column("What became of them"))
    rows = [[Cell(f"{n:,}"), Cell(f"found their item by {how}")] for how, n in found.matched.items()]
    rows += [[Cell(f"{n:,}", tone="warn"), Cell(f"left out: {REASONS[why]}")] for why, n in _left(found).items()]
    linked_table(columns, rows, key="import report", label="Rows of the file by what became of them")
    with st.container(horizontal=True):
        _draw_left_out(found)
        st.page_link(
            frame.page_named("spot_check"),
            label="Open the run",
            icon=":material/open_in_full:",
            query_params={"run": found.run_id, url_state.COLLECTION: collection},
        )


def _left(found: Imported) -> Mapping[str, int]:
    return {why: n for why, n in found.unmatched.items() if n}


def _draw_left_out(found: Imported) -> None:
    if found.unmatched_file is None:
        return
    path = found.unmatched_file
    st.download_button(
        "Rows left out",
        lambda: path.read_bytes() if path.is_file() else b"",
        f"{found.run_id}-left-out.jsonl",
        "application/x-ndjson",
        key="left out rows",
        icon=":material/download:",
        on_click="ignore",
        help="Each with its line and its reason, as JSON lines.",
    )
