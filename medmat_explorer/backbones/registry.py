"""The backbones that can be named, as data, and how a name, a folder or a hub id becomes one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from medmat_explorer.backbones.contract import Capability
from medmat_explorer.backbones.families import BOTH, family_named
from medmat_explorer.backbones.hub_cache import cached_folder, commit_of, hub_folder, hub_id_of, is_hub_id
from medmat_explorer.backbones.manifests import (
    ALWAYS_A,
    MANIFESTS,
    PHANTOM,
    Manifest,
    manifest_named,
    memory_gb,
)
from medmat_explorer.backbones.model_folder import folder_facts, refusal
from medmat_explorer.backbones.remote_address import RemoteAddress, looks_remote, parse_address, refusal_of
from medmat_explorer.backbones.remote_manifest import remote_manifest
from medmat_explorer.backbones.scripted import Script
from medmat_explorer.config import BUNDLED_BACKBONES, settings
from medmat_explorer.errors import BackboneError, UnknownNameError

__all__ = ["BOTH", "REGISTRY", "Availability", "BackboneRef", "Manifest", "describe_backbones", "folder_ref", "resolve"]


@dataclass(frozen=True)
class BackboneRef:
    """A backbone that can be loaded: a folder in transformers format, a model behind a server, or a script."""

    manifest: Manifest
    folder: Path | None = None
    script: Script | None = None
    remote: RemoteAddress | None = None

    def __post_init__(self) -> None:
        if [self.folder, self.script, self.remote].count(None) != 2:
            raise ValueError(f"Backbone {self.manifest.id} needs one of a folder, a script and an address.")

    @property
    def id(self) -> str:
        """The name it is recorded under."""
        return self.manifest.id

    @property
    def problem(self) -> str:
        """Why it cannot be loaded now, as a sentence; empty when it can."""
        if self.remote:
            return refusal_of(self.remote, settings().endpoints)
        return refusal(self.folder) if self.folder else ""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can be asked for."""
        return self.manifest.capabilities


REGISTRY: tuple[BackboneRef, ...] = (
    BackboneRef(PHANTOM, folder=BUNDLED_BACKBONES / "phantom-llava"),
    BackboneRef(ALWAYS_A, script=Script(letter="A", text="A")),
)
"""What is here without anything being fetched."""


class Availability(StrEnum):
    """Where a backbone is, in the words of the list."""

    BUNDLED = "bundled"
    CACHED = "in the local hub cache"
    ABSENT = "not here"
    SERVER = "through a server only"


def resolve(text: str) -> BackboneRef:
    """The backbone behind a registry id, a server's address, a local folder's path, or an id of the Hugging Face hub.

    A hub id (owner/name, or owner/name@revision) is looked up in the local cache, and fetched only where downloads are
    allowed. Raises UnknownNameError for a name that is none of these, BackboneError with one sentence for a folder that
    holds no safe model, a model that is not here, or one that only a server can run.
    """
    known = {ref.id: ref for ref in REGISTRY}
    if text in known:
        return known[text]
    if looks_remote(text):
        return remote_ref(text)
    if manifest := manifest_named(text):
        return _of_the_hub(manifest)
    if folder := _folder_in(text):
        return folder_ref(folder)
    if is_hub_id(text):
        return _hub_ref(text)
    hint = "The path of a local folder in transformers format works too, an id of the Hugging Face hub, or an address."
    raise UnknownNameError("backbone", text, (manifest.id for manifest in MANIFESTS), hint)


def _folder_in(text: str) -> Path | None:
    """The folder of that path; None where there is none, or where no path can be so called."""
    try:
        folder = Path(text).expanduser()
        return folder.resolve() if text.strip() and folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):  # too long, no such user's home, a zero byte
        return None


def remote_ref(text: str) -> BackboneRef:
    """The backbone at an address such as `http://127.0.0.1:8000/v1#model`. Nothing is sent.

    Raises BackboneError with one sentence for what is no address, or a server that may not be asked.
    """
    address = parse_address(text)
    ref = BackboneRef(remote_manifest(address), remote=address)
    if ref.problem:
        raise BackboneError(ref.problem)
    return ref


def folder_ref(folder: Path) -> BackboneRef:
    """The backbone in a local folder, named by its path.

    Raises BackboneError with one sentence when it cannot or must not be loaded.
    """
    if problem := refusal(folder):
        raise BackboneError(problem)
    facts = folder_facts(folder)
    family = family_named(facts.family)
    manifest = Manifest(
        id=str(folder),
        title=folder.name,
        source="local folder",
        family=facts.family,
        licence=facts.licence,
        parameters=facts.parameters,
        needs_gb=facts.needs_gb,
        capabilities=family.capabilities,
        revision=commit_of(folder),
        hub_id=hub_id_of(folder),
        padding=family.padding,
    )
    return BackboneRef(manifest, folder=folder)


def describe_backbones() -> list[Mapping[str, object]]:
    """All manifests for the command line: one mapping a backbone, ready for JSON."""
    return [_described(manifest) for manifest in MANIFESTS]


def availability(manifest: Manifest) -> Availability:
    """Where it is now. Nothing is fetched."""
    if manifest.server_only:
        return Availability.SERVER
    if not manifest.hub_id:
        return Availability.BUNDLED
    return Availability.CACHED if _cached(manifest) else Availability.ABSENT


def _of_the_hub(manifest: Manifest) -> BackboneRef:
    if manifest.server_only:
        raise BackboneError(f"{manifest.title} cannot be loaded here. {manifest.server_only}")
    pin = f"{manifest.hub_id}@{manifest.revision}" if manifest.revision else manifest.hub_id
    folder = _cached(manifest) or hub_folder(pin, settings().allow_downloads)
    if problem := refusal(folder):
        raise BackboneError(problem)
    return BackboneRef(replace(manifest, revision=commit_of(folder)), folder=folder)


def _hub_ref(text: str) -> BackboneRef:
    ref = folder_ref(hub_folder(text, settings().allow_downloads))
    name = ref.manifest.hub_id or text
    return replace(ref, manifest=replace(ref.manifest, id=text, title=name, source="hub"))


def _cached(manifest: Manifest) -> Path | None:
    """In the cache at its pinned revision, or at whichever the cache holds: the record shows which one."""
    pinned = cached_folder(manifest.hub_id, manifest.revision) if manifest.revision else None
    return pinned or cached_folder(manifest.hub_id)


def _described(manifest: Manifest) -> Mapping[str, object]:
    where = availability(manifest)
    problem = next((ref.problem for ref in REGISTRY if ref.id == manifest.id), "")
    return {
        "id": manifest.id,
        "title": manifest.title,
        "source": manifest.source,
        "family": manifest.family,
        "licence": manifest.licence or "not known",
        "parameters": manifest.parameters,
        "available": where in (Availability.BUNDLED, Availability.CACHED) and not problem,
        "availability": where.value,
        "needs": f"{manifest.needs_gb:g} GB of memory" if manifest.needs_gb else "not known",
        "memory_gb": memory_gb(manifest.parameters),
        "capabilities": sorted(capability.value for capability in manifest.capabilities),
        "hub_id": manifest.hub_id,
        "revision": manifest.revision,
        "gated": manifest.gated,
        "prompt": manifest.prompt,
        "padding": manifest.padding,
        "tested": manifest.tested,
        "note": problem or manifest.server_only or manifest.note,
    }
