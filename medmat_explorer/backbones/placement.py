"""Where a backbone runs and in which number format, and whether it fits there."""

from medmat_explorer.errors import BackboneError

DTYPES = {"float32": 4, "bfloat16": 2, "float16": 2}
ROOM = 1.2
"""Weights times this is what a backbone takes while it answers one question; measured on small models, rough."""


def choose_device(wanted: str) -> str:
    """cuda, mps or cpu, the first there is, or the one that was wanted. Raises BackboneError when that is not there."""
    import torch

    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, there in here.items() if there)
    if not here.get(wanted):
        valid = ", ".join(name for name, there in here.items() if there)
        raise BackboneError(f"The device '{wanted}' is not on this machine. Valid: auto, {valid}.")
    return wanted


def choose_dtype(wanted: str, device: str) -> str:
    """32-bit numbers on a CPU, bfloat16 on a GPU that has it. Raises BackboneError for an unknown format."""
    import torch

    if wanted == "auto":
        return "bfloat16" if device == "cuda" and torch.cuda.is_bf16_supported() else "float32"
    if wanted not in DTYPES:
        raise BackboneError(f"The number format '{wanted}' is not known. Valid: auto, {', '.join(DTYPES)}.")
    return wanted


def memory_problem(parameters: int, device: str, dtype: str) -> str:
    """A sentence when the weights do not fit into what is free on the device; else empty."""
    needs, free = parameters * DTYPES[dtype] * ROOM / 1e9, free_gb(device)
    if needs <= free:
        return ""
    return f"The backbone needs about {needs:.1f} GB on {device} as {dtype}, and {free:.1f} GB are free."


def free_gb(device: str) -> float:
    """Free memory of a device in gigabytes; a Mac's GPU shares the machine's memory."""
    if device == "cuda":
        import torch

        return float(torch.cuda.mem_get_info()[0]) / 1e9
    import psutil

    return float(psutil.virtual_memory().available) / 1e9
