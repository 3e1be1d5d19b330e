"""Pairs of pictures side by side, with what tells them apart and the labels of both."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component


@dataclass(frozen=True)
class SideView:
    """One picture. `src` is empty where there is none; then `problem` says why. `href` opens its item in Browse."""

    key: str
    src: str
    problem: str
    href: str
    place: str
    path: str
    labels: str
    items: str


@dataclass(frozen=True)
class PairView:
    """Two pictures; `what` says in how far they are the same, `conflict` is empty unless their labels contradict."""

    kind: str
    what: str
    conflict: str
    sides: tuple[SideView, SideView]


@cache
def _renderer() -> Any:
    return component("pairs")


def pairs(views: Sequence[PairView], *, key: str, label: str) -> None:
    """Draws the pairs; each picture leads to its item."""
    _renderer()(key=key, data={"pairs": [asdict(view) for view in views], "label": label})
