"""Where a backbone runs and in which number format, and whether it fits there."""

from dataclasses import dataclass

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.errors import BackboneError

DTYPES = {"float32": 4, "bfloat16": 2, "float16": 2}
SHORT_DTYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
BITS = (0, 8, 4)
ATTENTION = ("auto", "sdpa", "eager", "flash_attention_2")
EVERY_GPU = "cuda:all"
"""The device that spreads the layers over all GPUs."""

ROOM = 1.2
"""Weights times this is what a backbone takes while it answers one question; measured on small models, rough."""


@dataclass(frozen=True)
class Placement:
    """Where and how a model will be loaded: every choice made, nothing left to `auto` but the attention."""

    device: str
    dtype: str
    bits: int = 0
    attention: str = "auto"


def placed(options: LoadOptions) -> Placement:
    """The choices behind the options on this machine. Raises BackboneError for what is not there or not known."""
    if options.attention not in ATTENTION:
        raise BackboneError(f"The attention '{options.attention}' is not known. Valid: {', '.join(ATTENTION)}.")
    device = choose_device(options.device)
    if problem := bits_problem(options.bits, device):
        raise BackboneError(problem)
    return Placement(device, choose_dtype(options.dtype, device), options.bits, options.attention)


def choose_device(wanted: str) -> str:
    """cuda, mps or cpu, the first there is, or the one that was wanted. Raises BackboneError when that is not there."""
    import torch

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    here = {"cuda": gpus > 0, "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, there in here.items() if there)
    numbered = {f"cuda:{number}": True for number in range(gpus)} | {EVERY_GPU: gpus > 0}
    if not (here | numbered).get(wanted):
        valid = ", ".join(name for name, there in (here | numbered).items() if there)
        raise BackboneError(f"The device '{wanted}' is not on this machine. Valid: auto, {valid}.")
    return wanted


def choose_dtype(wanted: str, device: str) -> str:
    """32-bit numbers on a CPU, bfloat16 on a GPU that has it. Raises BackboneError for an unknown format."""
    import torch

    if wanted == "auto":
        return "bfloat16" if device.startswith("cuda") and torch.cuda.is_bf16_supported() else "float32"
    if (name := SHORT_DTYPES.get(wanted, wanted)) not in DTYPES:
        raise BackboneError(f"The number format '{wanted}' is not known. Valid: auto, {', '.join(DTYPES)}.")
    return name


def bits_problem(bits: int, device: str) -> str:
    """Why weights cannot be shrunk to so many bits on the device, as a sentence; empty when they can."""
    from importlib.util import find_spec

    if bits not in BITS:
        return f"Weights of {bits} bits are not known. Valid: 8, 4, or 0 for the number format itself."
    if not bits:
        return ""
    if not device.startswith("cuda"):
        return (
            f"Weights of {bits} bits need a CUDA GPU, and the device is {device}: load in bfloat16, or a smaller model."
        )
    if find_spec("bitsandbytes") is None:
        return f"Weights of {bits} bits need the library bitsandbytes: install medmat-explorer[quantised]."
    return ""


def weight_bytes(parameters: int, dtype: str, bits: int = 0, whole: int = 0) -> int:
    """Bytes of weights: all in the number format, or with `bits` all but the `whole` ones in so many bits."""
    if not bits:
        return parameters * DTYPES[dtype]
    return whole * DTYPES[dtype] + (parameters - whole) * bits // 8


def memory_problem(parameters: int, device: str, dtype: str, bits: int = 0, whole: int = 0) -> str:
    """A sentence when the weights do not fit into what is free on the device; else empty.

    `whole` counts the parameters that keep the number format where the others are shrunk to `bits`.
    """
    needs, free = weight_bytes(parameters, dtype, bits, whole) * ROOM / 1e9, free_gb(device)
    if needs <= free:
        return ""
    form = f"{bits}-bit weights" if bits else dtype
    return f"The backbone needs about {needs:.1f} GB on {device} as {form}, and {free:.1f} GB are free."


def free_gb(device: str) -> float:
    """Free memory of a device in gigabytes, of all GPUs together for cuda:all; a Mac's GPU shares the machine's."""
    if device.startswith("cuda"):
        import torch

        return sum(float(torch.cuda.mem_get_info(number)[0]) for number in gpu_numbers(device)) / 1e9
    import psutil

    return float(psutil.virtual_memory().available) / 1e9


def used_gb(device: str) -> float:
    """What torch holds on the GPUs of a device, or what this process holds in memory, in gigabytes."""
    if device.startswith("cuda"):
        import torch

        return sum(float(torch.cuda.memory_allocated(number)) for number in gpu_numbers(device)) / 1e9
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e9


def gpu_numbers(device: str) -> list[int]:
    """The numbers of the GPUs that a cuda device means."""
    import torch

    if device == EVERY_GPU:
        return list(range(torch.cuda.device_count()))
    _, _, number = device.partition(":")
    return [int(number) if number else torch.cuda.current_device()]
