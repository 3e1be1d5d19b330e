"""Which label is taken for which: counts by right label and chosen label, unread answers in a column of their own."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medmat_explorer.evaluation.chosen import chosen_letters, chosen_text, mean_chance
from medmat_explorer.evaluation.run_record import JudgedAnswer, Way
from medmat_explorer.evaluation.statistics import wilson

UNREAD = "unparsed"
OTHERS = "other labels"
MOST_LABELS = 16
"""With more the rarest are put together: nobody reads a larger matrix."""

Said = tuple[str, str | None]
"""The right label and the chosen one, None where the answer could not be read."""


@dataclass(frozen=True)
class Confusion:
    """Counts over n answers. `rows` are the right labels, `columns` those and the chosen ones, `unparsed` last if any.

    `chance` is what guessing reaches, the mean of one over each item's number of options, where that is known.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: dict[tuple[str, str], int]
    n: int
    chance: float | None = None

    def count(self, right: str, chosen: str) -> int:
        """How often the one was taken for the other."""
        return self.counts.get((right, chosen), 0)

    def total(self, right: str) -> int:
        """Items with that right label."""
        return sum(self.count(right, chosen) for chosen in self.columns)

    def recall(self, right: str) -> float | None:
        """Share of the items with that label that were answered with it; None for the rare ones put together."""
        return None if right == OTHERS else self.count(right, right) / self.total(right)

    def interval(self, right: str) -> tuple[float, float] | None:
        """95 % Wilson interval of the recall."""
        return None if right == OTHERS else wilson(self.count(right, right), self.total(right))


def confusion(
    said: Iterable[Said], order: Sequence[str] = (), most: int = MOST_LABELS, chance: float | None = None
) -> Confusion:
    """Labels stand in the given order, those not in it after them, the most frequent first.

    Of more than `most` the rarest become `other labels`, which have no recall: a cell of theirs may hold right answers
    and wrong ones. Raises ValueError without answers.
    """
    said = list(said)
    if not said:
        raise ValueError("Without an answer no label was taken for another.")
    often = Counter(right for right, _ in said) + Counter(chosen for _, chosen in said if chosen is not None)
    ranked = sorted(often, key=lambda label: (_place(label, order), -often[label], label))
    largest = set(sorted(often, key=lambda label: (-often[label], label))[: most if len(often) <= most else most - 1])
    kept = [label for label in ranked if label in largest]
    named = [(right if right in kept else OTHERS, _column(right, chosen, kept)) for right, chosen in said]
    rights, chosens = {right for right, _ in named}, {chosen for _, chosen in named}
    labels = [*kept, OTHERS]
    return Confusion(
        rows=tuple(label for label in labels if label in rights),
        columns=tuple(label for label in (*labels, UNREAD) if label in rights | chosens),
        counts=dict(Counter(named)),
        n=len(said),
        chance=chance,
    )


def confusion_of(answers: Iterable[JudgedAnswer], way: Way, order: Sequence[str] = ()) -> Confusion | None:
    """Of the answers to the question as asked that were taken in that way; None without any."""
    chosen = chosen_letters(answers, way)
    said = [(answer.right_text, chosen_text(answer, letter)) for answer, letter in chosen]
    return confusion(said, order, chance=mean_chance(answer for answer, _ in chosen)) if said else None


def _place(label: str, order: Sequence[str]) -> int:
    return order.index(label) if label in order else len(order)


def _column(right: str, chosen: str | None, kept: Sequence[str]) -> str:
    if chosen is None:
        return UNREAD
    return chosen if chosen in kept else OTHERS
