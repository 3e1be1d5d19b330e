"""Subsets and source data sets, as facts about a release."""

import re
from dataclasses import dataclass

from medmat_explorer.domain.triplet import MatTriplet

SUBSET_NUMBER = re.compile(r"[A-Z]?\d{1,4}")
"""What a subset is called: `28`, or a letter and digits for subsets that are not Med-MAT's (`P01`)."""

SYNTHETIC = "synthetic"
"""The note by which a subset says that its pictures are phantoms and no medical data."""


@dataclass(frozen=True)
class Subset:
    """All data sets with one MAT-triplet, as Med-MAT merges them.

    `triplet.task` is the reviewed short task in the vocabulary of Tables 3-8; `published_task` is the name as
    printed; `task_group` puts COVID and Cancer under State as the paper does (appendix B.1).
    """

    number: str
    triplet: MatTriplet
    published_task: str
    task_group: str
    kind: str = "classification"
    multi_label: bool = False
    distribution: str = ""
    task_confidence: str = "high"
    task_note: str = ""
    dataset_numbers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not SUBSET_NUMBER.fullmatch(self.number):
            raise ValueError(f"'{self.number}' is not a subset number: digits, or a letter and digits (28, P01).")

    @property
    def is_synthetic(self) -> bool:
        """Whether its pictures are drawn by a generator; such subsets say so in their note."""
        return self.task_note == SYNTHETIC

    @property
    def title(self) -> str:
        """For people: `28 X-ray · Lung · COVID`."""
        return f"{self.number} {self.triplet.modality} · {self.triplet.area} · {self.triplet.task}"


@dataclass(frozen=True)
class SourceDataset:
    """One public image set that Med-MAT draws from."""

    number: str
    name: str
    modality: str
    area: str
    description: str = ""
    published_qa: bool = True
    url: str = ""
    citation: str = ""

    @property
    def links(self) -> tuple[str, ...]:
        """The web addresses in `url`, which may hold several; anything but http(s) is left out."""
        return tuple(link for link in re.split(r"[,\s]+", self.url) if link.startswith(("https://", "http://")))


def subset_order(number: str) -> tuple[str, int]:
    """Sort key: letters first, then the number (02 < 10 < P01)."""
    digits = number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return number[: len(number) - len(digits)], int(digits or 0)
