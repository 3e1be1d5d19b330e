"""What is written at each concept in the picture of a collection's lattice.

Every element is written once, at the highest concept that has it, and every subset once, at the lowest (reduced
labelling). A concept without subsets of its own is a disc with the number of its subsets; the ring has the colours of
its axes. Positions are in `concept_layout`.
"""

from dataclasses import dataclass

from medmat_explorer.charts.lattice_layout import text_width
from medmat_explorer.domain.concepts import Concept, ConceptLattice, Element
from medmat_explorer.domain.triplet import Axis

MOST_CHIPS = 4
"""So many subsets are drawn at one concept; where there are more, the last place counts the others."""
WIDEST_LABEL = 92
"""Pixels at 12 px; longer words are cut and stand in full in the line below the picture."""


@dataclass(frozen=True)
class ConceptFace:
    """A concept as it is drawn: own elements as lines of text, own subsets as chips, all its subsets as a number.

    `more` counts own subsets beyond the chips.
    """

    place: int
    axes: tuple[Axis, ...]
    lines: tuple[Element, ...]
    chips: tuple[str, ...]
    more: int
    count: int

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands on the chips, the count of the others last."""
        return (*self.chips, f"+{self.more:,}") if self.more else self.chips


def concept_faces(lattice: ConceptLattice) -> tuple[ConceptFace, ...]:
    """One face a concept, in the lattice's order."""
    return tuple(_face(place, concept) for place, concept in enumerate(lattice.concepts))


def _face(place: int, concept: Concept) -> ConceptFace:
    own = concept.own_subsets
    shown = own if len(own) <= MOST_CHIPS else own[: MOST_CHIPS - 1]
    return ConceptFace(
        place=place,
        axes=() if len(concept.elements) > len(Axis) else tuple(axis for axis, _ in concept.elements),
        lines=tuple((axis, cut(name)) for axis, name in concept.own_elements),
        chips=shown,
        more=len(own) - len(shown),
        count=len(concept.subsets),
    )


def cut(text: str, widest: float = WIDEST_LABEL) -> str:
    """The text, or as much of its beginning as fits with three dots after it."""
    if text_width(text) <= widest:
        return text
    kept = text
    while kept and text_width(kept) + 9 > widest:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def describe(concept: Concept) -> str:
    """The elements in words: `X-ray · Lung`."""
    if len(concept.elements) > len(Axis):
        return "all elements at once"
    return " · ".join(name for _, name in concept.elements) or "no element in common"


def dropped_axis(upper: Concept, lower: Concept) -> str:
    """The axis whose element the upper neighbour drops; empty where it drops more than one."""
    dropped = [axis for axis, name in lower.elements if (axis, name) not in upper.elements]
    return dropped[0].value if len(dropped) == 1 else ""
