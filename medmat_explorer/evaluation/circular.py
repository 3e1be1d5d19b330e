"""Right under every rotation of the options: what blind preference for a letter cannot reach."""

from collections import defaultdict
from collections.abc import Iterable

from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Verdict, rotation
from medmat_explorer.evaluation.statistics import Score

Rotations = list[JudgedAnswer]
"""An item's answers under all its rotations, the one as released first."""


def whole_rotations(answers: Iterable[JudgedAnswer]) -> list[Rotations]:
    """Of each item that was answered by letter under every rotation of two or more options, all its answers.

    Answers to other controls, and the items of which a rotation is missing, are left out.
    """
    groups: defaultdict[str, dict[str, JudgedAnswer]] = defaultdict(dict)
    for answer in answers:
        if answer.letter:
            groups[answer.item][answer.variant] = answer
    found = [_in_order(group) for group in groups.values() if MAIN in group]
    return [rotations for rotations in found if len(rotations) > 1]


def _in_order(group: dict[str, JudgedAnswer]) -> Rotations:
    names = [MAIN, *(rotation(by) for by in range(1, len(group[MAIN].options)))]
    return [group[name] for name in names] if group.keys() >= set(names) else []


def circular_score(answers: Iterable[JudgedAnswer]) -> Score | None:
    """An item is right when its most probable letter is right under every rotation; None without such items.

    Chance is that of guessing each rotation anew, the majority 0: no constant answer is right under two rotations.
    """
    whole = whole_rotations(answers)
    if not whole:
        return None
    right = sum(all(answer.by_letter is Verdict.CORRECT for answer in rotations) for rotations in whole)
    chance = sum(len(rotations) ** -len(rotations) for rotations in whole) / len(whole)
    return Score(right, len(whole), 0, chance, 0.0)
