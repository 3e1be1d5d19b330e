"""What was chosen, by either score: the most probable letter, or the letter read from what was written."""

from collections.abc import Iterable

from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer

Chosen = tuple[JudgedAnswer, str | None]
"""An answer with its letter, None where what was written could not be read."""


def chosen_letters(answers: Iterable[JudgedAnswer], *, by_text: bool, variant: str | None = MAIN) -> list[Chosen]:
    """The answers to one variant of the question (None: to all) that have the score asked for, each with its letter."""
    answers = [answer for answer in answers if variant in (None, answer.variant)]
    if by_text:
        return [(answer, answer.read) for answer in answers if answer.text is not None and not answer.problem]
    return [(answer, answer.letter) for answer in answers if answer.probabilities]


def chosen_text(answer: JudgedAnswer, letter: str | None) -> str | None:
    """The text of the option behind a letter of the answer."""
    return None if letter is None else dict(answer.options)[letter]


def mean_chance(answers: Iterable[JudgedAnswer]) -> float:
    """What guessing reaches: the mean of one over each answer's number of options. Raises ValueError without any."""
    shares = [1 / len(answer.options) for answer in answers]
    if not shares:
        raise ValueError("Without an answer there is no chance of guessing it.")
    return sum(shares) / len(shares)
