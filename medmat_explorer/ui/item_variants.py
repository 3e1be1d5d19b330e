"""One item's answers under every way in which it was put, ready to stand side by side."""

from collections.abc import Iterable, Mapping, Sequence

from medmat_explorer.charts.palette import VERDICT_SIGNS
from medmat_explorer.evaluation.run_record import (
    ACROSS,
    BLANK,
    MAIN,
    ROTATION,
    SHUFFLED,
    WORDING,
    JudgedAnswer,
    Verdict,
)
from medmat_explorer.ui.components.answer_variants import VariantCell, VariantLine

NAMES = {
    MAIN: "As asked",
    BLANK: "Blank picture",
    SHUFFLED: "Another picture of its subset",
    ACROSS: "A picture of another modality",
}
PICTURES = tuple(NAMES)


def in_order(answers: Iterable[JudgedAnswer], key: str) -> list[JudgedAnswer]:
    """The answers to one item: as asked, pictures changed, rotations, wordings; the last one of each counts."""
    last = {answer.variant: answer for answer in answers if answer.item == key}
    return sorted(last.values(), key=lambda answer: _place(answer.variant))


def variant_title(variant: str) -> str:
    """What the reader is told of a variant."""
    if variant.startswith(ROTATION):
        return f"Options moved on by {variant.removeprefix(ROTATION)}"
    if variant.startswith(WORDING):
        return f"Wording {variant.removeprefix(WORDING)}"
    return NAMES.get(variant, variant)


def variant_lines(
    answers: Sequence[JudgedAnswer], columns: Sequence[str], wordings: Sequence[str] = ()
) -> list[VariantLine]:
    """A line an answer, with each option's letter and probability in the column of its text."""
    return [_line(answer, columns, wordings) for answer in answers]


def _line(answer: JudgedAnswer, columns: Sequence[str], wordings: Sequence[str]) -> VariantLine:
    counted, verdict = answer.counted, answer.verdict.value
    return VariantLine(
        name=variant_title(answer.variant),
        verdict=verdict,
        sign=VERDICT_SIGNS[verdict],
        cells=_cells(answer, columns, counted),
        text=(answer.text or "").strip(),
        note=_note(answer, wordings),
    )


def _cells(answer: JudgedAnswer, columns: Sequence[str], counted: str | None) -> list[VariantCell | None]:
    """Two options of the same text stand in its columns in their order."""
    left = list(enumerate(answer.options))
    found: list[VariantCell | None] = []
    for text in columns:
        at = next((each for each in left if each[1][1] == text), None)
        if at is None or answer.problem:
            found.append(None)
            continue
        left.remove(at)
        place, (letter, _) = at
        probability = answer.probabilities[place] if answer.probabilities else None
        found.append(VariantCell(letter, probability, letter == counted))
    return found


def _note(answer: JudgedAnswer, wordings: Sequence[str]) -> str:
    number = answer.variant.removeprefix(WORDING) if answer.variant.startswith(WORDING) else ""
    asked = wordings[int(number) - 1] if number.isdigit() and 0 < int(number) <= len(wordings) else ""
    shown = f"Picture of item {answer.shown}." if answer.shown else ""
    return " ".join(text for text in (asked, shown, answer.problem, answer.note) if text)


def _place(variant: str) -> tuple[int, int, str]:
    number = variant.rpartition("-")[2]
    count = int(number) if number.isdigit() else 0
    if variant in NAMES:
        return PICTURES.index(variant), 0, variant
    return len(PICTURES) + variant.startswith(WORDING), count, variant


def moved(asked: JudgedAnswer, others: Iterable[JudgedAnswer]) -> Mapping[str, bool]:
    """By variant, whether the option chosen is another than as asked; answers without one are left out."""
    texts = {answer.variant: _said(answer) for answer in others if _said(answer)}
    return {variant: text != _said(asked) for variant, text in texts.items()}


def _said(answer: JudgedAnswer) -> str | None:
    letter = answer.counted
    return dict(answer.options)[letter] if letter and answer.verdict is not Verdict.NO_PICTURE else None
