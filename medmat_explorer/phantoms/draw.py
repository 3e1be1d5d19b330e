"""One picture of the synthetic world: an anatomy, seen by a modality, with the finding that its label names.

The same subset, label and seed give the same pixels.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medmat_explorer.errors import UnknownNameError
from medmat_explorer.phantoms import echoes, shadows, slices, surfaces
from medmat_explorer.phantoms.canvas import Dice, Field, posed_grid
from medmat_explorer.phantoms.findings import finding
from medmat_explorer.phantoms.modalities import MODALITIES, paint
from medmat_explorer.phantoms.quality import FAULTS, degraded, stamped
from medmat_explorer.phantoms.scene import Anatomy, Scene
from medmat_explorer.phantoms.world import PHANTOM_VERSION, PhantomSubset

Pixels = NDArray[np.uint8]

_ANATOMIES: dict[tuple[str, str], Anatomy] = {
    ("CT", "Brain"): slices.brain,
    ("MRI", "Brain"): slices.brain,
    ("CT", "Lung"): slices.chest_slice,
    ("CT", "Liver"): slices.liver_slice,
    ("MRI", "Liver"): slices.liver_slice,
    ("CT", "Kidney"): slices.kidney_slice,
    ("MRI", "Bones"): shadows.knee,
    ("X-ray", "Bones"): shadows.knee,
    ("X-ray", "Lung"): shadows.chest_front,
    ("X-ray", "Breast"): shadows.breast_side,
    ("US", "Breast"): echoes.breast_depth,
    ("US", "Liver"): echoes.liver_depth,
    ("US", "Kidney"): echoes.kidney_depth,
    ("Der", "Skin"): surfaces.skin,
    ("FP", "Fundus"): surfaces.fundus,
    ("OCT", "Retina"): echoes.retina,
    ("Mic", "Cell"): surfaces.cells,
    ("End", "Intestine"): surfaces.gut,
    ("DP", "Mouth"): surfaces.mouth,
}

_SYMMETRIC = {"Brain", "Bones", "Skin", "Fundus", "Cell", "Retina", "Intestine", "Kidney", "Mouth"}
"""Areas that may be mirrored without looking wrong."""


def draw(subset: PhantomSubset, label: str, seed: int) -> Image.Image:
    """The RGB picture of a subset with a label, SIDE x SIDE pixels.

    Raises UnknownNameError for a label that the subset does not have.
    """
    return draw_with_mask(subset, label, seed)[0]


def draw_with_mask(subset: PhantomSubset, label: str, seed: int) -> tuple[Image.Image, Image.Image]:
    """The picture of `draw`, and where its finding lies: a grey image of the same size, 255 where it is strongest.

    For a fault of the whole picture (Quality) that is everywhere; where nothing is found it is nowhere.
    """
    dice, scene, strength = _composed(subset, label, seed)
    image = paint(MODALITIES[subset.modality], scene, strength, dice)
    image = stamped(degraded(label, image, dice))
    if label in FAULTS:
        strength = np.ones_like(strength)
    return Image.fromarray(_bytes(image)), Image.fromarray(_bytes(strength))


def _composed(subset: PhantomSubset, label: str, seed: int) -> tuple[Dice, Scene, Field]:
    if label not in subset.labels:
        raise UnknownNameError(f"label of phantom subset {subset.number}", label, subset.labels)
    key = f"{PHANTOM_VERSION}|{subset.number}|{label}".encode()
    dice = np.random.default_rng([zlib.crc32(key), seed])
    grid = posed_grid(dice, subset.area in _SYMMETRIC)
    scene = _ANATOMIES[subset.modality, subset.area](dice, grid)
    return dice, scene, finding(label, dice, grid, scene.rooms) * scene.region


def _bytes(field: Field) -> Pixels:
    return (np.clip(field, 0, 1) * 255 + 0.5).astype(np.uint8)
