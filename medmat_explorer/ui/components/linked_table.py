"""A table whose cells may lead somewhere: to another page by a link, or to another view of this one by a press."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import on_trigger


@dataclass(frozen=True)
class Cell:
    """What stands in one place. `href` makes it a link, `act` a button that sends this text; `tone` is `quiet` or
    `warn`; `title` says more, and is what the link or button is called for those who cannot see the table."""

    text: str
    href: str = ""
    act: str = ""
    tone: str = ""
    title: str = ""


@dataclass(frozen=True)
class Column:
    """A column's head; `amount` aligns numbers to the right."""

    title: str
    amount: bool = False


@cache
def _renderer() -> Any:
    return component("linked_table")


def linked_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    key: str,
    label: str,
    selected: str = "",
    on_act: Callable[[str], None] = lambda act: None,
) -> None:
    """Draws the rows; on a narrow screen each becomes a small card. The row with an `act` of `selected` is marked."""
    data = {
        "columns": [asdict(column) for column in columns],
        "rows": [[asdict(cell) for cell in row] for row in rows],
        "label": label,
        "selected": selected,
    }
    _renderer()(key=key, data=data, on_act_change=on_trigger(key, "act", lambda sent: on_act(sent["act"])))
