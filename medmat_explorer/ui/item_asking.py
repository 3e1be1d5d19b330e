"""What this session asks about opened items, kept while it looks elsewhere: the newest few."""

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from medmat_explorer.errors import MedmatError
from medmat_explorer.experiments.item_look import ItemLook, Occlusion
from medmat_explorer.ui.spot_check_plan import owner

LOOKS, PROBLEMS = "what is asked about opened items", "why an opened item was not asked"
MOST_KEPT = 24
LOOK_SECONDS = 0.4
"""How often what comes back is drawn."""

Look = TypeVar("Look", ItemLook, Occlusion)


def keep(about: Hashable, begin: Callable[[], object]) -> None:
    """Begins something and keeps it under `about`; a fault's sentence is kept in its place."""
    looks: dict[Hashable, object] = st.session_state.setdefault(LOOKS, {})
    problems: dict[Hashable, str] = st.session_state.setdefault(PROBLEMS, {})
    problems.pop(about, None)
    looks.pop(about, None)
    try:
        looks[about] = begin()
    except MedmatError as error:
        problems[about] = str(error)
    while len(looks) > MOST_KEPT:
        looks.pop(next(iter(looks)))


def kept(about: Hashable, kind: type[Look]) -> Look | None:
    """What was begun under that name."""
    found = st.session_state.get(LOOKS, {}).get(about)
    return found if isinstance(found, kind) else None


def problem_of(about: Hashable) -> str:
    """Why nothing could be begun under that name; else empty."""
    return str(st.session_state.get(PROBLEMS, {}).get(about, ""))


def looking_owner() -> str:
    """Who asks about opened items: not the session's runs, so that both take turns."""
    return f"{owner()} look"
