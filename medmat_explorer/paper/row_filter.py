"""Which rows of the composition tables are wanted: by table, backbone, direction, element, target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medmat_explorer.domain.subset import Subset
from medmat_explorer.paper.facts import CompositionRow

TABLES: dict[str, str] = {
    "3": "Table 3: pairs",
    "4": "Table 4: three elements from three subsets",
    "5": "Table 5: detection tasks by NExT-Chat",
    "6": "Table 6: the same by MiniGPT-v2",
    "7": "Table 7: Qwen2-VL",
    "8": "Table 8: Llama 3.2 Vision",
    "v2 5": "v2 Table 5: detection and segmentation",
    "v2 6": "v2 Table 6: segmentation",
    "v2 9": "v2 Table 9: repeated trainings",
    "v2 15": "v2 Table 15: HuatuoGPT-Vision",
}
"""Where rows stand, by the numbering of v1, or of v2 where only that has the table."""


@dataclass(frozen=True)
class RowFilter:
    """The rows wanted; what is empty is not asked for. Several values of one kind: any of them."""

    tables: frozenset[str] = frozenset()
    backbones: frozenset[str] = frozenset()
    directions: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()

    def fits(self, row: CompositionRow, subsets: Mapping[str, Subset]) -> bool:
        """Whether the row is one of those wanted."""
        return (
            (not self.tables or row.place in self.tables)
            and (not self.backbones or row.backbone in self.backbones)
            and (not self.directions or row.direction in self.directions)
            and (not self.targets or row.target in self.targets)
            and (not self.elements or bool(self.elements & elements_of(row, subsets)))
        )


def elements_of(row: CompositionRow, subsets: Mapping[str, Subset]) -> frozenset[str]:
    """The target's modality, area and short task, and the element that the row holds fixed, as printed."""
    triplet = subsets[row.target].triplet
    named = (triplet.modality, triplet.area, triplet.task, row.fixed_element)
    return frozenset(name for name in named if name)


def wanted_rows(
    rows: Sequence[CompositionRow], wanted: RowFilter, subsets: Mapping[str, Subset]
) -> tuple[CompositionRow, ...]:
    """The rows that fit, in their order."""
    return tuple(row for row in rows if wanted.fits(row, subsets))
