"""Parts of a page that are drawn again by the clock.

Each drawing brings along the browser's address, which may be older than one that was written a moment ago and is still
on its way there: then what was written counts.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from medmat_explorer.ui import url_state

P = ParamSpec("P")


def by_the_clock(seconds: float) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Marks a function that draws a part of a page, to be called only while there is something to follow."""

    def decorate(draw: Callable[P, None]) -> Callable[P, None]:
        @wraps(draw)
        def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
            url_state.keep_what_was_written()
            draw(*args, **kwargs)

        fragment: Callable[P, None] = st.fragment(drawn, run_every=seconds)
        return fragment

    return decorate
