"""The MAT-triplet: modality, anatomical area, task (arXiv 2412.20070, section 3)."""

from dataclasses import dataclass
from enum import StrEnum


class Axis(StrEnum):
    """One of the three axes of a MAT-triplet; its values are called elements."""

    MODALITY = "modality"
    AREA = "area"
    TASK = "task"


MODALITY_NAMES: dict[str, str] = {
    "Co": "Colposcopy",
    "CT": "Computed tomography",
    "Der": "Dermoscopy",
    "DP": "Digital photography",
    "End": "Endoscopy",
    "FP": "Fundus photography",
    "Mic": "Microscopy",
    "MRI": "Magnetic resonance imaging",
    "OCT": "Optical coherence tomography",
    "US": "Ultrasound",
    "X-ray": "X-ray",
}
"""Long names of the modality abbreviations that the paper uses (Table 9 of v1)."""


@dataclass(frozen=True, order=True)
class MatTriplet:
    """A modality, an anatomical area and a task. Raises ValueError on an empty element."""

    modality: str
    area: str
    task: str

    def __post_init__(self) -> None:
        for axis in Axis:
            if not self[axis].strip():
                raise ValueError(f"The {axis} of a MAT-triplet is empty.")

    def __getitem__(self, axis: Axis) -> str:
        return str(getattr(self, axis.value))

    def __str__(self) -> str:
        return f"{self.modality}/{self.area}/{self.task}"

    @classmethod
    def parse(cls, text: str) -> "MatTriplet":
        """Reads `X-ray/Lung/COVID`. Raises ValueError when there are not three non-empty parts.

        A task may hold a slash itself (`Disc/Cup Seg`): only the first two separate.
        """
        parts = [part.strip() for part in text.split("/", 2)]
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"'{text}' is not a triple: write MODALITY/AREA/TASK, for example X-ray/Lung/COVID.")
        return cls(*parts)
