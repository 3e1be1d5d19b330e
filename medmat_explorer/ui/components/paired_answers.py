"""Items with what two runs said to them: each option with both probabilities, both verdicts, both texts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component


@dataclass(frozen=True)
class PairedOption:
    """One option; `letters` are those under which each run saw it: run 2 may have had another order.

    `probabilities` (0 to 1) are None where not known, `chosen` says which of the two runs took it.
    """

    text: str
    right: bool
    letters: tuple[str, str]
    probabilities: tuple[float | None, float | None]
    chosen: tuple[bool, bool]


@dataclass(frozen=True)
class PairedSide:
    """One run's part of a card: its verdict with the sign, what else is to be said, and where the answer is opened."""

    name: str
    verdict: str
    sign: str
    notes: Sequence[str]
    href: str


@dataclass(frozen=True)
class PairedView:
    """One item. `src` is empty where there is no picture; then `problem` says why. `href` opens it in Browse."""

    key: str
    src: str
    alt: str
    problem: str
    title: str
    question: str
    href: str
    options: Sequence[PairedOption]
    sides: tuple[PairedSide, PairedSide]


@cache
def _renderer() -> Any:
    return component("paired_answers")


def paired_answers(views: Sequence[PairedView], *, key: str, label: str) -> None:
    """Draws a card for each item."""
    _renderer()(key=key, data={"cards": [asdict(view) for view in views], "label": label})
