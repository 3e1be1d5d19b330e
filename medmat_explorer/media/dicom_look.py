"""What a DICOM header says of a frame's values: their scale and unit, and the window to look through."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from medmat_explorer.media.picture import Curve, Window

if TYPE_CHECKING:
    from pydicom import Dataset

CURVE_POINTS = 256
SIGMOID_REACH = 2.0
"""How many widths a sigmoid window is followed to either side; beyond, it is flat in 8 bits."""


@dataclass(frozen=True)
class Look:
    """Values are `slope * stored + intercept`; `window` and `curve` are None where the header names none."""

    slope: float
    intercept: float
    unit: str
    window: Window | None
    curve: Curve | None
    padding: float | None

    @property
    def is_plain(self) -> bool:
        """Whether values are the stored numbers."""
        return self.slope == 1.0 and self.intercept == 0.0


def look_of(dataset: "Dataset", frame: int) -> Look:
    """The look of a frame, counted from 0; enhanced files may give each frame its own."""
    scale = _holder(dataset, frame, "PixelValueTransformationSequence", "RescaleSlope")
    has_table = "ModalityLUTSequence" in dataset
    slope = 1.0 if has_table else _number(scale.get("RescaleSlope"), 1.0) or 1.0
    intercept = 0.0 if has_table else _number(scale.get("RescaleIntercept"), 0.0)
    window, curve = _window(dataset, frame)
    padding = None if has_table else dataset.get("PixelPaddingValue")
    return Look(slope, intercept, _unit(dataset, scale), window, curve, _number(padding, None))


def _holder(dataset: "Dataset", frame: int, sequence: str, word: str) -> "Dataset":
    """Where a frame's own values stand: in its group, in the group of all frames, or in the file itself."""
    for group in _groups(dataset, frame):
        inner = group.get(sequence)
        if inner and word in inner[0]:
            found: Dataset = inner[0]
            return found
    return dataset


def _groups(dataset: "Dataset", frame: int) -> Iterator["Dataset"]:
    own = dataset.get("PerFrameFunctionalGroupsSequence")
    if own and frame < len(own):
        yield own[frame]
    if shared := dataset.get("SharedFunctionalGroupsSequence"):
        yield shared[0]


def _unit(dataset: "Dataset", scale: "Dataset") -> str:
    """`HU` where values are Hounsfield units; another unit that the header names; or an empty text."""
    kind = str(scale.get("RescaleType") or "").strip().upper()
    if kind and kind != "US":  # "US" stands for unspecified
        return kind
    if str(dataset.get("Modality")) == "CT" and "RescaleIntercept" in scale:
        return "HU"
    return str(dataset.get("Units") or "").strip()


def _window(dataset: "Dataset", frame: int) -> tuple[Window | None, Curve | None]:
    """The first window of the frame, or the first table of values of interest."""
    holder = _holder(dataset, frame, "FrameVOILUTSequence", "WindowCenter")
    centre, width = (_number(holder.get(word), None) for word in ("WindowCenter", "WindowWidth"))
    tables = dataset.get("VOILUTSequence")
    if tables:
        return _table(tables[0])
    if centre is None or width is None or width <= 0:
        return None, None
    kind = str(holder.get("VOILUTFunction") or "LINEAR").strip().upper()
    if kind == "SIGMOID":
        return _sigmoid(centre, width)
    if kind == "LINEAR_EXACT" or width < 1:
        return Window(centre - width / 2, centre + width / 2), None
    return linear_window(centre, width), None


def linear_window(centre: float, width: float) -> Window:
    """The two ends of the standard's linear window (PS3.3 C.11.2.1.2.1)."""
    return Window(centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2)


def _sigmoid(centre: float, width: float) -> tuple[Window, Curve]:
    """`1 / (1 + exp(-4 (x - centre) / width))` (PS3.3 C.11.2.1.3.1)."""
    place = np.linspace(-SIGMOID_REACH, SIGMOID_REACH, CURVE_POINTS)
    shades = tuple(int(shade) for shade in np.rint(255.0 / (1.0 + np.exp(-4.0 * place))))
    return Window(centre - SIGMOID_REACH * width, centre + SIGMOID_REACH * width), Curve(shades)


def _table(table: Any) -> tuple[Window, Curve]:
    """A table of values of interest as a bent line over the values that it covers."""
    entries, first, bits = (int(part) for part in table.LUTDescriptor)
    entries = entries or 1 << 16
    first = first - (1 << 16) if first >= 1 << 15 and _is_signed(table) else first
    raw = table.LUTData
    numbers = np.frombuffer(raw, np.uint16) if isinstance(raw, bytes) else np.asarray(raw, np.float64)
    line = numbers[:entries].astype(np.float64) * (255.0 / ((1 << bits) - 1))
    at = np.linspace(0, len(line) - 1, min(CURVE_POINTS, max(2, len(line))))
    shades = np.interp(at, np.arange(len(line)), line)
    curve = Curve(tuple(int(shade) for shade in np.rint(np.clip(shades, 0, 255))))
    return Window(float(first), float(first + len(line) - 1)), curve


def _is_signed(table: Any) -> bool:
    return str(table["LUTDescriptor"].VR) == "SS"


def _number(value: Any, default: Any) -> Any:
    """The first of one or several decimal strings as a finite number."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return default
    first = value[0] if hasattr(value, "__len__") and not isinstance(value, str) and len(value) else value
    try:
        number = float(first)
    except (TypeError, ValueError):
        return default
    return number if np.isfinite(number) else default
