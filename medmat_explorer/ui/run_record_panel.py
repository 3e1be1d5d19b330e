"""What is kept of a run, to be read and taken along: its header, the exact prompt, and every answer as a file."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.controls import CONTROLS
from medmat_explorer.evaluation.prompts import PROMPT_FORMS
from medmat_explorer.evaluation.run_record import RunHeader, RunRecord
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.run_list import answers_csv, run_lines
from medmat_explorer.store.run_parquet import export_parquet
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import plain

NOT_RECORDED = "not recorded"


def draw_record(record: RunRecord, catalog: Catalog | None) -> None:
    """The header as a table, the prompt form with an example, and the downloads."""
    rows = [[Cell(name), Cell(value, tone="" if value != NOT_RECORDED else "quiet")] for name, value in facts(record)]
    linked_table([Column("What"), Column("Value")], rows, key="record_table", label="What is recorded of this run")
    _draw_prompt(record.header, catalog)
    _draw_downloads(record.header.id)


def facts(record: RunRecord) -> list[tuple[str, str]]:
    """Everything that the record says of the run, in words."""
    header, plan = record.header, record.header.plan
    drawn = ", ".join(f"{number} ({count:,})" for number, count in header.subsets.items())
    libraries = ", ".join(f"{name} {version}" for name, version in header.libraries.items())
    scores = [name for name, asked in (("written answer", plan.text), ("option texts", plan.options)) if asked]
    found = [
        ("Run", header.id),
        ("Kind", header.kind.value),
        ("Begun", f"{record.began:%Y-%m-%d %H:%M:%S} UTC"),
        ("Last answer", f"{record.ended:%Y-%m-%d %H:%M:%S} UTC" if record.ended else ""),
        ("State", f"{record.state.value}, {len(record.answers):,} answers"),
        ("Backbone", f"{header.backbone_title} ({plan.backbone}, {header.backbone_source})"),
        ("Weights", header.revision),
        ("Commit on the hub", header.commit),
        ("Adapter", header.adapter or "none"),
        ("Numbers", _numbers(header)),
        ("Device", header.device),
        ("Collection", f"{plan.collection}, version {plan.version}"),
        ("Items", f"{len(header.item_keys):,} of {plan.n:,} asked for, seed {plan.seed}"),
        ("Split", plan.split),
        ("Subsets", drawn or ", ".join(plan.subsets)),
        ("Scores", ", ".join(["letter likelihood", *scores])),
        ("Controls", ", ".join(CONTROLS[name].title for name in plan.controls) or "none"),
        ("Pictures", f"SHA-256 of {len(record.pictures):,} image files is kept with the answers"),
        ("Prompt form", prompt_title(plan.prompt)),
        ("Engine", header.engine),
        ("Libraries", libraries),
        ("Form of the record", str(header.format)),
    ]
    return [*((name, value or NOT_RECORDED) for name, value in found), *_source(header)]


def prompt_title(prompt: str) -> str:
    """The prompt form's title with its id; the id alone where the form is not known here."""
    form = PROMPT_FORMS.get(prompt)
    return f"{form.title} ({prompt}): {form.note}" if form else prompt


def _numbers(header: RunHeader) -> str:
    bits = f", language part in {header.bits} bits" if header.bits else ""
    attention = f", attention {header.attention}" if header.attention else ""
    return f"{header.dtype}{bits}{attention}"


def _source(header: RunHeader) -> list[tuple[str, str]]:
    """Where imported answers come from, and what became of their rows."""
    source = header.source
    if source is None:
        return []
    matched = ", ".join(f"{count:,} by {way}" for way, count in source.matched.items())
    left = ", ".join(f"{count:,}: {reason}" for reason, count in source.unmatched.items())
    return [
        ("Imported from", f"{source.file} ({source.form}), SHA-256 {source.sha256}"),
        ("Rows matched", matched or "none"),
        ("Rows left out", left or "none"),
    ]


def _draw_prompt(header: RunHeader, catalog: Catalog | None) -> None:
    form = PROMPT_FORMS.get(header.plan.prompt)
    items = catalog.items_found(header.item_keys[:1]) if catalog else {}
    if form is None or not items:
        return
    item = next(iter(items.values()))
    with st.expander(f"The exact prompt of the first item ({plain(header.plan.prompt)})"):
        st.code(form.build(item), language=None, wrap_lines=True)


def _draw_downloads(run_id: str) -> None:
    """The files are made when their button is pressed."""
    home = settings().home
    st.markdown("**Take it along**: every answer, controls included.")
    with st.container(horizontal=True):
        _download(run_id, "JSONL", "application/jsonl", lambda: "".join(run_lines(home, run_id)).encode())
        _download(run_id, "Parquet", "application/vnd.apache.parquet", lambda: _parquet(home, run_id))
        _download(run_id, "CSV", "text/csv", lambda: answers_csv(home, run_id))
    st.caption("The JSONL file can be imported again, here or on another machine that has the same items.")


def _download(run_id: str, name: str, mime: str, make: Callable[[], bytes]) -> None:
    st.download_button(
        name,
        lambda: _made(make),
        f"{run_id}.{name.lower()}",
        mime,
        key=f"download {name}",
        icon=":material/download:",
        on_click="ignore",
    )


def _made(make: Callable[[], bytes]) -> bytes:
    """The file, or in its place the sentence that says why there is none."""
    try:
        return make()
    except MedmatError as error:
        return str(error).encode()


def _parquet(home: Path, run_id: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return export_parquet(home, run_id, Path(folder) / "run.parquet").read_bytes()
