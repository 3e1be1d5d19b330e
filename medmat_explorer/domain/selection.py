"""What a reader has chosen to look at: values by facet, wanted or not wanted, and words to search for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

NOT = "not."
"""What stands before a facet's name in links where its values are not wanted."""


class Facet(StrEnum):
    """A property of items to filter by; the value is also its name in links."""

    MODALITY = "modality"
    AREA = "area"
    TASK = "task"
    PUBLISHED_TASK = "published_task"
    SUBSET = "subset"
    DATASET = "dataset"
    SPLIT = "split"
    LABEL = "label"
    OPTIONS = "options"
    LETTER = "letter"
    WORDS = "words"
    IMAGE = "image"
    PIXELS = "pixels"
    SHAPE = "shape"
    LEAK = "leak"
    TAG = "tag"
    SET = "set"


IMAGE_FACETS = frozenset({Facet.IMAGE, Facet.PIXELS, Facet.SHAPE, Facet.LEAK})
"""Known only of images that the check has looked at."""

READER_FACETS = frozenset({Facet.TAG, Facet.SET})
"""What readers of a collection keep about its items."""


@dataclass(frozen=True)
class Selection:
    """Items that have one of the chosen values in every facet that has any, none of the excluded, and fit the text.

    `text` is read by `search_terms`.
    """

    chosen: Mapping[Facet, frozenset[str]] = field(default_factory=dict)
    text: str = ""
    excluded: Mapping[Facet, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str = "", **values: Iterable[str]) -> "Selection":
        """For example `Selection.of(modality=["CT"], split=["test"])`. Raises ValueError on an unknown facet."""
        return cls({Facet(name): frozenset(chosen) for name, chosen in values.items() if chosen}, text.strip())

    def but_not(self, **values: Iterable[str]) -> "Selection":
        """The same without items that have any of these values. Raises ValueError on an unknown facet."""
        more = {Facet(name): frozenset(refused) for name, refused in values.items() if refused}
        return replace(self, excluded={**self.excluded, **more})

    def without(self, *facets: Facet) -> "Selection":
        """The same with the facets' own choices left out: what their live counts are counted over."""
        chosen = {facet: values for facet, values in self.chosen.items() if facet not in facets}
        excluded = {facet: values for facet, values in self.excluded.items() if facet not in facets}
        return Selection(chosen, self.text, excluded)

    def named(self, facet: Facet) -> frozenset[str]:
        """The facet's values that the selection names, wanted or not."""
        return self.chosen.get(facet, frozenset()) | self.excluded.get(facet, frozenset())

    @property
    def facets(self) -> frozenset[Facet]:
        """The facets that have a choice."""
        return frozenset(facet for facet in Facet if self.named(facet))

    @property
    def is_everything(self) -> bool:
        """Whether nothing is filtered."""
        return not self.text and not self.facets
