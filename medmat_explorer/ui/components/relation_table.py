"""A table of subsets with what each shares with the target: the lattice's text, row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from medmat_explorer.domain.relation import AXIS_FLAG, Relation
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.components.lattice import ChipState
from medmat_explorer.ui.url_state import on_trigger


@dataclass(frozen=True)
class RelationRow:
    """One subset. `items` counts its questions in the collection."""

    number: str
    elements: Mapping[Axis, str]
    shared: Relation
    items: int
    state: ChipState
    kind: str

    def as_data(self) -> dict[str, Any]:
        """What the browser gets."""
        return {
            "number": self.number,
            "elements": [[axis.value, self.elements[axis], AXIS_FLAG[axis] in self.shared] for axis in Axis],
            "shares": " + ".join(axis.value for axis in self.shared.axes) or "nothing",
            "items": f"{self.items:,}" if self.items else "",
            "state": self.state.value,
            "meaning": self.state.meaning,
            "kind": self.kind,
        }


@cache
def _renderer() -> Any:
    return component("relation_table")


def relation_table(
    rows: Sequence[RelationRow], *, key: str, label: str, selected: str, on_select: Callable[[str], None]
) -> str:
    """Draws the rows; a number shows its card. Returns the subset whose items were asked for, or an empty text."""
    result = _renderer()(
        key=key,
        data={"rows": [row.as_data() for row in rows], "label": label, "selected": selected},
        on_select_change=on_trigger(key, "select", lambda sent: on_select(sent["number"])),
        on_browse_change=lambda: None,
    )
    sent = getattr(result, "browse", None)
    return str(sent["number"]) if sent else ""
