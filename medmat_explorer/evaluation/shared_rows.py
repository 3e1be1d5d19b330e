"""Rows that several backbones were trained on: does composition help on every one of them?

Rows are the same when sources and target are; of repeated trainings of one backbone the mean is taken and their number
told. How many backbones agree is set against what coins would do: a sign test (Dixon and Mood 1946), two-sided, over
the rows of each backbone. Rows of one target share its test set, so even that is generous.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class GainRow(Protocol):
    """A printed row: who was trained on what for which target, and the printed gain in points."""

    @property
    def related(self) -> tuple[str, ...]: ...
    @property
    def target(self) -> str: ...
    @property
    def backbone(self) -> str: ...
    @property
    def gain(self) -> float: ...
    @property
    def place(self) -> str: ...


@dataclass(frozen=True)
class BackboneGain:
    """The gain of one backbone on one combination, in points: the mean of so many printed rows, and their ends."""

    backbone: str
    gain: float
    rows: int
    least: float
    most: float
    places: tuple[str, ...]


@dataclass(frozen=True)
class SharedRow:
    """One combination with the gain of each backbone that has it."""

    sources: tuple[str, ...]
    target: str
    gains: tuple[BackboneGain, ...]

    @property
    def helped(self) -> int:
        """Backbones with a gain above 0."""
        return sum(found.gain > 0 for found in self.gains)


@dataclass(frozen=True)
class BackboneSummary:
    """One backbone over the shared combinations: how many, how many with a gain above 0 and below, the median gain.

    `p` is the two-sided sign test, combinations without any change left out; None where none is left.
    """

    backbone: str
    combinations: int
    helped: int
    harmed: int
    median: float
    p: float | None


def shared_rows(rows: Sequence[GainRow], least: int = 2) -> tuple[SharedRow, ...]:
    """The combinations that at least so many backbones have, in the order of their first row."""
    groups: dict[tuple[tuple[str, ...], str], list[GainRow]] = {}
    for row in rows:
        groups.setdefault((row.related, row.target), []).append(row)
    found = (SharedRow(sources, target, _by_backbone(group)) for (sources, target), group in groups.items())
    return tuple(row for row in found if len(row.gains) >= least)


def backbone_summaries(shared: Sequence[SharedRow]) -> tuple[BackboneSummary, ...]:
    """A summary for each backbone, in the order in which they first occur."""
    gains: dict[str, list[float]] = {}
    for row in shared:
        for found in row.gains:
            gains.setdefault(found.backbone, []).append(found.gain)
    return tuple(_summary(backbone, found) for backbone, found in gains.items())


def _by_backbone(rows: Sequence[GainRow]) -> tuple[BackboneGain, ...]:
    groups: dict[str, list[GainRow]] = {}
    for row in rows:
        groups.setdefault(row.backbone, []).append(row)
    return tuple(_mean(backbone, found) for backbone, found in groups.items())


def _mean(backbone: str, rows: Sequence[GainRow]) -> BackboneGain:
    gains = [row.gain for row in rows]
    places = tuple(dict.fromkeys(row.place for row in rows))
    return BackboneGain(backbone, sum(gains) / len(gains), len(gains), min(gains), max(gains), places)


def _summary(backbone: str, gains: Sequence[float]) -> BackboneSummary:
    from statistics import median

    from scipy.stats import binomtest

    helped, harmed = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    changed = helped + harmed
    p = float(binomtest(helped, changed).pvalue) if changed else None
    return BackboneSummary(backbone, len(gains), helped, harmed, median(gains), p)
