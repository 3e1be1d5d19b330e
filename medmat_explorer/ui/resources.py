"""What all sessions of one server share: open collections, the backbone's process and its runs."""

import importlib
import threading
from contextlib import suppress
from pathlib import Path

import streamlit as st

from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.config import settings
from medmat_explorer.errors import CollectionError
from medmat_explorer.experiments.spot_check_desk import SpotCheckDesk
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import CollectionSummary, current_version, open_catalog
from medmat_explorer.store.versions import valid_versions

SLOW_IMPORTS = ("statsmodels.stats.proportion", "huggingface_hub", "huggingface_hub.file_download")


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Imports what takes long (intervals are computed with it, the hub's cache read) while a page is looked at."""
    threading.Thread(target=lambda: list(map(importlib.import_module, SLOW_IMPORTS)), daemon=True).start()


def catalog(name: str) -> Catalog:
    """The collection's current version, opened once for all sessions. Raises UnknownNameError."""
    home = settings().home
    return _catalog(name, current_version(name, home), home)


@st.cache_resource(max_entries=64, show_spinner=False)
def _catalog(name: str, version: str, home: Path) -> Catalog:
    return open_catalog(name, home)


def collection_names() -> tuple[str, ...]:
    """The collections on this machine, at the cost of reading one small file each."""
    return tuple(valid_versions(settings().home))


def collections() -> tuple[CollectionSummary, ...]:
    """The collections on this machine, with their counts; one that is damaged is left out."""
    found = []
    for name in collection_names():
        with suppress(CollectionError):
            found.append(catalog(name).summary())
    return tuple(found)


@st.cache_resource(show_spinner=False)
def desk() -> SpotCheckDesk:
    """Where spot checks are asked for; holds the one process that runs a backbone, apart from the web server."""
    return SpotCheckDesk(BackboneWorker(), settings().home)
