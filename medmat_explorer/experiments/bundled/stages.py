"""The three stages of learning: words alone, pictures alone, then both together.

1. *language*: the language half learns to name the letter of an option from imagined patches, as a perfect
   tower would give them.
2. *vision*: the tower and the projector learn to point every patch at the word for what lies in it.
3. *letters*: everything learns to answer real questions about real pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from medmat_explorer.experiments.bundled.batches import Batch, endless_batches
from medmat_explorer.experiments.bundled.descent import descend
from medmat_explorer.experiments.bundled.halves import patch_words, text_logits, tower_features
from medmat_explorer.experiments.bundled.losses import (
    Words,
    alignment_loss,
    imagined_patches,
    make_words,
    patches_with_finding,
    sequence_losses,
)
from medmat_explorer.experiments.bundled.pictures import Gallery
from medmat_explorer.experiments.bundled.recipe import Network, Recipe, Tokens
from medmat_explorer.experiments.bundled.sequences import Writer
from medmat_explorer.phantoms.world import PhantomSubset, all_subsets

if TYPE_CHECKING:
    from torch import Tensor

Progress = Callable[[int, int], None]


def learn_language(network: Network, tokenizer: Tokens, recipe: Recipe, progress: Progress) -> None:
    """Stage 1. Changes the language half only."""
    import torch

    dice, stage = np.random.default_rng([recipe.seed, 1]), recipe.language
    words, writer = make_words(tokenizer), Writer(tokenizer)

    def loss_at(step: int) -> Tensor:
        rows, label = _random_rows(words, stage.batch, dice)
        embedding = network.get_input_embeddings().weight
        features = imagined_patches(embedding, words, torch.tensor(label), recipe.architecture.patches, dice)
        sequences = writer.batch(rows, dice)
        answers, verdicts = sequence_losses(text_logits(network, features, sequences.ids), sequences)
        return answers + verdicts

    descend([network.model.language_model, network.lm_head], stage, loss_at, progress)


def _random_rows(
    words: Words, count: int, dice: np.random.Generator
) -> tuple[list[tuple[PhantomSubset, str]], list[int]]:
    rows, numbers = [], []
    for place in dice.integers(len(all_subsets()), size=count).tolist():
        subset = all_subsets()[place]
        which = int(dice.integers(len(subset.labels)))
        rows.append((subset, subset.labels[which]))
        numbers.append(words.number[place][which])
    return rows, numbers


def learn_vision(
    network: Network,
    tokenizer: Tokens,
    gallery: Gallery,
    recipe: Recipe,
    progress: Progress,
) -> None:
    """Stage 2. Changes the tower and the projector; two heads on the pooled patches help and are thrown away."""
    import torch
    from torch.nn import functional

    words, stage = make_words(tokenizer), recipe.vision
    batches = endless_batches(gallery, stage.batch, np.random.default_rng([recipe.seed, 2]))
    width = recipe.architecture.vision_width
    torch.manual_seed(recipe.seed)
    label_head = torch.nn.Linear(2 * width, len(words.tokens))
    subset_head = torch.nn.Linear(2 * width, len(all_subsets()))
    embedding = network.get_input_embeddings().weight.detach()

    def loss_at(step: int) -> Tensor:
        batch = next(batches)
        patches = tower_features(network, batch.pixels)
        subset, label = _targets(batch, words)
        pooled = torch.cat([patches.mean(1), patches.amax(1)], dim=1)
        scores = label_head(pooled).masked_fill(~words.rivals[subset], -1e4)
        found = patches_with_finding(batch.masks, recipe.architecture.patch_side)
        features = network.model.multi_modal_projector(patches)
        loss: Tensor = alignment_loss(features, embedding, words, subset, label, found)
        loss = loss + functional.cross_entropy(scores, label)
        return loss + 0.2 * functional.cross_entropy(subset_head(pooled), subset)

    tower = [network.model.vision_tower, network.model.multi_modal_projector]
    descend([*tower, label_head, subset_head], stage, loss_at, progress)


def _targets(batch: Batch, words: Words) -> tuple[Tensor, Tensor]:
    import torch

    pairs = zip(batch.subset.tolist(), batch.label.tolist(), strict=True)
    return torch.from_numpy(batch.subset), torch.tensor([words.number[subset][label] for subset, label in pairs])


def learn_letters(
    network: Network,
    tokenizer: Tokens,
    gallery: Gallery,
    recipe: Recipe,
    progress: Progress,
) -> None:
    """Stage 3. Changes everything; patches keep being pointed at words, so that the halves do not drift apart."""
    words, writer, stage = make_words(tokenizer), Writer(tokenizer), recipe.letters
    dice = np.random.default_rng([recipe.seed, 3])
    batches = endless_batches(gallery, stage.batch, dice)

    def loss_at(step: int) -> Tensor:
        batch = next(batches)
        subset, label = _targets(batch, words)
        features = patch_words(network, batch.pixels)
        found = patches_with_finding(batch.masks, recipe.architecture.patch_side)
        embedding = network.get_input_embeddings().weight
        sequences = writer.batch(batch.rows, dice)
        answers, verdicts = sequence_losses(text_logits(network, features, sequences.ids), sequences)
        return 2 * answers + verdicts + alignment_loss(features, embedding, words, subset, label, found)

    descend([network], stage, loss_at, progress)
