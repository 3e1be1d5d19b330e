"""LoRA adapters in PEFT's format, laid on top of a backbone.

An adapter only makes sense on the model that it was trained on, so its own record of that model is checked first, then
the shapes of its weights. safetensors only. peft is imported where it is used.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from medmat_explorer.backbones.hub_cache import commit_of, hub_id_of, is_hub_id
from medmat_explorer.backbones.model_folder import folder_config
from medmat_explorer.errors import BackboneError

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PICKLED = "adapter_model.bin"
PREFIX = "base_model.model."
OLD_NAMES = {r"^language_model\.model\.": "model.language_model."}
"""How layers were called before transformers 4.52, by their names today: adapters from then are still about."""
MATRIX = re.compile(r"(?P<layer>.+)\.lora_(?P<side>[AB])(?:\.\w+)?\.weight")


def adapter_refusal(adapter: Path, base: Path) -> str:
    """Why the adapter cannot or must not lie on the model in `base`, in one sentence; empty when nothing is known
    against it. Reads files only."""
    if not (adapter / CONFIG).is_file():
        return f"{adapter} has no {CONFIG}: choose the folder of a LoRA adapter in PEFT's format."
    if not (adapter / WEIGHTS).is_file():
        found = (
            f"holds pickled weights ({PICKLED}), which can run code" if (adapter / PICKLED).is_file() else "is empty"
        )
        return f"{adapter} {found}: save the adapter as {WEIGHTS}."
    config = adapter_config(adapter)
    if (kind := str(config.get("peft_type", ""))).upper() != "LORA":
        return f"{adapter} is an adapter of the kind '{kind or 'unknown'}': only LoRA adapters can be laid on top."
    return _wrong_base(adapter, config, base)


def adapter_config(adapter: Path) -> Mapping[str, Any]:
    """What adapter_config.json holds; empty when it cannot be read."""
    try:
        config = json.loads((adapter / CONFIG).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def lay_on_top(model: Any, adapter: Path) -> Any:
    """The model with the adapter's matrices beside its own. Raises BackboneError when they do not fit."""
    import peft

    sizes = layer_sizes(model)
    if problem := misfit(adapter, sizes):
        raise BackboneError(problem)
    load: Any = peft.PeftModel.from_pretrained
    return load(model, str(adapter), is_trainable=False, key_mapping=renaming(sizes)).get_base_model().eval()


def layer_sizes(model: Any) -> dict[str, tuple[int, int]]:
    """Outputs and inputs of every linear layer by its name, also where its weights are shrunk to few bits."""
    layers = ((name, layer) for name, layer in model.named_modules() if hasattr(layer, "in_features"))
    return {name: (layer.out_features, layer.in_features) for name, layer in layers}


def misfit(adapter: Path, sizes: Mapping[str, tuple[int, int]]) -> str:
    """The first matrix of the adapter that has no layer of its size in the model, as a sentence; else empty.

    LoRA's A is rank x inputs, its B outputs x rank.
    """
    names, matrices = renaming(sizes), list(_matrices(adapter))
    if not matrices:
        return f"The adapter {adapter.name} holds no LoRA matrices: nothing would be laid on."
    for old, side, shape in matrices:
        layer = _todays(old, names)
        place, what = (1, "inputs") if side == "A" else (0, "outputs")
        if layer not in sizes:
            return f"The adapter {adapter.name} changes '{layer}', which this model does not have: choose its own base."
        if shape[place] != sizes[layer][place]:
            return (
                f"The adapter {adapter.name} does not fit this model: it was made for {shape[place]} {what} of "
                f"'{layer}', which has {sizes[layer][place]}."
            )
    return ""


def _matrices(adapter: Path) -> Iterator[tuple[str, str, list[int]]]:
    """The layer's name, the side (A or B) and the shape of each matrix."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(adapter / WEIGHTS, framework="np") as file:
            for name in file.keys():  # noqa: SIM118
                if found := MATRIX.fullmatch(name.removeprefix(PREFIX)):
                    yield found["layer"], found["side"], list(file.get_slice(name).get_shape())
    except (OSError, SafetensorError) as error:
        raise BackboneError(f"{adapter / WEIGHTS} is not a whole safetensors file: copy it again.") from error


def renaming(sizes: Mapping[str, tuple[int, int]]) -> Mapping[str, str]:
    """Old names of layers to those of today; none for a model that calls its layers by an old name still."""
    return {old: new for old, new in OLD_NAMES.items() if not any(re.match(old, name) for name in sizes)}


def _todays(layer: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        layer = re.sub(old, new, layer)
    return layer


def _wrong_base(adapter: Path, config: Mapping[str, Any], base: Path) -> str:
    trained_on, revision = str(config.get("base_model_name_or_path") or ""), str(config.get("revision") or "")
    if not trained_on:
        return f"{adapter} does not say on which model it was trained (base_model_name_or_path in {CONFIG})."
    if not is_base(trained_on, names_of(base)):
        return f"The adapter {adapter.name} was trained on {trained_on}, and this is {_called(base)}: load that model."
    commit = commit_of(base)
    if revision and commit and not commit.startswith(revision) and re.fullmatch(r"[0-9a-f]{7,40}", revision):
        return (
            f"The adapter {adapter.name} was trained on {trained_on} at {revision[:12]}, and this is its state "
            f"{commit[:12]}: load {trained_on}@{revision}."
        )
    return ""


def is_base(trained_on: str, names: Collection[str]) -> bool:
    """Whether a model of these names is the one that an adapter names as its base.

    Ids of the hub are compared whole: other owners have other models of the same name. Of a folder, which may have been
    moved or fetched to another place, only the last part counts.
    """
    if is_hub_id(trained_on) and (ids := {name.lower() for name in names if is_hub_id(name)}):
        return trained_on.lower() in ids
    return Path(trained_on).name in {Path(name).name for name in names}


def names_of(base: Path) -> set[str]:
    """What a model in a folder is called: by its folder, by the hub, and by its own record of where it came from."""
    recorded = str(folder_config(base).get("_name_or_path") or "")
    return {name for name in (str(base), hub_id_of(base), recorded) if name}


def _called(base: Path) -> str:
    return hub_id_of(base) or str(base)
