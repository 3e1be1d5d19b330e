"""A picture with numbers laid over its parts: where hiding it costs the right answer, or where the answer looks.

Signs are told by a pattern besides the colour: parts whose number is below zero are hatched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component


@dataclass(frozen=True)
class HeatMap:
    """Rows of numbers over a picture, None where there is none yet.

    `most` is the number of full colour. `unit` stands behind every number (`points`, `%`). `above` and `below` say what
    a number above and below zero means; without `below` there are none below.
    """

    rows: Sequence[Sequence[float | None]]
    most: float
    unit: str
    above: str
    below: str = ""


@cache
def _renderer() -> Any:
    return component("heat_overlay")


def heat_overlay(src: str, heat: HeatMap, *, key: str, alt: str) -> None:
    """Draws the picture at its own proportions, with the map over all of it and a scale.

    The map can be taken away by a switch, to see the picture alone.
    """
    data = {
        "src": src,
        "alt": alt,
        "rows": [list(row) for row in heat.rows],
        "most": heat.most,
        "unit": heat.unit,
        "above": heat.above,
        "below": heat.below,
    }
    _renderer()(key=key, data=data)
