"""One item's answers side by side: a line each way in which it was put, a column an option text, bars of probability.

Options keep their column under every rotation, so that a choice that follows the letter is seen to move.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component


@dataclass(frozen=True)
class VariantCell:
    """What stands in an option's column: the letter it had, and its probability where one is known."""

    letter: str
    probability: float | None
    chosen: bool


@dataclass(frozen=True)
class VariantLine:
    """One way of putting the item: its name, its verdict with a sign, what was written, and what to know of it."""

    name: str
    verdict: str
    sign: str
    cells: Sequence[VariantCell | None]
    text: str = ""
    note: str = ""


@cache
def _renderer() -> Any:
    return component("answer_variants")


def answer_variants(options: Sequence[str], right: int, lines: Sequence[VariantLine], *, key: str, label: str) -> None:
    """Draws the table; `options` are the columns' texts and `right` the place of the right one."""
    data = {"options": list(options), "right": right, "lines": [asdict(line) for line in lines], "label": label}
    _renderer()(key=key, data=data)
