"""The controls: what is asked again with one thing changed, as data, and the changed questions from an item list.

Every control is drawn from a seed: the same items and seed give the same questions, in
whatever order the items are listed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import RunError, UnknownNameError
from medmat_explorer.evaluation.picture_exchange import exchanged_across, exchanged_within
from medmat_explorer.evaluation.prompts import rotated
from medmat_explorer.evaluation.run_record import (
    ACROSS,
    BLANK,
    MAIN,
    PICTURE_CONTROLS,
    SHUFFLED,
    ControlName,
    JudgedAnswer,
    rotation,
    wording,
)
from medmat_explorer.evaluation.variant import Variant


@dataclass(frozen=True)
class Control:
    """A control for the reader: its title, what it changes, what the result shows."""

    name: ControlName
    title: str
    change: str
    shows: str

    @property
    def changes_picture(self) -> bool:
        """Whether another picture is shown and nothing else changed: then reliance is measured against it."""
        return self.name in PICTURE_CONTROLS


CONTROLS: dict[ControlName, Control] = {
    control.name: control
    for control in (
        Control(
            ControlName.BLANK,
            "Blank picture",
            "A grey picture of the same size is shown.",
            "Accuracy that stays does not come from the picture.",
        ),
        Control(
            ControlName.SHUFFLED,
            "Pictures shuffled within the subset",
            "The picture of another item of the same subset is shown.",
            "Accuracy that stays comes from what all pictures of the subset have in common, not from this one.",
        ),
        Control(
            ControlName.ACROSS,
            "Pictures shuffled over modalities",
            "The picture of an item of another modality is shown.",
            "Accuracy that stays does not even need the right kind of picture.",
        ),
        Control(
            ControlName.ROTATIONS,
            "All rotations of the options",
            "The option texts move on by one letter at a time; the letters keep their order.",
            "Answers that change follow the letter, not the option.",
        ),
        Control(
            ControlName.WORDINGS,
            "All wordings of the question",
            "The subset's other wordings are asked.",
            "How much of the accuracy hangs on how the question is put.",
        ),
    )
}


@dataclass(frozen=True)
class ControlFacts:
    """What some controls have to know: each subset's modality, and its wordings."""

    modality_of: Mapping[str, str] = field(default_factory=dict)
    wordings_of: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ControlQuestions:
    """The changed questions of one control, and by item key why an item has none."""

    control: Control
    variants: tuple[Variant, ...]
    left_out: Mapping[str, str]


def control(name: str) -> Control:
    """The control of that name. Raises UnknownNameError with the valid ones."""
    if name not in CONTROLS:
        raise UnknownNameError("control", name, CONTROLS)
    return CONTROLS[ControlName(name)]


def control_questions(
    name: str, items: Sequence[QAItem], seed: int, facts: ControlFacts | None = None
) -> ControlQuestions:
    """The questions of one control for a list of items.

    Raises UnknownNameError for an unknown control, RunError where the modality or the wordings of a subset are needed
    and not known.
    """
    chosen, facts = control(name), facts or ControlFacts()
    items = list({item.key: item for item in items}.values())
    makers: dict[ControlName, Callable[[], Iterator[Variant]]] = {
        ControlName.BLANK: lambda: (Variant(BLANK, item) for item in items),
        ControlName.SHUFFLED: lambda: _with_pictures(SHUFFLED, items, exchanged_within(items, seed)),
        ControlName.ACROSS: lambda: _with_pictures(ACROSS, items, _across(items, seed, facts)),
        ControlName.ROTATIONS: lambda: chain.from_iterable(map(rotations_of, items)),
        ControlName.WORDINGS: lambda: chain.from_iterable(_reworded(item, facts) for item in items),
    }
    made = tuple(makers[chosen.name]())
    asked = {variant.item.key for variant in made}
    return ControlQuestions(chosen, made, {i.key: REASONS[chosen.name] for i in items if i.key not in asked})


REASONS: dict[ControlName, str] = {
    ControlName.BLANK: "",
    ControlName.SHUFFLED: "No other picture of its subset is among the items.",
    ControlName.ACROSS: "No picture of another modality is among the items.",
    ControlName.ROTATIONS: "Its options do not stand in its prompt as listed, or there is only one.",
    ControlName.WORDINGS: "Its subset has no other wording, or its question does not stand in its prompt.",
}
"""Why an item has no question under a control."""


def same_label_share(answers: Iterable[JudgedAnswer], name: str) -> float | None:
    """How often the picture shown instead has the same label: what a model that reads pictures well still gets right.

    Of the answers to one control; None where none of them tells whose picture was shown, as of a grey one.
    """
    answers = list(answers)
    label_of = {answer.item: answer.label for answer in answers if answer.variant == MAIN}
    shown = [(a.label, label_of[a.shown]) for a in answers if a.variant == name and a.shown in label_of]
    return sum(own == other for own, other in shown) / len(shown) if shown else None


def own_wording(item: QAItem, wordings: Sequence[str]) -> int:
    """The number of the wording that the item has as released, from 1; 0 where it is none of the subset's."""
    return list(wordings).index(item.question) + 1 if item.question in wordings else 0


def reworded(item: QAItem, question: str) -> QAItem:
    """The same item with another question, in the prompt too; options and instruction stay as released.

    Raises RunError when the item's question does not stand exactly once in `question_choice`.
    """
    if not item.question or item.question_choice.count(item.question) != 1:
        raise RunError(
            f"The question of item {item.key} does not stand once in its prompt: ask this item in its own wording only."
        )
    return replace(item, question=question, question_choice=item.question_choice.replace(item.question, question))


def _reworded(item: QAItem, facts: ControlFacts) -> Iterator[Variant]:
    """The wordings but the item's own, which is asked without any control."""
    if item.subset not in facts.wordings_of:
        raise RunError(f"The wordings of subset {item.subset} are not known: leave this control out.")
    for number, question in enumerate(facts.wordings_of[item.subset], start=1):
        if question == item.question:
            continue
        try:
            yield Variant(wording(number), reworded(item, question), wording=number)
        except RunError:
            return


def _across(items: Sequence[QAItem], seed: int, facts: ControlFacts) -> Mapping[str, QAItem]:
    unknown = sorted({item.subset for item in items} - facts.modality_of.keys())
    if unknown:
        raise RunError(f"The modality of subset {unknown[0]} is not known: leave this control out.")
    return exchanged_across(items, lambda item: facts.modality_of[item.subset], seed)


def _with_pictures(name: str, items: Iterable[QAItem], shown: Mapping[str, QAItem]) -> Iterator[Variant]:
    return (Variant(name, item, picture_of=shown[item.key]) for item in items if item.key in shown)


def rotations_of(item: QAItem) -> Iterator[Variant]:
    """The item under every rotation of its options but the released one; nothing where they are not in its prompt."""
    for by in range(1, len(item.options)):
        try:
            yield Variant(rotation(by), rotated(item, by), wants_text=False)
        except ValueError:
            return
