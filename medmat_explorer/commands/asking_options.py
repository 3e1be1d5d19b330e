"""Options of the commands that ask a backbone: how it is loaded, and how it is asked."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medmat_explorer.evaluation.control_name import ControlName

if TYPE_CHECKING:
    from medmat_explorer.backbones.contract import LoadOptions


class Dtype(StrEnum):
    """Number formats of weights."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


class Bits(StrEnum):
    """How far weights are shrunk."""

    NONE = "0"
    EIGHT = "8"
    FOUR = "4"


class Attention(StrEnum):
    """Implementations of attention in transformers."""

    AUTO = "auto"
    SDPA = "sdpa"
    EAGER = "eager"
    FLASH = "flash_attention_2"


class Prompt(StrEnum):
    """The prompt forms (`evaluation/prompts.py`)."""

    RELEASED = "released-1"
    LETTER_FIRST = "letter-first-1"
    WITH_REASON = "with-reason-1"
    OPEN = "open-1"


BackboneName = Annotated[
    str, typer.Option("--backbone", help="A registry id, a model folder, or http://host/v1#model.")
]
ControlNames = Annotated[
    list[ControlName] | None,
    typer.Option("--control", help="Ask again with one thing changed; may be given several times."),
]
Rotations = Annotated[bool, typer.Option("--rotations", help="The same as --control rotations.")]
PromptName = Annotated[Prompt, typer.Option("--prompt", help="How each item is put; as released unless it is said.")]
OptionTexts = Annotated[bool, typer.Option("--options", help="Ask too how likely the text of each option is.")]
Device = Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, cuda:all or mps; else MEDMAT_DEVICE.")]
DtypeName = Annotated[Dtype, typer.Option("--dtype", help="Number format of the weights.")]
BitsName = Annotated[Bits, typer.Option("--bits", help="Shrink the language part's weights; needs a CUDA GPU.")]
AttentionName = Annotated[Attention, typer.Option("--attention", help="Implementation of attention.")]
Adapter = Annotated[Path | None, typer.Option("--adapter", help="Folder of a LoRA adapter to lay on top.")]


def chosen_controls(names: Sequence[ControlName] | None, rotations: bool) -> tuple[ControlName, ...]:
    """The controls asked for in either way."""
    return (*(names or ()), *([ControlName.ROTATIONS] if rotations else []))


def load_options(device: str, dtype: Dtype, bits: Bits, attention: Attention, adapter: Path | None) -> "LoadOptions":
    """How to load: what was given, the rest from the settings."""
    from medmat_explorer.backbones.contract import LoadOptions
    from medmat_explorer.config import settings

    return LoadOptions(
        device=device or settings().device,
        dtype=dtype.value,
        threads=settings().threads,
        bits=int(bits.value),
        attention=attention.value,
        adapter=str(adapter.expanduser().resolve()) if adapter else "",
    )
