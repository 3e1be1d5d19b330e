"""Where the answer position attends on the picture: attention roll-out over the language part's layers.

After Abnar and Zuidema, *Quantifying attention flow in transformers* (2020): in each layer the mean over the heads, and
as much again for the layer's own input that goes around it, rows made to add up to 1; the layers are multiplied from
the first to the last. What is left at the answer position is read where the picture's tokens stand.
"""

import math
from collections.abc import Sequence
from typing import Any

from medmat_explorer.backbones.contract import Grid


def rolled_out(layers: Sequence[Any]) -> Any:
    """How much of each input token has reached each output: tokens x tokens, rows add up to 1.

    `layers` are attention weights, heads x tokens x tokens each.
    """
    import torch

    flow = torch.eye(layers[0].shape[-1])
    for layer in layers:
        mixed = layer.float().cpu().mean(0) + torch.eye(layer.shape[-1])
        flow = (mixed / mixed.sum(-1, keepdim=True)) @ flow
    return flow


def picture_map(layers: Sequence[Any], is_picture: Any) -> Grid | None:
    """The last token's share of each picture token, as rows of a square grid, which add up to 1.

    None where the picture's tokens are no square.
    """
    shares = rolled_out(layers)[-1][is_picture.cpu()]
    side = math.isqrt(len(shares))
    if not side or side * side != len(shares):
        return None
    grid = (shares / shares.sum()).view(side, side)
    return tuple(tuple(float(share) for share in row) for row in grid)
