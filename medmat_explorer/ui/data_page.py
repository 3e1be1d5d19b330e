"""Parts of the Data page: import a folder, see what came of it, switch collection."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from medmat_explorer.collection_import import BackgroundImport
from medmat_explorer.config import settings
from medmat_explorer.default_collection import NAME
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.work_bar import follow_work


@st.cache_resource(show_spinner=False)
def _imports() -> list[BackgroundImport]:
    """The imports of this server, newest last; shared by all sessions."""
    return []


def draw_import_form() -> None:
    """Where the folder is and what to call it. Starts the import in the background."""
    st.subheader("Import a Med-MAT folder")
    st.write(
        "A folder with `Aggregated_Subsets/`, `Original_Medical_Datasets/` or `Subset-NN-train.json` files, and the "
        "images in `med-mat/` beside them. Any part of the release will do; importing again updates the collection."
    )
    running = _running()
    with st.form("import", border=True):
        path = st.text_input("Folder on the machine that runs this app", placeholder="/data/Med-MAT")
        left, middle, right = st.columns(3)
        name = left.text_input("Name of the collection", placeholder="med-mat")
        share = middle.number_input(
            "Held-out share", 0.0, 0.9, 0.1, 0.05, help="For subsets without a test file: by image, balanced by label."
        )
        seed = right.number_input("Seed", 0, 2**31 - 1, 0, help="Of the held-out split.")
        pressed = st.form_submit_button("Import", type="primary", disabled=running is not None)
    if pressed:
        _begin(path.strip(), name.strip(), float(share), int(seed))


def _begin(path: str, name: str, share: float, seed: int) -> None:
    if not path or not name:
        frame.show_error("Give the folder's path and a name for the collection.")
        return
    if _running() is not None:
        frame.show_error("Another import is running; wait for it or stop it.")
        return
    _imports().append(BackgroundImport(Path(path).expanduser(), name, settings().home, share, seed))


def _running() -> BackgroundImport | None:
    return next((job for job in _imports() if job.running), None)


def draw_running_import() -> None:
    """The last import's bar with count and rate, its stop button, then its report."""
    job = _imports()[-1] if _imports() else None
    if job is not None and job.running:
        follow_work(job, job.name, "What stood before stays until it is through.")
        if job.report is not None:
            st.write("The items can be looked at already; image files are being checked.")
            _draw_open(job.name)
    elif job is not None:
        _draw_outcome(job)


def _draw_outcome(job: BackgroundImport) -> None:
    if job.error:
        frame.show_error(job.error)
    elif job.result is not None:
        st.success(f"Imported '{job.name}'.", icon=":material/check_circle:")
        draw_report(job.result)
        _draw_open(job.name)


def _draw_open(name: str) -> None:
    st.page_link(
        frame.page_named("browse"),
        label=f"Browse {plain(name)}",
        icon=":material/photo_library:",
        query_params={url_state.COLLECTION: name},
    )


def draw_report(report: dict[str, Any]) -> None:
    """What was kept, repaired, merged and refused, and why."""
    columns = st.columns(5)
    figures = ("kept", "repaired", "duplicates_merged", "refused", "subsets")
    for column, figure in zip(columns, figures, strict=True):
        column.metric(figure.replace("_", " ").capitalize(), f"{report[figure]:,}")
    images = report["images"]
    st.caption(
        "Images: "
        + ", ".join(f"{count:,} {state}" for state, count in images.items())
        + f". Splits: {report['splits']['train']:,} training, {report['splits']['test']:,} test."
    )
    if report["reasons"]:
        rows = [{"reason": reason, "records": count} for reason, count in report["reasons"].items()]
        st.dataframe(pd.DataFrame(rows), hide_index=True, width="content", alt="Reasons with counts of records")
    if report["refused_file"]:
        st.write("Every refused record with its place and reason:")
        st.code(report["refused_file"], language=None)


def draw_collections() -> None:
    """Every collection on this machine, with a link to open it."""
    st.subheader("Collections here")
    found = resources.collections()
    if not found:
        st.write(f"None yet. `make run` makes the synthetic one, named {NAME}.")
    for summary in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(summary.name)}**  \n{frame.describe_size(summary)}", width="stretch")
            _draw_open(summary.name)
