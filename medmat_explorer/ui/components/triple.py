"""A MAT-triplet with its axis colours, and which of its elements are shared with the target."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from medmat_explorer.domain.relation import AXIS_FLAG, Relation
from medmat_explorer.domain.triplet import MODALITY_NAMES, Axis
from medmat_explorer.ui.components.assets import component


@cache
def _renderer() -> Any:
    return component("triple")


def triple(elements: Mapping[Axis, str], shared: Relation | None, *, key: str) -> None:
    """Draws the three elements; `shared` is None where there is nothing to compare with."""
    _renderer()(key=key, data={"elements": [_element(elements[axis], axis, shared) for axis in Axis]})


def _element(text: str, axis: Axis, shared: Relation | None) -> dict[str, str]:
    long = MODALITY_NAMES.get(text, "") if axis is Axis.MODALITY else ""
    sign = "" if shared is None else "shared" if AXIS_FLAG[axis] in shared else "differs"
    return {"axis": axis.value, "text": text, "long": "" if long == text else long, "sign": sign}
