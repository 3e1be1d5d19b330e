"""The colours that mean something. Each axis has one, the same in chips, lattice, charts and tables.

All have at least 3:1 contrast against both the light and the dark background; a letter or a word always stands
beside the colour, so nothing is said by colour alone.
"""

from medmat_explorer.domain.triplet import Axis

AXIS_COLOURS: dict[Axis, str] = {Axis.MODALITY: "#2b84c6", Axis.AREA: "#d06a14", Axis.TASK: "#b8529a"}
ACCENT = "#1d8f8a"
NEUTRAL = "#7d8a92"

VERDICT_SIGNS: dict[str, str] = {"correct": "✓", "wrong": "✗", "unparsed": "?", "no picture": "∅"}
VERDICT_COLOURS: dict[str, str] = {
    "correct": "#1d8f8a",
    "wrong": "#c4501b",
    "unparsed": "#7d8a92",
    "no picture": "#7d8a92",
}
