"""Reading a model's weights from a folder: safetensors only, no code from the folder, no network.

On a CPU and on a Mac's GPU the weights are read and then moved; on CUDA they are read straight to their GPUs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from medmat_explorer.backbones.contract import Report
from medmat_explorer.backbones.model_folder import weight_files
from medmat_explorer.backbones.placement import EVERY_GPU, Placement
from medmat_explorer.backbones.quantised import quantisation

STEPS = 10
"""How often at most the reading of weights is reported."""


def read_model(folder: Path, placement: Placement, report: Report) -> Any:
    """The model, on its device and ready to answer. Raises whatever transformers raises."""
    from transformers import AutoModelForImageTextToText

    load: Any = AutoModelForImageTextToText.from_pretrained
    with reported_reading(weight_files(folder), report):
        model = load(folder, **_wishes(placement))
    if "device_map" not in _map(placement):
        report(f"Moving the weights to {placement.device}.")
        model = model.to(placement.device)
    return model.eval()


def _wishes(placement: Placement) -> Mapping[str, Any]:
    """What transformers is asked for."""
    import torch

    wishes: dict[str, Any] = {
        "dtype": getattr(torch, placement.dtype),
        "use_safetensors": True,
        "local_files_only": True,
        "trust_remote_code": False,
        **_map(placement),
    }
    if placement.attention != "auto":
        wishes["attn_implementation"] = placement.attention
    if settings := quantisation(placement.bits, placement.dtype):
        wishes["quantization_config"] = settings
    return wishes


def _map(placement: Placement) -> Mapping[str, Any]:
    """Where the layers go; empty where the whole model is moved after reading. Written for CUDA, never run on one."""
    if placement.device == EVERY_GPU:
        return {"device_map": "auto"}
    return {"device_map": {"": placement.device}} if placement.device.startswith("cuda") else {}


@contextmanager
def reported_reading(files: int, report: Report) -> Iterator[None]:
    """Reports how many weights have been read while transformers reads them, through its own hook for progress."""
    from transformers.utils import logging

    where = "one file" if files == 1 else f"{files} files"

    def heard(factory: Any, arguments: tuple[Any, ...], wishes: dict[str, Any]) -> Any:
        if wishes.get("desc") != "Loading weights":
            return factory(*arguments, **wishes)
        return _counted(arguments[0], where, report)

    report(f"Reading the weights from {where}.")
    before = logging.set_tqdm_hook(heard)
    try:
        yield
    finally:
        logging.set_tqdm_hook(before)


def _counted(weights: Any, where: str, report: Report) -> Iterator[Any]:
    total = len(weights)
    for done, weight in enumerate(weights, 1):
        yield weight
        if done * STEPS // total > (done - 1) * STEPS // total:
            report(f"Reading the weights from {where}: {done} of {total}.")
