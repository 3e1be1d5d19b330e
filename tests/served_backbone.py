"""The bundled backbone behind the small server: a real model over real HTTP, with the numbers that vLLM would list."""

import threading
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from medmat_explorer.experiments.bundled.asking import SavedBackbone
from tests.openai_server import Think

LISTED = 20


def think_with(folder: Path) -> Think:
    """Loads a model, and answers greedily with the likeliest tokens of the first step. One question at a time."""
    saved, turn = SavedBackbone(folder), threading.Lock()

    def think(prompt: str, picture: bytes, tokens: int) -> tuple[str, Mapping[str, float]]:
        import torch

        image = Image.open(BytesIO(picture)).convert("RGB")
        with turn, torch.inference_mode():
            inputs = saved.inputs([(image, prompt, 2)])
            said: Any = saved.model.generate(
                **inputs, max_new_tokens=tokens, do_sample=False, output_logits=True, return_dict_in_generate=True
            )
        written = said.sequences[0, inputs["input_ids"].shape[1] :]
        return saved.processor.tokenizer.decode(written, skip_special_tokens=True), _listed(saved, said.logits[0][0])

    return think


def _listed(saved: SavedBackbone, logits: Any) -> dict[str, float]:
    """The likeliest tokens as texts; of two that are written alike the likelier one."""
    likeliest = logits.float().log_softmax(-1).topk(LISTED)
    found: dict[str, float] = {}
    for number, token in zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True):
        found.setdefault(saved.processor.tokenizer.decode([token]), number)
    return found
