"""LLaVA's conversations as batches for the bundled backbone: what an exported training mix is trained on.

A conversation is a picture with one question and its answer, `{"image": ..., "conversations": [human, gpt]}`; the
loss is that of the answer's first token, the letter, and of the end after it, as in the backbone's own training.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medmat_explorer.errors import MixError
from medmat_explorer.experiments.bundled.descent import descend
from medmat_explorer.experiments.bundled.halves import normalised, patch_words, text_logits
from medmat_explorer.experiments.bundled.recipe import Network, Stage, Tokens
from medmat_explorer.experiments.bundled.sequences import IGNORED
from medmat_explorer.experiments.bundled.training import one_thread
from medmat_explorer.experiments.bundled.vocabulary import END, IMAGE
from medmat_explorer.media import open_image

if TYPE_CHECKING:
    from torch import Tensor

LONGEST = 448
"""Tokens of a question; with the patches of the picture they fit the network's 512 positions."""


@dataclass(frozen=True)
class Conversation:
    """One question about one picture; `prompt` is the text behind the picture, `image` a path below a folder."""

    image: str
    prompt: str
    answer: str


@dataclass(frozen=True)
class ConversationBatch:
    """Normalised pictures (n, 3, side, side), token ids (n, length), and what comes next at each place, or IGNORED."""

    pixels: Tensor
    ids: Tensor
    answers: Tensor


def read_conversations(file: Path) -> tuple[Conversation, ...]:
    """All of a LLaVA JSON file. Raises MixError when it is none, or holds another kind of conversation."""
    try:
        records = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise MixError(f"'{file}' cannot be read as LLaVA conversations: {error}.") from error
    if not isinstance(records, list) or not records:
        raise MixError(f"'{file}' is no list of conversations.")
    return tuple(_conversation(record, file, place) for place, record in enumerate(records))


def _conversation(record: Any, file: Path, place: int) -> Conversation:
    try:
        human, gpt = record["conversations"]
        image, prompt, answer = str(record["image"]), str(human["value"]), str(gpt["value"])
        roles = (human["from"], gpt["from"])
    except (KeyError, TypeError, ValueError) as error:
        raise MixError(f"Entry {place} of '{file}' is no conversation of a question and an answer.") from error
    if roles != ("human", "gpt") or not prompt.startswith(IMAGE) or prompt.count(IMAGE) != 1 or not answer:
        raise MixError(f"Entry {place} of '{file}' is not one picture with a question by human, answered by gpt.")
    return Conversation(image, prompt.removeprefix(IMAGE).removeprefix("\n"), answer)


class ConversationTrainer:
    """Trains a network on conversations; pictures lie below `images`, `side` is that of the network's pictures."""

    def __init__(
        self, network: Network, tokenizer: Tokens, conversations: Sequence[Conversation], images: Path
    ) -> None:
        self._network, self._tokenizer = network, tokenizer
        self._conversations, self._images = conversations, images
        self._side = int(network.config.vision_config.image_size)
        self._end = tokenizer.convert_tokens_to_ids(END)

    def train(
        self, stage: Stage, seed: int, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> list[float]:
        """The loss of every step. Raises ImageRefusedError for a picture that cannot be opened, MixError for a
        question that is too long.
        """
        losses: list[float] = []
        batches = self.batches(stage.batch, np.random.default_rng([seed, len(self._conversations)]))

        def loss_at(step: int) -> Tensor:
            loss = self.loss(next(batches))
            losses.append(float(loss.detach()))
            return loss

        with one_thread():
            descend([self._network], stage, loss_at, progress)
        return losses

    def loss(self, batch: ConversationBatch) -> Tensor:
        """The mean loss of letters and ends."""
        from torch.nn import functional

        logits = text_logits(self._network, patch_words(self._network, batch.pixels), batch.ids)
        return functional.cross_entropy(logits.flatten(0, 1), batch.answers.flatten(), ignore_index=IGNORED)

    def batches(self, size: int, dice: np.random.Generator) -> Iterator[ConversationBatch]:
        """Batches for ever; every conversation once a pass, passes in different orders."""
        size = min(size, len(self._conversations))
        while True:
            order = dice.permutation(len(self._conversations))
            for first in range(0, len(order) - size + 1, size):
                yield self.batch([self._conversations[place] for place in order[first : first + size].tolist()])

    def batch(self, rows: Sequence[Conversation]) -> ConversationBatch:
        """These conversations, padded on the right."""
        import torch

        written = [self._tokens(row) for row in rows]
        ids = torch.zeros((len(rows), max(map(len, written))), dtype=torch.long)
        answers = torch.full_like(ids, IGNORED)
        for place, tokens in enumerate(written):
            ids[place, : len(tokens)] = torch.tensor(tokens)
            answers[place, len(tokens) - 2], answers[place, len(tokens) - 1] = tokens[-1], self._end
        return ConversationBatch(normalised(np.stack([self._picture(row.image) for row in rows])), ids, answers)

    def _tokens(self, row: Conversation) -> list[int]:
        """The question, the line break of the generation prompt, and the answer's first token."""
        question: list[int] = self._tokenizer.encode(f"{row.prompt}\n", add_special_tokens=False)
        if len(question) > LONGEST:
            raise MixError(f"The question of '{row.image}' has {len(question)} tokens; the backbone takes {LONGEST}.")
        return [*question, self._tokenizer.encode(row.answer, add_special_tokens=False)[0]]

    def _picture(self, image: str) -> NDArray[np.uint8]:
        picture = open_image(Path(image), self._images)
        return np.asarray(picture.resize((self._side, self._side), Image.Resampling.BICUBIC))
