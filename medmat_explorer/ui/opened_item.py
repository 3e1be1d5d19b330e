"""One item of a run that its backbone, loaded now, can be asked about again."""

from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.backbones.contract import Loaded, Question
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.prompts import PROMPT_FORMS
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunHeader
from medmat_explorer.experiments.item_look import look_questions
from medmat_explorer.store.catalog import Catalog


@dataclass(frozen=True)
class OpenedItem:
    """`asked` is the run's answer to the question as asked, `picture` the image file, `loaded` the run's backbone."""

    header: RunHeader
    asked: JudgedAnswer
    item: QAItem
    picture: Path
    loaded: Loaded
    catalog: Catalog

    @property
    def about(self) -> tuple[str, str]:
        """Which item of which run: the name under which is kept what is asked."""
        return self.header.id, self.item.key

    @property
    def question(self) -> Question:
        """The question as asked. Raises MedmatError where its picture is not there."""
        return look_questions(self.item, self.picture, self.header.plan)[0].question

    @property
    def shows_letters(self) -> bool:
        """Whether its prompt shows options by letter, so that a letter can be likely."""
        form = PROMPT_FORMS.get(self.header.plan.prompt)
        return form is None or form.lettered
