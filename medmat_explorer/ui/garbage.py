"""Keeps the garbage collector away from imported modules: it looks at what pages make, and at nothing twice.

Streamlit collects garbage after every run of a page. Modules hold some 150,000 objects that never become garbage, and
looking through them takes 50 to 100 ms with the interpreter's lock held, just when a browser asks for its pictures.
"""

import atexit
import gc
import sys

_spared = 0
"""How many modules there were when they were last taken out of the collector's sight."""


def wait_for_first_page() -> None:
    """No collection while the server starts: imports make next to no garbage."""
    gc.disable()


def spare_modules() -> None:
    """Takes out of the collector's sight what was imported since the last call; to be called when a page is drawn."""
    global _spared
    if len(sys.modules) == _spared:
        return
    _spared = len(sys.modules)
    gc.collect()  # first, or garbage would be kept for ever
    gc.freeze()
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)  # the interpreter takes its modules apart at its end, or libraries report leaks
    gc.enable()
