"""What can be found in a picture, as shapes alone: the same in every modality, which only adds its contrast.

A finding is a strength from 0 to 1 a pixel. Its place is drawn from the `Room`s that the anatomy offers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from medmat_explorer.phantoms.canvas import Dice, Field, Grid, capsule, ellipse, mottle, outline, soft


@dataclass(frozen=True)
class Room:
    """An ellipse in which findings may lie: centre and half axes."""

    cx: float
    cy: float
    rx: float
    ry: float


Rooms = tuple[Room, ...]
EDGE = 0.016


def place_in(dice: Dice, rooms: Rooms, reach: float = 1.0) -> tuple[float, float]:
    """A point in one of the rooms, larger rooms more often; `reach` 0 is the centre, 1 the whole room."""
    area = np.array([room.rx * room.ry for room in rooms])
    room = rooms[int(dice.choice(len(rooms), p=area / area.sum()))]
    angle, radius = dice.uniform(0, 2 * math.pi), reach * math.sqrt(dice.uniform(0, 1))
    return room.cx + room.rx * radius * math.cos(angle), room.cy + room.ry * radius * math.sin(angle)


def blob(dice: Dice, grid: Grid, rooms: Rooms) -> Field:
    """A smooth filled oval."""
    cx, cy = place_in(dice, rooms, 0.7)
    radius, stretch = dice.uniform(0.17, 0.23), dice.uniform(0.88, 1.14)
    return soft(ellipse(grid, cx, cy, radius * stretch, radius / stretch, dice.uniform(0, math.pi)), EDGE)


def star(dice: Dice, grid: Grid, rooms: Rooms) -> Field:
    """A small core with spikes all round."""
    cx, cy = place_in(dice, rooms, 0.7)
    reach, spikes = dice.uniform(0.25, 0.32), int(dice.integers(6, 9))
    shape = ellipse(grid, cx, cy, 0.42 * reach, 0.42 * reach)
    first = dice.uniform(0, 2 * math.pi)
    for spike in range(spikes):
        angle, length = first + 2 * math.pi * spike / spikes, reach * dice.uniform(0.85, 1.15)
        tip = (cx + length * math.cos(angle), cy + length * math.sin(angle))
        shape = np.minimum(shape, capsule(grid, (cx, cy), tip, 0.30 * reach, 0.012))
    return soft(shape, EDGE)


def ring(dice: Dice, grid: Grid, rooms: Rooms) -> Field:
    """A round wall with nothing inside."""
    cx, cy = place_in(dice, rooms, 0.7)
    radius, stretch = dice.uniform(0.17, 0.22), dice.uniform(0.92, 1.09)
    border = ellipse(grid, cx, cy, radius * stretch, radius / stretch, dice.uniform(0, math.pi))
    return soft(outline(border, 0.038), EDGE)


def spots(dice: Dice, grid: Grid, rooms: Rooms, count: int) -> Field:
    """So many separate round spots."""
    strength = np.zeros_like(grid.x)
    for cx, cy in _spread(dice, rooms, count):
        radius = dice.uniform(0.058, 0.070)
        strength = np.maximum(strength, soft(ellipse(grid, cx, cy, radius, radius), EDGE))
    return strength


def _spread(dice: Dice, rooms: Rooms, count: int) -> list[tuple[float, float]]:
    """Points that keep apart, closer together only when the rooms are too small for them."""
    points: list[tuple[float, float]] = []
    apart = 0.21
    while len(points) < count:
        for _ in range(60):
            point = place_in(dice, rooms, 1.05)
            if all(math.dist(point, other) > apart for other in points):
                points.append(point)
                break
        else:
            apart *= 0.93
    return points


def cloud(dice: Dice, grid: Grid, rooms: Rooms) -> Field:
    """A patch without a border, thick in the middle and mottled."""
    cx, cy = place_in(dice, rooms, 0.4)
    radius = dice.uniform(0.36, 0.44)
    distance = np.sqrt((grid.x - cx) ** 2 + (grid.y - cy) ** 2)
    fade = np.clip(1.15 - distance / radius, 0, 1)
    return np.clip(fade * (0.95 + 0.45 * mottle(dice, 16)), 0, 1)


def bowl(dice: Dice, grid: Grid, rooms: Rooms) -> Field:
    """The lower half of an oval, its upper side flat: fluid that has settled."""
    cx, cy = place_in(dice, rooms, 0.35)
    width, depth, tilt = dice.uniform(0.34, 0.42), dice.uniform(0.30, 0.38), dice.uniform(-0.10, 0.10)
    surface = (cy - 0.06) + tilt * (grid.x - cx) - grid.y
    return soft(np.maximum(ellipse(grid, cx, cy - 0.06, width, depth), surface), EDGE)


def net(dice: Dice, grid: Grid, rooms: Rooms) -> Field:
    """Fine lines that cross."""
    cx, cy = place_in(dice, rooms, 0.35)
    reach, turn = dice.uniform(0.36, 0.44), dice.uniform(0.2, 1.3)
    strength = np.zeros_like(grid.x)
    for side in (0.0, math.pi / 2):
        cos, sin = math.cos(turn + side), math.sin(turn + side)
        u, v = (grid.x - cx) * cos + (grid.y - cy) * sin, (grid.y - cy) * cos - (grid.x - cx) * sin
        for step in (-1.2, -0.4, 0.4, 1.2):
            wave = 0.03 * np.sin(8 * v + dice.uniform(0, 6))
            line = soft(np.abs(u - step * 0.19 * dice.uniform(0.85, 1.15) + wave) - 0.017, EDGE)
            strength = np.maximum(strength, line * soft(np.abs(v) - reach * dice.uniform(0.8, 1.0), 0.04))
    return strength


Shape = Callable[[Dice, Grid, Rooms], Field]

_SPOT_COUNTS = {"mild": (1, 1), "moderate": (3, 4), "severe": (9, 12)}

_SHAPES: dict[str, Shape] = {
    "benign tumour": blob,
    "malignant tumour": star,
    "cystic tumour": ring,
    "inflammation": cloud,
    "effusion": bowl,
    "fibrosis": net,
    "cyst": ring,
}


def finding(label: str, dice: Dice, grid: Grid, rooms: Rooms) -> Field:
    """The strength of what this label names: all zero for labels that mean nothing was found."""
    if label == "abnormal":
        return _any_finding(dice, grid, rooms)
    if label in _SPOT_COUNTS:
        low, high = _SPOT_COUNTS[label]
        return spots(dice, grid, rooms, int(dice.integers(low, high + 1)))
    if label in _SHAPES:
        return _SHAPES[label](dice, grid, rooms)
    return np.zeros_like(grid.x)


def _any_finding(dice: Dice, grid: Grid, rooms: Rooms) -> Field:
    shapes = (blob, star, ring, cloud, bowl, net)
    choice = int(dice.integers(len(shapes) + 1))
    if choice == len(shapes):
        return spots(dice, grid, rooms, int(dice.integers(3, 7)))
    return shapes[choice](dice, grid, rooms)
