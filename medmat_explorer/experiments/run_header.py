"""What a run keeps of itself before its first answer: whom it asks, what, how, and with which libraries."""

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import medmat_explorer
from medmat_explorer.backbones.contract import Loaded
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.controls import ControlFacts
from medmat_explorer.evaluation.label_key import label_key
from medmat_explorer.evaluation.run_record import ControlName, RunHeader, RunKind, SpotCheckPlan
from medmat_explorer.store.runs import new_run_id

LOCAL = "local"
"""The engine that asks on this machine."""

LabelCounts = Callable[[str], Mapping[str, int]]
"""How often each label stands in a subset of the collection."""


def new_header(
    plan: SpotCheckPlan,
    items: Sequence[QAItem],
    ref: BackboneRef,
    loaded: Loaded,
    label_counts: LabelCounts,
    facts: ControlFacts,
    kind: RunKind,
    engine: str = LOCAL,
) -> RunHeader:
    """The header of a run that begins now."""
    created, subsets = datetime.now(UTC), sorted({item.subset for item in items})
    asked = facts.wordings_of if ControlName.WORDINGS in plan.controls else {}
    return RunHeader(
        id=new_run_id(created, Path(ref.id).name),
        created=created,
        plan=plan,
        item_keys=tuple(item.key for item in items),
        usual_labels=usual_labels(subsets, label_counts),
        backbone_title=ref.manifest.title,
        backbone_source=ref.manifest.source,
        revision=loaded.revision,
        device=loaded.device,
        dtype=loaded.dtype,
        libraries={
            "medmat-explorer": medmat_explorer.__version__,
            "python": platform.python_version(),
            **loaded.libraries,
        },
        kind=kind,
        engine=engine,
        commit=loaded.commit,
        adapter=loaded.adapter,
        bits=loaded.bits,
        attention=loaded.attention,
        subsets=dict(sorted(Counter(item.subset for item in items).items())),
        wordings={subset: tuple(asked[subset]) for subset in subsets if subset in asked},
    )


def other_backbone(header: RunHeader, loaded: Loaded | None) -> str:
    """Why what is loaded is not what the run was asked of, and what to load; empty when it is the same."""
    if loaded is None or loaded.revision != header.revision:
        return f"Run {header.id} was asked of {header.plan.backbone} ({header.revision}): load exactly that one first."
    for what in ("adapter", "bits", "dtype"):
        before, now = getattr(header, what), getattr(loaded, what)
        if before != now:
            return f"Run {header.id} was asked with {what} {before or 'none'}, not {now or 'none'}: load it so."
    return ""


def usual_labels(subsets: Iterable[str], label_counts: LabelCounts) -> dict[str, str]:
    """The most frequent label of each subset, the first by name of several; subsets without counts are left out."""
    counts = {subset: label_counts(subset) for subset in sorted(subsets)}
    return {subset: _usual(found) for subset, found in counts.items() if found}


def _usual(counts: Mapping[str, int]) -> str:
    """The label that occurs most often in all its spellings, in the most frequent of them."""
    together: Counter[frozenset[str]] = Counter()
    for label, count in counts.items():
        together[label_key(label)] += count
    return min(counts, key=lambda label: (-together[label_key(label)], -counts[label], label))
