"""A button with a panel behind it that is filled only while it is open."""

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_popover_container import PopoverContainer


def panel(label: str, icon: str, *, name: str = "", disabled: bool = False) -> "PopoverContainer":
    """The panel; draw into it only where it is `open`, so that no click on a page waits for what nobody sees.

    `name` keeps it the same panel where its label changes.
    """
    return st.popover(label, icon=icon, disabled=disabled, key=f"{name or label} panel", on_change="rerun")
