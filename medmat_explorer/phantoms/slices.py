"""Anatomies seen in slices: brain, chest, liver and kidneys as CT and MRI show them."""

from __future__ import annotations

import math

import numpy as np

from medmat_explorer.phantoms.canvas import Dice, Field, Grid, capsule, ellipse, mottle, outline, soft
from medmat_explorer.phantoms.findings import Room
from medmat_explorer.phantoms.scene import Scene

SIDES = (-1.0, 1.0)


def brain(dice: Dice, grid: Grid) -> Scene:
    """A head from above: skin, skull, folded cortex, white matter, ventricles and the cleft between the halves."""
    head = ellipse(grid, 0, 0, 0.76, 0.90)
    angle = np.arctan2(grid.y, grid.x)
    folds = 0.016 * np.sin(15 * angle + dice.uniform(0, 6)) + 0.012 * np.sin(23 * angle + dice.uniform(0, 6))
    cortex = head + 0.15 + 0.3 * folds
    scene = Scene(soft(cortex + 0.03), (Room(-0.31, 0.0, 0.24, 0.50), Room(0.31, 0.0, 0.24, 0.50)))
    scene.add("fat", soft(head))
    scene.add("bone", soft(head + 0.045))
    scene.add("fluid", soft(head + 0.115))
    scene.add("grey matter", soft(cortex))
    scene.add("white matter", soft(cortex + 0.085 + 1.6 * folds))
    scene.add("fluid", _ventricles(grid, dice.uniform(0.8, 1.15)))
    cleft = np.abs(grid.x + 0.012 * np.sin(9 * grid.y)) - 0.011
    scene.add("fluid", 0.85 * soft(cleft) * soft(cortex) * (np.abs(grid.y) > 0.34))
    return scene


def _ventricles(grid: Grid, size: float) -> Field:
    horns = []
    for side in SIDES:
        horns.append(ellipse(grid, side * 0.10 * size, -0.13, 0.05 * size, 0.18, -side * 0.28))
        horns.append(ellipse(grid, side * 0.13 * size, 0.15, 0.045 * size, 0.14, side * 0.45))
    return soft(np.minimum.reduce(horns))


def chest_slice(dice: Dice, grid: Grid) -> Scene:
    """A chest from below: two lungs, the heart between them, ribs around and a vertebra behind."""
    body = ellipse(grid, 0, 0.02, 0.95, 0.76)
    left = ellipse(grid, -0.46, 0.0, 0.34, 0.53, 0.08)
    right = np.maximum(ellipse(grid, 0.46, 0.0, 0.34, 0.53, -0.08), -ellipse(grid, 0.12, -0.16, 0.24, 0.24))
    lungs = np.minimum(left, right)
    scene = Scene(soft(lungs + 0.02), (Room(-0.48, 0.0, 0.14, 0.34), Room(0.50, 0.04, 0.12, 0.32)))
    scene.add("fat", soft(body))
    scene.add("muscle", soft(body + 0.055))
    scene.add("air", soft(lungs))
    scene.add("soft", soft(ellipse(grid, 0.05, -0.16, 0.22, 0.21)))
    scene.add("blood", soft(ellipse(grid, 0.10, 0.20, 0.075, 0.075)))
    scene.add("bone", _vertebra(grid, 0.42))
    scene.add("bone", _rib_ring(grid))
    scene.add("vessel", _lung_vessels(dice, grid) * soft(lungs + 0.02))
    return scene


def _vertebra(grid: Grid, y: float) -> Field:
    body, spine = ellipse(grid, 0, y, 0.13, 0.10), capsule(grid, (0, y + 0.06), (0, y + 0.22), 0.028)
    wings = capsule(grid, (-0.15, y + 0.10), (0.15, y + 0.10), 0.025)
    return soft(np.minimum.reduce([body, spine, wings]))


def _rib_ring(grid: Grid) -> Field:
    ribs = []
    for angle in np.linspace(0.35, 2.75, 6).tolist():
        for side in SIDES:
            cx, cy = side * 0.86 * math.sin(angle), 0.02 - 0.67 * math.cos(angle)
            ribs.append(ellipse(grid, cx, cy, 0.085, 0.030, -side * (angle - 1.57)))
    return soft(np.minimum.reduce(ribs))


def _lung_vessels(dice: Dice, grid: Grid) -> Field:
    strength = np.zeros_like(grid.x)
    for side in SIDES:
        for _ in range(4):
            angle, length = dice.uniform(-1.1, 1.1), dice.uniform(0.2, 0.4)
            root = (side * 0.22, dice.uniform(-0.10, 0.10))
            tip = (root[0] + side * length * math.cos(angle), root[1] + length * math.sin(angle))
            strength = np.maximum(strength, 0.55 * soft(capsule(grid, root, tip, 0.018, 0.005)))
    return strength


def liver_slice(dice: Dice, grid: Grid) -> Scene:
    """An abdomen from below: the liver fills one side; stomach, spleen, kidneys, aorta and vertebra lie around it."""
    body = ellipse(grid, 0, 0, 0.97, 0.80)
    liver = np.maximum(ellipse(grid, -0.22, -0.09, 0.66, 0.58, 0.12), -ellipse(grid, 0.46, 0.42, 0.46, 0.46))
    liver = np.maximum(liver, body + 0.11)
    scene = Scene(soft(liver + 0.02), (Room(-0.30, -0.10, 0.42, 0.38),))
    scene.add("fat", soft(body))
    scene.add("muscle", soft(body + 0.045))
    scene.add("fat", soft(body + 0.09))
    scene.add("liver", soft(liver))
    scene.add("air", 0.8 * soft(ellipse(grid, 0.50, -0.34, 0.20, 0.15, 0.3)))
    scene.add("soft", soft(outline(ellipse(grid, 0.50, -0.34, 0.22, 0.17, 0.3), 0.02)))
    scene.add("soft", soft(ellipse(grid, 0.68, 0.06, 0.14, 0.26, -0.35)))
    for side in SIDES:
        scene.add("kidney", soft(ellipse(grid, side * 0.40, 0.47, 0.13, 0.15, side * 0.4)))
    scene.add("blood", soft(ellipse(grid, 0.08, 0.36, 0.065, 0.065)))
    scene.add("bone", _vertebra(grid, 0.53))
    scene.add("vessel", _liver_vessels(dice, grid) * soft(liver + 0.04))
    return scene


def _liver_vessels(dice: Dice, grid: Grid) -> Field:
    strength = np.zeros_like(grid.x)
    for _ in range(4):
        angle, length = dice.uniform(2.3, 4.4), dice.uniform(0.3, 0.5)
        tip = (length * math.cos(angle), 0.05 + length * math.sin(angle))
        strength = np.maximum(strength, 0.5 * soft(capsule(grid, (0.0, 0.08), tip, 0.022, 0.006)))
    return strength


def kidney_slice(dice: Dice, grid: Grid) -> Scene:
    """An abdomen from the front: two large beans beside the spine."""
    body = np.abs(grid.x) - 0.94 + 0.10 * np.cos(2.2 * grid.y)
    beans = [_bean(grid, side, dice.uniform(-0.05, 0.05)) for side in SIDES]
    kidneys = np.minimum(*beans)
    rooms = (Room(-0.50, 0.02, 0.16, 0.34), Room(0.50, 0.02, 0.16, 0.34))
    scene = Scene(soft(kidneys + 0.01), rooms)
    scene.add("muscle", soft(body))
    scene.add("fat", soft(body + 0.06) * np.clip(0.9 + 0.1 * mottle(dice, 8), 0, 1))
    scene.add("bone", _spine(grid))
    for side in SIDES:
        scene.add("muscle", 0.9 * soft(capsule(grid, (side * 0.16, -0.3), (side * 0.34, 1.1), 0.05, 0.12), 0.02))
    scene.add("kidney", soft(kidneys))
    scene.add("soft", 0.6 * soft(kidneys + 0.10, 0.04))
    scene.add("fat", 0.6 * soft(np.minimum(*[ellipse(grid, s * 0.40, 0.02, 0.09, 0.20) for s in SIDES]), 0.03))
    return scene


def _bean(grid: Grid, side: float, shift: float) -> Field:
    outer = ellipse(grid, side * 0.52, 0.02 + shift, 0.34, 0.60, side * 0.14)
    return np.maximum(outer, -ellipse(grid, side * 0.16, 0.02 + shift, 0.10, 0.16))


def _spine(grid: Grid) -> Field:
    column = np.abs(grid.x) - 0.105
    gaps = np.abs((grid.y + 1.0) % 0.28 - 0.14) - 0.115
    return soft(np.maximum(column, gaps), 0.012)
