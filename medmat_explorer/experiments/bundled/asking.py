"""Asking a saved backbone as any program would: through the Auto classes and its own chat template."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from medmat_explorer.phantoms.questions import LETTERS

if TYPE_CHECKING:
    from torch import Tensor

Question = tuple[Image.Image, str, int]
"""A picture, the question with its options, and how many options there are."""

_BATCH = 32


class SavedBackbone:
    """A backbone read from a folder, offline and without running code from it."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForImageTextToText, AutoProcessor

        processors: Any = AutoProcessor
        models: Any = AutoModelForImageTextToText
        self.processor = processors.from_pretrained(folder, local_files_only=True)
        self.model = models.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
        ).eval()
        self._letters = [self._letter_tokens(letter) for letter in LETTERS]

    def _letter_tokens(self, letter: str) -> list[int]:
        """The letter as one token, with and without a space before it, where the vocabulary has that."""
        encoded = [self.processor.tokenizer.encode(text, add_special_tokens=False) for text in (letter, f" {letter}")]
        return [ids[0] for ids in encoded if len(ids) == 1]

    def inputs(self, questions: Sequence[Question]) -> Any:
        """Model inputs for a batch of questions."""
        prompts = [
            self.processor.apply_chat_template(
                [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}],
                add_generation_prompt=True,
            )
            for _, text, _ in questions
        ]
        images = [image for image, _, _ in questions]
        return self.processor(text=prompts, images=images, return_tensors="pt", padding=True)

    def answers(self, questions: Sequence[Question]) -> list[int]:
        """The position of the likeliest option letter for each question."""
        import torch

        found: list[int] = []
        with torch.inference_mode():
            for first in range(0, len(questions), _BATCH):
                some = questions[first : first + _BATCH]
                logits = self.model(**self.inputs(some), logits_to_keep=1).logits[:, -1]
                found += [self._best(row, count) for row, (_, _, count) in zip(logits, some, strict=True)]
        return found

    def _best(self, logits: Tensor, count: int) -> int:
        scores = [max(float(logits[token]) for token in tokens) for tokens in self._letters[:count]]
        return int(np.argmax(scores))

    def generated(self, question: Question) -> str:
        """The greedy answer as text, special tokens included."""
        import torch

        inputs = self.inputs([question])
        with torch.inference_mode():
            ids = self.model.generate(**inputs, max_new_tokens=4, do_sample=False)
        text: str = self.processor.tokenizer.decode(ids[0, inputs["input_ids"].shape[1] :])
        return text
