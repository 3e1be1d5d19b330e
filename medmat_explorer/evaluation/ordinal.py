"""For tasks whose labels have an order: how far off the answers are, and the agreement beyond chance.

Taking `moderate` for `severe` is a smaller error than taking `none` for it; accuracy alone cannot tell.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.chosen import chosen_letters, chosen_text, picture_key
from medmat_explorer.evaluation.label_order import LabelOrder
from medmat_explorer.evaluation.resampling import DRAWS, Interval, Weights, bootstrap_interval
from medmat_explorer.evaluation.run_record import JudgedAnswer, Way

Numbers = npt.NDArray[np.float64]
Said = tuple[str, str | None]
"""The right label and the label chosen, None where the answer could not be read."""


@dataclass(frozen=True)
class OrdinalScore:
    """Errors in steps of the order, over the n answers that could be read.

    `mean_error` is the mean number of steps between the chosen and the right label, `at_worst` the same with the
    `unread` answers counted as far off as their right label allows. `kappa` is quadratic weighted kappa (Cohen 1968):
    1 for full agreement, 0 for that of chance; None where only one label occurs. Intervals are the bootstrap's.
    `chance` is the mean error of guessing among each item's options.
    """

    order: LabelOrder
    n: int
    unread: int
    exact: int
    mean_error: float
    error_interval: Interval | None
    at_worst: float
    kappa: float | None
    kappa_interval: Interval | None
    chance: float | None = None


def ordinal_score(
    said: Sequence[Said],
    order: LabelOrder,
    *,
    clusters: Sequence[Hashable] = (),
    seed: int = 0,
    draws: int = DRAWS,
) -> OrdinalScore:
    """`clusters` names each answer's picture, where several share one.

    Raises RunError for a label that is not in the order, and when no answer could be read.
    """
    groups = list(clusters or range(len(said)))
    pairs = [(_rank(order, right), None if chosen is None else _rank(order, chosen)) for right, chosen in said]
    read = [(right, chosen, group) for (right, chosen), group in zip(pairs, groups, strict=True) if chosen is not None]
    if not read:
        raise RunError("No answer could be read as a label: there is no ordinal error. See what the model wrote.")
    right, chosen = (np.asarray([row[place] for row in read], dtype=np.int64) for place in (0, 1))
    off, most, kept = np.abs(right - chosen).astype(np.float64), len(order.labels) - 1, [row[2] for row in read]
    worst = sum(max(rank, most - rank) for rank, answer in pairs if answer is None)
    return OrdinalScore(
        order=order,
        n=len(read),
        unread=len(pairs) - len(read),
        exact=int((off == 0).sum()),
        mean_error=float(off.mean()),
        error_interval=bootstrap_interval(lambda w: float(off @ w / w.sum()), kept, seed=seed, draws=draws),
        at_worst=(float(off.sum()) + worst) / len(pairs),
        kappa=_or_none(quadratic_kappa(right, chosen, most + 1, np.ones_like(off))),
        kappa_interval=bootstrap_interval(
            lambda w: quadratic_kappa(right, chosen, most + 1, w), kept, seed=seed, draws=draws
        ),
    )


def ordinal_of(
    answers: Iterable[JudgedAnswer], order: LabelOrder, way: Way, *, seed: int = 0, draws: int = DRAWS
) -> OrdinalScore:
    """Of the answers to the question as asked that were taken in that way, with the mean error of guessing.

    Answers that show the same picture are drawn together. Raises RunError.
    """
    chosen = chosen_letters(answers, way)
    said = [(answer.right_text, chosen_text(answer, letter)) for answer, letter in chosen]
    found = ordinal_score(said, order, clusters=[picture_key(answer) for answer, _ in chosen], seed=seed, draws=draws)
    guesses = [_guess(answer, order) for answer, _ in chosen]
    return replace(found, chance=sum(guesses) / len(guesses))


def quadratic_kappa(
    right: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64], labels: int, weights: Weights
) -> float:
    """From places in the order and how often each answer counts; nan where chance would not err either."""
    table = np.bincount(right * labels + chosen, weights=weights, minlength=labels**2).reshape(labels, labels)
    cost = np.subtract.outer(np.arange(labels), np.arange(labels)).astype(np.float64) ** 2
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    by_chance = float((cost * expected).sum())
    return 1 - float((cost * table).sum()) / by_chance if by_chance else float("nan")


def _rank(order: LabelOrder, label: str) -> int:
    place = order.rank(label)
    if place is None:
        raise RunError(f"The label '{label}' is not in the order {', '.join(order.labels)}: add it to the order.")
    return place


def _guess(answer: JudgedAnswer, order: LabelOrder) -> float:
    right = _rank(order, answer.right_text)
    return sum(abs(right - _rank(order, text)) for _, text in answer.options) / len(answer.options)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
