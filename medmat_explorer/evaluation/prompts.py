"""What a model reads: versioned forms, and the same question with its options in another order."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from medmat_explorer.domain.qa import Option, QAItem
from medmat_explorer.errors import UnknownNameError


@dataclass(frozen=True)
class PromptForm:
    """A way to write an item as a prompt. A change of `build` is a new version: old runs keep theirs."""

    name: str
    version: int
    build: Callable[[QAItem], str]

    @property
    def id(self) -> str:
        """How it stands in records, for example `released-1`."""
        return f"{self.name}-{self.version}"


def released(item: QAItem) -> str:
    """The data set's own text, exactly."""
    return item.question_choice


PROMPT_FORMS: dict[str, PromptForm] = {form.id: form for form in (PromptForm("released", 1, released),)}
DEFAULT_PROMPT = "released-1"


def prompt_form(name: str) -> PromptForm:
    """The form of that id. Raises UnknownNameError with the valid ids."""
    if name not in PROMPT_FORMS:
        raise UnknownNameError("prompt form", name, PROMPT_FORMS)
    return PROMPT_FORMS[name]


def rotated(item: QAItem, by: int) -> QAItem:
    """The same item with its option texts moved on by so many letters, in the prompt too; the right letter moves along.

    Raises ValueError when the options do not stand in `question_choice` as the item lists them.
    """
    count = len(item.options)
    texts = [item.options[(index - by) % count].text for index in range(count)]
    options = tuple(Option(option.letter, text) for option, text in zip(item.options, texts, strict=True))
    place = [option.letter for option in item.options].index(item.answer_letter)
    return replace(
        item,
        options=options,
        answer_letter=item.options[(place + by) % count].letter,
        question_choice=with_options(item, options),
    )


def with_options(item: QAItem, options: tuple[Option, ...]) -> str:
    """`question_choice` with other texts behind the same letters and everything else as released."""
    pieces, position = [], 0
    for old, new in zip(item.options, options, strict=True):
        words = r"\s+".join(map(re.escape, old.text.split()))
        found = re.compile(rf"(?<!\w){re.escape(old.letter)}\s*[:.)]\s*({words})(?!\w)").search(
            item.question_choice, position
        )
        if found is None:
            raise ValueError(f"Option {old.letter} of item {item.key} does not stand in its prompt.")
        pieces += [item.question_choice[position : found.start(1)], new.text]
        position = found.end(1)
    return "".join((*pieces, item.question_choice[position:]))
