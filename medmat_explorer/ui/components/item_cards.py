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
    """One card. `verdict` is empty where nothing answered; `link` is the address of its item, or empty.

    Without `src` and `problem` it has no place for a picture. `written` is what the model wrote, word for word.
    """

    key: str
    src: str
    alt: str
    problem: str
    title: str
    question: str
    options: Sequence[OptionLine]
    verdict: str = ""
    sign: str = ""
    written: str | None = None
    notes: Sequence[str] = ()
    link: str = ""


@cache
def _renderer() -> Any:
    return component("item_cards")


def item_cards(
    cards: Sequence[ItemCardView], *, key: str, single: bool = False, on_look: Callable[[str], None] | None = None
) -> None:
    """Draws the cards; with `single` one large card. With `on_look` each has a button that hands over its key."""
    data = {"cards": [asdict(card) for card in cards], "single": single, "looks": on_look is not None}
    act = on_trigger(key, "look", lambda sent: on_look(sent["key"]) if on_look else None)
    _renderer()(key=key, data=data, on_look_change=act)
