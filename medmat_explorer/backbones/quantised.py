"""Weights of 8 or 4 bits through bitsandbytes: the language part alone.

The vision tower, what joins it to the language part, and the output layer keep their number format: rounding them costs
more accuracy than it saves memory.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

KEPT_WHOLE = (
    "vision_tower",
    "vision_model",
    "visual",
    "vision_encoder",
    "multi_modal_projector",
    "connector",
    "qformer",
    "language_projection",
    "lm_head",
)
"""Parts of a model, by the names that families give them."""

_PART = re.compile(rf"(?:^|\.)(?:{'|'.join(KEPT_WHOLE)})(?:\.|$)")
_NO_LAYER = re.compile(r"(?:^|\.)(?:embed_tokens|query_tokens)(?:\.|$)")


def skipped_modules() -> list[str]:
    """Patterns for transformers, each matching a part wherever it stands in a module's name."""
    return [rf"(?:.*\.)?{part}" for part in KEPT_WHOLE]


def kept_parameters(shapes: Mapping[str, list[int]]) -> int:
    """How many of the parameters keep their number format: the parts above, embeddings, and everything but matrices."""
    return sum(
        math.prod(shape)
        for name, shape in shapes.items()
        if len(shape) < 2 or _PART.search(name) or _NO_LAYER.search(name)
    )


def quantisation(bits: int, dtype: str) -> Any:
    """The settings for transformers; None for weights that are not shrunk. Written for CUDA and never run on one."""
    if not bits:
        return None
    import torch
    from transformers import BitsAndBytesConfig

    settings: Any = BitsAndBytesConfig
    if bits == 8:
        return settings(load_in_8bit=True, llm_int8_skip_modules=skipped_modules())
    return settings(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, dtype),
        llm_int8_skip_modules=skipped_modules(),
    )
