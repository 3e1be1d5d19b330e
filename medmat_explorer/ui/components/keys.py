"""Keys that work anywhere on a page, and the list of them that `?` opens."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import on_trigger


@cache
def _renderer() -> Any:
    return component("keys")


def keys(help_lines: Sequence[tuple[str, str]], bound: Sequence[str], *, on_key: Callable[[str], None]) -> None:
    """Listens for the `bound` keys, `/` (goes to the search box), `t` (to the box for an open item's tag) and `?`.

    `?` shows `help_lines`: a key and what it does.

    Nothing happens while something is typed into a box.
    """
    data = {"help": [list(line) for line in help_lines], "bound": list(bound)}
    _renderer()(
        key="keys", data=data, on_pressed_change=on_trigger("keys", "pressed", lambda sent: on_key(sent["key"]))
    )
