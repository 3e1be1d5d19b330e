"""The picture of all concepts of a collection: cones by pointer or keyboard, search, zoom, subsets to choose."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from medmat_explorer.charts.concept_content import ConceptFace, concept_faces, describe
from medmat_explorer.charts.concept_layout import ConceptLayout, concept_layouts
from medmat_explorer.charts.concept_shapes import chip_boxes, labels, ring
from medmat_explorer.domain.concepts import Concept, ConceptLattice
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.ui.components.assets import component
from medmat_explorer.ui.components.lattice import ChipNote, ChipState
from medmat_explorer.ui.plain import counted
from medmat_explorer.ui.url_state import on_trigger

WIDTHS = (620, 680, 740, 840, 980, 1140, 1320)
"""The browser takes the widest of these layouts that fits and stretches it; a narrower window pans over the first."""

MOST_LISTED = 150
"""So many subsets of a concept are listed below the picture; the table has them all."""

HELP = "arrows move · Enter or click: a subset's card · Shift+Enter or double click: make it the target"
ZOOM_HELP = "+ − 0 or Ctrl and the wheel: zoom · drag: move"


@dataclass(frozen=True)
class ConceptNote:
    """What is behind a concept: a link to its items and how many there are (`1,176 items`); both may be empty."""

    href: str = ""
    items: str = ""


def concept_lattice_picture(
    lattice: ConceptLattice,
    subsets: Mapping[str, ChipNote],
    concepts: Mapping[int, ConceptNote],
    *,
    key: str,
    label: str,
    lit: Collection[int],
    target: str,
    selected: str,
    search_texts: Mapping[str, str],
    on_select: Callable[[str], None],
    on_target: Callable[[str], None],
) -> None:
    """Draws the concepts; `lit` are those of the target, which stand out as long as nothing else is looked at.

    `subsets` has a note for every number in the lattice, `search_texts` the words by which it is found beside it.
    """
    data = picture_data(lattice, subsets, concepts, search_texts) | {
        "label": label,
        "lit": sorted(lit),
        "target": target,
        "selected": selected,
    }
    _renderer()(
        key=key,
        data=data,
        on_select_change=on_trigger(key, "select", lambda sent: on_select(sent["number"])),
        on_target_change=on_trigger(key, "target", lambda sent: on_target(sent["number"])),
    )


@cache
def _renderer() -> Any:
    return component("concept_lattice")


def picture_data(
    lattice: ConceptLattice,
    subsets: Mapping[str, ChipNote],
    concepts: Mapping[int, ConceptNote],
    search_texts: Mapping[str, str],
) -> dict[str, Any]:
    """What the browser gets: words and shapes once, positions for every width."""
    faces = concept_faces(lattice)
    return {
        "nodes": [_node(lattice.concepts[face.place], face, concepts.get(face.place, ConceptNote())) for face in faces],
        "notes": {
            number: {"title": note.title, "state": note.state.value, "meaning": note.state.meaning}
            for number, note in subsets.items()
            if number in lattice.of_subset
        },
        "finds": [[number, text.casefold(), lattice.of_subset[number]] for number, text in search_texts.items()],
        "bottom": lattice.bottom,
        "layouts": _layouts(lattice),
        "letters": [[axis.value[0].upper(), axis.value] for axis in Axis],
        "states": [[state.value, state.meaning] for state in ChipState],
        "help": [HELP, ZOOM_HELP],
    }


def _node(concept: Concept, face: ConceptFace, note: ConceptNote) -> dict[str, Any]:
    return {
        "disc": not face.chips,
        "ring": [] if face.chips else ring(face),
        "count": f"{face.count:,}" if face.count else "",
        "lines": [[line.axis, line.text, round(line.x, 1), line.y] for line in labels(face, 0, 0)],
        "chips": [
            [number, text, box.x, box.y, box.width, box.height]
            for number, text, box in zip(
                (*face.chips, *[""] * bool(face.more)), face.texts, chip_boxes(face, 0, 0), strict=True
            )
        ]
        if face.chips
        else [],
        "elements": []
        if len(concept.elements) > len(Axis)
        else [[axis.value, name] for axis, name in concept.elements],
        "own": [name for _, name in concept.own_elements],
        "title": describe(concept),
        "subsets": concept.subsets[:MOST_LISTED],
        "shared": counted(len(concept.subsets), "subset"),
        "label": _label(concept),
        "above": concept.above,
        "href": note.href,
        "items": note.items,
    }


def _label(concept: Concept) -> str:
    neighbours = f"{len(concept.above)} above, {len(concept.below)} below"
    return f"{describe(concept)}: {counted(len(concept.subsets), 'subset')}, neighbours {neighbours}"


@lru_cache(maxsize=32)
def _layouts(lattice: ConceptLattice) -> list[dict[str, Any]]:
    return [_layout_numbers(layout) for layout in concept_layouts(lattice, concept_faces(lattice), WIDTHS)]


def _layout_numbers(layout: ConceptLayout) -> dict[str, Any]:
    return {
        "width": layout.width,
        "height": layout.height,
        "spots": [[spot.x, spot.y, spot.radius] for spot in layout.spots],
        "edges": [[edge.upper, edge.lower, edge.axis, edge.path()] for edge in layout.edges],
    }
