"""The filter lists: every facet with live counts that leave out its own choice."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import heard, on_trigger


@dataclass(frozen=True)
class FacetValue:
    """One line of a list: the value, how it reads, and how many items it would show."""

    value: str
    text: str
    count: int
    chosen: bool
    refused: bool


@dataclass(frozen=True)
class FacetGroup:
    """One list. `axis` names the axis whose colour marks it, or is empty; `more` values are not listed."""

    name: str
    title: str
    meaning: str
    axis: str
    open: bool
    values: Sequence[FacetValue]
    more: int = 0


@cache
def _renderer() -> Any:
    return component("facets")


def facets(groups: Sequence[FacetGroup], *, key: str, on_filter: Callable[[str, str, str], None]) -> None:
    """Draws the lists; `on_filter` gets facet, value and act.

    Acts are `toggle`, `only`, `not`, `clear`, and `paste`, whose value is the pasted text.
    """
    data = {"groups": [asdict(group) for group in groups], "heard": heard(key)}
    act = on_trigger(key, "filter", lambda sent: on_filter(sent["facet"], sent["value"], sent["act"]))
    _renderer()(key=key, data=data, on_filter_change=act)
