"""Imports what the pages need while the first browser still loads Streamlit's own scripts, which takes a second."""

import importlib
import threading
import time

MODULES = (
    "medmat_explorer.ui.frame",
    "medmat_explorer.ui.browse_page",
    "medmat_explorer.ui.facet_panel",
    "medmat_explorer.ui.overview_page",
    "statsmodels.stats.proportion",
)
"""In the order in which a reader is likely to wait for them."""


def warm_up() -> threading.Thread:
    """Begins to import them once the server runs; a page that needs one meanwhile waits for that one only."""
    thread = threading.Thread(target=_import_all, name="warming", daemon=True)
    thread.start()
    return thread


def _import_all() -> None:
    from streamlit import runtime

    while not runtime.exists():  # before that, Streamlit's caches complain that they have nowhere to be
        time.sleep(0.02)
    for module in MODULES:
        importlib.import_module(module)
