"""A stored run opened, with everything computed of it: read once for all readers, and again when it has changed."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.evaluation.run_record import RunHeader, RunRecord, RunState
from medmat_explorer.evaluation.run_summary import RunSummaryView, summarise
from medmat_explorer.experiments.run_context import run_context
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.paper.facts import published_baseline
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.run_stamp import RunStamp, run_stamp
from medmat_explorer.ui import resources

MOST_HELD = 4
"""Runs held open: 10,000 answers take some 40 MB."""


@st.cache_resource(max_entries=MOST_HELD, show_spinner=False)
def _opened(home: Path, run_id: str, stamp: RunStamp) -> RunRecord:
    """The name of the folder counts, whatever a header says that was written elsewhere."""
    record = open_run(home, run_id)
    return record.model_copy(update={"header": record.header.model_copy(update={"id": run_id})})


@st.cache_resource(max_entries=MOST_HELD, show_spinner=False)
def _summary(home: Path, run_id: str, stamp: RunStamp, version: str) -> RunSummaryView:
    record = _opened(home, run_id, stamp)
    context = run_context(catalog_of(record.header), published_baseline)
    unfinished = record.state is not RunState.FINISHED
    return summarise(record.answers, replace(context, controls=record.header.plan.controls, unfinished=unfinished))


def opened_run(run_id: str) -> RunRecord:
    """The run as it is on disk. Raises UnknownNameError, or RunError for one that cannot be read."""
    home = settings().home
    return _opened(home, run_id, run_stamp(home, run_id))


def summary_of(record: RunRecord) -> RunSummaryView:
    """What its answers say; computed once, as far as somebody looked at it."""
    home, catalog = settings().home, catalog_of(record.header)
    stamp = run_stamp(home, record.header.id)
    return _summary(home, record.header.id, stamp, catalog.version if catalog else "")


def catalog_of(header: RunHeader) -> Catalog | None:
    """The run's collection; None where it is no longer here."""
    try:
        return resources.catalog(header.plan.collection)
    except (UnknownNameError, CollectionError):
        return None
