"""Two runs side by side on the items that both answered: who got what, whether the difference means anything."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.run_record import (
    MAIN,
    UNKNOWN_PROMPT,
    JudgedAnswer,
    RunRecord,
    RunState,
    Verdict,
    Way,
)
from medmat_explorer.evaluation.statistics import Paired, paired, wilson

TEXT, LETTERS, OPTIONS, MIXED = "text", "letters", "option texts", "each run's own"
"""By what answers are judged right: what was written, the most probable letter, the likeliest option, or what either
run has."""
NAMES: Mapping[Way | None, str] = {
    Way.WRITTEN: TEXT,
    Way.LETTER: LETTERS,
    Way.OPTION_TEXT: OPTIONS,
    None: MIXED,
}


@dataclass(frozen=True)
class PairedScore:
    """Counts on the same n items, with the difference of the accuracies (first minus second) and its interval."""

    counts: Paired
    interval: tuple[float, float]

    @property
    def difference(self) -> float:
        """Accuracy of the first run minus that of the second."""
        return self.counts.difference


@dataclass(frozen=True)
class Comparison:
    """Two runs on the items that both answered.

    `only_in_first` and `only_in_second` count the items answered in one run alone. `judged_by` says which score
    decided. `items_first` and `items_second` are the keys of the items that only the first and only the second run got
    right. `warnings` are sentences on what else differs between the runs.
    """

    whole: PairedScore
    by_subset: Mapping[str, PairedScore]
    judged_by: str
    only_in_first: int
    only_in_second: int
    items_first: tuple[str, ...]
    items_second: tuple[str, ...]
    warnings: tuple[str, ...]


Right = dict[str, bool]
"""By item key, whether the answer is right."""


def compare_runs(first: RunRecord, second: RunRecord) -> Comparison:
    """Compares the answers to the questions themselves, without controls; items without a picture are not answered.

    What was written decides where both runs have it for every common item, else the most probable letter where both
    have that. Raises RunError when no item was answered in both.
    """
    answers, others = answered(first.answers), answered(second.answers)
    keys = [key for key in answers if key in others]
    if not keys:
        raise RunError(
            f"Runs {first.header.id} and {second.header.id} have no answered item in common: compare runs that asked "
            "the same items, such as two of one collection, split and seed."
        )
    way = common_way(found[key] for found in (answers, others) for key in keys)
    right, right_too = (right_by_item(found, keys, way) for found in (answers, others))
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        groups[answers[key].subset].append(key)
    return Comparison(
        whole=paired_score(right, right_too),
        by_subset={
            subset: paired_score({key: right[key] for key in group}, right_too)
            for subset, group in sorted(groups.items())
        },
        judged_by=NAMES[way],
        only_in_first=len(answers) - len(keys),
        only_in_second=len(others) - len(keys),
        items_first=tuple(key for key in keys if right[key] and not right_too[key]),
        items_second=tuple(key for key in keys if right_too[key] and not right[key]),
        warnings=tuple(_warnings(first, second, keys, way)),
    )


def paired_interval(counts: Paired, level: float = 0.95) -> tuple[float, float]:
    """Interval of the difference of two accuracies on the same items: Newcombe's method 10.

    Wilson's intervals of both accuracies, put together with the correlation of the pairs (Newcombe 1998, Statistics in
    Medicine 17:2635); it stays between -1 and 1 and needs no large n.
    """
    n, got_first, got_second = counts.n, counts.both + counts.only_first, counts.both + counts.only_second
    share, other = got_first / n, got_second / n
    (low, high), (low_other, high_other) = wilson(got_first, n, level), wilson(got_second, n, level)
    down, up, down_other, up_other = share - low, high - share, other - low_other, high_other - other
    phi = _correlation(counts)
    below = sqrt(max(0.0, down**2 - 2 * phi * down * up_other + up_other**2))
    above = sqrt(max(0.0, up**2 - 2 * phi * up * down_other + down_other**2))
    return counts.difference - below, counts.difference + above


def _correlation(counts: Paired) -> float:
    """Of the pairs, made smaller by half a pair where it is positive, as the method asks."""
    both, first, second, neither = counts.both, counts.only_first, counts.only_second, counts.neither
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if not margins:
        return 0.0
    product = both * neither - first * second
    shrunk = max(product - counts.n / 2, 0) if product > 0 else product
    return float(shrunk / sqrt(margins))


def answered(answers: Iterable[JudgedAnswer], variant: str = MAIN) -> dict[str, JudgedAnswer]:
    """By item key the last answer to one variant of the question, those without a picture left out."""
    return {answer.item: answer for answer in answers if answer.variant == variant and not answer.problem}


def common_way(answers: Iterable[JudgedAnswer]) -> Way | None:
    """The first way in which all answers can be taken: written, by letter, by option text; None where there is none."""
    answers = list(answers)
    ways = (Way.WRITTEN, Way.LETTER, Way.OPTION_TEXT)
    return next((way for way in ways if all(way in answer.ways for answer in answers)), None)


def right_by_item(answers: Mapping[str, JudgedAnswer], keys: Iterable[str], way: Way | None) -> Right:
    """Whether each is right, taken in that way; without one, in the way of its own verdict."""
    verdicts = {key: answers[key].by(way) if way else answers[key].verdict for key in keys}
    return {key: verdict is Verdict.CORRECT for key, verdict in verdicts.items()}


def paired_score(first: Mapping[str, bool], second: Mapping[str, bool]) -> PairedScore:
    """Right and wrong by item key, compared on the items in both. Raises ValueError when there are none."""
    counts = paired(first, second)
    return PairedScore(counts, paired_interval(counts))


def _warnings(first: RunRecord, second: RunRecord, keys: Iterable[str], way: Way | None) -> Iterable[str]:
    """What makes the two less comparable than their numbers look."""
    plan, other = first.header.plan, second.header.plan
    if UNKNOWN_PROMPT in (plan.prompt, other.prompt):
        yield "The prompt of an imported run is not known: it may have been another one."
    elif plan.prompt != other.prompt:
        yield f"The prompts differ: {plan.prompt} and {other.prompt}."
    if plan.seed != other.seed:
        yield f"The seeds differ: {plan.seed} and {other.seed}. Only the items drawn by both are compared."
    yield from _picture_warnings(first.pictures, second.pictures, list(keys))
    if way is None:
        yield "The runs are judged in different ways: by what was written, or by what was most probable."
    for record in (first, second):
        if record.state is not RunState.FINISHED:
            yield f"Run {record.header.id} is not finished: only its answers so far are compared."


def _picture_warnings(first: Mapping[str, str], second: Mapping[str, str], keys: list[str]) -> Iterable[str]:
    known = [key for key in keys if key in first and key in second]
    changed = sum(first[key] != second[key] for key in known)
    if changed:
        yield f"The image files of {changed:,} of {len(keys):,} items differ: another picture was shown."
    if unknown := len(keys) - len(known):
        yield f"Whether the same pictures were shown is not known for {unknown:,} of {len(keys):,} items."
