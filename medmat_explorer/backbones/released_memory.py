"""Giving memory back to the system after a batch was too large.

A backbone that is unloaded needs none of this: its process ends, and everything it held with it.
"""

import ctypes
import gc
import sys


def give_back() -> None:
    """Collects what nothing refers to any more, and returns free memory: of the GPUs, and on Linux of the process."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, other C libraries need not
        if trim is not None:
            trim(0)
