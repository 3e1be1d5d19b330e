"""What was chosen, in one of the three ways: by letter, by what was written, by the options' texts."""

from collections.abc import Iterable

from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Way

Chosen = tuple[JudgedAnswer, str | None]
"""An answer with its letter, None where what was written could not be read."""


def chosen_letters(answers: Iterable[JudgedAnswer], way: Way, variant: str = MAIN) -> list[Chosen]:
    """The answers to one variant of the question that were asked for in that way, each with its letter."""
    return [(answer, answer.said(way)) for answer in answers if answer.variant == variant and way in answer.ways]


def chosen_text(answer: JudgedAnswer, letter: str | None) -> str | None:
    """The text of the option behind a letter of the answer."""
    return None if letter is None else dict(answer.options)[letter]


def picture_key(answer: JudgedAnswer) -> str:
    """What answers about one picture have in common: its content, or the item itself where that is not known."""
    return answer.picture or answer.item


def mean_chance(answers: Iterable[JudgedAnswer]) -> float:
    """What guessing reaches: the mean of one over each answer's number of options. Raises ValueError without any."""
    return mean_share(len(answer.options) for answer in answers)


def mean_share(numbers: Iterable[int]) -> float:
    """The mean of one over each number. Raises ValueError without any."""
    shares = [1 / number for number in numbers]
    if not shares:
        raise ValueError("Without an answer there is no chance of guessing it.")
    return sum(shares) / len(shares)
