"""Typed loaders for the facts of the paper "Exploring Compositional Generalization of Multimodal LLMs for Medical
Imaging", Cai et al., ACL 2025, arXiv 2412.20070 (v1 December 2024, v2 May 2025).

The CSV files beside this module hold them as printed; what is inconsistent is kept and noted (`notes.py`).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from medmat_explorer.domain.facts import dataset_from_row, subset_from_row
from medmat_explorer.domain.subset import SourceDataset, Subset

PAPER = "Cai et al., ACL 2025, arXiv 2412.20070"


@dataclass(frozen=True)
class SubsetAccuracy:
    """One number of Tables 1 (in distribution) and 2 (out of distribution): LLaVA-v1.5-7B on one subset."""

    table: str
    distribution: str
    subset: str
    training: str
    percent: float


@dataclass(frozen=True)
class TrainingSetAccuracy:
    """One bar of Figure 4: a target's accuracy after training on one of seven sets."""

    target: str
    training: str
    percent: float


@dataclass(frozen=True)
class CompositionRow:
    """One row of the compositional-generalisation tables (Tables 3-8 by the numbering of v1).

    Percentages as printed; where only the gain is printed, `baseline` and `trained` are None. `test_size` is inferred
    from the decimals and None where it cannot be.
    """

    table: str
    table_v2: str
    row: str
    direction: str
    fixed_element: str
    backbone: str
    related_labels: str
    target_label: str
    related: tuple[str, ...]
    target: str
    alternatives: str
    baseline: float | None
    baseline_plus: float | None
    trained: float | None
    gain: float
    helps: bool
    test_size: int | None
    confidence: str
    notes: str

    @property
    def place(self) -> str:
        """Which table it stands in, by the numbering of v1, or of v2 for tables that only that has."""
        return self.table or f"v2 {self.table_v2}"


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files(__package__).joinpath(f"{name}.csv").read_text("utf-8")
    yield from csv.DictReader(io.StringIO(text, newline=""))


@cache
def subsets() -> dict[str, Subset]:
    """The 53 subsets by number (Table 9 of v1, Table 17 of v2; 53 from the data set's own page)."""
    return {row["subset_no"]: subset_from_row(row) for row in _rows("subsets")}


@cache
def datasets() -> dict[str, SourceDataset]:
    """The 109 numbered source data sets by number."""
    return {row["dataset_no"]: dataset_from_row(row) for row in _rows("datasets")}


@cache
def subset_accuracies() -> tuple[SubsetAccuracy, ...]:
    """Tables 1 and 2."""
    return tuple(
        SubsetAccuracy(
            row["table"], row["distribution"], row["subset_no"], row["training"], float(row["accuracy_percent"])
        )
        for row in _rows("subset_accuracy")
    )


@cache
def figure4() -> tuple[TrainingSetAccuracy, ...]:
    """Figure 4: targets 03 and 28 under seven training sets."""
    return tuple(
        TrainingSetAccuracy(row["target_subset"], row["training"], float(row["accuracy_percent"]))
        for row in _rows("figure4")
    )


@cache
def composition_rows() -> tuple[CompositionRow, ...]:
    """Every row of Tables 3-8."""
    return tuple(_composition_row(row) for row in _rows("cg_rows"))


def _percent(text: str) -> float | None:
    return float(text) if text else None


def _composition_row(row: dict[str, str]) -> CompositionRow:
    return CompositionRow(
        table=row["table_v1"],
        table_v2=row["table_v2"],
        row=row["row"],
        direction=row["direction_type"],
        fixed_element=row["fixed_element"],
        backbone=row["backbone"],
        related_labels=row["related_labels"],
        target_label=row["target_label"],
        related=tuple(row["related_subsets"].split(";")),
        target=row["target_subset"],
        alternatives=row["alternatives"],
        baseline=_percent(row["baseline"]),
        baseline_plus=_percent(row["baseline_plus"]),
        trained=_percent(row["trained"]),
        gain=float(row["gain"]),
        helps=row["cg_helps_published"] == "yes",
        test_size=int(row["n_test_inferred"]) if row["n_test_inferred"] else None,
        confidence=row["confidence"],
        notes=row["notes"],
    )


def published_baseline(subset: str) -> SubsetAccuracy | None:
    """The untrained LLaVA-v1.5-7B's accuracy on the subset (Tables 1 and 2), or None where none is printed."""
    return next((a for a in subset_accuracies() if a.subset == subset and a.training == "baseline"), None)
