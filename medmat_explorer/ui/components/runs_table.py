"""The table of stored runs: sorted by its heads, chosen by boxes, each accuracy drawn against chance."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import heard, on_trigger


@dataclass(frozen=True)
class Span:
    """An accuracy with its interval and its chance, shares of 1, drawn as a small line."""

    value: float
    low: float
    high: float
    chance: float


@dataclass(frozen=True)
class RunCell:
    """What stands in one place: `text`, and `more` beneath it in small.

    `href` makes the text a link; `act` adds a button that sends the word and the row's id. `share` (0 to 1) draws how
    far a run is. `tone` is `quiet` or `warn`.
    """

    text: str
    more: str = ""
    href: str = ""
    tone: str = ""
    act: str = ""
    act_title: str = ""
    share: float | None = None
    span: Span | None = None


@dataclass(frozen=True)
class RunColumn:
    """A column's head, by whose `key` the rows can be sorted; `amount` aligns numbers to the right."""

    key: str
    title: str
    amount: bool = False


@dataclass(frozen=True)
class RunLine:
    """One run; `name` is what its box is called for those who cannot see the table."""

    id: str
    name: str
    cells: Sequence[RunCell]


@cache
def _renderer() -> Any:
    return component("runs_table")


def runs_table(
    columns: Sequence[RunColumn],
    lines: Sequence[RunLine],
    *,
    key: str,
    sort: str,
    descending: bool,
    picked: Sequence[str],
    on_act: Callable[[str, str], None],
) -> None:
    """Draws the rows. `on_act` hears a word and what it is about: `sort` a column's key, `pick` a run's id, `all`
    nothing, or the `act` of a cell with its run's id."""
    data = {
        "columns": [asdict(column) for column in columns],
        "rows": [asdict(line) for line in lines],
        "sort": sort,
        "descending": descending,
        "picked": list(picked),
        "heard": heard(key),
    }
    _renderer()(
        key=key, data=data, on_act_change=on_trigger(key, "act", lambda sent: on_act(sent["act"], sent["about"]))
    )
