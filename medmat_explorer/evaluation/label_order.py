"""In which order the labels of a Level task stand: declared, read from numbers, or from known words of degree.

Nothing is guessed: an order that is neither declared nor can be read is refused.

    declared      the caller names all labels, the least first
    numbers       `Grade 0`, `Grade 1`, ...; `Stage I`, `Stage II`: the same words around one number each
    words         each label holds one word of degree: none, doubtful, minimal or mild, moderate, severe
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medmat_explorer.errors import RunError


class OrderSource(StrEnum):
    """How an order is known."""

    DECLARED = "declared"
    NUMBERS = "read from the numbers in the labels"
    WORDS = "read from the words of degree in the labels"


@dataclass(frozen=True)
class LabelOrder:
    """The labels of a task, the least first, and how that is known."""

    labels: tuple[str, ...]
    source: OrderSource

    def rank(self, label: str) -> int | None:
        """Its place from 0, whatever its case and blanks; None for a label that stands elsewhere or nowhere."""
        return next((place for place, known in enumerate(self.labels) if _key(known) == _key(label)), None)


DEGREES: tuple[tuple[str, ...], ...] = (
    ("none", "no", "normal", "healthy", "absent", "negative"),
    ("doubtful", "questionable"),
    ("minimal", "very mild"),
    ("mild", "slight", "low"),
    ("moderate", "medium", "intermediate"),
    ("severe", "high", "advanced", "marked"),
    ("proliferative", "very severe", "end-stage"),
)
"""Words of degree, the least first, as in the scales of Kellgren and Lawrence (knee) and of diabetic retinopathy."""

ROMAN: Mapping[str, int] = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?|[IVX]+)(?![\w.])")


def label_order(labels: Iterable[str], declared: Sequence[str] = ()) -> LabelOrder:
    """The order of two or more different labels.

    Raises RunError when there are fewer, when a declared order does not hold each of them once, and when no order is
    declared and none can be read.
    """
    found = list({_key(label): " ".join(label.split()) for label in labels}.values())
    if declared:
        return _declared(found, declared)
    if len(found) < 2:
        raise RunError(f"{len(found)} label has no order: an ordinal error needs two or more.")
    for ranks, source in ((_numbers(found), OrderSource.NUMBERS), (_degrees(found), OrderSource.WORDS)):
        if ranks is not None:
            return LabelOrder(tuple(sorted(found, key=lambda label: ranks[label])), source)
    raise RunError(
        f"The order of the labels {', '.join(sorted(found))} is not known: they hold neither one number each nor one "
        "known word of degree each. Declare the order, the least first."
    )


def _declared(found: Sequence[str], declared: Sequence[str]) -> LabelOrder:
    keys = [_key(label) for label in declared]
    twice = next((label for label in declared if keys.count(_key(label)) > 1), None)
    if twice is not None:
        raise RunError(f"The declared order holds the label '{twice}' twice: name each once, the least first.")
    missing = next((label for label in found if _key(label) not in keys), None)
    if missing is not None:
        raise RunError(f"The declared order does not hold the label '{missing}': name every label, the least first.")
    if len(keys) < 2:
        raise RunError("The declared order holds one label: an ordinal error needs two or more.")
    return LabelOrder(tuple(declared), OrderSource.DECLARED)


def _numbers(labels: Sequence[str]) -> dict[str, float] | None:
    """One number each, the same words around it, no number twice."""
    found: dict[str, float] = {}
    around = set()
    for label in labels:
        numbers = NUMBER.findall(label)
        if len(numbers) != 1 or (value := _value(numbers[0])) is None:
            return None
        found[label] = value
        around.add(_key(NUMBER.sub("#", label)))
    return found if len(around) == 1 and len(set(found.values())) == len(labels) else None


def _value(number: str) -> float | None:
    return float(number) if number[0].isdigit() else ROMAN.get(number)


def _degrees(labels: Sequence[str]) -> dict[str, float] | None:
    """One degree each, none twice."""
    found = {label: _degree(label) for label in labels}
    ranks = {label: float(degree) for label, degree in found.items() if degree is not None}
    return ranks if len(set(ranks.values())) == len(labels) else None


def _degree(label: str) -> int | None:
    """The place of its one word of degree; `very severe` is not `severe`."""
    text, found = _key(label), set()
    words = sorted(((word, place) for place, row in enumerate(DEGREES) for word in row), key=lambda w: -len(w[0]))
    for word, place in words:
        text, times = re.subn(rf"(?<![\w-]){re.escape(word)}(?![\w-])", " ", text)
        if times:
            found.add(place)
    return found.pop() if len(found) == 1 else None


def _key(label: str) -> str:
    return " ".join(label.split()).casefold()
