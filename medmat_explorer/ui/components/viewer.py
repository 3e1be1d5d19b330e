"""One picture to look into: zoom, pan, window, invert, frames; the browser makes the shades from numbers sent once."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import heard, on_trigger

CT_PRESETS: tuple[tuple[str, int, int], ...] = (
    ("Lung", -600, 1500),
    ("Soft tissue", 40, 400),
    ("Bone", 400, 1800),
    ("Brain", 40, 80),
)
"""Name, centre and width in Hounsfield units."""


@dataclass(frozen=True)
class PictureLook:
    """How a picture is looked at. None stands for its own frame, counted from 1, and its own window."""

    frame: int | None = None
    low: float | None = None
    high: float | None = None
    invert: bool = False


@cache
def _renderer() -> Any:
    return component("viewer")


def viewer(
    src: str,
    look: PictureLook,
    *,
    key: str,
    alt: str,
    version: str,
    problems: dict[str, str],
    on_look: Callable[[dict[str, str]], None],
) -> None:
    """Draws the picture behind `src`, an address of ours that answers `/values`.

    `on_look` gets `frame`, `low`, `high` and `invert` as texts, empty for the picture's own, after a change has ended.
    `problems` are the words for each reason of a refusal.
    """
    data = {
        "src": src,
        "alt": alt,
        "version": version,
        "look": asdict(look),
        "heard": heard(key),
        "presets": CT_PRESETS,
        "problems": problems,
    }
    _renderer()(key=key, data=data, on_look_change=on_trigger(key, "look", on_look))
