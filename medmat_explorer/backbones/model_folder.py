"""What stands in a local model folder, read without loading it, and why a folder is refused.

Only safetensors weights are loaded: pickled weights (.bin, .pt) can run code, and so can `auto_map` classes.
"""

import hashlib
import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medmat_explorer.backbones.manifests import memory_gb
from medmat_explorer.backbones.quantised import kept_parameters

HEADER_LIMIT = 100_000_000
PICKLED = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".msgpack", ".h5")
WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
JSON_FILES = ("config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json")


@dataclass(frozen=True)
class FolderFacts:
    """What the files say about a model: its family, size, and memory it takes in 32-bit numbers with room to work.

    `whole` counts the parameters that keep the number format where the others are shrunk to 8 or 4 bits.
    """

    family: str
    licence: str
    parameters: int
    needs_gb: float
    whole: int = 0


def refusal(folder: Path) -> str:
    """Why the folder cannot or must not be loaded, in one sentence; empty when nothing speaks against it."""
    if not folder.is_dir():
        return f"The folder {folder} does not exist."
    if not (folder / "config.json").is_file():
        return f"{folder} has no config.json: choose a folder in transformers format."
    if remote := _remote_code(folder):
        return f"{folder} asks to run its own code (auto_map in {remote}): choose a model that transformers knows."
    if (folder / "adapter_config.json").is_file():
        return f"{folder} holds an adapter (adapter_config.json), which would be laid on unasked: move it elsewhere."
    if not _weights(folder):
        pickled = next((path.name for path in sorted(folder.iterdir()) if path.suffix in PICKLED), "")
        found = f"holds pickled weights ({pickled}), which can run code" if pickled else "holds no weights"
        return f"{folder} {found}: save the model as .safetensors and choose that folder."
    return _missing_shard(folder) or _unreadable_weights(folder)


def folder_facts(folder: Path) -> FolderFacts:
    """Reads config.json and the headers of the weight files. Meant for folders without a refusal."""
    config, shapes = folder_config(folder), weight_shapes(folder)
    parameters = sum(math.prod(shape) for shape in shapes.values())
    needs, whole = memory_gb(parameters).get("float32", 0.0), kept_parameters(shapes)
    return FolderFacts(str(config.get("model_type", "unknown")), _licence(folder), parameters, needs, whole)


def folder_config(folder: Path) -> Mapping[str, Any]:
    """What config.json holds; empty when it cannot be read."""
    return _json(folder / "config.json")


def weight_shapes(folder: Path) -> dict[str, list[int]]:
    """The shape of every weight by its name, from the headers of the weight files.

    Raises OSError or ValueError for a file that is no safetensors file.
    """
    return {name: shape for path in _weights(folder) for name, shape in _shapes(path)}


def weight_files(folder: Path) -> int:
    """In how many files the weights stand."""
    return len(_weights(folder))


def fingerprint(folder: Path) -> str:
    """A short hash that changes with the model: its JSON files, and of each weight file the header, size and ends."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.json")):
        digest.update(path.name.encode() + path.read_bytes())
    for path in _weights(folder):
        digest.update(f"{path.name} {path.stat().st_size}".encode())
        with path.open("rb") as file:
            digest.update(file.read(1 << 20))
            file.seek(max(0, path.stat().st_size - (1 << 20)))
            digest.update(file.read())
    return digest.hexdigest()[:16]


def _weights(folder: Path) -> list[Path]:
    """Those that transformers reads: the one file, else those that the index names. Some folders hold a second form."""
    found, shards = sorted(folder.glob("*.safetensors")), _shards(folder)
    if (folder / WHOLE).is_file():
        return [folder / WHOLE]
    return [path for path in found if path.name in shards] if shards else found


def _shards(folder: Path) -> set[str]:
    """The files that the index names; it is not read where all weights stand in one file."""
    if (folder / WHOLE).is_file():
        return set()
    named = _json(folder / INDEX).get("weight_map", {})
    return {Path(str(name)).name for name in named.values()} if isinstance(named, dict) else set()


def _json(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _remote_code(folder: Path) -> str:
    names = (*JSON_FILES, "tokenizer_config.json", "video_preprocessor_config.json")
    return next((name for name in names if '"auto_map"' in json.dumps(_json(folder / name))), "")


def _header(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        if length > HEADER_LIMIT:
            raise ValueError("header too long")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("header is no object")
    return header


def _shapes(path: Path) -> Iterator[tuple[str, list[int]]]:
    return ((name, entry["shape"]) for name, entry in _header(path).items() if name != "__metadata__")


def _missing_shard(folder: Path) -> str:
    missing = sorted(name for name in _shards(folder) if not (folder / name).is_file())
    return f"{folder} lacks {missing[0]}, which its index of weights names: copy the whole model." if missing else ""


def _unreadable_weights(folder: Path) -> str:
    for path in _weights(folder):
        try:
            _header(path)
        except (OSError, ValueError, struct.error):
            return f"{path} is not a whole safetensors file: copy it again."
    return ""


def _licence(folder: Path) -> str:
    readme = folder / "README.md"
    if not readme.is_file():
        return "not stated"
    head = readme.read_text("utf-8", errors="replace")[:4000].splitlines()
    return next((line.split(":", 1)[1].strip() for line in head if line.startswith("license:")), "not stated")
