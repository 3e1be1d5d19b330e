"""Models of the Hugging Face hub: where they lie in the local cache, and, only if the reader wants it, fetching them.

Everything goes through huggingface_hub's own functions, so that HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE and a token mean
what they mean everywhere. Only files that are safe to load are fetched: no pickled weights, no code.
"""

import re
from pathlib import Path

from medmat_explorer.errors import BackboneError

HUB_ID = re.compile(r"(?P<id>[\w-][\w.-]*/[\w-][\w.-]*)(?:@(?P<revision>[\w./-]+))?")
WANTED = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja", "README.md", "LICENSE*")
UNWANTED = ("original/*", "consolidated*", "onnx/*")
ALLOW = "MEDMAT_ALLOW_DOWNLOADS"


def is_hub_id(text: str) -> bool:
    """Whether it is written as owner/name, with or without @revision."""
    return HUB_ID.fullmatch(text) is not None


def cached_folder(hub_id: str, revision: str = "", cache: Path | None = None) -> Path | None:
    """Where a model lies in the local cache; None where it does not. Nothing is ever fetched."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:  # with the patterns of the fetching: a file that was left out then is not missing now
        return Path(
            snapshot_download(
                hub_id,
                revision=revision or None,
                cache_dir=cache,
                local_files_only=True,
                allow_patterns=list(WANTED),
                ignore_patterns=list(UNWANTED),
            )
        )
    except (HFValidationError, LocalEntryNotFoundError, OSError, ValueError):
        return None


def hub_folder(text: str, allow_downloads: bool, cache: Path | None = None) -> Path:
    """The folder of `owner/name` or `owner/name@revision`: from the cache, else fetched where that is allowed.

    Raises BackboneError with one sentence that says how to get it.
    """
    from huggingface_hub import constants

    found = HUB_ID.fullmatch(text)
    if found is None:
        raise BackboneError(f"'{text}' is no id of the Hugging Face hub: write owner/name or owner/name@revision.")
    hub_id, revision = found["id"], found["revision"] or ""
    if folder := cached_folder(hub_id, revision, cache):
        return folder
    if allow_downloads and not constants.is_offline_mode():
        return _fetched(hub_id, revision, cache)
    why = "HF_HUB_OFFLINE is set" if allow_downloads else f"{ALLOW} is off"
    at = f" at {revision}" if revision else ""
    raise BackboneError(
        f"{hub_id}{at} is neither a folder here nor in the local cache of the Hugging Face hub, and {why}: "
        f"fetch it with `hf download {hub_id}`{f' --revision {revision}' if revision else ''}, or change that."
    )


def commit_of(folder: Path) -> str:
    """The hub's commit of a folder in its cache; empty for any other folder."""
    parts = folder.absolute().parts
    inside = len(parts) > 2 and parts[-2] == "snapshots" and parts[-3].startswith("models--")
    return parts[-1] if inside else ""


def hub_id_of(folder: Path) -> str:
    """The hub id of a folder in the cache; empty for any other folder."""
    return folder.absolute().parts[-3].removeprefix("models--").replace("--", "/") if commit_of(folder) else ""


def _fetched(hub_id: str, revision: str, cache: Path | None) -> Path:
    """Fetches the files that are safe to load. Raises BackboneError when that fails."""
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                hub_id,
                revision=revision or None,
                cache_dir=cache,
                allow_patterns=list(WANTED),
                ignore_patterns=list(UNWANTED),
            )
        )
    except Exception as error:  # no network, no such model, no access, no room: the reader gets one sentence
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise BackboneError(f"{hub_id} could not be fetched from the Hugging Face hub: {lines[0][:300]}") from error
