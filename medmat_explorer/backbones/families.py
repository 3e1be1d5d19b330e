"""How the families of vision-language models differ, as data and small functions.

Everything else is the same for all of them and stands in the adapter. A family is named by `model_type` in a folder's
config.json; one that is not listed here is treated as the plain case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from medmat_explorer.backbones.contract import Capability
from medmat_explorer.backbones.family_inputs import (
    Inputs,
    as_they_are,
    carry_cross_attention,
    carry_nothing,
    carry_places,
    padding_in_place,
    without_labels,
)
from medmat_explorer.backbones.family_processors import (
    LoadProcessor,
    complete_instructblip,
    complete_llava,
    load_idefics3,
    load_whole,
    without_videos,
)

BOTH = frozenset({Capability.LETTERS, Capability.TEXT})
ALL = BOTH | {Capability.OPTIONS}


@dataclass(frozen=True)
class Family:
    """One family.

    `bare_prompt` is used where the processor brings no chat template; {mark} stands for the picture. `squares` says
    that a picture is padded to a square where the preparation would crop it. `settings` go to the processor with every
    call. `load` reads the processor, `complete` adds what older folders leave out, `prepare` mends its tensors.
    `carry` gives what a model needs besides the cache to read on after a prefix (the model, its inputs, the prefix of
    each row, what each row has seen, how many tokens are read); `reader` names the part of the model that reads on,
    where it is not the model itself. `shares` says that what comes before a token does not depend on what comes after
    it, so that different prompts about one picture can share its reading. `square` says that the picture's tokens are
    a square grid over it.
    """

    name: str
    title: str
    bare_prompt: str = "{mark}{text}"
    squares: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)
    load: LoadProcessor = load_whole
    complete: Callable[[Any, Any], None] = lambda processor, config: None
    prepare: Callable[[Inputs], Inputs] = as_they_are
    carry: Callable[[Any, Inputs, Any, Any, int], Inputs] = carry_nothing
    reader: str = ""
    shares: bool = True
    square: bool = False
    capabilities: frozenset[Capability] = ALL
    padding: str = "the picture's own shape"


PLAIN = Family(
    "", "any other family", capabilities=BOTH, shares=False, padding="a square where the preparation would crop"
)

FAMILIES: tuple[Family, ...] = (
    Family(
        "llava",
        "LLaVA",
        bare_prompt="USER: {mark}\n{text} ASSISTANT:",
        complete=complete_llava,
        square=True,
        padding="a square of the mean colour (do_pad), as the original LLaVA does; llava-hf folders crop without it",
    ),
    Family(
        "llava_next",
        "LLaVA-1.6",
        bare_prompt="USER: {mark}\n{text} ASSISTANT:",
        squares=False,
        complete=complete_llava,
        padding="none: tiles of the best fitting grid and the whole picture resized",
    ),
    Family(
        "qwen2_vl",
        "Qwen2-VL",
        bare_prompt="<|im_start|>user\n<|vision_start|>{mark}<|vision_end|>{text}<|im_end|>\n<|im_start|>assistant\n",
        load=without_videos("Qwen2VLProcessor"),
        carry=carry_places,
    ),
    Family(
        "qwen2_5_vl",
        "Qwen2.5-VL",
        bare_prompt="<|im_start|>user\n<|vision_start|>{mark}<|vision_end|>{text}<|im_end|>\n<|im_start|>assistant\n",
        load=without_videos("Qwen2_5_VLProcessor"),
        carry=carry_places,
    ),
    Family(
        "qwen3_vl",
        "Qwen3-VL",
        bare_prompt="<|im_start|>user\n{mark}{text}<|im_end|>\n<|im_start|>assistant\n",
        load=without_videos("Qwen3VLProcessor"),
        carry=carry_places,
    ),
    Family(
        "mllama",
        "Llama 3.2 Vision",
        carry=carry_cross_attention,
        padding="tiles of the best fitting grid, padded at the right and below",
    ),
    Family("idefics3", "Idefics3 and SmolVLM", padding="the folder's own: split into tiles and the whole picture"),
    Family(
        "smolvlm",
        "SmolVLM2",
        load=load_idefics3,
        padding="the folder's own: split into tiles and the whole picture",
    ),
    Family(
        "internvl",
        "InternVL (-hf)",
        bare_prompt="<|im_start|>user\n{mark}\n{text}<|im_end|>\n<|im_start|>assistant\n",
        load=without_videos("InternVLProcessor"),
        padding="none: tiles of the best fitting grid and the whole picture",
    ),
    Family(
        "gemma3",
        "Gemma 3 and MedGemma",
        bare_prompt="<start_of_turn>user\n{mark}{text}<end_of_turn>\n<start_of_turn>model\n",
        settings={"do_pan_and_scan": False},
        square=True,
        padding="none: resized to a square, pan and scan off",
    ),
    Family(
        "instructblip",
        "InstructBLIP",
        bare_prompt="{text}",
        complete=complete_instructblip,
        prepare=padding_in_place,
        reader="language_model",
        shares=False,
        padding="none: resized to a square",
    ),
    Family(
        "paligemma",
        "PaliGemma",
        bare_prompt="{mark}answer en {text}",
        prepare=without_labels,
        shares=False,
        square=True,
        padding="none: resized to a square",
    ),
)


def family_named(name: str) -> Family:
    """The family of that `model_type`; the plain case for one that is not listed."""
    return next((family for family in FAMILIES if family.name == name), PLAIN)
