"""Drawing with distances: coordinates from -1 to 1 over the picture, soft shapes, smooth noise, blending.

A shape is a signed distance in those coordinates, negative inside. All fields are float32 of shape (SIDE, SIDE).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 160
"""Side of every picture in pixels."""

PIXEL = 2.0 / SIDE

Field = NDArray[Any]
"""Numbers a pixel: float32, (SIDE, SIDE), or (SIDE, SIDE, 3) for colours."""

Dice = np.random.Generator


@dataclass(frozen=True)
class Grid:
    """Where each pixel lies: x to the right and y downwards, both from -1 to 1."""

    x: Field
    y: Field


@cache
def straight_grid() -> Grid:
    """The grid of the picture itself, without any pose."""
    line = ((np.arange(SIDE, dtype=np.float32) + 0.5) * PIXEL - 1).astype(np.float32)
    x, y = np.meshgrid(line, line)
    return Grid(x, y)


def posed_grid(dice: Dice, may_flip: bool) -> Grid:
    """The grid as the patient lies in it: a little turned, shifted and scaled, perhaps mirrored."""
    turn, scale = dice.uniform(-0.13, 0.13), dice.uniform(0.95, 1.10)
    dx, dy = dice.uniform(-0.06, 0.06), dice.uniform(-0.06, 0.06)
    flip = -1.0 if may_flip and dice.random() < 0.5 else 1.0
    base = straight_grid()
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    x, y = base.x * flip - dx, base.y - dy
    return Grid(x * cos + y * sin, y * cos - x * sin)


def soft(distance: Field, width: float = PIXEL) -> Field:
    """A mask from a distance: 1 inside, 0 outside, over `width` on either side of the border."""
    return np.clip(0.5 - distance / (2 * width), 0, 1)


def ellipse(grid: Grid, cx: float, cy: float, rx: float, ry: float, turn: float = 0.0) -> Field:
    """Distance to an ellipse (exact on its border and for circles)."""
    cos, sin = math.cos(turn), math.sin(turn)
    dx, dy = grid.x - cx, grid.y - cy
    u, v = (dx * cos + dy * sin) / rx, (dy * cos - dx * sin) / ry
    return (np.sqrt(u * u + v * v) - 1) * min(rx, ry)


def capsule(
    grid: Grid, start: tuple[float, float], end: tuple[float, float], r0: float, r1: float | None = None
) -> Field:
    """Distance to a rounded bar from start to end, whose radius goes from r0 to r1."""
    slope = 0.0 if r1 is None else r1 - r0
    ex, ey = end[0] - start[0], end[1] - start[1]
    dx, dy = grid.x - start[0], grid.y - start[1]
    along = np.clip((dx * ex + dy * ey) / (ex * ex + ey * ey + 1e-9), 0, 1)
    u, v = dx - along * ex, dy - along * ey
    return np.sqrt(u * u + v * v) - (r0 + slope * along)


def outline(distance: Field, half_width: float) -> Field:
    """Distance to the border of a shape, drawn as a line of this half width."""
    return np.abs(distance) - half_width


def mottle(dice: Dice, cells: int) -> Field:
    """Smooth noise of about unit deviation with `cells` bumps along a side."""
    coarse = dice.standard_normal((cells + 2, cells + 2), dtype=np.float32)
    place = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE * cells
    left = place.astype(np.intp)
    part = place - left
    part = part * part * (3 - 2 * part)
    rows = coarse[left] * (1 - part)[:, None] + coarse[left + 1] * part[:, None]
    return rows[:, left] * (1 - part) + rows[:, left + 1] * part


def grain(dice: Dice) -> Field:
    """Independent noise of unit deviation in every pixel."""
    return dice.standard_normal((SIDE, SIDE), dtype=np.float32)


def blur(image: Field, passes: int = 1) -> Field:
    """Smoothing with a 3 x 3 binomial kernel, applied `passes` times; works for (SIDE, SIDE) and (SIDE, SIDE, 3)."""
    for _ in range(passes):
        padded = np.concatenate([image[:1], image, image[-1:]], axis=0)
        image = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) * np.float32(0.25)
        padded = np.concatenate([image[:, :1], image, image[:, -1:]], axis=1)
        image = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) * np.float32(0.25)
    return image


def over(base: Field, mask: Field, value: float | Field | tuple[float, float, float]) -> Field:
    """`value` laid over `base` where `mask` says so; base is grey (SIDE, SIDE) or colour (SIDE, SIDE, 3)."""
    if base.ndim == 3:
        mask = mask[..., None]
    return base + mask * (np.asarray(value, dtype=np.float32) - base)
