"""Which answers of a run are looked at, and in which order, as it stands in the address.

An answer counts by the letter that its verdict comes from (`JudgedAnswer.counted`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medmat_explorer.evaluation.chosen import chosen_text
from medmat_explorer.evaluation.confusion import UNREAD
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Verdict
from medmat_explorer.ui import url_state

VERDICT, OF, LETTER, DIFFER, RIGHT, CHOSEN = "verdict", "of", "letter", "differ", "right", "chosen"
BY, SHEET, LOOK = "by", "sheet", "look"
FILTERS = (VERDICT, OF, LETTER, DIFFER, RIGHT, CHOSEN)
"""Names in the address. `of` is the subset of the answers, since `subset` says what is to be asked."""


class Order(StrEnum):
    """How answers are sorted; those without probabilities stand last."""

    ASKED = "asked"
    LEAST_SURE = "least-sure"
    MOST_SURE = "most-sure"


ORDER_TITLES = {
    Order.ASKED: "As asked",
    Order.LEAST_SURE: "Least sure first",
    Order.MOST_SURE: "Most sure first",
}


@dataclass(frozen=True)
class AnswerFilter:
    """What is wanted of an answer; what is empty is not asked for.

    `letter` is the one that counted. `right` and `chosen` are label texts, `chosen` also `unparsed`. `differ` keeps
    those whose scores do not all say the same.
    """

    verdict: str = ""
    subset: str = ""
    letter: str = ""
    differ: bool = False
    right: str = ""
    chosen: str = ""
    order: Order = Order.ASKED

    @property
    def is_everything(self) -> bool:
        """Whether every answer fits."""
        return not (self.verdict or self.subset or self.letter or self.differ or self.right or self.chosen)

    def fits(self, answer: JudgedAnswer) -> bool:
        """Whether the answer is one of those wanted."""
        letter = answer.counted
        return (
            self.verdict in ("", answer.verdict.value)
            and self.subset in ("", answer.subset)
            and self.letter in ("", letter)
            and (not self.differ or scores_differ(answer))
            and self.right in ("", answer.right_text)
            and (not self.chosen or self.chosen == _chosen(answer, letter))
        )


def scores_differ(answer: JudgedAnswer) -> bool:
    """Whether the ways in which the answer was taken do not all say the same letter."""
    return len({answer.said(way) for way in answer.ways}) > 1


def confidence(answer: JudgedAnswer) -> float | None:
    """The probability of the most probable letter."""
    return max(answer.probabilities) if answer.probabilities else None


def wanted_answers(answers: Iterable[JudgedAnswer], wanted: AnswerFilter) -> list[JudgedAnswer]:
    """The answers to the questions as asked that fit, in the order wanted."""
    found = [answer for answer in answers if answer.variant == MAIN and wanted.fits(answer)]
    if wanted.order is Order.ASKED:
        return found
    sign = 1 if wanted.order is Order.LEAST_SURE else -1
    return sorted(found, key=lambda a: (not a.probabilities, sign * (confidence(a) or 0.0)))


def read_filter(subsets: Sequence[str]) -> AnswerFilter:
    """The filter in the address, with values that this run cannot have left out."""
    verdict, subset, order = (url_state.value(name) for name in (VERDICT, OF, BY))
    return AnswerFilter(
        verdict=verdict if verdict in {found.value for found in Verdict} else "",
        subset=subset if subset in subsets else "",
        letter=letter if len(letter := url_state.value(LETTER)) == 1 else "",
        differ=url_state.value(DIFFER) == "1",
        right=url_state.value(RIGHT),
        chosen=url_state.value(CHOSEN),
        order=Order(order) if order in {found.value for found in Order} else Order.ASKED,
    )


def filter_changes(**wanted: str) -> dict[str, str | None]:
    """What to write into the address for exactly this filter: all others, the page and the opened item go."""
    return {**dict.fromkeys((*FILTERS, SHEET, LOOK)), **wanted}


def _chosen(answer: JudgedAnswer, letter: str | None) -> str:
    return "" if answer.problem else chosen_text(answer, letter) or UNREAD
