"""A plan and its items as questions: what is put to the backbone, and what cannot be because a picture is not there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.backbones.contract import Question, Reply, Unanswered
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.evaluation.controls import ControlFacts
from medmat_explorer.evaluation.prompts import PromptForm, prompt_form
from medmat_explorer.evaluation.run_record import JudgedAnswer, SpotCheckPlan
from medmat_explorer.evaluation.spot_check import judge
from medmat_explorer.evaluation.variant import Variant
from medmat_explorer.evaluation.variants import variants

ImageOf = Callable[[QAItem], Path]
"""The image file of an item, links followed; raises ImageRefusedError when it is missing or outside its root."""


@dataclass(frozen=True)
class Put:
    """A variant of an item with the question that is put for it, in one of the prompt forms."""

    variant: Variant
    question: Question
    form: PromptForm

    @property
    def place(self) -> tuple[str, str]:
        """Item key and name of the variant: what was asked once is not asked again."""
        return self.variant.item.key, self.variant.name

    def judged(self, reply: Reply, usual: str = "") -> JudgedAnswer:
        """The reply as an answer; `usual` is the most frequent label of the item's subset."""
        variant = self.variant
        return judge(
            variant.item,
            reply,
            variant.name,
            usual,
            lettered=self.form.lettered,
            shown=variant.picture_of.key if variant.picture_of else "",
            wording=variant.wording,
        )


@dataclass(frozen=True)
class Refused:
    """A variant that cannot be put, and why."""

    variant: Variant
    reply: Unanswered

    @property
    def place(self) -> tuple[str, str]:
        """Item key and name of the variant."""
        return self.variant.item.key, self.variant.name

    def judged(self) -> JudgedAnswer:
        """The refusal as an answer."""
        return judge(self.variant.item, self.reply, self.variant.name)


def puts(
    plan: SpotCheckPlan, items: Sequence[QAItem], image_of: ImageOf, facts: ControlFacts | None = None
) -> Iterator[Put | Refused]:
    """Everything that the plan asks, in its order. Each picture's file is looked for once.

    Raises UnknownNameError for a prompt form that does not exist, RunError where a control lacks facts.
    """
    form = prompt_form(plan.prompt)
    pictures = {item.key: picture_of(item, image_of) for item in items}
    for variant in variants(items, plan, facts):
        picture = pictures[variant.shown.key]
        if isinstance(picture, Unanswered):
            yield Refused(variant, picture)
        else:
            yield Put(variant, question_of(variant, plan, form, picture), form)


def question_of(variant: Variant, plan: SpotCheckPlan, form: PromptForm, picture: Path) -> Question:
    """One variant as a question. Rotations are asked for letters alone."""
    item = variant.item
    return Question(
        key=f"{item.key} {variant.name}",
        prompt=form.build(item),
        letters=tuple(option.letter for option in item.options),
        picture=picture,
        wants_text=plan.text and variant.wants_text,
        blank=variant.is_blank,
        options=tuple(option.text for option in item.options) if plan.options and variant.wants_text else (),
        tokens=form.tokens,
    )


def picture_of(item: QAItem, image_of: ImageOf) -> Path | Unanswered:
    """The item's file, or why it cannot be shown."""
    try:
        return image_of(item)
    except ImageRefusedError as error:
        return Unanswered(item.key, error.reason, str(error))
