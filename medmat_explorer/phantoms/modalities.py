"""How each modality shows tissues and findings: its palette, its contrast, and the marks its physics leaves.

A palette maps a tissue to a grey value or a colour from 0 to 1. The contrast of a finding belongs to the
modality and is the same in every anatomy, so what is learned about it in one area can help in another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from medmat_explorer.phantoms.canvas import (
    SIDE,
    Dice,
    Field,
    blur,
    ellipse,
    grain,
    mottle,
    over,
    soft,
    straight_grid,
)
from medmat_explorer.phantoms.scene import Scene

Colour = tuple[float, float, float]
Physics = Callable[[Dice, Field], Field]


@dataclass(frozen=True)
class Modality:
    """Palette, background and finding value (greys or colours), tint of greys, and the physics applied last."""

    palette: Mapping[str, float | Colour]
    background: float | Colour
    finding: float | Colour
    physics: Physics
    tint: Colour = (1.0, 1.0, 1.0)

    @property
    def coloured(self) -> bool:
        """Whether the palette holds colours rather than greys."""
        return isinstance(self.background, tuple)


def paint(modality: Modality, scene: Scene, strength: Field, dice: Dice) -> Field:
    """The picture of a scene with its finding: float32 of shape (SIDE, SIDE, 3), from 0 to 1."""
    canvas = _tissues(modality, scene, dice)
    canvas = _with_finding(modality, canvas, strength, dice)
    canvas = modality.physics(dice, canvas)
    if not modality.coloured:
        contrast, level = dice.uniform(0.90, 1.08), dice.uniform(-0.03, 0.03)
        canvas = np.clip((canvas - 0.5) * np.float32(contrast) + np.float32(0.5 + level), 0, 1)
        canvas = canvas[..., None] * np.array(modality.tint, dtype=np.float32)
    return np.clip(canvas, 0, 1)


def _tissues(modality: Modality, scene: Scene, dice: Dice) -> Field:
    shape = (SIDE, SIDE, 3) if modality.coloured else (SIDE, SIDE)
    canvas = np.broadcast_to(np.asarray(modality.background, dtype=np.float32), shape).copy()
    shade: dict[str, float] = {}
    for tissue, mask in scene.layers:
        factor = shade.setdefault(tissue, dice.uniform(0.94, 1.06))
        canvas = over(canvas, mask, np.asarray(modality.palette[tissue], dtype=np.float32) * np.float32(factor))
    return canvas


def _with_finding(modality: Modality, canvas: Field, strength: Field, dice: Dice) -> Field:
    """The finding laid over the tissues, with a faint halo against it and a little texture in it."""
    opacity = np.float32(dice.uniform(0.80, 0.97))
    value = np.asarray(modality.finding, dtype=np.float32)
    bright = float(np.mean(value)) > 0.5
    halo = np.clip(blur(strength, 8) - strength, 0, 1) * np.float32(0.35)
    canvas = over(canvas, halo, np.zeros_like(canvas) if bright else np.minimum(canvas * 1.5 + 0.05, 1))
    texture = np.clip(1 - 0.10 * np.abs(mottle(dice, 22)), 0, 1)
    return over(canvas, strength * opacity * texture, value)


def _ct(dice: Dice, image: Field) -> Field:
    texture = 0.018 * mottle(dice, 28) * (image > 0.1)
    noisy = image + texture + np.float32(dice.uniform(0.012, 0.028)) * grain(dice)
    return 0.5 * noisy + 0.5 * blur(noisy, 1)


def _mri(dice: Dice, image: Field) -> Field:
    coil = 1 + 0.10 * mottle(dice, 2)
    noise = np.float32(dice.uniform(0.015, 0.035))
    real = image * coil + 0.02 * mottle(dice, 26) * (image > 0.1) + noise * grain(dice)
    return np.sqrt(real**2 + (noise * grain(dice)) ** 2)


def _xray(dice: Dice, image: Field) -> Field:
    grid = straight_grid()
    tilt = np.float32(dice.uniform(-0.04, 0.04))
    image = blur(image, 2) * (1 - 0.10 * (grid.x**2 + grid.y**2)) + tilt * grid.y
    return image + 0.015 * mottle(dice, 20) + np.float32(dice.uniform(0.008, 0.018)) * grain(dice)


def _ultrasound(dice: Dice, image: Field) -> Field:
    """Speckle, fading with depth, and the fan that the probe sweeps."""
    grid = straight_grid()
    speckle = blur(np.square(grain(dice)) + np.square(grain(dice)), 2) * np.float32(0.5)
    image = np.clip(image, 0.02, 1) * (0.40 + 0.60 * speckle) * (1.02 - 0.10 * grid.y)
    depth = np.sqrt(grid.x**2 + (grid.y + 1.9) ** 2)
    fan = soft(np.abs(grid.x) - 0.56 * (grid.y + 1.9), 0.02) * soft(depth - 2.86, 0.02) * soft(0.94 - depth, 0.02)
    swept: Field = image * fan + 0.02
    return swept


def _oct(dice: Dice, image: Field) -> Field:
    speckle = blur(np.square(grain(dice)) + np.square(grain(dice)), 1) * np.float32(0.5)
    speckled: Field = image * (0.55 + 0.45 * speckle) + 0.02 * np.abs(grain(dice))
    return speckled


def _camera(dice: Dice, image: Field) -> Field:
    cast = np.array([dice.uniform(-0.02, 0.02) for _ in range(3)], dtype=np.float32)
    noise = np.float32(dice.uniform(0.005, 0.013))
    return (image - 0.5) * np.float32(dice.uniform(0.93, 1.07)) + 0.5 + cast + noise * grain(dice)[..., None]


def _dermatoscope(dice: Dice, image: Field) -> Field:
    image = _camera(dice, image)
    if dice.random() < 0.7:
        edge = dice.uniform(1.06, 1.18)
        image = over(image, 0.92 * soft(-ellipse(straight_grid(), 0, 0, edge, edge), 0.03), (0.07, 0.05, 0.05))
    return image


def _fundus_camera(dice: Dice, image: Field) -> Field:
    return _camera(dice, image * (1 + 0.05 * mottle(dice, 5))[..., None])


def _microscope(dice: Dice, image: Field) -> Field:
    return _camera(dice, image * (1 + 0.03 * mottle(dice, 9))[..., None])


_CT = {
    "fat": 0.26,
    "muscle": 0.46,
    "soft": 0.50,
    "bone": 0.80,
    "air": 0.06,
    "blood": 0.58,
    "vessel": 0.50,
    "fluid": 0.18,
    "grey matter": 0.46,
    "white matter": 0.38,
    "liver": 0.50,
    "kidney": 0.56,
}
_MRI = {
    "fat": 0.62,
    "muscle": 0.26,
    "soft": 0.36,
    "bone": 0.10,
    "marrow": 0.48,
    "blood": 0.16,
    "vessel": 0.22,
    "air": 0.04,
    "fluid": 0.10,
    "grey matter": 0.36,
    "white matter": 0.52,
    "liver": 0.42,
    "kidney": 0.48,
}
_XRAY = {"fat": 0.24, "muscle": 0.44, "soft": 0.38, "bone": 0.72, "marrow": 0.52, "air": 0.12}
_US = {
    "soft": 0.50,
    "fat": 0.32,
    "fascia": 0.86,
    "muscle": 0.40,
    "liver": 0.52,
    "bone": 0.90,
    "kidney": 0.38,
    "sinus": 0.66,
}
_OCT = {
    "nerve fibres": 0.62,
    "inner layer": 0.34,
    "outer layer": 0.48,
    "receptors": 0.20,
    "pigment": 0.74,
    "choroid": 0.32,
}
_SKIN: dict[str, Colour] = {
    "skin": (0.91, 0.72, 0.62),
    "flush": (0.87, 0.60, 0.53),
    "pore": (0.74, 0.52, 0.44),
    "hair": (0.30, 0.20, 0.15),
}
_FUNDUS: dict[str, Colour] = {
    "retina": (0.80, 0.36, 0.15),
    "rim": (0.60, 0.22, 0.09),
    "macula": (0.52, 0.18, 0.08),
    "vessel": (0.50, 0.09, 0.07),
    "nerve head": (0.98, 0.74, 0.42),
    "nerve cup": (1.0, 0.88, 0.66),
}
_CELLS: dict[str, Colour] = {
    "stroma": (0.96, 0.84, 0.91),
    "fibre": (0.88, 0.60, 0.76),
    "body": (0.83, 0.56, 0.76),
    "nucleus": (0.58, 0.40, 0.72),
}
_GUT: dict[str, Colour] = {
    "mucosa": (0.90, 0.52, 0.44),
    "groove": (0.70, 0.33, 0.28),
    "fold": (0.97, 0.66, 0.56),
    "shade": (0.50, 0.20, 0.18),
    "opening": (0.12, 0.04, 0.04),
    "shine": (1.0, 0.95, 0.92),
}
_MOUTH: dict[str, Colour] = {
    "skin": (0.90, 0.70, 0.60),
    "flush": (0.86, 0.60, 0.52),
    "lip": (0.80, 0.42, 0.42),
    "lip shade": (0.60, 0.26, 0.28),
    "gum": (0.86, 0.50, 0.52),
    "tooth": (0.97, 0.95, 0.88),
    "dark": (0.34, 0.14, 0.15),
}

MODALITIES: dict[str, Modality] = {
    "CT": Modality(_CT, 0.02, 0.95, _ct),
    "MRI": Modality(_MRI, 0.02, 0.92, _mri, (0.97, 0.99, 1.03)),
    "X-ray": Modality(_XRAY, 0.05, 0.95, _xray, (0.92, 0.98, 1.06)),
    "US": Modality(_US, 0.30, 0.03, _ultrasound, (1.04, 1.0, 0.93)),
    "Der": Modality(_SKIN, (0.91, 0.72, 0.62), (0.36, 0.19, 0.13), _dermatoscope),
    "FP": Modality(_FUNDUS, (0.02, 0.015, 0.015), (1.0, 0.93, 0.62), _fundus_camera),
    "OCT": Modality(_OCT, 0.05, 1.0, _oct, (0.95, 1.03, 0.99)),
    "Mic": Modality(_CELLS, (0.96, 0.84, 0.91), (0.26, 0.10, 0.44), _microscope),
    "End": Modality(_GUT, (0.02, 0.015, 0.015), (1.0, 0.94, 0.78), _camera),
    "DP": Modality(_MOUTH, (0.90, 0.70, 0.60), (0.28, 0.13, 0.09), _camera),
}
