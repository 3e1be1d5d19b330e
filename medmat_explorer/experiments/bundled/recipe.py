"""What the bundled backbone is made of and how long each stage of its training runs.

Everything here is a number, so that a run is repeated by its minutes and its seed. Steps follow from the
minutes asked for, never from the clock: the same minutes and seed give the same weights on the same machine and
library versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from medmat_explorer.errors import SettingsError

DEFAULT_MINUTES = 25.0

Network = Any
"""A `LlavaForConditionalGeneration`; not named as a type, so that reading a plan does not load transformers."""

Tokens = Any
"""A `PreTrainedTokenizerFast`."""

Processor = Any
"""A `LlavaProcessor`."""


@dataclass(frozen=True)
class Architecture:
    """Sizes of the model: picture and patch in pixels, widths and depths of both halves."""

    image_side: int = 96
    patch_side: int = 16
    vision_width: int = 128
    vision_layers: int = 4
    text_width: int = 128
    text_layers: int = 2
    heads: int = 4

    @property
    def patches(self) -> int:
        """How many image tokens a picture becomes."""
        return (self.image_side // self.patch_side) ** 2


@dataclass(frozen=True)
class Stage:
    """One loop of training: its steps, questions a step, and peak learning rate."""

    steps: int
    batch: int
    rate: float


@dataclass(frozen=True)
class Recipe:
    """The whole plan: pictures a subset, and the three stages of learning."""

    architecture: Architecture
    pictures: int
    validation_items: int
    language: Stage
    vision: Stage
    letters: Stage
    seed: int


def recipe_for(minutes: float, seed: int) -> Recipe:
    """The plan for about so many minutes of one core.

    Raises SettingsError when minutes is not above zero.
    """
    if not minutes > 0:
        raise SettingsError(f"Cannot train for {minutes} minutes; give a number above 0, such as {DEFAULT_MINUTES:g}.")

    def scaled(steps_a_minute: float) -> int:
        return max(4, round(minutes * steps_a_minute))

    return Recipe(
        architecture=Architecture(),
        pictures=max(6, min(1200, round(minutes * 40))),
        validation_items=max(3, min(60, round(minutes * 4))),
        language=Stage(scaled(14), 64, 2e-3),
        vision=Stage(scaled(160), 32, 1.3e-3),
        letters=Stage(scaled(72), 32, 6e-4),
        seed=seed,
    )
