"""What a machine offers a backbone, found out without torch: GPUs by nvidia-smi's table, memory, and what is not to
be had in a sentence."""

from pathlib import Path

import pytest

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.ui import backbone_machine
from medmat_explorer.ui.backbone_card import fit_sentence, size
from medmat_explorer.ui.backbone_machine import Gpu, Machine, cuda_problem, gpus_in, mps_problem

TABLE = """\
GPU-aaa, NVIDIA H100 80GB HBM3, 81559, 80994, 9.0
GPU-bbb, Tesla V100, 16384, 1024, 7.0
"""
H100 = Gpu("NVIDIA H100 80GB HBM3", 85.52081, 84.92836, 9.0)
V100 = Gpu("Tesla V100", 17.17986, 1.07374, 7.0)
NO_MAC = "MPS is the GPU of a Mac with Apple silicon, and this machine is none."
LAPTOP = Machine(free_gb=8.0, no_cuda="No NVIDIA GPU was found (nvidia-smi).", no_mps=NO_MAC, no_bits="No library.")
SERVER = Machine(free_gb=200.0, gpus=(H100, V100), no_mps=NO_MAC)


def names(found: tuple[Gpu, ...]) -> list[str]:
    return [gpu.name.split()[-1] for gpu in found]


def test_the_table_of_nvidia_smi_becomes_gpus_with_gigabytes() -> None:
    (first, second) = gpus_in(TABLE, {})
    assert (first.name, first.compute) == (H100.name, 9.0)
    assert (first.total_gb, first.free_gb) == pytest.approx((85.52, 84.93), abs=0.01)
    assert second.free_gb == pytest.approx(1.07, abs=0.01)
    assert gpus_in("nonsense\n", {}) == ()
    assert gpus_in("GPU-x, GRID, [N/A], [N/A], [N/A]\n", {}) == (Gpu("GRID", 0.0, 0.0, 0.0),)


@pytest.mark.parametrize(
    ("visible", "found"),
    [("1", ["V100"]), ("1,0", ["V100", "HBM3"]), ("GPU-bbb", ["V100"]), ("", []), ("-1", []), ("0,7,1", ["HBM3"])],
)
def test_gpus_are_numbered_as_cuda_lets_them_be_seen(visible: str, found: list[str]) -> None:
    assert names(gpus_in(TABLE, {"CUDA_VISIBLE_DEVICES": visible})) == found


def test_why_cuda_is_not_to_be_had_is_said() -> None:
    assert cuda_problem("2.13.0+cpu", (H100,), True) == "The installed torch (2.13.0+cpu) was built for CPUs only."
    assert cuda_problem("2.13.0", (), False) == "No NVIDIA GPU was found (nvidia-smi)."
    assert cuda_problem("2.13.0", (), True) == "No NVIDIA GPU is left by CUDA_VISIBLE_DEVICES."
    assert cuda_problem("", (), False) == "torch is not installed."
    assert cuda_problem("2.13.0+cu130", (H100,), True) == ""
    assert mps_problem("Darwin", "arm64") == ""
    assert mps_problem("Linux", "aarch64") == NO_MAC


def test_nvidia_smi_is_asked_and_one_that_fails_is_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho 'GPU-aaa, H100, 81559, 80994, 9.0'\necho \"$1\" > {tmp_path}/asked\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert names(gpus_in(backbone_machine._listed_gpus(), {})) == ["H100"]
    assert "memory.free" in (tmp_path / "asked").read_text()
    program.write_text("#!/bin/sh\necho NVIDIA-SMI has failed\nexit 9\n")
    assert backbone_machine._listed_gpus() == ""


def test_a_device_that_is_not_here_is_refused_in_a_sentence() -> None:
    assert LAPTOP.device_problem("cuda:all") == "No NVIDIA GPU was found (nvidia-smi)."
    assert LAPTOP.device_problem("mps") == NO_MAC
    assert [LAPTOP.device_problem(device) for device in ("auto", "cpu")] == ["", ""]
    assert SERVER.device_problem("cuda:2") == "There is no cuda:2 on this machine, which has cuda:0 to cuda:1."
    assert [SERVER.device_problem(device) for device in ("cuda", "cuda:1", "cuda:all")] == ["", "", ""]
    assert LAPTOP.bits_problem(4, "auto") == (
        "Weights of 4 bits need a CUDA GPU. No NVIDIA GPU was found (nvidia-smi)."
    )
    assert SERVER.bits_problem(4, "auto") == ""


def test_auto_is_the_best_device_and_the_format_that_suits_it() -> None:
    assert (LAPTOP.device("auto"), SERVER.device("auto")) == ("cpu", "cuda")
    assert Machine(8.0, no_cuda="none").device("auto") == "mps"
    assert LAPTOP.dtype("auto", "auto") == "float32"
    assert SERVER.dtype("auto", "cuda:0") == "bfloat16"
    assert SERVER.dtype("auto", "cuda:1") == SERVER.dtype("auto", "cuda:all") == "float32"
    assert SERVER.dtype("fp16", "auto") == "float16"
    assert SERVER.free_on("cuda:all") == pytest.approx(86.0, abs=0.01)
    assert SERVER.free_on("cpu") == 200.0


def test_what_fits_and_what_does_not_is_said_with_what_to_try() -> None:
    seven = 7_060_000_000
    assert fit_sentence(seven, LoadOptions(), SERVER) == (
        True,
        "Needs about 17.3 GB as bfloat16 on cuda; 84.9 GB are free.",
    )
    fits, sentence = fit_sentence(seven, LoadOptions(device="cuda:1", bits=8), SERVER)
    assert fits is False
    assert sentence.startswith("Needs about 8.9 GB as 8-bit on cuda:1, and 1.1 GB are free.")
    assert sentence.endswith("Try the device cuda:all, which spreads it over all GPUs.")
    fits, sentence = fit_sentence(seven, LoadOptions(), LAPTOP)
    assert sentence == (
        "Needs about 34.3 GB as float32 on cpu, and 8.0 GB are free. Try a smaller backbone, or one behind a server on "
        "a larger machine."
    )
    fits, sentence = fit_sentence(2_000_000_000, LoadOptions(), LAPTOP)
    assert sentence.endswith("Try bfloat16, which takes about 5.2 GB.")
    blind = Machine(free_gb=8.0, gpus=(), no_mps=NO_MAC)
    assert fit_sentence(seven, LoadOptions(device="cuda"), blind)[0] is None


def test_parameters_are_told_for_people() -> None:
    assert [size(n) for n in (1_300_000, 7_060_000_000, 0)] == ["1.3 M parameters", "7.06 B parameters", ""]
