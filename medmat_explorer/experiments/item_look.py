"""One item looked at closely, by the backbone that is loaded: asked every way, and with parts of its picture hidden."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from medmat_explorer.backbones.contract import Answer, Box, Capability, Question, Reply, Unanswered
from medmat_explorer.backbones.job import Job
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.prompts import DEFAULT_PROMPT, PROMPT_FORMS
from medmat_explorer.evaluation.run_record import MAIN, ControlName, JudgedAnswer, SpotCheckPlan
from medmat_explorer.experiments.asker import Asker
from medmat_explorer.experiments.spot_check_questions import Put, puts

MOST_CELLS = 16
"""Cells a side at most: 256 questions."""

Drops = tuple[tuple[float | None, ...], ...]
"""Rows of cells from the top left: how much of the right option's probability is lost when the cell is hidden; None
while that is not known."""


def look_questions(
    item: QAItem, picture: Path, plan: SpotCheckPlan, capabilities: Collection[Capability] = ()
) -> list[Put]:
    """The item as asked, with a grey picture, and under every rotation, with all that the backbone can be asked for.

    Without `capabilities` what the plan asks for. An open question has no rotations.
    """
    form = PROMPT_FORMS.get(plan.prompt, PROMPT_FORMS[DEFAULT_PROMPT])
    turned = (ControlName.ROTATIONS,) if form.lettered else ()
    every = plan.model_copy(
        update={
            "prompt": form.id,
            "text": Capability.TEXT in capabilities if capabilities else plan.text,
            "options": Capability.OPTIONS in capabilities if capabilities else plan.options,
            "controls": (ControlName.BLANK, *turned),
        }
    )
    return [one for one in puts(every, [item], lambda _: picture) if isinstance(one, Put)]


def occlusion_questions(item: QAItem, picture: Path, grid: int, prompt: str = DEFAULT_PROMPT) -> list[Question]:
    """The item as asked, then once with each cell of its picture hidden: `grid` cells a side, row by row.

    Letters are asked for and nothing else. Raises RunError for a grid without cells or with more than 16 a side, and
    for a prompt that shows no options.
    """
    form = PROMPT_FORMS.get(prompt, PROMPT_FORMS[DEFAULT_PROMPT])
    if not 1 <= grid <= MOST_CELLS:
        raise RunError(f"A grid of {grid} cells a side cannot be asked: choose 1 to {MOST_CELLS}.")
    if not form.lettered:
        raise RunError(f"The prompt '{form.title}' shows no options: no option has a probability that could fall.")
    asked = form.build(item)
    letters = tuple(option.letter for option in item.options)
    hidden: list[Box | None] = [None, *(cell(place, grid) for place in range(grid * grid))]
    return [
        Question(f"{item.key} hidden {place}", asked, letters, picture, wants_text=False, hidden=box)
        for place, box in enumerate(hidden, start=-1)
    ]


def cell(place: int, grid: int) -> Box:
    """The part of a picture that a cell covers, counted row by row from the top left."""
    row, column = divmod(place, grid)
    return column / grid, row / grid, (column + 1) / grid, (row + 1) / grid


def occlusion_map(base: Answer, replies: Iterable[Reply], grid: int, right: str) -> Drops:
    """Of the replies so far, in any order: the right option's probability as asked minus that with the cell hidden.

    Raises RunError where the backbone tells no probabilities.
    """
    whole = _probability(base, right)
    drops: list[float | None] = [None] * (grid * grid)
    for reply in replies:
        place = int(reply.key.rsplit(" ", 1)[1])
        if place >= 0 and isinstance(reply, Answer):
            drops[place] = whole - _probability(reply, right)
    return tuple(tuple(drops[row * grid : (row + 1) * grid]) for row in range(grid))


def _probability(answer: Answer, letter: str) -> float:
    if not answer.probabilities:
        raise RunError("This backbone tells a letter and no probabilities: nothing can be seen to fall.")
    return answer.probabilities[answer.letters.index(letter)]


class _Look:
    """Questions about one item on their way; nothing here waits."""

    def __init__(self, questions: Sequence[Question], asker: Asker, revision: str, owner: str) -> None:
        self.total = len(questions)
        self._replies: dict[str, Reply] = {}
        self._job: Job = asker.submit(questions, self._hear, None, revision, owner)

    def _hear(self, reply: Reply) -> None:
        self._replies[reply.key] = reply

    @property
    def replies(self) -> tuple[Reply, ...]:
        """Those that have come."""
        return tuple(dict(self._replies).values())

    @property
    def done(self) -> bool:
        """Whether nothing more comes: all answered, stopped, or failed."""
        return self._job.done

    @property
    def position(self) -> int:
        """How many jobs come before its next turn."""
        return self._job.position

    @property
    def problem(self) -> str:
        """Why it failed, or why the item cannot be asked at all; else empty."""
        refused = [reply.sentence for reply in self.replies if isinstance(reply, Unanswered)]
        return self._job.error or next(iter(refused), "")

    def stop(self) -> None:
        """Ends it after the question that is being answered; what came is kept."""
        self._job.stop()

    def wait(self, seconds: float | None = None) -> bool:
        """Blocks until the end, for tests and the command line. True when it has ended."""
        return self._job.wait(seconds)


class ItemLook(_Look):
    """One item asked every way, under way. Raises BackboneError where exactly this revision is not loaded."""

    def __init__(
        self, item: QAItem, picture: Path, plan: SpotCheckPlan, asker: Asker, revision: str, owner: str = ""
    ) -> None:
        loaded = asker.state.loaded
        able = loaded.capabilities if loaded else ()
        self._puts = {put.question.key: put for put in look_questions(item, picture, plan, able)}
        super().__init__([put.question for put in self._puts.values()], asker, revision, owner)

    @property
    def answers(self) -> tuple[JudgedAnswer, ...]:
        """What was said so far, judged as a run judges it: as asked, blank, then the rotations."""
        came = {reply.key: reply for reply in self.replies}
        return tuple(put.judged(came[key]) for key, put in self._puts.items() if key in came)

    @property
    def asked(self) -> JudgedAnswer | None:
        """The answer to the question as asked, once it is there."""
        return next((answer for answer in self.answers if answer.variant == MAIN), None)


class Occlusion(_Look):
    """An occlusion map under way. Raises BackboneError where exactly this revision is not loaded, RunError for a grid
    or a prompt that cannot be asked.
    """

    def __init__(
        self,
        item: QAItem,
        picture: Path,
        grid: int,
        asker: Asker,
        revision: str,
        owner: str = "",
        prompt: str = DEFAULT_PROMPT,
    ) -> None:
        self.grid, self.right = grid, item.answer_letter
        super().__init__(occlusion_questions(item, picture, grid, prompt), asker, revision, owner)

    @property
    def base(self) -> Answer | None:
        """The answer with nothing hidden, once it is there."""
        came = (reply for reply in self.replies if reply.key.endswith(" -1") and isinstance(reply, Answer))
        return next(came, None)

    @property
    def rows(self) -> Drops:
        """The map so far, empty until the answer with nothing hidden is there. Raises RunError as `occlusion_map`."""
        return occlusion_map(self.base, self.replies, self.grid, self.right) if self.base else ()
