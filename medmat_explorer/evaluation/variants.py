"""The ways in which a plan puts each item: as it is, and as its controls change it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.prompts import rotated
from medmat_explorer.evaluation.run_record import BLANK, MAIN, SpotCheckPlan, rotation


@dataclass(frozen=True)
class Variant:
    """An item as it is put; under a rotation it is the rotated item. Rotations are only scored by letters.

    `picture_of` is another item whose picture is shown instead of its own; None for its own.
    """

    name: str
    item: QAItem
    wants_text: bool = True
    picture_of: QAItem | None = None

    @property
    def is_blank(self) -> bool:
        """Whether a grey picture is shown."""
        return self.name == BLANK

    @property
    def shown(self) -> QAItem:
        """The item whose picture is shown."""
        return self.picture_of or self.item


def variants(items: Sequence[QAItem], plan: SpotCheckPlan) -> Iterator[Variant]:
    """All items as they are first, so that cards appear at once; then the blank ones, then the rotations.

    An item whose options do not stand in its prompt is not rotated: the circular accuracy's n says so.
    """
    yield from (Variant(MAIN, item) for item in items)
    if plan.blank:
        yield from (Variant(BLANK, item) for item in items)
    if plan.rotations:
        for item in items:
            yield from rotations_of(item)


def rotations_of(item: QAItem) -> Iterator[Variant]:
    """The item under every rotation of its options but the released one; nothing where they are not in its prompt."""
    for by in range(1, len(item.options)):
        try:
            yield Variant(rotation(by), rotated(item, by), wants_text=False)
        except ValueError:
            return
