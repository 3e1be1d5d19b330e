"""Tiny random models in transformers format: real architectures, real processors, no training."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORDS = [
    "Which finding does this picture show? A: Normal B: Cyst C: Stone D: Tumor E: Mild F: Moderate",
    " Answer with the option's letter from the given choices directly. A B C D E F G H A) B) C) D)",
]
CHAT = (
    "{% for m in messages %}{% for c in m['content'] %}{% if c['type'] == 'image' %}MARK{% else %} {{ c['text'] }}"
    "{% endif %}{% endfor %}{% endfor %}{% if add_generation_prompt %} Answer:{% endif %}"
)
MEAN, STD = [0.45, 0.40, 0.38], [0.28, 0.27, 0.27]
TEXT = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 1024,
}
MARKS = ("<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>", "<row_1_col_1>", "<|image|>")


def build_llava(folder: Path) -> Path:
    """CLIP tower and Llama; the picture's square is resized, nothing cropped."""
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokenizer = tokenizer_with("<image>")
    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=LlamaConfig(vocab_size=len(tokenizer), **specials(tokenizer), **TEXT),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        image_seq_length=16,
    )
    pictures = CLIPImageProcessor(
        size={"height": 32, "width": 32}, do_center_crop=False, image_mean=MEAN, image_std=STD
    )
    processor = LlavaProcessor(
        image_processor=pictures,
        tokenizer=tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        image_token="<image>",
        num_additional_image_tokens=1,
        chat_template=CHAT.replace("MARK", "<image>"),
    )
    return saved(folder, LlavaForConditionalGeneration, config, processor)


def build_idefics3(folder: Path) -> Path:
    """SigLIP-like tower and Llama; pictures are not split."""
    from transformers import (
        Idefics3Config,
        Idefics3ForConditionalGeneration,
        Idefics3ImageProcessor,
        Idefics3Processor,
        LlamaConfig,
    )

    tokenizer = tokenizer_with("<image>")
    tokenizer.image_token = "<image>"
    config = Idefics3Config(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "image_size": 32,
            "patch_size": 8,
        },
        text_config=LlamaConfig(vocab_size=len(tokenizer), **specials(tokenizer), **TEXT),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,
    )
    pictures = Idefics3ImageProcessor(
        size={"longest_edge": 32},
        max_image_size={"longest_edge": 32},
        do_image_splitting=False,
        image_mean=MEAN,
        image_std=STD,
    )
    template = CHAT.replace("MARK", "<image>")
    processor = Idefics3Processor(pictures, tokenizer, image_seq_len=4, chat_template=template)
    return saved(folder, Idefics3ForConditionalGeneration, config, processor)


def build_mllama(folder: Path, tiles: int = 1) -> Path:
    """Cross-attention to the picture, with its gates opened: they start at zero, which would hide the picture.

    With more `tiles` a wide picture has several, and a square one tiles of padding that must not be seen.
    """
    import torch
    from transformers import MllamaConfig, MllamaForConditionalGeneration, MllamaImageProcessor, MllamaProcessor

    tokenizer = tokenizer_with("<|image|>")
    text = {**TEXT, **specials(tokenizer), "vocab_size": len(tokenizer), "num_hidden_layers": 3}
    text |= {"cross_attention_layers": [1], "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}}
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_global_layers": 1,
        "attention_heads": 4,
        "image_size": 32,
        "patch_size": 8,
        "max_num_tiles": tiles,
        "vision_output_dim": 64,
        "intermediate_layers_indices": [0],
        "supported_aspect_ratios": [[1, wide] for wide in range(1, tiles + 1)],
    }
    image_token = tokenizer.convert_tokens_to_ids("<|image|>")
    config = MllamaConfig(vision_config=vision, text_config=text, image_token_index=image_token)
    size = {"height": 32, "width": 32}
    pictures = MllamaImageProcessor(size=size, max_image_tiles=tiles, image_mean=MEAN, image_std=STD)
    processor = MllamaProcessor(pictures, tokenizer, chat_template=CHAT.replace("MARK", "<|image|>"))

    def open_gates(model: Any) -> None:
        for name, parameter in model.named_parameters():
            if "gate" in name and parameter.numel() == 1:
                torch.nn.init.constant_(parameter, 0.5)

    return saved(folder, MllamaForConditionalGeneration, config, processor, open_gates)


def tokenizer_with(image_token: str | None, marks: Sequence[str] = MARKS, **more: str) -> Any:
    """A byte-level vocabulary of 400 tokens; `more` names further special tokens, as some processors ask for them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<pad>", "<s>", "</s>", *marks],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(WORDS * 3, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        padding_side="left",
        extra_special_tokens=({"image_token": image_token} if image_token else {}) | more,
        model_max_length=512,
    )


def specials(tokenizer: Any) -> dict[str, int]:
    """The ids that a language model's configuration wants."""
    return {
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }


def saved(folder: Path, model_class: Any, config: Any, processor: Any, prepare: Any = None) -> Path:
    """Random weights, large enough that pictures and words move the answers; written in transformers format."""
    import torch

    torch.manual_seed(0)
    model = model_class(config)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 and "position" not in name:
            torch.nn.init.normal_(parameter, std=0.3)
    if prepare:
        prepare(model)
    model.save_pretrained(folder, safe_serialization=True)
    processor.save_pretrained(folder)
    return folder


FAMILIES = {"llava": build_llava, "idefics3": build_idefics3, "mllama": build_mllama}
