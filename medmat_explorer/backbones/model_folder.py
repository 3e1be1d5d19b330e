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

HEADER_LIMIT = 100_000_000
PICKLED = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".msgpack", ".h5")
JSON_FILES = ("config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json")


@dataclass(frozen=True)
class FolderFacts:
    """What the files say about a model: its family, size, and memory it takes in 32-bit numbers with room to work."""

    family: str
    licence: str
    parameters: int
    needs_gb: float


def refusal(folder: Path) -> str:
    """Why the folder cannot or must not be loaded, in one sentence; empty when nothing speaks against it."""
    if not folder.is_dir():
        return f"The folder {folder} does not exist."
    if not (folder / "config.json").is_file():
        return f"{folder} has no config.json: choose a folder in transformers format."
    if remote := _remote_code(folder):
        return f"{folder} asks to run its own code (auto_map in {remote}): choose a model that transformers knows."
    if not _weights(folder):
        pickled = next((path.name for path in sorted(folder.iterdir()) if path.suffix in PICKLED), "")
        found = f"holds pickled weights ({pickled}), which can run code" if pickled else "holds no weights"
        return f"{folder} {found}: save the model as .safetensors and choose that folder."
    return _unreadable_weights(folder)


def folder_facts(folder: Path) -> FolderFacts:
    """Reads config.json and the headers of the weight files. Meant for folders without a refusal."""
    config = _json(folder / "config.json")
    parameters = sum(math.prod(shape) for path in _weights(folder) for shape in _shapes(path))
    needs = round(parameters * 4 * 1.2 / 1e9 + 0.4, 1)
    return FolderFacts(str(config.get("model_type", "unknown")), _licence(folder), parameters, needs)


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
    return sorted(folder.glob("*.safetensors"))


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


def _shapes(path: Path) -> Iterator[list[int]]:
    return (entry["shape"] for name, entry in _header(path).items() if name != "__metadata__")


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
