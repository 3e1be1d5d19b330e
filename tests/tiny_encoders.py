"""Tiny random vision models in transformers format, of the families that people take vectors from."""

from pathlib import Path
from typing import Any

from tests.tiny_models import MEAN, STD, build_idefics3, build_llava

SHAPE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "image_size": 32,
    "patch_size": 8,
}
WORDS: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "vocab_size": 99,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}


def build_vit(folder: Path) -> Path:
    """A classifier, as most are published: it has no pooling layer."""
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

    pictures = ViTImageProcessor(size={"height": 32, "width": 32}, image_mean=MEAN, image_std=STD)
    return _saved(folder, ViTForImageClassification(ViTConfig(**SHAPE)), pictures)


def build_dinov2(folder: Path) -> Path:
    """Resizes the shorter side and crops the middle."""
    from transformers import BitImageProcessor, Dinov2Config, Dinov2Model

    shape = {name: value for name, value in SHAPE.items() if name != "intermediate_size"}
    pictures = BitImageProcessor(
        size={"shortest_edge": 36}, crop_size={"height": 32, "width": 32}, image_mean=MEAN, image_std=STD
    )
    return _saved(folder, Dinov2Model(Dinov2Config(**shape)), pictures)


def build_clip(folder: Path) -> Path:
    """Pictures and captions."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    pictures = CLIPImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, image_mean=MEAN, image_std=STD
    )
    return _saved(folder, CLIPModel(CLIPConfig(vision_config=SHAPE, text_config=WORDS)), pictures)


def build_siglip(folder: Path) -> Path:
    """Pictures and captions, with a head that pools by attention and no class token."""
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel

    pictures = SiglipImageProcessor(size={"height": 32, "width": 32}, image_mean=MEAN, image_std=STD)
    return _saved(folder, SiglipModel(SiglipConfig(vision_config=SHAPE, text_config=WORDS)), pictures)


def build_convnext(folder: Path) -> Path:
    """Convolutions: no tokens."""
    from transformers import ConvNextConfig, ConvNextImageProcessor, ConvNextModel

    pictures = ConvNextImageProcessor(size={"shortest_edge": 32}, crop_pct=1.0, image_mean=MEAN, image_std=STD)
    return _saved(folder, ConvNextModel(ConvNextConfig(hidden_sizes=[8, 16, 16, 32], depths=[1, 1, 1, 1])), pictures)


def _saved(folder: Path, model: Any, pictures: Any) -> Path:
    import torch

    torch.manual_seed(0)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 and "position" not in name:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder, safe_serialization=True)
    pictures.save_pretrained(folder)
    return folder


ENCODERS = {
    "vit": build_vit,
    "dinov2": build_dinov2,
    "clip": build_clip,
    "siglip": build_siglip,
    "convnext": build_convnext,
    "llava": build_llava,
    "idefics3": build_idefics3,
}
