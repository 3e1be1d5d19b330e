"""For questions with several right labels: how much of the set an answer got, not only whether it got all.

Labels of a set are joined by commas, as Med-MAT writes them; their order, case and blanks do not matter.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medmat_explorer.evaluation.chosen import chosen_letters, chosen_text, picture_key
from medmat_explorer.evaluation.label_key import label_key
from medmat_explorer.evaluation.resampling import DRAWS, Interval, Weights, bootstrap_interval
from medmat_explorer.evaluation.run_record import JudgedAnswer, Way
from medmat_explorer.evaluation.statistics import wilson

Numbers = npt.NDArray[np.float64]
Said = tuple[str, str | None]
"""The right labels and those said, each joined by commas; None where the answer could not be read: it got none."""


@dataclass(frozen=True)
class LabelScore:
    """One label: in how many sets it is right, in how many said, in how many both."""

    label: str
    right: int
    said: int
    both: int

    @property
    def precision(self) -> float | None:
        """Share of those said that are right; None where it was never said."""
        return self.both / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """Share of the right ones that were said; None where it is never right."""
        return self.both / self.right if self.right else None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: twice the common ones over all of both."""
        return 2 * self.both / (self.right + self.said)


@dataclass(frozen=True)
class SetScore:
    """Over n answers, unread ones included: `exact` sets are fully right, `f1` is the mean of the answers' set F1.

    `micro` pools all labels, `macro` is the mean of the labels' F1 over those that occur. Intervals are the bootstrap's
    over answers, Wilson's for the exact share.
    """

    n: int
    unread: int
    exact: int
    f1: float
    f1_interval: Interval | None
    micro: float
    micro_interval: Interval | None
    macro: float
    macro_interval: Interval | None
    labels: tuple[LabelScore, ...]

    @property
    def exact_share(self) -> float:
        """Answers whose set is fully right."""
        return self.exact / self.n

    @property
    def exact_interval(self) -> Interval:
        """95 % Wilson interval of the exact share."""
        return wilson(self.exact, self.n)


def set_score(
    said: Sequence[Said], *, clusters: Sequence[Hashable] = (), seed: int = 0, draws: int = DRAWS
) -> SetScore:
    """`clusters` names each answer's picture, where several share one. Raises ValueError without answers."""
    if not said:
        raise ValueError("Without an answer there is no set to score.")
    pairs = [(label_key(right), label_key(answer or "")) for right, answer in said]
    labels = sorted(frozenset().union(*(right | answer for right, answer in pairs)))
    right, answered = (_marks([pair[place] for pair in pairs], labels) for place in (0, 1))
    groups, f1 = list(clusters or range(len(pairs))), np.asarray([set_f1(*pair) for pair in pairs])
    alike = np.ones(len(pairs))
    return SetScore(
        n=len(pairs),
        unread=sum(answer is None for _, answer in said),
        exact=sum(first == second for first, second in pairs),
        f1=float(f1.mean()),
        f1_interval=bootstrap_interval(lambda w: float(f1 @ w / w.sum()), groups, seed=seed, draws=draws),
        micro=_micro(right, answered, alike),
        micro_interval=bootstrap_interval(lambda w: _micro(right, answered, w), groups, seed=seed, draws=draws),
        macro=_macro(right, answered, alike),
        macro_interval=bootstrap_interval(lambda w: _macro(right, answered, w), groups, seed=seed, draws=draws),
        labels=_by_label(pairs, labels),
    )


def set_score_of(answers: Iterable[JudgedAnswer], way: Way, *, seed: int = 0, draws: int = DRAWS) -> SetScore | None:
    """Of the answers to the question as asked that were taken in that way; an answer's set is the text of its option.

    Answers that show the same picture are drawn together. None without any.
    """
    chosen = chosen_letters(answers, way)
    said = [(answer.label or answer.right_text, chosen_text(answer, letter)) for answer, letter in chosen]
    groups = [picture_key(answer) for answer, _ in chosen]
    return set_score(said, clusters=groups, seed=seed, draws=draws) if said else None


def set_f1(right: frozenset[str], said: frozenset[str]) -> float:
    """Twice the common labels over all labels of both; 1 where both are empty."""
    size = len(right) + len(said)
    return 2 * len(right & said) / size if size else 1.0


def _marks(sets: Sequence[frozenset[str]], labels: Sequence[str]) -> Numbers:
    """A row a set, a column a label: 1 where it holds the label."""
    return np.asarray([[label in found for label in labels] for found in sets], dtype=np.float64)


def _micro(right: Numbers, said: Numbers, weights: Weights) -> float:
    size = float(weights @ (right + said).sum(1))
    return 2 * float(weights @ (right * said).sum(1)) / size if size else float("nan")


def _macro(right: Numbers, said: Numbers, weights: Weights) -> float:
    sizes = weights @ (right + said)
    occurs = sizes > 0
    return float((2 * (weights @ (right * said))[occurs] / sizes[occurs]).mean()) if occurs.any() else float("nan")


def _by_label(pairs: Sequence[tuple[frozenset[str], frozenset[str]]], labels: Sequence[str]) -> tuple[LabelScore, ...]:
    right = Counter(label for pair in pairs for label in pair[0])
    said = Counter(label for pair in pairs for label in pair[1])
    both = Counter(label for pair in pairs for label in pair[0] & pair[1])
    return tuple(LabelScore(label, right[label], said[label], both[label]) for label in labels)
