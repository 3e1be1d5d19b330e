"""Which vision encoder is meant: a registry id, a local folder, or a hub id that lies in the cache. Nothing is loaded.

Raises or returns one sentence where a folder cannot or must not be used; torch is not imported here.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.backbones.hub_cache import cached_folder, is_hub_id
from medmat_explorer.backbones.model_folder import fingerprint, folder_facts, refusal
from medmat_explorer.backbones.registry import REGISTRY
from medmat_explorer.errors import BackboneError, UnknownNameError

BUNDLED = "phantom-llava"
FEATURES = "1"
"""Changes when features are taken in another way, so that old vectors and new ones are never compared."""


@dataclass(frozen=True)
class EncoderRef:
    """A vision encoder in a folder: `id` finds it again, `slug` names exactly these weights, read in this way."""

    id: str
    title: str
    folder: Path
    family: str
    revision: str

    @property
    def slug(self) -> str:
        """A folder's name that changes with the weights."""
        digest = hashlib.sha256(f"{self.revision} {FEATURES}".encode()).hexdigest()[:12]
        readable = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")[:40] or "encoder"
        return f"{readable}-{digest}"


def resolve_encoder(text: str) -> EncoderRef:
    """The encoder behind a registry id, the path of a local folder, or a hub id that has been downloaded before.

    Raises UnknownNameError for a name that is none of these, BackboneError for a folder that holds no safe model.
    """
    text = text.strip()
    known = {ref.id: ref.folder for ref in REGISTRY if ref.folder}
    folder = known.get(text) or (_folder_in(text) if text else None)
    if folder is None:
        hint = "The path of a local model folder works too, or a hub id that lies in the local cache."
        raise UnknownNameError("vision encoder", text, known, hint)
    if problem := refusal(folder):
        raise BackboneError(problem)
    is_path = text not in known and not is_hub_id(text)
    title = folder.name if is_path else text
    return EncoderRef(str(folder) if is_path else text, title, folder, folder_facts(folder).family, fingerprint(folder))


def encoder_ids() -> tuple[str, ...]:
    """The encoders that can be named without a path."""
    return tuple(ref.id for ref in REGISTRY if ref.folder)


def _folder_in(text: str) -> Path | None:
    folder = Path(text).expanduser()
    if folder.is_dir():
        return folder.resolve()
    return cached_folder(text) if is_hub_id(text) else None
