"""The gallery: pictures of one page of a result, each a button that opens its item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import on_trigger

DENSITIES = ("large", "medium", "small")


@dataclass(frozen=True)
class GalleryCard:
    """One tile. `src` is empty where there is no picture; then `problem` says why. `picked` is in the basket."""

    key: str
    src: str
    alt: str
    name: str
    detail: str
    title: str
    problem: str = ""
    tags: Sequence[str] = ()
    picked: bool = False


@cache
def _renderer() -> Any:
    return component("gallery")


def gallery(
    cards: Sequence[GalleryCard],
    *,
    key: str,
    label: str,
    density: str,
    tags: Sequence[str],
    problems: Mapping[str, str],
    on_act: Callable[[str, str, str], None],
) -> None:
    """Draws the cards in a density of DENSITIES; `tags` are those offered for completion.

    `problems` says, by the reason that the server gives, why a picture could not be made.

    `on_act` gets the act (`open`, `basket` to put in or take out, `tag`), the item's key and the tag.
    """
    data: dict[str, object] = {
        "cards": [asdict(card) for card in cards],
        "label": label,
        "density": density,
        "tags": list(tags),
    }
    data["problems"] = dict(problems)
    act = on_trigger(key, "act", lambda sent: on_act(sent["act"], sent["key"], sent["tag"]))
    _renderer()(key=key, data=data, on_act_change=act)
