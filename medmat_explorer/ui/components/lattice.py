"""The picture of a target's Boolean lattice: chips to choose a subset or make it the target, by pointer or keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from medmat_explorer.charts.evidence_marks import MEANINGS
from medmat_explorer.charts.lattice_content import NODE_ORDER, ChipFace, NodeFace
from medmat_explorer.charts.lattice_layout import EDGES, Box, LatticeLayout, lattice_layout
from medmat_explorer.domain.relation import Relation
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.url_state import on_trigger

WIDTHS = (290, 340, 400, 470, 540, 600, 660, 720, 790, 870, 960, 1060, 1180, 1320)
"""The browser takes the widest of these layouts that fits and stretches it to the room there is."""

HELP = "click: its card · Enter or double click: make it the target · arrows move"


class ChipState(StrEnum):
    """What of a subset is here; the value names the sign that the picture draws."""

    IMAGES = "images"
    QUESTIONS = "questions"
    ABSENT = "absent"
    ANNOUNCED = "announced"

    @property
    def meaning(self) -> str:
        """In words."""
        return {
            "images": "pictures here",
            "questions": "questions only",
            "absent": "not in this collection",
            "announced": "announced, no questions published",
        }[self]


@dataclass(frozen=True)
class ChipNote:
    """What is said of a subset beside its elements: its title in full, what of it is here, what the paper tried."""

    title: str
    state: ChipState
    evidence: str = ""


def lattice(
    nodes: Sequence[NodeFace],
    notes: dict[str, ChipNote],
    *,
    key: str,
    label: str,
    selected: str,
    on_select: Callable[[str], None],
    on_target: Callable[[str], None],
) -> None:
    """Draws the eight nodes with their chips; `notes` has one entry for each subset number on them."""
    data = lattice_data(tuple(nodes), notes, label=label, selected=selected)
    _renderer()(
        key=key,
        data=data,
        on_select_change=on_trigger(key, "select", lambda sent: on_select(sent["number"])),
        on_target_change=on_trigger(key, "target", lambda sent: on_target(sent["number"])),
    )


@cache
def _renderer() -> Any:
    return component("lattice")


def lattice_data(
    nodes: tuple[NodeFace, ...], notes: dict[str, ChipNote], *, label: str, selected: str
) -> dict[str, Any]:
    """What the browser gets: words once, positions for every width."""
    target = next(chip.number for node in nodes for chip in node.chips if chip.is_target)
    return {
        "label": label,
        "target": target,
        "selected": selected,
        "nodes": [_node_words(node) for node in nodes],
        "chips": [_chip_words(node, chip, notes.get(chip.number)) for node in nodes for chip in node.chips],
        "edges": [[upper.value, lower.value, (upper & ~lower).axes[0].value] for upper, lower in EDGES],
        "layouts": _layouts(nodes),
        "letters": [[axis.value[0].upper(), axis.value] for axis in Axis],
        "states": [[state.value, state.meaning] for state in ChipState],
        "help": HELP,
        "marks": list(MEANINGS.items()) if any(chip.mark for node in nodes for chip in node.chips) else [],
    }


def _node_words(node: NodeFace) -> dict[str, Any]:
    elements = " · ".join(text for _, text in node.elements)
    subsets = "1 subset" if node.count == 1 else f"{node.count} subsets"
    what = "no element" if node.relation is Relation.NONE else node.title.replace("all three", "all three elements")
    return {
        "id": node.relation.value,
        "title": node.title,
        "values": elements or "unrelated to the target",
        "count": str(node.count),
        "empty": not node.chips,
        "badges": [[axis.value[0].upper(), axis.value] for axis in node.relation.axes],
        "label": f"Shares {what}{f' ({elements})' if elements else ''} with the target: {subsets}",
    }


def _chip_words(node: NodeFace, chip: ChipFace, note: ChipNote | None) -> dict[str, Any]:
    title = note.title if note else " · ".join(text for _, text in chip.elements)
    meaning = note.state.meaning if note else "a triple of your own"
    if note and note.evidence:
        meaning = f"{meaning}; {note.evidence}"
    axes = " and ".join(axis.value for axis in node.relation.axes) or "nothing"
    shared = "the target" if chip.is_target else f"shares {axes}"
    return {
        "number": chip.number,
        "mark": chip.mark,
        "node": node.relation.value,
        "elements": [[axis.value, text] for axis, text in chip.elements],
        "state": (note.state if note else ChipState.ABSENT).value,
        "name": title,
        "title": f"{title} ({meaning})",
        "label": f"{title}, {shared}, {meaning}",
    }


@lru_cache(maxsize=64)
def _layouts(nodes: tuple[NodeFace, ...]) -> list[dict[str, Any]]:
    return [_layout_numbers(lattice_layout(nodes, width)) for width in WIDTHS]


def _layout_numbers(layout: LatticeLayout) -> dict[str, Any]:
    return {
        "width": layout.width,
        "height": layout.height,
        "nodes": [[relation.value, _four(layout.nodes[relation])] for relation in NODE_ORDER],
        "chips": [_four(chip.box) for chip in layout.chips],
        "paths": [edge.path for edge in layout.edges],
    }


def _four(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]
