"""The model card of the bundled backbone: `card.json` for programs, `README.md` for readers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medmat_explorer.errors import BackboneError
from medmat_explorer.experiments.bundled.fingerprint import fingerprint
from medmat_explorer.phantoms.world import PHANTOM_VERSION, subset_of

if TYPE_CHECKING:
    from medmat_explorer.experiments.bundled.training import TrainingReport

CARD_FILE = "card.json"
_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "pillow")

_HEAD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: image-text-to-text
---

# phantom-llava

A very small LLaVA (CLIP vision tower, Llama language half, own vocabulary) that answers multiple-choice
questions about the **synthetic phantom pictures** of MedMAT Explorer with an option letter. It exists so that
the explorer can be tried on any machine without a download.

**It was trained only on drawn phantoms. It knows nothing of real images, and its answers about them mean
nothing. It is not for clinical use.**

## Asking it

The prompt is the chat template over one image and the question with its options (`QUESTION`, one line `A:
option` each, the instruction). The score is the softmax over the option letters at the next position. It loads
offline: `AutoModelForImageTextToText.from_pretrained(folder)` and `AutoProcessor.from_pretrained(folder)`.
"""


def write_card(report: TrainingReport, test_seed: int) -> None:
    """Write both cards into the report's folder."""
    card = {
        "phantom_version": PHANTOM_VERSION,
        "fingerprint": fingerprint(),
        "minutes": report.minutes,
        "seed": report.seed,
        "cpu_seconds": round(report.cpu_seconds),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "validation": report.validation,
        "test_seed": test_seed,
        "figures": report.figures,
        "candidates": [_candidate(report.seed, report.cpu_seconds, report.validation, report.figures)],
    }
    _write(report.folder, card)


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a trained backbone. Raises BackboneError when the folder has none."""
    try:
        card: dict[str, Any] = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BackboneError(f"{folder} has no {CARD_FILE}; train the bundled backbone into it first.") from error
    return card


def choose(out: Path, folders: Sequence[Path]) -> Path:
    """Copy the backbone with the best validation accuracy to `out`; its cards tell the results of all of them.

    The test figures take no part in the choice. Returns the folder chosen.
    """
    cards = {folder: read_card(folder) for folder in folders}
    best = max(folders, key=lambda folder: cards[folder]["validation"]["accuracy"])
    shutil.copytree(best, out, dirs_exist_ok=True)
    candidates = [candidate for card in cards.values() for candidate in card["candidates"]]
    _write(out, {**cards[best], "candidates": candidates})
    return best


def _candidate(seed: int, cpu_seconds: float, *results: dict[str, Any]) -> dict[str, Any]:
    validation, figures = ({k: v for k, v in result.items() if k != "by_subset"} for result in results)
    return {"seed": seed, "cpu_seconds": round(cpu_seconds), "validation": validation, "figures": figures}


def _write(folder: Path, card: dict[str, Any]) -> None:
    (folder / CARD_FILE).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    parts = [_HEAD, _figures_section(card), _subsets_section(card["figures"]), _training_section(card)]
    (folder / "README.md").write_text("\n".join(parts), encoding="utf-8")


def _figures_section(card: dict[str, Any]) -> str:
    figures = card["figures"]
    lines = [
        "## Figures\n",
        f"{figures['n']} fresh phantoms (test seed {card['test_seed']}), never used in training or choosing;",
        f"95 % Wilson intervals; chance {figures['chance']:.3f}.\n",
        "| Condition | Accuracy | 95 % interval |",
        "| --- | --- | --- |",
    ]
    for name, words in (("", "as asked"), ("_rotated", "options rotated"), ("_blank", "picture blanked")):
        lines.append(f"| {words} | {_value(figures, name)} |")
    return "\n".join(lines) + "\n"


def _value(figures: dict[str, Any], name: str) -> str:
    low, high = figures[f"accuracy{name}_interval"]
    return f"{figures[f'accuracy{name}']:.3f} | {low:.3f} to {high:.3f}"


def _subsets_section(figures: dict[str, Any]) -> str:
    lines = [
        "| Subset | n | Chance | Accuracy | 95 % interval | Rotated | Blank |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number, row in figures["by_subset"].items():
        subset = subset_of(number)
        name = f"{number} {subset.modality} {subset.area} {subset.task}"
        numbers = f"{_value(row, '')} | {row['accuracy_rotated']:.3f} | {row['accuracy_blank']:.3f}"
        lines.append(f"| {name} | {row['n']} | {row['chance']:.2f} | {numbers} |")
    return "\n".join(lines) + "\n"


def _training_section(card: dict[str, Any]) -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in card["libraries"].items())
    lines = [
        "## Training\n",
        f"`python -m medmat_explorer train-backbone --out DIR --minutes {card['minutes']:g} --seed {card['seed']}`\n",
        f"Phantoms version {card['phantom_version']}; {libraries}; one thread, no GPU. Of the seeds below the one",
        "with the better validation accuracy was taken; test figures took no part in any choice.\n",
        "| Seed | CPU seconds | Validation | Test | Test, rotated | Test, blank |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in card["candidates"]:
        test = one["figures"]
        numbers = " | ".join(f"{test[name]:.3f}" for name in ("accuracy", "accuracy_rotated", "accuracy_blank"))
        lines.append(f"| {one['seed']} | {one['cpu_seconds']} | {one['validation']['accuracy']:.3f} | {numbers} |")
    if "note" in card:
        lines.append(f"\n{card['note']}")
    return "\n".join(lines) + "\n"
