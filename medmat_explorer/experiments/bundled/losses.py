"""What each stage minimises. All of it but the letter is help for training; none of it is needed to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medmat_explorer.experiments.bundled.recipe import Tokens
from medmat_explorer.experiments.bundled.sequences import IGNORED, Sequences
from medmat_explorer.experiments.bundled.vocabulary import IMAGE, label_tokens
from medmat_explorer.phantoms.world import LABELS, all_subsets

if TYPE_CHECKING:
    from torch import Tensor

SHARPNESS = 4.0
"""Scale of the dot product between a patch and a word."""

NOTHING_FOUND = {"no tumour", "normal", "none", "healthy", "good"}


@dataclass(frozen=True)
class Words:
    """The labels as tokens, `tokens` (labels + 1,), the last one for background; and which compete in a subset.

    `number[subset][label]` is a label's place in `tokens`; `rivals` (subsets, labels + 1) is true for a
    subset's own labels and the background.
    """

    tokens: Tensor
    number: list[list[int]]
    rivals: Tensor
    nothing: Tensor

    @property
    def background(self) -> int:
        """The place of the background in `tokens`."""
        return len(self.tokens) - 1


def make_words(tokenizer: Tokens) -> Words:
    """The labels of the synthetic world as tokens of this tokenizer."""
    import torch

    names = [label for labels in LABELS.values() for label in labels]
    of = label_tokens(tokenizer)
    number = [[names.index(label) for label in subset.labels] for subset in all_subsets()]
    rivals = torch.zeros((len(number), len(names) + 1), dtype=torch.bool)
    for subset, own in enumerate(number):
        rivals[subset, [*own, len(names)]] = True
    tokens = [of[name] for name in names] + [tokenizer.convert_tokens_to_ids(IMAGE)]
    nothing = torch.tensor([name in NOTHING_FOUND for name in names])
    return Words(torch.tensor(tokens), number, rivals, nothing)


def patches_with_finding(masks: Tensor, patch_side: int) -> Tensor:
    """Which patches show enough of the finding to be told: bool (n, patches) from masks (n, side, side) of 0 to 1."""
    from torch.nn import functional

    cover = functional.avg_pool2d(masks[:, None], patch_side).flatten(1)
    peak = functional.max_pool2d(masks[:, None], patch_side).flatten(1)
    return (cover > 0.05) & (peak > 0.5)


def alignment_loss(
    features: Tensor, embedding: Tensor, words: Words, subset: Tensor, label: Tensor, found: Tensor
) -> Tensor:
    """Patches with the finding should point at its word, others at the background; with nothing found, all at it.

    features (n, patches, width), embedding (vocabulary, width), subset and label (n,), found bool (n, patches).
    """
    import torch
    from torch.nn import functional

    scores = SHARPNESS * features @ embedding[words.tokens].T
    scores = scores.masked_fill(~words.rivals[subset][:, None], -1e4)
    named = found | words.nothing[label][:, None]
    named = named | ~named.any(dim=1, keepdim=True)
    target = torch.where(named, label[:, None], words.background)
    loss = functional.cross_entropy(scores.flatten(0, 1), target.flatten(), reduction="none").view_as(target)
    return (_mean_where(loss, named) + 0.4 * _mean_where(loss, ~named)).mean()


def _mean_where(loss: Tensor, chosen: Tensor) -> Tensor:
    weight = chosen.float()
    return (loss * weight).sum(1) / weight.sum(1).clamp(min=1)


def sequence_losses(logits: Tensor, sequences: Sequences) -> tuple[Tensor, Tensor]:
    """The losses of the letters (with the end after them) and of the verdicts after the options."""
    from torch.nn import functional

    flat = logits.flatten(0, 1)
    answers = functional.cross_entropy(flat, sequences.answers.flatten(), ignore_index=IGNORED)
    verdicts = functional.cross_entropy(flat, sequences.verdicts.flatten(), ignore_index=IGNORED)
    return answers, verdicts


def imagined_patches(embedding: Tensor, words: Words, label: Tensor, patches: int, dice: np.random.Generator) -> Tensor:
    """Patch features as a perfect tower would give them: the label's word here and there, else background, with noise.

    Half the time a word of another task is mixed in, because a picture says more than one question asks.
    Returns (n, patches, width).
    """
    import torch

    n, width = len(label), embedding.shape[1]
    share = dice.choice([1.5 / patches, 0.1, 0.3], size=n)
    share[words.nothing[label].numpy()] = 1.0
    named = dice.random((n, patches)) < share[:, None]
    named[np.arange(n), dice.integers(patches, size=n)] = True
    other = torch.from_numpy(dice.integers(len(words.tokens), size=n))
    mix = torch.from_numpy(dice.uniform(0, 0.7, size=(n, 1)) * (dice.random((n, 1)) < 0.5)).float()
    said = embedding[words.tokens[label]] + mix * embedding[words.tokens[other]]
    strength = torch.from_numpy(dice.uniform(0.7, 2.0, size=(n, 1))).float()
    ground = embedding[words.tokens[words.background]]
    features = torch.where(torch.from_numpy(named)[..., None], (strength * said)[:, None], ground)
    noise = torch.from_numpy(dice.standard_normal((n, patches, width), dtype=np.float32))
    imagined: Tensor = features + noise * (0.5 * width**-0.5)
    return imagined
