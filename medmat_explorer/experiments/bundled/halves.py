"""The network's two halves apart: pictures to patch features, and features with text to logits.

Together they compute exactly what `LlavaForConditionalGeneration.forward` does for a prompt that starts with
the image. Text is padded on the right here: the network is causal and its positions are relative, so padding is
never seen and needs no mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medmat_explorer.experiments.bundled.recipe import Network
from medmat_explorer.experiments.bundled.vocabulary import PIXEL_DEVIATION, PIXEL_MEAN

if TYPE_CHECKING:
    from torch import Tensor


def normalised(pixels: NDArray[np.uint8]) -> Tensor:
    """Bytes (n, side, side, 3) to the float32 tensor (n, 3, side, side) that the image processor would give."""
    import torch

    mean, deviation = torch.tensor(PIXEL_MEAN).view(3, 1, 1), torch.tensor(PIXEL_DEVIATION).view(3, 1, 1)
    return (torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(255) - mean) / deviation


def tower_features(network: Network, pixels: Tensor) -> Tensor:
    """What the vision tower says about each patch: (n, patches, vision width)."""
    patches: Tensor = network.model.vision_tower(pixel_values=pixels).last_hidden_state[:, 1:]
    return patches


def patch_words(network: Network, pixels: Tensor) -> Tensor:
    """The tower's patches in the space of word embeddings: (n, patches, text width)."""
    projected: Tensor = network.model.multi_modal_projector(tower_features(network, pixels))
    return projected


def text_logits(network: Network, features: Tensor, ids: Tensor) -> Tensor:
    """Logits (n, length, vocabulary) at every text token, from features (n, patches, width) and ids (n, length)."""
    import torch

    embedded = network.get_input_embeddings()(ids)
    hidden = network.model.language_model(
        inputs_embeds=torch.cat([features, embedded], dim=1), use_cache=False
    ).last_hidden_state
    logits: Tensor = network.lm_head(hidden[:, features.shape[1] :])
    return logits
