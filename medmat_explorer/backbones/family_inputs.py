"""What single families need changed in the tensors that go into their models."""

from collections.abc import MutableMapping
from typing import Any

Inputs = MutableMapping[str, Any]
"""Tensors by the names of a model's arguments."""


def as_they_are(inputs: Inputs) -> Inputs:
    """Nothing to mend."""
    return inputs


def without_labels(inputs: Inputs) -> Inputs:
    """PaliGemma's processor adds labels for training, and a model that gets them computes a loss."""
    inputs.pop("labels", None)
    return inputs


def padding_in_place(inputs: Inputs) -> Inputs:
    """InstructBLIP's processor puts the picture's tokens before the padding, and pads its Q-Former's words on the left.

    A longer neighbour in the batch would move picture and text apart, and the words to places that the Q-Former counts
    from the left: padding belongs before the picture, and behind the words.
    """
    for ids, seen, last in (
        ("input_ids", "attention_mask", False),
        ("qformer_input_ids", "qformer_attention_mask", True),
    ):
        order = inputs[seen].argsort(dim=1, stable=True, descending=last)
        inputs[ids], inputs[seen] = inputs[ids].gather(1, order), inputs[seen].gather(1, order)
    return inputs


def carry_nothing(model: Any, inputs: Inputs, prefixes: Any, seen: Any, length: int) -> Inputs:
    """The cache is all that is needed to read on."""
    return {}


def carry_cross_attention(model: Any, inputs: Inputs, prefixes: Any, seen: Any, length: int) -> Inputs:
    """Llama 3.2: what is read on sees the tiles that the end of its prefix saw, and no padding tiles."""
    last = inputs["cross_attention_mask"][prefixes, -1:]
    return {"cross_attention_mask": last.expand(-1, length, -1, -1)}


def carry_places(model: Any, inputs: Inputs, prefixes: Any, seen: Any, length: int) -> Inputs:
    """Qwen-VL: a picture takes fewer places than it has tokens, by a number that the model noted for each prefix."""
    import torch

    shift = model.model.rope_deltas.to(seen.device)[prefixes]
    places = seen.sum(1, keepdim=True) + torch.arange(length, device=seen.device) + shift
    return {"position_ids": places.expand(3, -1, -1)}
