"""Where exported items come from, as the manifest and the card of an export say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medmat_explorer.domain.selection import Selection
from medmat_explorer.domain.selection_words import selection_in_words, selection_params


@dataclass(frozen=True)
class Origin:
    """What was chosen, in words and as address parameters, in which order; `more` is said in the manifest beside it.

    `seed` is that of a random order or draw, None where nothing was drawn.
    """

    words: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sort: str = "subset"
    seed: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, selection: Selection, sort: str = "subset", seed: int = 0) -> "Origin":
        """A selection in an order of the catalog's SORTS."""
        drawn = seed if sort == "random" else None
        return cls(selection_in_words(selection), selection_params(selection), sort, drawn)
