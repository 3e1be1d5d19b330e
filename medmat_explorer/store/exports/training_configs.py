"""Ready configurations for trainers that read an exported mix, with the paper's numbers (arXiv 2412.20070, appendix).

Each is written only beside the format that its trainer reads: LLaVA's own code and LLaMA-Factory take the LLaVA
conversations, TRL's `sft_vlm` takes the folder for Hugging Face `datasets`. All paths are relative to the mix's folder.

Formats after LLaVA's `scripts/v1_5/finetune.sh`, LLaMA-Factory's `data/README.md` (sharegpt, `media_dir`) and TRL's
`examples/scripts/sft_vlm.py` (columns `messages` and `images`).
"""

import json
from collections.abc import Mapping
from typing import Any

WHERE = "MEDMAT_IMAGES"
"""The variable that says where the pictures lie when they were not copied."""

EPOCHS, BATCH = 5, 32
LLAVA_RATE, QWEN_RATE = "5e-6", "2.0e-6"
LLAVA_ARGUMENTS: dict[str, str] = {
    "model_name_or_path": "liuhaotian/llava-v1.5-7b",
    "version": "v1",
    "data_path": "train.json",
    "vision_tower": "openai/clip-vit-large-patch14-336",
    "mm_projector_type": "mlp2x_gelu",
    "mm_vision_select_layer": "-2",
    "mm_use_im_start_end": "False",
    "mm_use_im_patch_token": "False",
    "image_aspect_ratio": "pad",
    "group_by_modality_length": "True",
    "bf16": "True",
    "output_dir": "checkpoints/llava",
    "num_train_epochs": str(EPOCHS),
    "per_device_train_batch_size": "4",
    "gradient_accumulation_steps": "8",
    "evaluation_strategy": "no",
    "save_strategy": "epoch",
    "learning_rate": LLAVA_RATE,
    "weight_decay": "0.",
    "warmup_ratio": "0.03",
    "lr_scheduler_type": "cosine",
    "logging_steps": "1",
    "model_max_length": "2048",
    "gradient_checkpointing": "True",
    "dataloader_num_workers": "4",
    "lazy_preprocess": "True",
    "report_to": "none",
}
USES = {
    "llava.sh": "LLaVA: `LLAVA=/path/of/LLaVA bash llava.sh` (one device; batch {batch} by accumulation)",
    "llava.json": "the same arguments as JSON, for programs that start LLaVA's training",
    "llamafactory.yaml": "LLaMA-Factory: `llamafactory-cli train llamafactory.yaml` in this folder",
    "dataset_info.json": "LLaMA-Factory's description of `train.json`",
    "trl.yaml": "TRL: `python sft_vlm.py --config trl.yaml` in this folder (the script is in TRL's examples)",
}
BY_FORMAT: dict[str, tuple[str, ...]] = {
    "llava": ("llava.sh", "llava.json", "dataset_info.json", "llamafactory.yaml"),
    "hf": ("trl.yaml",),
}
TRAINERS: dict[str, str] = {
    "llava": "train.json as LLaVA's training code reads it, with ready configurations for LLaVA and LLaMA-Factory.",
    "jsonl": "train.jsonl, every field of an item a line; no trainer's configuration fits it.",
    "parquet": "items.parquet, a table; no trainer's configuration fits it.",
    "hf": "A folder that datasets.load_dataset opens by its path, with conversations and pictures in the columns that "
    "TRL's sft_vlm wants, and a ready configuration for it.",
}
"""What a mix is in each format, and which trainer it is ready for."""


def configuration_uses(form: str) -> dict[str, str]:
    """The configurations beside a format, with how each is used."""
    return {file: USES[file].format(batch=BATCH) for file in BY_FORMAT.get(form, ())}


def training_configs(form: str, seed: int, *, images: bool) -> dict[str, str]:
    """The texts of the configurations beside a format, by file."""
    made: Mapping[str, str] = {
        "llava.sh": _llava_script(seed, images),
        "llava.json": json.dumps(_llava_arguments(seed, images), indent=1) + "\n",
        "dataset_info.json": json.dumps(_dataset_info(), indent=1) + "\n",
        "llamafactory.yaml": _llamafactory(seed, images),
        "trl.yaml": _trl(seed, images),
    }
    return {file: made[file] for file in BY_FORMAT.get(form, ())}


def _llava_arguments(seed: int, images: bool) -> dict[str, str]:
    folder = "." if images else f"${{{WHERE}}}"
    return {**LLAVA_ARGUMENTS, "image_folder": folder, "seed": str(seed)}


def _llava_script(seed: int, images: bool) -> str:
    arguments = _llava_arguments(seed, images)
    lines = ["#!/bin/bash", "# LLaVA-v1.5 on this mix: 5 epochs, batch 32, rate 5e-6, as in the paper.", "set -eu"]
    lines += [': "${LLAVA:?set it to a checkout of LLaVA}"']
    if not images:
        lines += [f': "${{{WHERE}:?set it to the folder that the image paths start from}}"']
    lines += ['cd "$(dirname "$0")"', 'PYTHONPATH="$LLAVA" deepspeed "$LLAVA/llava/train/train_mem.py" \\']
    lines += ['    --deepspeed "$LLAVA/scripts/zero3.json" \\']
    shown = [f'    --{name} "{value}"' for name, value in arguments.items()]
    return "\n".join([*lines, " \\\n".join(shown)]) + "\n"


def _dataset_info() -> dict[str, Any]:
    return {
        "medmat_mix": {
            "file_name": "train.json",
            "formatting": "sharegpt",
            "columns": {"messages": "conversations", "images": "image"},
            "tags": {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"},
        }
    }


def _llamafactory(seed: int, images: bool) -> str:
    media = "." if images else "SET_ME  # the folder that the image paths start from, or media_dir=... behind it"
    return f"""# Qwen2-VL-7B on this mix with LLaMA-Factory: {EPOCHS} epochs, batch {BATCH}, rate 2e-6, as in the paper.
model_name_or_path: Qwen/Qwen2-VL-7B-Instruct
stage: sft
do_train: true
finetuning_type: full
freeze_vision_tower: false
dataset_dir: .
dataset: medmat_mix
media_dir: {media}
template: qwen2_vl
cutoff_len: 2048
output_dir: checkpoints/qwen2-vl
logging_steps: 1
save_strategy: epoch
per_device_train_batch_size: 4
gradient_accumulation_steps: 8
learning_rate: {QWEN_RATE}
num_train_epochs: {EPOCHS}
lr_scheduler_type: cosine
warmup_ratio: 0.03
bf16: true
report_to: none
seed: {seed}
"""


def _trl(seed: int, images: bool) -> str:
    note = "" if images else "# The pictures were not copied: add the column `images` first, as README.md says.\n"
    return f"""# LLaVA-1.5-7B on this mix with TRL: {EPOCHS} epochs, batch {BATCH}, rate 5e-6, as in the paper.
{note}model_name_or_path: llava-hf/llava-1.5-7b-hf
dataset_name: .
dataset_train_split: train
output_dir: checkpoints/llava-trl
num_train_epochs: {EPOCHS}
per_device_train_batch_size: 4
gradient_accumulation_steps: 8
learning_rate: 5.0e-6
lr_scheduler_type: cosine
warmup_ratio: 0.03
bf16: true
gradient_checkpointing: true
max_length: null
eval_strategy: "no"
save_strategy: epoch
logging_steps: 1
report_to: none
seed: {seed}
"""
