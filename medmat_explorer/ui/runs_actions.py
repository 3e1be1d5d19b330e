"""What can be done with stored runs that were chosen: compared, taken along, taken up again, deleted."""

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import streamlit as st

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import resolve
from medmat_explorer.config import settings
from medmat_explorer.errors import MedmatError, RunError
from medmat_explorer.evaluation.run_record import RunHeader
from medmat_explorer.experiments.control_facts import control_facts
from medmat_explorer.experiments.spot_check_desk import Asked
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store import run_list
from medmat_explorer.store.run_list import RunRow, RunStatus
from medmat_explorer.store.run_parquet import export_parquet
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.run_backbone import run_options
from medmat_explorer.ui.runs_rows import run_name
from medmat_explorer.ui.runs_view import FIRST, PICK, SECOND, Scored
from medmat_explorer.ui.spot_check_plan import owner
from medmat_explorer.ui.table_file import table_csv

SURE, TOLD, TAKEN_UP = "runs to be deleted", "what became of runs", "run taken up"
FILE_TYPES = {"jsonl": "application/x-ndjson", "parquet": "application/vnd.apache.parquet", "csv": "text/csv"}
NAMED = 10
"""So many of the runs to be deleted are named."""

TITLES = {"jsonl": "JSON lines", "parquet": "Parquet", "csv": "CSV"}
MEANINGS = {
    "jsonl": "The whole run as JSON lines: its header, then every answer. It can be imported elsewhere.",
    "parquet": "The whole run for notebooks: typed columns, the header in the metadata.",
    "csv": "The answers for spreadsheets, a line each.",
}


def draw_actions(chosen: Sequence[RunRow]) -> None:
    """The buttons for the runs chosen; those that do not fit their number say what would."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{counted(len(chosen), 'run')}** chosen" if chosen else "No run chosen", width="content")
        _draw_compare(chosen)
        _draw_export(chosen)
        st.button(
            "Delete",
            icon=":material/delete:",
            disabled=not chosen,
            key="delete runs",
            on_click=_ask_whether_sure,
            args=(chosen,),
        )
        if chosen:
            st.button("Choose none", type="tertiary", key="choose none", on_click=url_state.write, args=({PICK: None},))
    _draw_sure(chosen)
    _draw_told()


def _draw_compare(chosen: Sequence[RunRow]) -> None:
    both = [row.id for row in chosen]
    ready = len(both) == 2 and all(row.status is not RunStatus.DAMAGED for row in chosen)
    st.button(
        "Compare",
        icon=":material/compare_arrows:",
        type="primary" if ready else "secondary",
        disabled=not ready,
        key="compare runs",
        help="Two runs on the items that both answered. Choose exactly two that can be read.",
        on_click=lambda: url_state.write({FIRST: both[0], SECOND: both[1], PICK: None}),
    )


def _draw_export(chosen: Sequence[RunRow]) -> None:
    """One run as a file of its own, several as a zip file with one each."""
    readable = [row.id for row in chosen if row.status is not RunStatus.DAMAGED]
    with st.popover("Export", icon=":material/download:", disabled=not readable):
        for form, meaning in MEANINGS.items() if readable else ():
            several = len(readable) > 1
            st.download_button(
                TITLES[form],
                partial(runs_zip, readable, form) if several else partial(run_file, readable[0], form),
                f"{len(readable)}-runs-{form}.zip" if several else f"{readable[0]}.{form}",
                "application/zip" if several else FILE_TYPES[form],
                key=f"export runs {form}",
                icon=":material/download:",
                on_click="ignore",
                help=meaning,
            )


def run_file(run_id: str, form: str) -> bytes:
    """A run as `jsonl`, `parquet` or `csv`. Raises UnknownNameError, or RunError when it cannot be read."""
    home = settings().home
    if form == "csv":
        return run_list.answers_csv(home, run_id)
    with tempfile.TemporaryDirectory(prefix="medmat-run-") as folder:
        write = run_list.export_run if form == "jsonl" else export_parquet
        return write(home, run_id, Path(folder) / f"run.{form}").read_bytes()


def runs_zip(run_ids: Sequence[str], form: str) -> bytes:
    """Several runs, a file each, in one zip file; of one that is gone meanwhile the reason stands in its place."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for run_id in run_ids:
            try:
                archive.writestr(f"{run_id}.{form}", run_file(run_id, form))
            except MedmatError as error:
                archive.writestr(f"{run_id}.why-not.txt", f"{error}\n")
    return packed.getvalue()


def list_csv(rows: Sequence[RunRow], scored: Scored) -> bytes:
    """The list as CSV, with each run's score, n, interval and chance."""
    return table_csv([{**_facts(row), **_figures(row, scored)} for row in rows])


def _facts(row: RunRow) -> dict[str, object]:
    created = row.created.isoformat(timespec="seconds") if row.created else None
    return {**asdict(row), "status": row.status.value, "created": created, "subsets": " ".join(row.subsets)}


def _figures(row: RunRow, scored: Scored) -> dict[str, object]:
    score = scored(row)
    if score is None:
        return dict.fromkeys(("accuracy", "n", "interval_low", "interval_high", "chance", "majority", "unparsed"))
    low, high = score.interval
    return {
        "accuracy": score.accuracy,
        "n": score.n,
        "interval_low": low,
        "interval_high": high,
        "chance": score.chance,
        "majority": score.majority,
        "unparsed": score.unparsed,
    }


def _ask_whether_sure(chosen: Sequence[RunRow]) -> None:
    st.session_state[SURE] = tuple(row.id for row in chosen)


def _draw_sure(chosen: Sequence[RunRow]) -> None:
    """The second question before a deletion; it is put for exactly the runs chosen now."""
    ids = tuple(row.id for row in chosen)
    if not ids or st.session_state.get(SURE) != ids:
        st.session_state.pop(SURE, None)
        return
    with st.container(border=True):
        answers = sum(row.answers for row in chosen)
        what = "this run" if len(ids) == 1 else f"these {len(ids)} runs"
        st.markdown(
            f"Delete {what} with {counted(answers, 'answer')} for good? **This cannot be undone.** Export first what "
            "you may need."
        )
        named = [run_name(row) for row in chosen[:NAMED]]
        more = [f"and {len(chosen) - NAMED} more"] if len(chosen) > NAMED else []
        st.caption(plain("; ".join([*named, *more]) + "."))
        with st.container(horizontal=True):
            st.button(f"Delete {what}", type="primary", key="delete for good", on_click=_delete, args=(ids,))
            st.button(f"Keep {'it' if len(ids) == 1 else 'them'}", key="keep runs", on_click=_keep)


def _keep() -> None:
    st.session_state.pop(SURE, None)


def _delete(ids: Sequence[str]) -> None:
    st.session_state.pop(SURE, None)
    kept = run_list.delete_runs(settings().home, ids)
    gone = len(ids) - len(kept)
    tell(f"{counted(gone, 'run')} deleted." if gone else "", list(kept.values()))
    url_state.write({PICK: [name for name in url_state.values(PICK) if name not in ids or name in kept]})


def tell(said: str = "", refused: Sequence[str] = ()) -> None:
    """Keeps what became of a deletion or a resumption, to be read as long as the same view is looked at."""
    st.session_state[TOLD] = (said, tuple(refused), None)


def _draw_told() -> None:
    if TOLD not in st.session_state:
        return
    said, refused, view = st.session_state[TOLD]
    here = st.query_params.to_dict()
    if view not in (None, here):
        st.session_state.pop(TOLD)
        return
    st.session_state[TOLD] = (said, refused, here)
    if said:
        st.success(plain(said), icon=":material/check_circle:")
    for sentence in refused:
        frame.show_error(sentence)


def resume_run(run_id: str) -> None:
    """Loads the backbone of an unfinished run as it was loaded then, and asks what is left; the list shows how far."""
    try:
        header = open_run(settings().home, run_id).header
        catalog = resources.catalog(header.plan.collection)
        items = catalog.items(header.item_keys)
        options = _as_then(header)
        facts = control_facts(catalog, {item.subset for item in items}) if header.plan.controls else None
        ref = resolve(header.plan.backbone)
        asked = resources.desk().resume(ref, options, run_id, items, catalog.image_of, facts, owner())
    except MedmatError as error:
        tell(refused=[f"The run cannot be resumed. {error}"])
    else:
        st.session_state[TAKEN_UP] = asked


def _as_then(header: RunHeader) -> LoadOptions:
    """How the run's backbone was loaded. Raises RunError for one with an adapter, whose folder no record names."""
    if header.adapter:
        raise RunError(
            f"It was asked with the adapter {header.adapter}: open it, choose the adapter's folder, and resume there."
        )
    return run_options(header)


def draw_taken_up() -> None:
    """While the backbone of a run that is taken up loads; then the list shows the run going on, or why it does not."""
    asked: Asked | None = st.session_state.get(TAKEN_UP)
    if asked is None:
        return
    if asked.waiting:
        sentence = resources.desk().worker.state.sentence
        st.info(f"Loading {plain(asked.backbone)} to resume a run. {plain(sentence)}", icon=":material/hourglass_top:")
        st.button("Stop loading", key="stop loading", on_click=resources.desk().worker.unload)
        return
    st.session_state.pop(TAKEN_UP)
    if asked.run is not None:
        tell(f"Taken up: {asked.run.header.backbone_title} is asked the rest.")
    else:
        tell(refused=[f"The run cannot be resumed. {asked.error}"])


def is_taking_up() -> bool:
    """Whether a run waits for its backbone in this session."""
    return st.session_state.get(TAKEN_UP) is not None
