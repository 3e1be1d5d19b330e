"""One way in which an item is put: as it is, or with one thing changed by a control."""

from dataclasses import dataclass

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.run_record import BLANK


@dataclass(frozen=True)
class Variant:
    """An item as it is put; under a rotation it is the rotated item. Rotations are only scored by letters.

    `picture_of` is another item whose picture is shown instead of its own; None for its own. `wording` is the number of
    the wording that the item has as it is put, where its subset's wordings are asked; else 0.
    """

    name: str
    item: QAItem
    wants_text: bool = True
    picture_of: QAItem | None = None
    wording: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether a grey picture is shown."""
        return self.name == BLANK

    @property
    def shown(self) -> QAItem:
        """The item whose picture is shown."""
        return self.picture_of or self.item
