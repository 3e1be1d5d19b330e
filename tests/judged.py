"""Answers as they are stored, and items, made from a few words for the tests of scores and statistics."""

from collections.abc import Sequence

from medmat_explorer.backbones.contract import Answer
from medmat_explorer.domain.qa import LETTERS, Option, QAItem, Split
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer
from medmat_explorer.evaluation.spot_check import judge

TEXTS = ("Normal", "Cyst", "Stone", "Tumor")
QUESTION = "Which finding does this picture show?"
INSTRUCTION = "Answer with the option's letter from the given choices directly."


def make_item(
    number: int,
    right: str = "A",
    *,
    subset: str = "02",
    texts: Sequence[str] = TEXTS,
    image: str = "",
    question: str = QUESTION,
) -> QAItem:
    """An item in the released form; each has a picture of its own unless one is named."""
    options = tuple(Option(LETTERS[place], text) for place, text in enumerate(texts))
    lines = [question, *(f"{option.letter}: {option.text}" for option in options), INSTRUCTION]
    return QAItem(
        id=number,
        subset=subset,
        split=Split.TEST,
        question=question,
        question_choice="\n".join(lines),
        options=options,
        answer_letter=right,
        labels=frozenset({texts[LETTERS.index(right)]}),
        image=image or f"images/{number}.png",
    )


def likely(item: QAItem, probabilities: Sequence[float], variant: str = MAIN, text: str | None = None) -> JudgedAnswer:
    """An item's answer with these probabilities by letter, and what was written where that is given."""
    letters = tuple(option.letter for option in item.options)
    return judge(item, Answer(item.key, letters, tuple(probabilities), text), variant)


def sure_of(item: QAItem, letter: str, variant: str = MAIN, text: str | None = None) -> JudgedAnswer:
    """An item's answer that gives one letter 0.7 and the others the rest in equal parts."""
    rest = 0.3 / (len(item.options) - 1)
    return likely(item, [0.7 if option.letter == letter else rest for option in item.options], variant, text)
