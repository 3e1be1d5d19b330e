"""Opens another page by its address.

`st.switch_page` with query parameters leaves an entry in the browser's history that never was a view: the old page
with the new page's parameters.
"""

from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component


@cache
def _renderer() -> Any:
    return component("visit")


def visit(address: str) -> None:
    """Leaves this page for `address`, which must be made by this program and never come from data."""
    _renderer()(key="visit", data={"address": address}, height=1)
