"""What this machine offers a backbone, found out without importing torch into the web server.

Memory is psutil's figure. GPUs are those that nvidia-smi lists and CUDA_VISIBLE_DEVICES leaves, numbered as torch
numbers them then. What cannot be found out is said to be unknown.
"""

import csv
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import streamlit as st

from medmat_explorer.backbones.placement import DTYPES, EVERY_GPU, SHORT_DTYPES

FACTS = ("uuid", "name", "memory.total", "memory.free", "compute_cap")
LOOK_SECONDS = 5
FRESH_SECONDS = 15
MEBIBYTE = 1 << 20
BFLOAT16_SINCE = 8.0
"""The compute capability from which a GPU computes in bfloat16."""


@dataclass(frozen=True)
class Gpu:
    """One GPU, with gigabytes of memory; `compute` is its compute capability, 0 where that was not told."""

    name: str
    total_gb: float
    free_gb: float
    compute: float = 0.0


@dataclass(frozen=True)
class Machine:
    """Free memory in gigabytes, the GPUs, and in a sentence why CUDA, MPS or few bits are not to be had; else empty."""

    free_gb: float
    gpus: tuple[Gpu, ...] = ()
    no_cuda: str = ""
    no_mps: str = ""
    no_bits: str = ""

    def device_problem(self, device: str) -> str:
        """Why nothing can be loaded on a device, as a sentence; empty when it can."""
        if device == "mps":
            return self.no_mps
        if not device.startswith("cuda"):
            return ""
        _, _, number = device.partition(":")
        if self.no_cuda or not number.isdecimal() or int(number) < len(self.gpus):
            return self.no_cuda
        here = "one GPU, cuda:0" if len(self.gpus) == 1 else f"cuda:0 to cuda:{len(self.gpus) - 1}"
        return f"There is no {device} on this machine, which has {here}."

    def bits_problem(self, bits: int, device: str) -> str:
        """Why weights cannot be shrunk to so many bits on the device, as a sentence; empty when they can."""
        if not bits:
            return ""
        if not self.device(device).startswith("cuda"):
            return f"Weights of {bits} bits need a CUDA GPU. {self.no_cuda}".strip()
        return self.no_bits

    def device(self, wanted: str) -> str:
        """The device behind `auto`: the first there is of cuda, mps and cpu."""
        if wanted != "auto":
            return wanted
        return "cpu" if self.no_cuda and self.no_mps else "mps" if self.no_cuda else "cuda"

    def dtype(self, wanted: str, device: str) -> str:
        """The number format behind `auto`: bfloat16 where the device has it, else 32 bits."""
        if wanted != "auto":
            return SHORT_DTYPES.get(wanted, wanted)
        used = self._meant(self.device(device))
        return "bfloat16" if used and all(gpu.compute >= BFLOAT16_SINCE for gpu in used) else "float32"

    def free_on(self, device: str) -> float | None:
        """Gigabytes free on a device; None where that is not known."""
        device = self.device(device)
        if not device.startswith("cuda"):
            return self.free_gb
        used = self._meant(device)
        return sum(gpu.free_gb for gpu in used) if used else None

    def _meant(self, device: str) -> Sequence[Gpu]:
        """The GPUs that a cuda device means; none for another device."""
        if device == EVERY_GPU or not device.startswith("cuda"):
            return self.gpus if device == EVERY_GPU else ()
        _, _, number = device.partition(":")
        first = int(number) if number.isdecimal() else 0
        return self.gpus[first : first + 1]


def this_machine() -> Machine:
    """What there is now; GPUs are looked at anew after a while."""
    import psutil

    gpus, no_cuda = _gpus()
    return Machine(
        free_gb=float(psutil.virtual_memory().available) / 1e9,
        gpus=gpus,
        no_cuda=no_cuda,
        no_mps=mps_problem(platform.system(), platform.machine()),
        no_bits=""
        if find_spec("bitsandbytes")
        else "The library bitsandbytes is not installed: install medmat-explorer[quantised].",
    )


def mps_problem(system: str, processor: str) -> str:
    """Why a Mac's GPU is not to be had, as a sentence; empty on a Mac that has one."""
    if system == "Darwin" and processor == "arm64":
        return ""
    return "MPS is the GPU of a Mac with Apple silicon, and this machine is none."


def cuda_problem(torch_version: str, gpus: Sequence[Gpu], listed: bool) -> str:
    """Why CUDA is not to be had, as a sentence; empty when it is. `listed` says whether nvidia-smi answered."""
    if not torch_version:
        return "torch is not installed."
    if torch_version.endswith("+cpu"):
        return f"The installed torch ({torch_version}) was built for CPUs only."
    if gpus:
        return ""
    return "No NVIDIA GPU is left by CUDA_VISIBLE_DEVICES." if listed else "No NVIDIA GPU was found (nvidia-smi)."


def gpus_in(text: str, environ: Mapping[str, str]) -> tuple[Gpu, ...]:
    """The GPUs in nvidia-smi's table (FACTS, without units), as far as CUDA_VISIBLE_DEVICES lets them be seen."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if len(row) == len(FACTS)]
    by_name = {name: row for number, row in enumerate(rows) for name in (str(number), row[0])}
    seen = environ.get("CUDA_VISIBLE_DEVICES")
    if seen is None:
        return tuple(map(_gpu, rows))
    chosen = []
    for name in map(str.strip, seen.split(",")):
        if name not in by_name:  # CUDA too heeds none after the first that does not exist
            break
        chosen.append(_gpu(by_name[name]))
    return tuple(chosen)


def _gpu(row: Sequence[str]) -> Gpu:
    _, name, total, free, compute = row
    return Gpu(name, _number(total) * MEBIBYTE / 1e9, _number(free) * MEBIBYTE / 1e9, _number(compute))


def _number(text: str) -> float:
    """Zero for `[N/A]` and the like."""
    try:
        return float(text)
    except ValueError:
        return 0.0


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def _gpus() -> tuple[tuple[Gpu, ...], str]:
    """The GPUs, and why CUDA is not to be had."""
    try:
        torch_version = version("torch")
    except PackageNotFoundError:
        torch_version = ""
    text = "" if torch_version.endswith("+cpu") else _listed_gpus()
    found = gpus_in(text, os.environ)
    problem = cuda_problem(torch_version, found, bool(text))
    return (() if problem else found), problem


def _listed_gpus() -> str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, f"--query-gpu={','.join(FACTS)}", "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LOOK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def known_dtype(name: str) -> str:
    """The number format of that name, long or short; empty for one that is not known."""
    long = SHORT_DTYPES.get(name, name)
    return long if long in DTYPES or long == "auto" else ""
