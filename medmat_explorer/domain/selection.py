"""What a reader has chosen to look at: values by facet, and words to search for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Facet(StrEnum):
    """A property of items to filter by; the value is also its name in links."""

    MODALITY = "modality"
    AREA = "area"
    TASK = "task"
    SUBSET = "subset"
    SPLIT = "split"
    LABEL = "label"


@dataclass(frozen=True)
class Selection:
    """Items that have one of the chosen values in every facet that has any, and contain every word searched for."""

    chosen: Mapping[Facet, frozenset[str]] = field(default_factory=dict)
    text: str = ""

    @classmethod
    def of(cls, text: str = "", **values: Iterable[str]) -> "Selection":
        """For example `Selection.of(modality=["CT"], split=["test"])`. Raises ValueError on an unknown facet."""
        return cls({Facet(name): frozenset(chosen) for name, chosen in values.items() if chosen}, text.strip())

    def without(self, facet: Facet) -> "Selection":
        """The same with the facet's own choice left out: what its live counts are counted over."""
        return Selection({f: values for f, values in self.chosen.items() if f is not facet}, self.text)

    @property
    def is_everything(self) -> bool:
        """Whether nothing is filtered."""
        return not self.text and not any(self.chosen.values())
