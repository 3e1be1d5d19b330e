"""Where an accuracy stands: below chance, at chance, above it, above blind habit; and beside the paper's number.

An accuracy wholly below chance is no lack of knowledge: the answer's format failed, or the letters were read wrongly.
"""

from dataclasses import dataclass
from enum import StrEnum

from medmat_explorer.evaluation.statistics import Score

OTHER_ITEMS = (
    "The paper's test items were never published: these are other items, and a difference may come from them alone."
)
"""What has to stand beside every comparison with the paper."""

FORMAT_FAILED = "Wholly below chance: the answer's format failed, not the knowledge. Look at what the model wrote."


class Standing(StrEnum):
    """What the 95 % interval of an accuracy leaves out."""

    FORMAT_FAILURE = "below chance"
    AT_CHANCE = "not shown to differ from chance"
    ABOVE_CHANCE = "above chance, not above always giving the most frequent label"
    ABOVE_MAJORITY = "above chance and above always giving the most frequent label"


def standing(score: Score) -> Standing:
    """By the score's interval, chance and majority."""
    low, _ = score.interval
    if score.below_chance:
        return Standing.FORMAT_FAILURE
    if low <= score.chance:
        return Standing.AT_CHANCE
    return Standing.ABOVE_MAJORITY if low > score.majority else Standing.ABOVE_CHANCE


@dataclass(frozen=True)
class BesidePaper:
    """A measured accuracy beside the one that the paper prints for the subset; shares of 1.

    `inside` says whether the paper's number lies in the measured interval. `warning` always belongs to it.
    """

    subset: str
    score: Score
    published: float
    backbone: str
    table: str
    warning: str = OTHER_ITEMS

    @property
    def difference(self) -> float:
        """Measured minus published."""
        return self.score.accuracy - self.published

    @property
    def inside(self) -> bool:
        """Whether the interval of the measured accuracy holds the published one."""
        low, high = self.score.interval
        return low <= self.published <= high

    @property
    def sentence(self) -> str:
        """In words, with n and interval."""
        low, high = self.score.interval
        place = "inside" if self.inside else "outside"
        return (
            f"Measured {self.score.accuracy:.1%} (n = {self.score.n}, 95 % interval {low:.1%} to {high:.1%}); the "
            f"paper prints {self.published:.0%} for {self.backbone} (Table {self.table}), {place} the interval."
        )


def beside_paper(subset: str, score: Score, percent: float | None, backbone: str, table: str) -> BesidePaper | None:
    """`percent` as printed; None where the paper prints no number for the subset. Raises ValueError beyond 0 to 100."""
    if percent is None:
        return None
    if not 0 <= percent <= 100:
        raise ValueError(f"{percent:g} is no percentage: it must lie between 0 and 100.")
    return BesidePaper(subset, score, percent / 100, backbone, table)
