"""The gallery: pictures of one page of a result, each a button that opens its item."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import on_trigger


@dataclass(frozen=True)
class GalleryCard:
    """One tile. `src` is empty where there is no picture; then `problem` says why."""

    key: str
    src: str
    alt: str
    name: str
    detail: str
    title: str
    problem: str = ""
    current: bool = False


@cache
def _renderer() -> Any:
    return component("gallery")


def gallery(cards: Sequence[GalleryCard], *, key: str, label: str, least: int, on_open: Callable[[str], None]) -> None:
    """Draws the cards in columns at least `least` pixels wide; `on_open` gets the key of the one clicked."""
    data = {"cards": [asdict(card) for card in cards], "label": label, "least": least}
    _renderer()(key=key, data=data, on_open_change=on_trigger(key, "open", lambda sent: on_open(sent["key"])))
