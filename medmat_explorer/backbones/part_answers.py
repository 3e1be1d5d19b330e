"""A batch of which only some questions were answered: what was said is kept, the rest is told apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from medmat_explorer.backbones.contract import Written
from medmat_explorer.errors import BackboneError

NOT_ANSWERED = "The question was not answered."


@dataclass(frozen=True)
class Refused:
    """A question that cannot be answered by this backbone: why in a word and as a sentence, as in `Unanswered`."""

    reason: str
    sentence: str


@dataclass(eq=False)
class PartAnswered(BackboneError):
    """Raised by an adapter in the place of a batch's answers.

    `said` are the answers there are (the text is empty where none was wanted), `refused` the questions that cannot be
    answered at all, both by key. `sentence` says why nothing more should be asked now; when it is empty, the others of
    the job go on. Questions that stand in neither were not asked, and are asked again when the run is resumed.
    """

    said: Mapping[str, Written]
    refused: Mapping[str, Refused] = field(default_factory=dict)
    sentence: str = ""

    def __str__(self) -> str:
        """The sentence, for a caller that does not look closer."""
        first = next(iter(self.refused.values()), Refused("", NOT_ANSWERED))
        return self.sentence or first.sentence
