"""How processors are read where `AutoProcessor` alone does not do, and what old folders leave out.

Processors of families that also watch videos want torchvision for them. Pictures do not need it, so these processors
are put together from their image processor and tokenizer. torch and transformers are imported inside functions.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

LoadProcessor = Callable[[Path], Any]
SAFE = {"local_files_only": True, "trust_remote_code": False}


def load_whole(folder: Path) -> Any:
    """The processor that the folder names."""
    from transformers import AutoProcessor

    load: Any = AutoProcessor.from_pretrained
    return load(folder, **SAFE)


def load_idefics3(folder: Path) -> Any:
    """SmolVLM2's pictures and marks are those of Idefics3, whose processor knows no videos."""
    from transformers import Idefics3Processor

    load: Any = Idefics3Processor.from_pretrained
    return load(folder, **SAFE)


def without_videos(name: str) -> LoadProcessor:
    """Reads a processor class of transformers without its video part."""

    def load(folder: Path) -> Any:
        return still_class(name).from_pretrained(folder, **SAFE)

    return load


def still_class(name: str) -> Any:
    """A processor class of transformers that is made of an image processor and a tokenizer alone."""
    import transformers

    whole: Any = getattr(transformers, name)

    def start(
        self: Any,
        image_processor: Any = None,
        tokenizer: Any = None,
        chat_template: Any = None,
        image_seq_length: int = 256,
    ) -> None:
        whole.__init__(
            self, image_processor, tokenizer, None, chat_template=chat_template, image_seq_length=image_seq_length
        )

    return type(name, (whole,), {"__init__": start})


def complete_llava(processor: Any, config: Any) -> None:
    """How many tokens a picture takes: folders from before transformers 4.46 leave it to the model's configuration."""
    if processor.vision_feature_select_strategy is None:
        processor.vision_feature_select_strategy = config.vision_feature_select_strategy
    if processor.patch_size is None:
        processor.patch_size = config.vision_config.patch_size
        processor.num_additional_image_tokens = int(config.vision_config.model_type == "clip_vision_model")


def complete_instructblip(processor: Any, config: Any) -> None:
    """The number of picture tokens, which old folders leave out."""
    if processor.num_query_tokens is None:
        processor.num_query_tokens = config.num_query_tokens
