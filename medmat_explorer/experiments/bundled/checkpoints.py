"""Finished stages kept in a work folder as safetensors, so that a run that was stopped goes on where it stood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


def stage_file(work: Path, stage: str) -> Path:
    """Where a stage's weights are kept."""
    return work / f"{stage}.safetensors"


def keep(network: nn.Module, work: Path, stage: str, cpu_seconds: float) -> None:
    """Write the weights after a stage, with the CPU time spent so far; the file appears only when it is whole."""
    from safetensors.torch import save_file

    unfinished = work / f"{stage}.unfinished"
    weights = {name: weight.contiguous() for name, weight in network.state_dict().items() if name != "lm_head.weight"}
    save_file(weights, unfinished, metadata={"cpu_seconds": f"{cpu_seconds:.1f}"})
    unfinished.replace(stage_file(work, stage))


def take_up(network: nn.Module, work: Path, stage: str) -> float | None:
    """Load the weights after a stage and return the CPU time spent up to it; None when the stage is not finished."""
    from safetensors import safe_open

    path = stage_file(work, stage)
    if not path.exists():
        return None
    with safe_open(path, framework="pt") as file:
        network.load_state_dict({name: file.get_tensor(name) for name in file.keys()}, strict=False)  # noqa: SIM118
        return float(file.metadata()["cpu_seconds"])
