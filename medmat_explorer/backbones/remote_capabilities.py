"""What a server can do, found out once when it is loaded, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from medmat_explorer.backbones.contract import Capability

MOST_LIKELY = (20, 5, 0)
"""How many likely tokens are asked for: what OpenAI and vLLM give at most, what others do, none."""
LIMITS = ("max_tokens", "max_completion_tokens")
"""What the limit of an answer is called: everywhere, and for OpenAI's newer models."""


class ChoiceForm(StrEnum):
    """How a server is told that the answer must be one of several texts."""

    STRUCTURED = "structured_outputs"
    """vLLM since 0.12."""
    GUIDED = "guided_choice"
    """vLLM before."""
    REGEX = "regex"
    """SGLang."""

    def body(self, choices: Sequence[str]) -> Mapping[str, Any]:
        """The fields of the request. The choices must be plain letters and digits."""
        match self:
            case ChoiceForm.STRUCTURED:
                return {"structured_outputs": {"choice": list(choices)}}
            case ChoiceForm.GUIDED:
                return {"guided_choice": list(choices)}
            case ChoiceForm.REGEX:
                return {"regex": f"({'|'.join(choices)})"}


@dataclass(frozen=True)
class RemoteCapabilities:
    """What was found out of a server.

    `likely` is how many likely tokens it lists where an answer begins, `choice` how it is held to some texts, `streams`
    whether it sends an answer as it is written, `limit` what it calls the limit of an answer's length.
    """

    likely: int = 0
    choice: ChoiceForm | None = None
    streams: bool = True
    limit: str = LIMITS[0]
    plain: bool = True
    """Whether it takes a temperature of 0: some hosted models know only their own."""

    @property
    def contract(self) -> frozenset[Capability]:
        """In the contract's words: probabilities of letters need likely tokens."""
        letters = {Capability.LETTERS} if self.likely else set()
        return frozenset({Capability.TEXT} | letters)

    @property
    def letters(self) -> str:
        """How letters are scored, for records and readers."""
        if self.likely:
            return f"from the {self.likely} likeliest tokens; a letter beyond them gets its upper bound"
        if self.choice:
            return f"the one letter that the server chooses ({self.choice}), without probabilities"
        return "the one letter that is written, without probabilities"

    def body(self, tokens: int) -> dict[str, Any]:
        """The fields of a greedy request of at most so many tokens."""
        fields: dict[str, Any] = {self.limit: tokens, "stream": self.streams}
        if self.plain:
            fields["temperature"] = 0.0
        if self.likely:
            fields |= {"logprobs": True, "top_logprobs": self.likely}
        return fields
