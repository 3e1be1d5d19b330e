"""Anatomies seen through, from the front: chest, knee and breast as X-rays show them (the knee in MRI as well)."""

from __future__ import annotations

import numpy as np

from medmat_explorer.phantoms.canvas import Dice, Field, Grid, capsule, ellipse, mottle, outline, soft
from medmat_explorer.phantoms.findings import Room
from medmat_explorer.phantoms.scene import Scene
from medmat_explorer.phantoms.slices import SIDES


def chest_front(dice: Dice, grid: Grid) -> Scene:
    """A chest from the front: two dark lungs, heart, spine, ribs and collar bones."""
    body = np.minimum(ellipse(grid, 0, 0.25, 0.97, 1.05), capsule(grid, (-0.75, -0.5), (0.75, -0.5), 0.25))
    lungs = _lung_fields(grid, dice.uniform(0.95, 1.08))
    scene = Scene(soft(lungs + 0.01, 0.02), (Room(-0.46, 0.0, 0.22, 0.46), Room(0.50, -0.10, 0.19, 0.40)))
    scene.add("soft", soft(body, 0.03))
    scene.add("soft", soft(capsule(grid, (0, -1), (0, -0.5), 0.2), 0.04))
    scene.add("air", 0.9 * soft(lungs, 0.025))
    scene.add("bone", 0.45 * soft(np.abs(grid.x) - 0.065, 0.03) * soft(body + 0.03, 0.03))
    scene.add("muscle", 0.85 * soft(ellipse(grid, 0.12, 0.36, 0.30, 0.33, 0.5), 0.04))
    scene.add("bone", _ribs(grid, dice.uniform(0, 0.1)) * soft(body + 0.08, 0.04))
    for side in SIDES:
        scene.add("bone", 0.45 * soft(capsule(grid, (side * 0.1, -0.66), (side * 0.78, -0.80), 0.04), 0.02))
    return scene


def _lung_fields(grid: Grid, size: float) -> Field:
    fields = []
    for side in SIDES:
        lung = ellipse(grid, side * 0.46, 0.0, 0.36 * size, 0.76)
        lung = np.maximum(lung, -ellipse(grid, side * 0.44, 1.02, 0.52, 0.42))
        fields.append(np.maximum(lung, -ellipse(grid, 0.10, 0.38, 0.28, 0.30)))
    return np.minimum(*fields)


def _ribs(grid: Grid, shift: float) -> Field:
    strength = np.zeros_like(grid.x)
    across = np.abs(grid.x)
    for rib in range(6):
        middle = -0.66 + shift + rib * 0.23 + 0.40 * (across - 0.3) ** 2 + 0.12 * across
        strength = np.maximum(strength, 0.20 * soft(np.abs(grid.y - middle) - 0.026, 0.018))
    return strength * (across > 0.09)


def knee(dice: Dice, grid: Grid) -> Scene:
    """A knee from the front: thigh bone above, shin bone and the thin bone beside it below."""
    gap = dice.uniform(0.035, 0.055)
    thigh = np.minimum.reduce(
        [
            capsule(grid, (0.0, -1.3), (0.0, -0.42), 0.26, 0.40),
            ellipse(grid, -0.22, -0.30, 0.33, 0.30),
            ellipse(grid, 0.22, -0.30, 0.33, 0.30),
        ]
    )
    thigh = np.maximum(thigh, grid.y + gap - 0.03 * np.cos(9 * grid.x))
    shin = np.minimum(capsule(grid, (0, 1.3), (0, 0.46), 0.26, 0.38), ellipse(grid, 0, 0.30, 0.54, 0.26))
    shin = np.maximum(shin, gap - grid.y - 0.03 * np.cos(9 * grid.x))
    thin = capsule(grid, (0.60, 0.52), (0.52, 1.3), 0.075, 0.06)
    bones = np.minimum(thigh, shin)
    scene = Scene(soft(bones + 0.02), (Room(0, -0.46, 0.38, 0.34), Room(0, 0.46, 0.36, 0.34)))
    leg = np.abs(grid.x - 0.04) - 0.80 + 0.10 * np.cos(2.4 * grid.y)
    scene.add("fat", soft(leg, 0.02))
    scene.add("muscle", soft(leg + 0.09, 0.03))
    scene.add("soft", 0.5 * soft(ellipse(grid, 0, 0, 0.66, 0.16), 0.05))
    scene.add("bone", soft(np.minimum(bones, thin), 0.014))
    scene.add("marrow", soft(np.minimum(bones, thin) + 0.045, 0.02) * np.clip(0.93 + 0.07 * mottle(dice, 20), 0, 1))
    return scene


def breast_side(dice: Dice, grid: Grid) -> Scene:
    """A breast from the side: a dome of fat with fibrous tissue in it and the chest muscle behind."""
    dome = np.maximum(ellipse(grid, -1.0, 0, 1.75, 0.95), -(grid.x + 0.99))
    scene = Scene(soft(dome + 0.05), (Room(-0.30, 0.0, 0.48, 0.46),))
    scene.add("fat", soft(dome, 0.02))
    tissue = soft(ellipse(grid, -0.30, 0, 0.75, 0.62), 0.20) * np.clip(0.5 + 0.35 * mottle(dice, 9), 0, 1)
    scene.add("soft", 0.9 * tissue)
    scene.add("soft", 0.6 * _ducts(dice, grid) * soft(dome + 0.06, 0.03))
    scene.add("soft", 0.9 * soft(outline(dome + 0.01, 0.012), 0.015) * (grid.x > -0.96))
    scene.add("soft", 0.7 * soft(ellipse(grid, 0.73, 0, 0.05, 0.06), 0.02))
    scene.add("muscle", soft((grid.x + 0.98) + 0.42 * (grid.y + 0.40), 0.03) * soft(dome))
    return scene


def _ducts(dice: Dice, grid: Grid) -> Field:
    """Thin strands that fan out from the nipple."""
    strength = np.zeros_like(grid.x)
    for strand in range(6):
        end = (-0.55 + dice.uniform(-0.15, 0.15), -0.65 + 0.26 * strand + dice.uniform(-0.06, 0.06))
        strength = np.maximum(strength, soft(capsule(grid, (0.72, 0.0), end, 0.010, 0.016), 0.014))
    return strength
