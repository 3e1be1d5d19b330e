"""From what a server says to a probability for each letter, and what is only bounded."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medmat_explorer.backbones.remote_reply import WORD_START
from medmat_explorer.backbones.scripted import softmax

BARE_LETTER = re.compile(r"[\s*_(\[\"']*([A-Za-z])(?:[\s*_\"']*$|[)\].:](?![a-z]))")
"""A text that is a letter or begins with one as a label. Only that: `A cyst` has an article."""
SPELLINGS = ("", *WORD_START)


@dataclass(frozen=True)
class LetterNumbers:
    """A probability for each letter. The `bounded` ones were not among the tokens that the server listed.

    Their numbers are the most that they can be, so the others' are the least that they can be.
    """

    probabilities: tuple[float, ...]
    bounded: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What is bounded, as a sentence; empty when nothing is."""
        if not self.bounded:
            return ""
        return f"The server did not list {', '.join(self.bounded)}: at most as likely as shown."


def from_logprobs(first: Mapping[str, float], letters: Sequence[str]) -> LetterNumbers | None:
    """Softmax over the letters alone, for each the better of "A" and " A"; None when no letter was listed.

    A letter that is not listed gets the least of two bounds: the least likely token of the list, and what the listed
    ones leave over.
    """
    found = [max((first[start + letter] for start in SPELLINGS if start + letter in first), default=None)
             for letter in letters]  # fmt: skip
    if all(number is None for number in found):
        return None
    left = 1.0 - sum(math.exp(min(number, 0.0)) for number in first.values())
    bound = min([*first.values(), *([math.log(left)] if left > 0 else [])])
    bounded = tuple(letter for letter, number in zip(letters, found, strict=True) if number is None)
    return LetterNumbers(softmax([bound if number is None else number for number in found]), bounded)


def letter_in(text: str, letters: Sequence[str]) -> str:
    """The letter that was written, where a text is one or begins with one as a label; else nothing.

    Of its probability nothing is known: it must not be told as 1.
    """
    found = BARE_LETTER.match(text)
    letter = found[1].upper() if found else ""
    return letter if letter in letters else ""
