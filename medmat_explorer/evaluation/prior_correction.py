"""A preference for letters, taken out of the probabilities: PriDe of Zheng et al. (ICLR 2024, arXiv 2309.03882).

What is seen at a letter is taken as the preference for that letter times the belief in the option that stands there.
Over all rotations every option stands once at every letter, so that the beliefs cancel and the preference remains.
The mean preference over the rotated items then corrects every answer to the questions as released.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, log

from medmat_explorer.evaluation.chosen import mean_chance
from medmat_explorer.evaluation.circular import whole_rotations
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer
from medmat_explorer.evaluation.spot_check import majority_share
from medmat_explorer.evaluation.statistics import Score

FLOOR = 1e-9
"""Stands for a probability of 0, whose logarithm is none."""
TIE = 1e-9
"""Corrected probabilities that differ by less say nothing."""

Letters = tuple[str, ...]
Probabilities = tuple[float, ...]


@dataclass(frozen=True)
class PriorCorrected:
    """The accuracy once the preference for letters is taken out, and that preference for each set of letters.

    `rotated` items were used to find the preference. Of the score's n, `undecided` answers have no single most probable
    option left; they stand in it as unparsed. `left_out` answers have letters that no rotated item has.
    """

    score: Score
    priors: Mapping[Letters, Probabilities]
    rotated: int
    undecided: int
    left_out: int


def letter_prior(rotations: Sequence[Sequence[float]]) -> Probabilities:
    """One item's preference for each letter, from its probabilities by letter under every rotation.

    Rows are rotations, as many as letters. It is the geometric mean over rotations, scaled to sum 1. Raises ValueError
    when a row or a rotation is missing.
    """
    if not rotations or any(len(row) != len(rotations) for row in rotations):
        raise ValueError(f"A preference for letters needs every rotation once: {len(rotations)} were given.")
    columns = zip(*rotations, strict=True)
    return _scaled([exp(fsum(log(max(p, FLOOR)) for p in column) / len(rotations)) for column in columns])


def corrected(probabilities: Sequence[float], prior: Sequence[float]) -> Probabilities:
    """The probabilities over the preference, scaled to sum 1."""
    pairs = zip(probabilities, prior, strict=True)
    return _scaled([max(p, FLOOR) / max(preferred, FLOOR) for p, preferred in pairs])


def prior_corrected(answers: Iterable[JudgedAnswer]) -> PriorCorrected | None:
    """Corrects the answers to the questions as released; None where no item was answered under every rotation."""
    answers = list(answers)
    priors, rotated = _priors(answers)
    main = [answer for answer in answers if answer.variant == MAIN and answer.probabilities]
    used = [answer for answer in main if answer.letters in priors]
    if not used:
        return None
    letters = [_decided(answer, priors[answer.letters]) for answer in used]
    right = sum(letter == answer.right for letter, answer in zip(letters, used, strict=True))
    undecided = letters.count(None)
    score = Score(right, len(used), undecided, mean_chance(used), majority_share(used))
    return PriorCorrected(score, priors, rotated, undecided, len(main) - len(used))


def _priors(answers: Iterable[JudgedAnswer]) -> tuple[dict[Letters, Probabilities], int]:
    """The mean preference of the items with the same letters, and how many items there are in all."""
    found: defaultdict[Letters, list[Probabilities]] = defaultdict(list)
    for rotations in whole_rotations(answer for answer in answers if answer.probabilities):
        found[rotations[0].letters].append(letter_prior([answer.probabilities for answer in rotations]))
    means = {letters: _scaled([fsum(column) for column in zip(*rows, strict=True)]) for letters, rows in found.items()}
    return means, sum(map(len, found.values()))


def _decided(answer: JudgedAnswer, prior: Probabilities) -> str | None:
    """The most probable letter once corrected; None where several are."""
    fair = corrected(answer.probabilities, prior)
    best = [letter for letter, p in zip(answer.letters, fair, strict=True) if p > max(fair) - TIE]
    return best[0] if len(best) == 1 else None


def _scaled(values: Sequence[float]) -> Probabilities:
    total = fsum(values)
    return tuple(value / total for value in values)
