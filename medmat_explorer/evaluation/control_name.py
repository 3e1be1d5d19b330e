"""The names of the controls, apart from what they do: the command line has to know them before it loads anything."""

from enum import StrEnum


class ControlName(StrEnum):
    """The controls that can be chosen, in the order in which they are asked."""

    BLANK = "blank"
    SHUFFLED = "shuffled"
    ACROSS = "across"
    ROTATIONS = "rotations"
    WORDINGS = "wordings"


PICTURE_CONTROLS = (ControlName.BLANK, ControlName.SHUFFLED, ControlName.ACROSS)
"""Those that change what is seen and nothing else: reliance on the picture is measured against them."""
