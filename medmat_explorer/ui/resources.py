"""What all sessions of one server share: open collections, facts, the backbone's process."""

import streamlit as st

from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.config import settings
from medmat_explorer.domain.facts import Facts
from medmat_explorer.paper.facts import datasets, subsets
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import CollectionSummary, current_version, list_collections, open_catalog


def paper_facts() -> Facts:
    """The published subsets and data sets."""
    return Facts(subsets(), datasets())


def catalog(name: str) -> Catalog:
    """The collection's current version, opened once for all sessions. Raises UnknownNameError."""
    return _catalog(name, current_version(name, settings().home))


@st.cache_resource(max_entries=8, show_spinner=False)
def _catalog(name: str, version: str) -> Catalog:
    return open_catalog(name, settings().home)


def collections() -> tuple[CollectionSummary, ...]:
    """The collections on this machine."""
    return list_collections(settings().home)


@st.cache_resource(show_spinner=False)
def worker() -> BackboneWorker:
    """The one process that runs a backbone, apart from the web server."""
    return BackboneWorker()
