"""Faults of a picture, the same for every modality, and the mark that says it is synthetic."""

from __future__ import annotations

import math

import numpy as np

from medmat_explorer.phantoms.canvas import SIDE, Dice, Field, blur, straight_grid

_GLYPHS = {
    "S": ("0111", "1000", "0110", "0001", "1110"),
    "Y": ("101", "101", "010", "010", "010"),
    "N": ("1001", "1101", "1011", "1001", "1001"),
    "T": ("111", "010", "010", "010", "010"),
    "H": ("101", "101", "111", "101", "101"),
    "E": ("111", "100", "110", "100", "111"),
    "I": ("1", "1", "1", "1", "1"),
    "C": ("011", "100", "100", "100", "011"),
}
FAULTS = ("blurred", "striped")
_MARK = "SYNTHETIC"
_MARGIN = 4


def degraded(label: str, image: Field, dice: Dice) -> Field:
    """The picture with the fault this label names; other labels leave it as it is."""
    if label == "blurred":
        return blur(image, int(dice.integers(24, 36)))
    if label == "striped":
        image = np.clip(image + _stripes(dice)[..., None], 0, 1)
    return image


def _stripes(dice: Dice) -> Field:
    """Bands of light and dark at a slant, as interference leaves them."""
    grid = straight_grid()
    angle, waves = dice.uniform(-0.5, 0.5), dice.uniform(6.5, 9.5)
    across = grid.y * math.cos(angle) + grid.x * math.sin(angle)
    strength, phase = np.float32(dice.uniform(0.13, 0.19)), dice.uniform(0, 6)
    stripes: Field = strength * np.tanh(2 * np.sin(math.pi * waves * across + phase))
    return stripes


def stamped(image: Field) -> Field:
    """The picture with SYNTHETIC burnt into its lower left corner, light on a dark shadow."""
    letters = _mark_mask()
    height, width = letters.shape
    top, left = SIDE - _MARGIN - height, _MARGIN
    stamped_image = image.copy()
    shadow = stamped_image[top + 1 : top + 1 + height, left + 1 : left + 1 + width]
    shadow -= 0.8 * letters[..., None] * shadow
    light = stamped_image[top : top + height, left : left + width]
    light += letters[..., None] * (np.float32(0.88) - light)
    return stamped_image


def _mark_mask() -> Field:
    columns = []
    for letter in _MARK:
        glyph = np.array([[int(bit) for bit in row] for row in _GLYPHS[letter]], dtype=np.float32)
        columns += [glyph, np.zeros((5, 1), dtype=np.float32)]
    return np.concatenate(columns[:-1], axis=1)
