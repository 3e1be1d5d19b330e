"""Anatomies seen in depth: breast, liver and kidney under an ultrasound probe, the retina under OCT."""

from __future__ import annotations

import math

import numpy as np

from medmat_explorer.phantoms.canvas import Dice, Field, Grid, capsule, ellipse, mottle, outline, soft
from medmat_explorer.phantoms.findings import Room
from medmat_explorer.phantoms.scene import Scene


def breast_depth(dice: Dice, grid: Grid) -> Scene:
    """A breast under the probe: skin, fat, bands of fibrous tissue, the chest muscle at the bottom."""
    shift = dice.uniform(-0.05, 0.05)
    scene = Scene(soft(-(grid.y + 0.66), 0.03) * soft(grid.y - 0.70, 0.03), (Room(0, 0.02, 0.46, 0.36),))
    scene.add("soft", np.ones_like(grid.x))
    scene.add("fat", soft(np.abs(grid.y + 0.74 + shift) - 0.12, 0.03))
    scene.add("fascia", soft(np.abs(grid.y + 0.90 + shift) - 0.04, 0.02))
    for band in range(4):
        middle = -0.50 + 0.34 * band + dice.uniform(-0.05, 0.05)
        wave = 0.05 * np.sin(3 * grid.x + dice.uniform(0, 6))
        scene.add("fascia", 0.40 * soft(np.abs(grid.y - middle - wave) - 0.014, 0.03))
    scene.add("muscle", soft(0.70 + shift - grid.y, 0.03))
    scene.add("fascia", soft(np.abs(grid.y - 0.70 - shift) - 0.022, 0.02))
    return scene


def liver_depth(dice: Dice, grid: Grid) -> Scene:
    """A liver under the probe: even tissue, a few bright-walled vessels, the diaphragm as a bright arc below."""
    scene = Scene(soft(ellipse(grid, 0, 0.05, 0.90, 0.72), 0.03), (Room(0, 0.02, 0.42, 0.34),))
    scene.add("liver", np.ones_like(grid.x))
    scene.add("fascia", 0.7 * soft(np.abs(grid.y + 0.84) - 0.03, 0.03))
    for _ in range(3):
        x, y, angle = dice.uniform(-0.6, 0.6), dice.uniform(-0.5, 0.5), dice.uniform(-0.6, 0.6)
        tip = (x + 0.22 * math.cos(angle), y + 0.22 * math.sin(angle))
        scene.add("fascia", 0.45 * soft(outline(capsule(grid, (x, y), tip, 0.03), 0.010), 0.02))
    scene.add("bone", soft(outline(ellipse(grid, 0, 0.05, 0.95, 0.80), 0.025), 0.02) * (grid.y > 0.3))
    return scene


def kidney_depth(dice: Dice, grid: Grid) -> Scene:
    """A kidney under the probe: one large bean with a bright middle, in brighter fat."""
    turn = dice.uniform(-0.15, 0.15)
    bean = ellipse(grid, 0, 0.05, 0.72, 0.50, turn)
    scene = Scene(soft(bean + 0.01), (Room(0, 0.05, 0.48, 0.26),))
    scene.add("soft", np.ones_like(grid.x))
    scene.add("fascia", 0.7 * soft(np.abs(grid.y + 0.82) - 0.03, 0.03))
    scene.add("kidney", soft(bean))
    scene.add("fascia", 0.8 * soft(outline(bean, 0.020), 0.015))
    middle = soft(ellipse(grid, 0, 0.05, 0.40, 0.15, turn), 0.06)
    scene.add("sinus", 0.8 * middle * np.clip(0.8 + 0.3 * mottle(dice, 14), 0, 1))
    return scene


_RETINA_LAYERS = (
    ("nerve fibres", 0.00, 0.07),
    ("inner layer", 0.07, 0.20),
    ("outer layer", 0.20, 0.27),
    ("inner layer", 0.27, 0.40),
    ("receptors", 0.40, 0.50),
    ("pigment", 0.50, 0.57),
    ("choroid", 0.57, 1.00),
)


def retina(dice: Dice, grid: Grid) -> Scene:
    """A retina in cross-section: layers one over the other, with the pit of sharpest sight in the middle."""
    thick = 1.45
    surface = -0.46 + 0.05 * mottle(dice, 2)
    pit = 0.20 * np.exp(-(((grid.x - dice.uniform(-0.15, 0.15)) / 0.22) ** 2))
    floor = surface + 0.57 * thick

    def depth(part: float) -> Field:
        return surface + part * thick + pit * max(0.0, 1 - part / 0.5)

    scene = Scene(soft(np.maximum(surface + pit - grid.y, grid.y - floor), 0.02), (Room(0, -0.06, 0.52, 0.14),))
    for tissue, top, bottom in _RETINA_LAYERS:
        scene.add(tissue, soft(np.maximum(depth(top) - grid.y, grid.y - depth(bottom)), 0.014))
    return scene
