"""How a backbone is loaded, as it stands in the address: device, number format, bits, attention, compile, adapter."""

import re
from pathlib import Path

import streamlit as st

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.lora_adapter import adapter_refusal
from medmat_explorer.backbones.placement import ATTENTION, BITS, EVERY_GPU
from medmat_explorer.config import settings
from medmat_explorer.ui import url_state
from medmat_explorer.ui.backbone_machine import Machine, known_dtype
from medmat_explorer.ui.plain import plain

DEVICE, DTYPE, BIT_COUNT, ATTEND, COMPILE, ADAPTER = NAMES = (
    "device",
    "dtype",
    "bits",
    "attention",
    "compile",
    "adapter",
)
"""Names in the address."""

DTYPE_NAMES = {
    "auto": "auto",
    "bfloat16": "bfloat16 (bf16)",
    "float16": "float16 (fp16)",
    "float32": "float32 (fp32)",
}
BIT_NAMES = {"0": "as the number format", "8": "8 bits", "4": "4 bits"}
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:all|:\d{1,2})?")


def chosen_options() -> LoadOptions:
    """The options in the address; what it does not say is as the settings have it, what is not known is left out."""
    bits = url_state.value(BIT_COUNT, "0")
    attention = url_state.value(ATTEND, "auto")
    return LoadOptions(
        device=_device(),
        dtype=known_dtype(url_state.value(DTYPE, "auto")) or "auto",
        threads=settings().threads,
        bits=int(bits) if bits in BIT_NAMES else 0,
        attention=attention if attention in ATTENTION else "auto",
        compile=url_state.value(COMPILE) == "1",
        adapter=_expanded(url_state.value(ADAPTER).strip()),
    )


def dropped_options() -> list[str]:
    """What the address says of loading that is not known, as `name=value`."""
    known = {
        DEVICE: _DEVICE.fullmatch(url_state.value(DEVICE, "auto")) is not None,
        DTYPE: bool(known_dtype(url_state.value(DTYPE, "auto"))),
        BIT_COUNT: url_state.value(BIT_COUNT, "0") in BIT_NAMES,
        ATTEND: url_state.value(ATTEND, "auto") in ATTENTION,
    }
    return [f"{name}={url_state.value(name)[:60]}" for name, is_known in known.items() if not is_known]


def options_problem(options: LoadOptions, machine: Machine, folder: Path | None) -> str:
    """Why nothing can be loaded so, as a sentence; empty when nothing is known against it.

    `folder` holds the backbone; without one (a server, a model that is not here) an adapter cannot be checked.
    """
    if problem := machine.device_problem(options.device) or machine.bits_problem(options.bits, options.device):
        return problem
    if options.attention == "flash_attention_2" and not machine.device(options.device).startswith("cuda"):
        return f"flash_attention_2 needs a CUDA GPU. {machine.no_cuda}".strip()
    if not options.adapter or folder is None:
        return ""
    try:
        return adapter_refusal(Path(options.adapter), folder)
    except (OSError, ValueError) as error:
        return f"The adapter's folder cannot be read ({error}): write its path anew."


def options_in_words(options: LoadOptions) -> str:
    """What differs from the default, for one line; `default` when nothing does."""
    parts = [options.device] if options.device != settings().device else []
    parts += [options.dtype] if options.dtype != "auto" else []
    parts += [f"{options.bits} bits"] if options.bits else []
    parts += [f"attention {options.attention}"] if options.attention != "auto" else []
    parts += ["compiled"] if options.compile else []
    parts += [f"adapter {Path(options.adapter).name}"] if options.adapter else []
    return ", ".join(parts) or "default"


def draw_options(options: LoadOptions, machine: Machine, has_folder: bool) -> None:
    """The choices, folded away with one line that tells them; none for a backbone that is not loaded from a folder."""
    said = options_in_words(options) if has_folder else "none for this backbone"
    with st.expander(f"Loading options: {plain(said)}", icon=":material/tune:"):
        if not has_folder:
            st.caption("A server decides by itself how it loads, and a script has nothing to load.")
            return
        device, dtype, bits, attention = st.columns(4)
        with device:
            _draw_device(options, machine)
        with dtype:
            chosen = url_state.bind(DTYPE, options.dtype, default="auto")
            st.selectbox("Number format", list(DTYPE_NAMES), format_func=DTYPE_NAMES.__getitem__, **chosen)
        with bits:
            _draw_bits(options, machine)
        with attention:
            chosen = url_state.bind(ATTEND, options.attention, default="auto")
            st.selectbox("Attention", ATTENTION, help="`eager` alone can show where it attends.", **chosen)
        st.text_input(
            "LoRA adapter",
            placeholder="The folder of an adapter in PEFT's format, laid on top of the backbone",
            **url_state.bind(ADAPTER, url_state.value(ADAPTER)),
        )
        st.toggle(
            "Compile",
            help="By torch.compile: the first answers take minutes, the others may come faster.",
            **url_state.bind(COMPILE, options.compile, default=False),
        )


def _draw_device(options: LoadOptions, machine: Machine) -> None:
    numbered = [f"cuda:{number}" for number in range(len(machine.gpus))] if len(machine.gpus) > 1 else []
    devices = list(dict.fromkeys(["auto", "cpu", "cuda", *numbered, EVERY_GPU, "mps", options.device]))

    def shown(device: str) -> str:
        if device == "auto":
            return f"auto ({machine.device(device)})"
        return f"{device} (not here)" if machine.device_problem(device) else device

    chosen = url_state.bind(DEVICE, options.device, default=settings().device)
    st.selectbox("Device", devices, format_func=shown, **chosen)
    st.caption(plain(" ".join(filter(None, (machine.no_cuda, machine.no_mps)))))


def _draw_bits(options: LoadOptions, machine: Machine) -> None:
    problem = machine.bits_problem(BITS[1], options.device)
    st.selectbox(
        "Weights of the language part",
        list(BIT_NAMES),
        format_func=BIT_NAMES.__getitem__,
        disabled=bool(problem) and not options.bits,
        **url_state.bind(BIT_COUNT, str(options.bits), default="0"),
    )
    st.caption(plain(problem) or "Vision part and output layer keep their number format.")


def _expanded(path: str) -> str:
    """A path with `~` as the home folder; as it is where there is no such home."""
    try:
        return str(Path(path).expanduser()) if path else ""
    except RuntimeError:
        return path


def _device() -> str:
    device = url_state.value(DEVICE, settings().device)
    return device if _DEVICE.fullmatch(device) else settings().device
