"""Items with question and options, and a backbone's answer where there is one."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import on_trigger


@dataclass(frozen=True)
class OptionLine:
    """One option; `probability` (0 to 1) is None where no backbone gave one."""

    letter: str
    text: str
    right: bool
    chosen: bool = False
    probability: float | None = None


@dataclass(frozen=True)
class ItemCardView:
    """One card. `verdict` is empty where nothing answered; `link` is the text of its button, or empty."""

    key: str
    src: str
    alt: str
    problem: str
    title: str
    question: str
    options: Sequence[OptionLine]
    verdict: str = ""
    sign: str = ""
    notes: Sequence[str] = ()
    link: str = ""


@cache
def _renderer() -> Any:
    return component("item_cards")


def item_cards(
    cards: Sequence[ItemCardView], *, key: str, single: bool = False, on_open: Callable[[str], None] | None = None
) -> None:
    """Draws the cards; `on_open` gets the key of the card whose link was clicked."""
    data = {"cards": [asdict(card) for card in cards], "single": single}
    act = on_trigger(key, "open", lambda sent: on_open(sent["key"]) if on_open else None)
    _renderer()(key=key, data=data, on_open_change=act)
