"""What an OpenAI-compatible server says, piece by piece or at once, checked before anything is made of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

WORD_START = " ▁Ġ"
"""How servers write the blank before a word: as it is, or with the mark of the vocabulary."""
MOST_CHARACTERS = 20_000
LEAST = -9999.0
"""What vLLM writes for minus infinity."""


class _Likely(BaseModel):
    token: str
    logprob: float


class _Token(_Likely):
    top_logprobs: list[_Likely] = []


class _Logprobs(BaseModel):
    content: list[_Token] | None = None


class _Words(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    delta: _Words | None = None
    message: _Words | None = None
    logprobs: _Logprobs | None = None
    finish_reason: str | None = None


class _Chunk(BaseModel):
    choices: list[_Choice] = []
    system_fingerprint: str | None = None


class TooLongError(Exception):
    """A server writes on and on, whatever limit was asked for."""


@dataclass
class Said:
    """What was said so far. `first` are the likeliest tokens where the answer begins, by their text: log probabilities.

    `ended` is the server's reason for the end; without one the answer was cut short. Thoughts that a server sends apart
    from the answer are left out, and their tokens too.
    """

    text: str = ""
    first: Mapping[str, float] = field(default_factory=dict)
    ended: str = ""
    fingerprint: str = ""

    def take(self, chunk: Mapping[str, Any]) -> None:
        """One more piece, or the whole. Raises ValueError for what has not the form, TooLongError past the limit."""
        read = _Chunk.model_validate(chunk)
        self.fingerprint = read.system_fingerprint or self.fingerprint
        for choice in read.choices[:1]:
            words = choice.delta or choice.message or _Words()
            if words.content and not self.first:
                self.first = _first_tokens(choice.logprobs)
            self.text += words.content or words.refusal or ""
            self.ended = choice.finish_reason or self.ended
        if len(self.text) > MOST_CHARACTERS:
            raise TooLongError


def _first_tokens(logprobs: _Logprobs | None) -> dict[str, float]:
    """The likeliest tokens at the first one that is not blank; the written one is always among them."""
    for token in (logprobs.content if logprobs else None) or []:
        if token.token.strip(f"{WORD_START}\n\t\r"):
            found: dict[str, float] = {}
            for likely in (*token.top_logprobs, token):
                if likely.logprob < math.inf:  # false for no number as well
                    found[likely.token] = max(likely.logprob, found.get(likely.token, LEAST))
            return found
    return {}
