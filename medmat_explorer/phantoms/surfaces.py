"""Anatomies photographed in colour: skin, the back of the eye, cells on a slide, the inside of the gut, a mouth."""

from __future__ import annotations

import math

import numpy as np

from medmat_explorer.phantoms.canvas import Dice, Field, Grid, capsule, ellipse, mottle, outline, soft
from medmat_explorer.phantoms.findings import Room
from medmat_explorer.phantoms.scene import Scene


def skin(dice: Dice, grid: Grid) -> Scene:
    """A patch of skin with its mottling and a few hairs."""
    scene = Scene(soft(ellipse(grid, 0, 0, 0.92, 0.92), 0.03), (Room(0, 0, 0.36, 0.36),))
    scene.add("skin", np.ones_like(grid.x))
    scene.add("flush", np.clip(0.35 + 0.30 * mottle(dice, 6), 0, 1))
    scene.add("pore", np.clip(0.25 * mottle(dice, 34) - 0.12, 0, 0.4))
    for _ in range(int(dice.integers(0, 4))):
        angle, offset, bend = dice.uniform(0, math.pi), dice.uniform(-0.9, 0.9), dice.uniform(-0.2, 0.2)
        across = grid.x * math.cos(angle) + grid.y * math.sin(angle)
        along = grid.y * math.cos(angle) - grid.x * math.sin(angle)
        scene.add("hair", 0.5 * soft(np.abs(across - offset + bend * along**2) - 0.005, 0.012))
    return scene


def fundus(dice: Dice, grid: Grid) -> Scene:
    """The back of the eye: a red disc with the bright optic nerve head, vessels and the darker macula."""
    disc = ellipse(grid, 0, 0, 0.93, 0.93)
    head = (0.60, dice.uniform(-0.06, 0.06))
    scene = Scene(soft(disc + 0.08), (Room(-0.14, 0, 0.56, 0.60),))
    scene.add("retina", soft(disc, 0.016))
    scene.add("rim", soft(-(disc + 0.22), 0.25) * soft(disc, 0.016))
    scene.add("macula", 0.5 * soft(ellipse(grid, -0.16, head[1], 0.07, 0.07), 0.14))
    for side in (-1.0, 1.0):
        for bend, width in ((dice.uniform(0.54, 0.66), 0.024), (dice.uniform(0.26, 0.38), 0.015)):
            scene.add("vessel", _arcade(grid, head, side * bend, width) * soft(disc + 0.01))
        stub = (head[0] + 0.3, head[1] + side * dice.uniform(0.15, 0.3))
        scene.add("vessel", 0.7 * soft(capsule(grid, head, stub, 0.018, 0.008)) * soft(disc))
    scene.add("nerve head", soft(ellipse(grid, *head, 0.13, 0.155), 0.025))
    scene.add("nerve cup", 0.8 * soft(ellipse(grid, *head, 0.055, 0.065), 0.03))
    return scene


def _arcade(grid: Grid, head: tuple[float, float], bend: float, width: float) -> Field:
    """One curved vessel that leaves the nerve head, thinning as it goes."""
    along = np.clip((head[0] - grid.x) / 1.35, 0, 1.2)
    middle = head[1] + bend * np.sqrt(along + 1e-6) * (1.25 - 0.45 * along)
    return 0.75 * soft(np.abs(grid.y - middle) - width * (1.1 - 0.7 * along), 0.014) * (grid.x < head[0])


def cells(dice: Dice, grid: Grid) -> Scene:
    """Stained cells side by side, each a pale body with a darker nucleus, among fine fibres."""
    scene = Scene(np.ones_like(grid.x), (Room(0, 0, 0.50, 0.50),))
    scene.add("stroma", np.ones_like(grid.x))
    wave = np.sin(15 * (grid.x * 0.54 + grid.y * 0.84) + 2.5 * mottle(dice, 4))
    scene.add("fibre", 0.22 * np.clip(wave, 0, 1))
    bodies, nuclei = _cell_masks(dice, grid)
    scene.add("body", 0.45 * bodies)
    scene.add("nucleus", 0.65 * nuclei)
    return scene


def _cell_masks(dice: Dice, grid: Grid) -> tuple[Field, Field]:
    bodies, nuclei = np.zeros_like(grid.x), np.zeros_like(grid.x)
    side = 5
    for cell in range(side * side):
        if dice.random() < 0.15:
            continue
        cx = (cell % side + 0.5) / side * 2.5 - 1.25 + dice.uniform(-0.13, 0.13)
        cy = (cell // side + 0.5) / side * 2.5 - 1.25 + dice.uniform(-0.13, 0.13)
        body = ellipse(grid, cx, cy, dice.uniform(0.17, 0.21), dice.uniform(0.17, 0.21))
        bodies = np.maximum(bodies, soft(outline(body + 0.01, 0.012), 0.014) + 0.35 * soft(body, 0.02))
        nuclei = np.maximum(nuclei, soft(ellipse(grid, cx, cy, 0.055, dice.uniform(0.05, 0.07)), 0.018))
    return np.clip(bodies, 0, 1), nuclei


def gut(dice: Dice, grid: Grid) -> Scene:
    """Looking along the gut: folds around a dark opening, wet highlights on them."""
    frame = soft(
        np.maximum(np.abs(grid.x), np.abs(grid.y)) + 0.36 * np.minimum(np.abs(grid.x), np.abs(grid.y)) - 1.16, 0.02
    )
    hole = (dice.uniform(-0.08, 0.08), dice.uniform(-0.08, 0.08))
    away = np.sqrt((grid.x - hole[0]) ** 2 + (grid.y - hole[1]) ** 2)
    scene = Scene(frame * soft(0.16 - away, 0.03), (Room(-0.44, 0.0, 0.24, 0.50), Room(0.44, 0.0, 0.24, 0.50)))
    scene.add("mucosa", frame)
    ripple = 0.10 * np.sin(3 * np.arctan2(grid.y - hole[1], grid.x - hole[0]) + dice.uniform(0, 6))
    folds = np.sin(13 * np.sqrt(away + 0.02) * (1 + ripple) - dice.uniform(0, 6) + 0.4 * mottle(dice, 3))
    scene.add("groove", frame * np.clip(-0.55 * folds - 0.10, 0, 1))
    scene.add("fold", frame * np.clip(0.55 * folds - 0.15, 0, 1))
    scene.add("shade", frame * np.clip(0.70 - 0.95 * away, 0, 1))
    scene.add("opening", soft(away - 0.15, 0.07))
    for _ in range(int(dice.integers(2, 5))):
        angle, radius = dice.uniform(0, 2 * math.pi), dice.uniform(0.75, 0.95)
        spot = ellipse(grid, radius * math.cos(angle), radius * math.sin(angle), 0.035, 0.010, angle)
        scene.add("shine", 0.8 * frame * soft(spot, 0.015))
    return scene


def mouth(dice: Dice, grid: Grid) -> Scene:
    """An open mouth: lips, gums, two rows of teeth."""
    opening = np.maximum(ellipse(grid, 0, 0.30, 0.95, 0.86), ellipse(grid, 0, -0.30, 0.95, 0.86))
    scene = Scene(soft(opening + 0.01), (Room(0, 0, 0.46, 0.30),))
    scene.add("skin", np.ones_like(grid.x))
    scene.add("flush", 0.5 * np.clip(0.3 + 0.3 * mottle(dice, 5), 0, 1))
    scene.add("lip", soft(opening - 0.13, 0.03))
    scene.add("lip shade", soft(opening - 0.015, 0.03))
    scene.add("gum", soft(opening))
    bite = dice.uniform(-0.03, 0.03)
    scene.add("tooth", _teeth(grid, bite - 0.19, 0.16, dice.uniform(0.155, 0.175)) * soft(opening))
    scene.add("tooth", _teeth(grid, bite + 0.19, 0.155, dice.uniform(0.13, 0.15)) * soft(opening))
    scene.add("dark", 0.8 * soft(np.abs(grid.y - bite - 0.03 * np.cos(2 * grid.x)) - 0.012, 0.012) * soft(opening))
    return scene


def _teeth(grid: Grid, middle: float, half_height: float, half_width: float) -> Field:
    """A row of rounded teeth along a line."""
    pitch = 2 * half_width
    across = np.abs((grid.x + half_width) % pitch - half_width) - (half_width - 0.055)
    upright = np.abs(grid.y - middle) - (half_height - 0.045)
    corner = np.sqrt(np.maximum(across, 0) ** 2 + np.maximum(upright, 0) ** 2) + np.minimum(
        np.maximum(across, upright), 0
    )
    return soft(corner - 0.045, 0.014)
