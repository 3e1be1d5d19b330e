"""Reads the script and style of a component that lie beside this module, and mounts it."""

from importlib import resources
from typing import Any

import streamlit as st

from medmat_explorer.charts.palette import AXIS_COLOURS


def component(name: str) -> Any:
    """Registers the component `name` from `name.js`, after `shared.js`, and `name.css`; call the result to mount it."""
    folder = resources.files(__package__)
    js = "".join(folder.joinpath(file).read_text("utf-8") for file in ("shared.js", f"{name}.js"))
    colours = "".join(f"--{axis.value}: {colour};" for axis, colour in AXIS_COLOURS.items())
    css = f":host {{{colours}}}\n" + folder.joinpath(f"{name}.css").read_text("utf-8")
    return st.components.v2.component(f"medmat_{name}", css=css, js=js)
