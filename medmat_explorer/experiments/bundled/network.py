"""The bundled backbone's network: a LLaVA of about a million weights, built from a configuration."""

from __future__ import annotations

from typing import Any

from medmat_explorer.experiments.bundled.recipe import Architecture, Network, Tokens
from medmat_explorer.experiments.bundled.vocabulary import IMAGE

POSITION_DEVIATION = 0.3
"""Start of the position embeddings: CLIP's 0.02 drowns beside the patch embedding at this width."""


def make_network(tokenizer: Tokens, architecture: Architecture, seed: int) -> Network:
    """A new network with seeded random weights."""
    import torch
    from transformers import LlavaConfig, LlavaForConditionalGeneration

    torch.manual_seed(seed)
    options: dict[str, Any] = {
        "vision_config": _vision_config(architecture),
        "text_config": _text_config(tokenizer, architecture),
        "image_token_index": tokenizer.convert_tokens_to_ids(IMAGE),
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "default",
        "image_seq_length": architecture.patches,
        "initializer_range": architecture.text_width**-0.5,
        "tie_word_embeddings": True,
        "pad_token_id": tokenizer.pad_token_id,
    }
    network = LlavaForConditionalGeneration(LlavaConfig(**options))
    for name, weight in network.named_parameters():
        if "position_embedding" in name:
            torch.nn.init.normal_(weight, std=POSITION_DEVIATION)
    return network


def _vision_config(architecture: Architecture) -> Any:
    from transformers import CLIPVisionConfig

    return CLIPVisionConfig(
        hidden_size=architecture.vision_width,
        intermediate_size=architecture.vision_width * 3,
        num_hidden_layers=architecture.vision_layers,
        num_attention_heads=architecture.heads,
        image_size=architecture.image_side,
        patch_size=architecture.patch_side,
        projection_dim=architecture.vision_width,
    )


def _text_config(tokenizer: Tokens, architecture: Architecture) -> Any:
    from transformers import LlamaConfig

    width = architecture.text_width
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=width * 3,
        num_hidden_layers=architecture.text_layers,
        num_attention_heads=architecture.heads,
        num_key_value_heads=architecture.heads,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        rms_norm_eps=1e-5,
        initializer_range=width**-0.5,
    )
