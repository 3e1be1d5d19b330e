"""What is known of a backbone before it is loaded: one frozen manifest each.

Facts were read in the hub's model cards and file lists, in stored copies. The number of parameters follows from the
size of the weight files where no card gives it. What was not found is left empty, never guessed: an empty `revision`
means that no commit was at hand to pin, and the one that lies in the cache is shown once it is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from medmat_explorer.backbones.contract import Capability
from medmat_explorer.backbones.families import ALL, BOTH, family_named
from medmat_explorer.backbones.placement import ROOM, weight_bytes

WORK_GB = 0.4
"""What libraries take before any weight is read."""

FORMS: Mapping[str, tuple[str, int]] = {
    "float32": ("float32", 0),
    "bfloat16": ("bfloat16", 0),
    "8-bit": ("bfloat16", 8),
    "4-bit": ("bfloat16", 4),
}
"""Ways to hold weights: the number format, and the bits of the language part."""

TINY = "a tiny model of this family, built from a configuration; never with these weights"
BUNDLED = "with its own weights, in the tests of this project"
NEVER = "never"


@dataclass(frozen=True)
class Manifest:
    """One backbone.

    `needs_gb` is the memory that its weights and work take. `family` is the `model_type` of its configuration. `gated`
    says whether the hub wants its terms accepted first, None that this is not known. `server_only` is why it cannot be
    loaded here, empty when it can. `tested` says with what its code path was run. `source` is bundled, built in, local
    folder, hub or server.
    """

    id: str
    title: str
    source: str
    family: str
    licence: str
    parameters: int
    needs_gb: float
    capabilities: frozenset[Capability]
    note: str = ""
    hub_id: str = ""
    revision: str = ""
    gated: bool | None = None
    prompt: str = ""
    padding: str = ""
    tested: str = ""
    server_only: str = ""


def memory_gb(parameters: int) -> dict[str, float]:
    """What a model of so many parameters takes in each form: its weights, a fifth more for one question's activations
    and cache, and the libraries. For 8 and 4 bits all weights are counted as shrunk, which is a little too low: the
    vision part is not."""
    if not parameters:
        return {}
    held = {name: weight_bytes(parameters, dtype, bits) for name, (dtype, bits) in FORMS.items()}
    return {name: round(size * ROOM / 1e9 + WORK_GB, 1) for name, size in held.items()}


def _hub(
    id: str,
    title: str,
    family: str,
    hub_id: str,
    licence: str,
    billions: float,
    gated: bool | None = False,
    revision: str = "",
    prompt: str = "the folder's chat template",
    note: str = "",
) -> Manifest:
    """A model of the hub that transformers loads."""
    known, parameters = family_named(family), round(billions * 1e9)
    return Manifest(
        id=id,
        title=title,
        source="hub",
        family=family,
        licence=licence,
        parameters=parameters,
        needs_gb=memory_gb(parameters)["bfloat16"],
        capabilities=known.capabilities,
        note=note,
        hub_id=hub_id,
        revision=revision,
        gated=gated,
        prompt=prompt,
        padding=known.padding,
        tested=TINY,
    )


def _server(id: str, title: str, hub_id: str, licence: str, reason: str, billions: float = 0.0) -> Manifest:
    """A model that only a server can run."""
    parameters = round(billions * 1e9)
    return Manifest(
        id=id,
        title=title,
        source="server",
        family="own code",
        licence=licence,
        parameters=parameters,
        needs_gb=memory_gb(parameters).get("bfloat16", 0.0),
        capabilities=BOTH,
        hub_id=hub_id,
        prompt="the server's own",
        padding="the server's own",
        tested=NEVER,
        server_only=f"{reason} Start a server for it that speaks the OpenAI API, and name its address.",
    )


PHANTOM = Manifest(
    id="phantom-llava",
    title="Phantom LLaVA (bundled)",
    source="bundled",
    family="LLaVA: CLIP tower and Llama",
    licence="same as this program",
    parameters=1_300_000,
    needs_gb=0.5,
    capabilities=ALL,
    note="Trained on the synthetic phantom collection only; near chance on real medical images.",
    gated=False,
    prompt="its chat template",
    padding="a square where the preparation would crop",
    tested=BUNDLED,
)
ALWAYS_A = Manifest(
    id="always-a",
    title="Always A (no model)",
    source="built in",
    family="script",
    licence="same as this program",
    parameters=0,
    needs_gb=0.1,
    capabilities=frozenset(Capability),
    note="Answers A to everything without looking: what an accuracy has to beat.",
    gated=False,
    prompt="does not read it",
    padding="does not look",
    tested=BUNDLED,
)

MANIFESTS: tuple[Manifest, ...] = (
    PHANTOM,
    ALWAYS_A,
    _hub(
        "llava-1.5-7b",
        "LLaVA-1.5 7B",
        "llava",
        "llava-hf/llava-1.5-7b-hf",
        "llama2",
        7.06,
        revision="95f2cf316249a98c11183f471ab76065c3e5f494",
        prompt="USER: <image> question ASSISTANT:",
    ),
    _hub(
        "llava-1.5-13b",
        "LLaVA-1.5 13B",
        "llava",
        "llava-hf/llava-1.5-13b-hf",
        "llama2",
        13.35,
        prompt="USER: <image> question ASSISTANT:",
    ),
    _hub(
        "llava-1.6-mistral-7b",
        "LLaVA-1.6 Mistral 7B",
        "llava_next",
        "llava-hf/llava-v1.6-mistral-7b-hf",
        "apache-2.0",
        7.57,
        prompt="[INST] <image> question [/INST]",
    ),
    _hub(
        "qwen2-vl-7b",
        "Qwen2-VL 7B",
        "qwen2_vl",
        "Qwen/Qwen2-VL-7B-Instruct",
        "apache-2.0",
        8.29,
        revision="a7a06a1cc11b4514ce9edcde0e3ca1d16e5ff2fc",
    ),
    _hub("qwen2.5-vl-7b", "Qwen2.5-VL 7B", "qwen2_5_vl", "Qwen/Qwen2.5-VL-7B-Instruct", "apache-2.0", 8.29),
    _hub("qwen3-vl-8b", "Qwen3-VL 8B", "qwen3_vl", "Qwen/Qwen3-VL-8B-Instruct", "apache-2.0", 9.0),
    _hub(
        "llama-3.2-11b-vision",
        "Llama 3.2 11B Vision",
        "mllama",
        "meta-llama/Llama-3.2-11B-Vision-Instruct",
        "llama3.2",
        10.6,
        gated=True,
        note="Its licence once left out people and firms of the European Union: read it first.",
    ),
    _hub(
        "smolvlm",
        "SmolVLM 2.2B",
        "idefics3",
        "HuggingFaceTB/SmolVLM-Instruct",
        "apache-2.0",
        2.25,
        revision="8ced7fdb401fda2aaf184e2ab2cf9dad607e4d49",
    ),
    _hub("smolvlm2", "SmolVLM2 2.2B", "smolvlm", "HuggingFaceTB/SmolVLM2-2.2B-Instruct", "apache-2.0", 2.25),
    _hub("idefics3-8b", "Idefics3 8B", "idefics3", "HuggingFaceM4/Idefics3-8B-Llama3", "apache-2.0", 8.46),
    _hub("internvl3-8b", "InternVL3 8B", "internvl", "OpenGVLab/InternVL3-8B-hf", "qwen", 7.94),
    _hub("gemma-3-4b", "Gemma 3 4B", "gemma3", "google/gemma-3-4b-it", "gemma", 4.3, gated=True),
    _hub(
        "medgemma-4b",
        "MedGemma 4B",
        "gemma3",
        "google/medgemma-4b-it",
        "Health AI Developer Foundations terms",
        4.3,
        gated=True,
        note="Its tower was trained on medical pictures; which data sets of Med-MAT were among them is not known here.",
    ),
    _hub(
        "instructblip-vicuna-7b",
        "InstructBLIP Vicuna 7B",
        "instructblip",
        "Salesforce/instructblip-vicuna-7b",
        "other",
        8.0,
        revision="9e554774e5c76eb8d1b90fac042e4e6385a3e7c3",
        prompt="the question alone, for the Q-Former too",
    ),
    _hub(
        "paligemma-3b-mix",
        "PaliGemma 3B mix",
        "paligemma",
        "google/paligemma-3b-mix-224",
        "gemma",
        2.92,
        gated=True,
        prompt="answer en question",
        note="Made for short questions: options in a prompt are not what it was tuned on.",
    ),
    _server(
        "huatuogpt-vision-7b",
        "HuatuoGPT-Vision 7B",
        "FreedomIntelligence/HuatuoGPT-Vision-7B",
        "apache-2.0",
        "Its configuration (llava_qwen2) is none that transformers knows, and loads with its project's own code.",
        7.94,
    ),
    _server(
        "llava-med-1.5",
        "LLaVA-Med 1.5",
        "microsoft/llava-med-v1.5-mistral-7b",
        "that of Mistral-7B-Instruct-v0.2; research use only",
        "Its configuration (llava_mistral) is none that transformers knows, and loads with its project's own code.",
    ),
    _server(
        "next-chat",
        "NExT-Chat 7B",
        "AoZhang/nextchat-7b-336",
        "apache-2.0",
        "It is published as pickled weights (.bin), which can run code, and loads with its project's own code.",
    ),
    _server(
        "minigpt-v2",
        "MiniGPT-v2",
        "Vision-CAIR/MiniGPT-v2",
        "",
        "It is published as a pickled checkpoint (.pth), which can run code, and loads with its project's own code.",
    ),
)


def manifest_named(id: str) -> Manifest | None:
    """The manifest of that id; None where there is none."""
    return next((manifest for manifest in MANIFESTS if manifest.id == id), None)
