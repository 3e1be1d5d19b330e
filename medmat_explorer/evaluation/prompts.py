"""What a model reads: versioned forms, and the same question with its options in another order."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from medmat_explorer.backbones.contract import TEXT_TOKENS
from medmat_explorer.domain.qa import Option, QAItem
from medmat_explorer.errors import UnknownNameError


@dataclass(frozen=True)
class PromptForm:
    """A way to write an item as a prompt. A change of `build` is a new version: old runs keep theirs.

    `title` and `note` are for the reader. `tokens` is how long a written answer may be. A prompt that is not `lettered`
    shows no options: no letter can be likely, what is written is read by the options' texts alone, and turning the
    options changes nothing. `explains` says that the answer comes after other words, so that it has to be written.
    """

    name: str
    version: int
    title: str
    note: str
    build: Callable[[QAItem], str]
    tokens: int = TEXT_TOKENS
    lettered: bool = True
    explains: bool = False

    @property
    def id(self) -> str:
        """How it stands in records, for example `released-1`."""
        return f"{self.name}-{self.version}"


def released(item: QAItem) -> str:
    """The data set's own text, exactly."""
    return item.question_choice


def letter_first(item: QAItem) -> str:
    """Question and options, and a plain order to give the letter and nothing else."""
    return f"{_listed(item)}\nAnswer with one letter only, the letter of the right option. Write nothing else."


def with_reason(item: QAItem) -> str:
    """Question and options, and an order to say first what is seen."""
    return (
        f"{_listed(item)}\nSay in one or two sentences what the picture shows that decides the question. Then end with "
        'the line "The answer is X.", X being the letter of the right option.'
    )


def open_question(item: QAItem) -> str:
    """The question alone, without options or letters."""
    return f"{_question(item)}\nAnswer in a few words."


def _listed(item: QAItem) -> str:
    return "\n".join([_question(item), *(f"{option.letter}: {option.text}" for option in item.options)])


def _question(item: QAItem) -> str:
    """Some records have options and nothing else: then this is asked."""
    return item.question.strip() or "Which option fits this picture?"


PROMPT_FORMS: dict[str, PromptForm] = {
    form.id: form
    for form in (
        PromptForm("released", 1, "As released", "The data set's own text, exactly.", released),
        PromptForm(
            "letter-first",
            1,
            "Letter only",
            "Question and options; asks for the letter and nothing else.",
            letter_first,
        ),
        PromptForm(
            "with-reason",
            1,
            "Reason, then letter",
            "Asks what the picture shows first. The letters' probabilities are those before any reason was given.",
            with_reason,
            tokens=160,
            explains=True,
        ),
        PromptForm(
            "open",
            1,
            "Open question",
            "No options are shown. What is written is read by the options' texts; no letter can be likely.",
            open_question,
            lettered=False,
        ),
    )
}
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
