"""The backbones that can be named, as data, and how a name or a folder becomes one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.backbones.contract import Capability
from medmat_explorer.backbones.model_folder import folder_facts, refusal
from medmat_explorer.backbones.scripted import Script
from medmat_explorer.config import BUNDLED_BACKBONES
from medmat_explorer.errors import BackboneError, UnknownNameError

BOTH = frozenset({Capability.LETTERS, Capability.TEXT})


@dataclass(frozen=True)
class Manifest:
    """What is known of a backbone before it is loaded. `needs_gb` is the memory that its weights and work take."""

    id: str
    title: str
    source: str
    family: str
    licence: str
    parameters: int
    needs_gb: float
    capabilities: frozenset[Capability]
    note: str = ""


@dataclass(frozen=True)
class BackboneRef:
    """A backbone that can be loaded: a folder in transformers format, or a script."""

    manifest: Manifest
    folder: Path | None = None
    script: Script | None = None

    def __post_init__(self) -> None:
        if (self.folder is None) == (self.script is None):
            raise ValueError(f"Backbone {self.manifest.id} needs a folder or a script, and not both.")

    @property
    def id(self) -> str:
        """The name it is recorded under."""
        return self.manifest.id

    @property
    def problem(self) -> str:
        """Why it cannot be loaded now, as a sentence; empty when it can."""
        return refusal(self.folder) if self.folder else ""


REGISTRY: tuple[BackboneRef, ...] = (
    BackboneRef(
        Manifest(
            id="phantom-llava",
            title="Phantom LLaVA (bundled)",
            source="bundled",
            family="LLaVA: CLIP tower and Llama",
            licence="same as this program",
            parameters=1_300_000,
            needs_gb=0.5,
            capabilities=BOTH,
            note="Trained on the synthetic phantom collection only; near chance on real medical images.",
        ),
        folder=BUNDLED_BACKBONES / "phantom-llava",
    ),
    BackboneRef(
        Manifest(
            id="always-a",
            title="Always A (no model)",
            source="built in",
            family="script",
            licence="same as this program",
            parameters=0,
            needs_gb=0.1,
            capabilities=BOTH,
            note="Answers A to everything without looking: what an accuracy has to beat.",
        ),
        script=Script(letter="A", text="A"),
    ),
)


def resolve(text: str) -> BackboneRef:
    """The backbone behind a registry id or the path of a local folder.

    Raises UnknownNameError for a name that is neither, BackboneError for a folder that holds no safe model.
    """
    known = {ref.id: ref for ref in REGISTRY}
    if text in known:
        return known[text]
    folder = Path(text).expanduser()
    if not text.strip() or not folder.is_dir():
        hint = "The path of a local folder in transformers format works too."
        raise UnknownNameError("backbone", text, known, hint)
    return folder_ref(folder.resolve())


def folder_ref(folder: Path) -> BackboneRef:
    """The backbone in a local folder, named by its path.

    Raises BackboneError with one sentence when it cannot or must not be loaded.
    """
    if problem := refusal(folder):
        raise BackboneError(problem)
    facts = folder_facts(folder)
    manifest = Manifest(
        id=str(folder),
        title=folder.name,
        source="local folder",
        family=facts.family,
        licence=facts.licence,
        parameters=facts.parameters,
        needs_gb=facts.needs_gb,
        capabilities=BOTH,
    )
    return BackboneRef(manifest, folder=folder)


def describe_backbones() -> list[Mapping[str, object]]:
    """The registry for the command line: one mapping a backbone, ready for JSON."""
    return [_described(ref) for ref in REGISTRY]


def _described(ref: BackboneRef) -> Mapping[str, object]:
    manifest, problem = ref.manifest, ref.problem
    return {
        "id": manifest.id,
        "title": manifest.title,
        "source": manifest.source,
        "family": manifest.family,
        "licence": manifest.licence,
        "parameters": manifest.parameters,
        "available": not problem,
        "needs": f"{manifest.needs_gb:g} GB of memory",
        "capabilities": sorted(capability.value for capability in manifest.capabilities),
        "note": problem or manifest.note,
    }
