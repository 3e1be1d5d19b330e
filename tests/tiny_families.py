"""More tiny random models in transformers format, one of each family that can be built without a download."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.tiny_models import CHAT, FAMILIES, MEAN, STD, TEXT, build_mllama, saved, specials, tokenizer_with

CLIP = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
TOWER = {**CLIP, "image_size": 32, "patch_size": 8}
QWEN_MARKS = ("<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>", "<|im_start|>", "<|im_end|>")
QWEN_ROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 1, 1]}


def build_llava_next(folder: Path) -> Path:
    """LLaVA-1.6: the picture in tiles of the best fitting grid, and whole. No chat template."""
    from transformers import (
        CLIPVisionConfig,
        LlamaConfig,
        LlavaNextConfig,
        LlavaNextForConditionalGeneration,
        LlavaNextImageProcessor,
        LlavaNextProcessor,
    )

    tokenizer, grid = tokenizer_with("<image>"), [[32, 64], [64, 32], [64, 64]]
    config = LlavaNextConfig(
        vision_config=CLIPVisionConfig(**TOWER),
        text_config=LlamaConfig(vocab_size=len(tokenizer), **specials(tokenizer), **TEXT),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        image_grid_pinpoints=grid,
        image_seq_length=16,
    )
    pictures = LlavaNextImageProcessor(
        size={"shortest_edge": 32},
        crop_size={"height": 32, "width": 32},
        image_grid_pinpoints=grid,
        image_mean=MEAN,
        image_std=STD,
    )
    processor = LlavaNextProcessor(
        pictures, tokenizer, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1
    )
    return saved(folder, LlavaNextForConditionalGeneration, config, processor)


def build_smolvlm(folder: Path) -> Path:
    """SmolVLM2, its pictures split; written with Idefics3's processor, since its own wants libraries for videos."""
    from transformers import (
        Idefics3Processor,
        LlamaConfig,
        SmolVLMConfig,
        SmolVLMForConditionalGeneration,
        SmolVLMImageProcessor,
    )

    marks = ("<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>")
    tokenizer = tokenizer_with("<image>", (*marks, *(f"<row_{i}_col_{j}>" for i in (1, 2) for j in (1, 2))))
    config = SmolVLMConfig(
        vision_config=TOWER,
        text_config=LlamaConfig(vocab_size=len(tokenizer), **specials(tokenizer), **TEXT),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,
    )
    pictures = SmolVLMImageProcessor(
        size={"longest_edge": 64},
        max_image_size={"longest_edge": 32},
        do_image_splitting=True,
        image_mean=MEAN,
        image_std=STD,
    )
    processor = Idefics3Processor(pictures, tokenizer, image_seq_len=4, chat_template=CHAT.replace("MARK", "<image>"))
    return saved(folder, SmolVLMForConditionalGeneration, config, processor)


def build_qwen2_vl(folder: Path) -> Path:
    """Qwen2-VL: pictures in their own shape, places in three dimensions."""
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

    vision = {"depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 4, "mlp_ratio": 2, "patch_size": 8}
    return _qwen(folder, Qwen2VLConfig, Qwen2VLForConditionalGeneration, vision, {}, patch=8)


def build_qwen2_5_vl(folder: Path) -> Path:
    """Qwen2.5-VL: windows in its tower."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    vision = {"depth": 2, "hidden_size": 32, "out_hidden_size": 32, "intermediate_size": 64, "num_heads": 4}
    vision |= {"patch_size": 8, "window_size": 32, "fullatt_block_indexes": [1]}
    return _qwen(folder, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, vision, {}, patch=8)


def build_qwen3_vl(folder: Path) -> Path:
    """Qwen3-VL: the tower speaks to several layers of the language part."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    vision = {"depth": 2, "hidden_size": 32, "out_hidden_size": 32, "intermediate_size": 64, "num_heads": 4}
    vision |= {"patch_size": 8, "num_position_embeddings": 16, "deepstack_visual_indexes": [0]}
    return _qwen(folder, Qwen3VLConfig, Qwen3VLForConditionalGeneration, vision, {"head_dim": 8}, patch=8)


def build_internvl(folder: Path) -> Path:
    """InternVL as transformers knows it: tiles of the best fitting grid, and the whole picture."""
    from transformers import (
        GotOcr2ImageProcessor,
        InternVLConfig,
        InternVLForConditionalGeneration,
        Qwen2Config,
    )

    names = {"start_image_token": "<img>", "end_image_token": "</img>", "video_token": "<video>"}
    marks = ("<IMG_CONTEXT>", *names.values(), "<|im_start|>", "<|im_end|>")
    tokenizer = tokenizer_with("<IMG_CONTEXT>", marks, context_image_token="<IMG_CONTEXT>", **names)
    tower = {**CLIP, "image_size": [32, 32], "patch_size": [8, 8]}
    config = InternVLConfig(
        vision_config=tower,
        text_config=Qwen2Config(vocab_size=len(tokenizer), **specials(tokenizer), **TEXT),
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=4,
        tie_word_embeddings=False,
    )
    pictures = GotOcr2ImageProcessor(
        size={"height": 32, "width": 32}, crop_to_patches=True, max_patches=2, image_mean=MEAN, image_std=STD
    )
    processor = _still("InternVLProcessor")(pictures, tokenizer, image_seq_length=4)
    return saved(folder, InternVLForConditionalGeneration, config, processor)


def build_gemma3(folder: Path) -> Path:
    """Gemma 3: a SigLIP tower, layers that see a window, and a picture whose tokens see one another."""
    from transformers import (
        Gemma3Config,
        Gemma3ForConditionalGeneration,
        Gemma3ImageProcessor,
        Gemma3Processor,
        Gemma3TextConfig,
    )

    names = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>"}
    marks = ("<image_soft_token>", *names.values(), "<start_of_turn>", "<end_of_turn>")
    tokenizer = tokenizer_with("<image_soft_token>", marks, **names)
    text = {**TEXT, "num_key_value_heads": 2, "head_dim": 8, "query_pre_attn_scalar": 8, "sliding_window": 16}
    layers = {"layer_types": ["sliding_attention", "full_attention"]}
    config = Gemma3Config(
        text_config=Gemma3TextConfig(vocab_size=len(tokenizer), **specials(tokenizer), **text, **layers),
        vision_config={**TOWER, "vision_use_head": False},
        mm_tokens_per_image=4,
        boi_token_index=tokenizer.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=tokenizer.convert_tokens_to_ids("<end_of_image>"),
        image_token_index=tokenizer.convert_tokens_to_ids("<image_soft_token>"),
    )
    pictures = Gemma3ImageProcessor(size={"height": 32, "width": 32}, image_mean=MEAN, image_std=STD)
    processor = Gemma3Processor(pictures, tokenizer, image_seq_length=4)
    return saved(folder, Gemma3ForConditionalGeneration, config, processor)


def build_instructblip(folder: Path) -> Path:
    """InstructBLIP on Llama: a Q-Former that reads the question too, with a vocabulary of its own."""
    from transformers import (
        BlipImageProcessor,
        InstructBlipConfig,
        InstructBlipForConditionalGeneration,
        InstructBlipProcessor,
        LlamaConfig,
    )

    tokenizer, words = tokenizer_with(None), tokenizer_with(None)  # the processor brings the picture's mark itself
    former = {**CLIP, "vocab_size": len(words), "encoder_hidden_size": 32, "max_position_embeddings": 256}
    config = InstructBlipConfig(
        vision_config=TOWER,
        qformer_config={**former, "cross_attention_frequency": 1},
        text_config=LlamaConfig(vocab_size=len(tokenizer), **specials(tokenizer), **TEXT).to_dict(),
        num_query_tokens=4,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    pictures = BlipImageProcessor(size={"height": 32, "width": 32}, image_mean=MEAN, image_std=STD)
    processor = InstructBlipProcessor(pictures, tokenizer, words, num_query_tokens=4)
    return saved(folder, InstructBlipForConditionalGeneration, config, processor)


def build_paligemma(folder: Path) -> Path:
    """PaliGemma: the whole prompt sees itself in both directions. No chat template."""
    from transformers import (
        GemmaConfig,
        PaliGemmaConfig,
        PaliGemmaForConditionalGeneration,
        PaliGemmaProcessor,
        SiglipImageProcessor,
    )

    tokenizer = tokenizer_with("<image>")
    pictures = SiglipImageProcessor(size={"height": 32, "width": 32}, image_mean=MEAN, image_std=STD)
    pictures.image_seq_length = 16
    processor = PaliGemmaProcessor(pictures, tokenizer)
    text = {**TEXT, "num_key_value_heads": 2, "head_dim": 8}
    config = PaliGemmaConfig(
        text_config=GemmaConfig(vocab_size=len(tokenizer), **specials(tokenizer), **text),
        vision_config={"model_type": "siglip_vision_model", **TOWER, "vision_use_head": False},
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        projection_dim=32,
        hidden_size=32,
    )
    return saved(folder, PaliGemmaForConditionalGeneration, config, processor)


def _qwen(folder: Path, config: Any, model: Any, vision: dict[str, Any], text: dict[str, Any], patch: int) -> Path:
    from transformers import Qwen2VLImageProcessor

    tokenizer = tokenizer_with("<|image_pad|>", QWEN_MARKS, video_token="<|video_pad|>")
    ids = tokenizer.convert_tokens_to_ids
    made = config(
        vision_config=vision,
        text_config={
            **TEXT,
            **specials(tokenizer),
            "vocab_size": len(tokenizer),
            "rope_parameters": QWEN_ROPE,
            **text,
        },
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
    )
    pictures = Qwen2VLImageProcessor(
        size={"shortest_edge": 256, "longest_edge": 4096}, patch_size=patch, image_mean=MEAN, image_std=STD
    )
    names = {"qwen2_vl": "Qwen2VLProcessor", "qwen2_5_vl": "Qwen2_5_VLProcessor", "qwen3_vl": "Qwen3VLProcessor"}
    processor = _still(names[made.model_type])(pictures, tokenizer)
    return saved(folder, model, made, processor)


def _still(name: str) -> Any:
    """A processor class whose video part is left out, to save a folder with."""
    from medmat_explorer.backbones.family_processors import still_class

    return still_class(name)


ALL_FAMILIES: dict[str, Callable[[Path], Path]] = {
    **FAMILIES,
    "mllama": lambda folder: build_mllama(folder, tiles=2),
    "llava_next": build_llava_next,
    "smolvlm": build_smolvlm,
    "qwen2_vl": build_qwen2_vl,
    "qwen2_5_vl": build_qwen2_5_vl,
    "qwen3_vl": build_qwen3_vl,
    "internvl": build_internvl,
    "gemma3": build_gemma3,
    "instructblip": build_instructblip,
    "paligemma": build_paligemma,
}
