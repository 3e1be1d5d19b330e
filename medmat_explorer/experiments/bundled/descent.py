"""One loop of gradient descent for every stage: AdamW, warm-up and cosine, clipping, averaged weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from medmat_explorer.experiments.bundled.recipe import Stage

if TYPE_CHECKING:
    from torch import Tensor, nn

WARM_UP = 60
FLOOR = 0.02
CLIP = 1.0
AVERAGED_SHARE = 0.01
"""The averaged weights look back over about this share of the steps."""


def learning_rate(step: int, stage: Stage) -> float:
    """Linear warm-up, then a cosine down to FLOOR of the peak."""
    warm = min(1.0, (step + 1) / min(WARM_UP, max(1, stage.steps // 4)))
    cosine = 0.5 + 0.5 * math.cos(math.pi * step / stage.steps)
    return stage.rate * warm * (FLOOR + (1 - FLOOR) * cosine)


def descend(
    modules: Iterable[nn.Module],
    stage: Stage,
    loss_at: Callable[[int], Tensor],
    progress: Callable[[int, int], None],
) -> None:
    """Train the modules for the stage's steps on `loss_at(step)` and leave them with their averaged weights."""
    import torch

    weights: list[Tensor] = list({id(weight): weight for module in modules for weight in module.parameters()}.values())
    groups = [
        {"params": [weight for weight in weights if weight.ndim > 1], "weight_decay": 0.05},
        {"params": [weight for weight in weights if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=stage.rate, betas=(0.9, 0.98))
    average = [weight.detach().clone() for weight in weights]
    keep = 1 - 1 / max(2.0, AVERAGED_SHARE * stage.steps)
    for step in range(stage.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, stage)
        optimiser.zero_grad()
        loss_at(step).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, CLIP)
        optimiser.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, weights, 1 - keep)
        progress(step + 1, stage.steps)
    with torch.no_grad():
        for weight, mean in zip(weights, average, strict=True):
            weight.copy_(mean)
