"""Which tokens of a vocabulary stand for an option letter, and probabilities of letters from logits."""

from collections.abc import Mapping, Sequence
from typing import Any

WORD_STARTS = ("", "▁", "Ġ")
"""How vocabularies write a letter: bare, or with the mark of a word's start (SentencePiece and byte-level BPE)."""


def letter_tokens(vocabulary: Mapping[str, int], letters: Sequence[str]) -> list[tuple[int, ...]]:
    """For each letter the single tokens that mean it, "A" and " A"; none for a letter without any."""
    spellings = [[start + letter for start in WORD_STARTS] for letter in letters]
    return [tuple(vocabulary[word] for word in words if word in vocabulary) for words in spellings]


def unsayable(vocabulary: Mapping[str, int], letters: Sequence[str]) -> str:
    """A sentence that names the letters without a single token; empty when each has one."""
    missing = [letter for letter, ids in zip(letters, letter_tokens(vocabulary, letters), strict=True) if not ids]
    return f"This backbone's vocabulary has no single token for the letters {', '.join(missing)}." if missing else ""


class LetterTable:
    """The tokens of letters, looked up once for each set of letters."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary
        self._known: dict[tuple[str, ...], list[list[int]]] = {}

    def index(self, questions: Sequence[tuple[str, ...]]) -> Any:
        """Token ids as a tensor of questions x letters x spellings; -1 where a question has fewer letters."""
        import torch

        rows = [self._spellings(letters) for letters in questions]
        longest = max(map(len, rows))
        return torch.tensor([row + [[-1] * len(WORD_STARTS)] * (longest - len(row)) for row in rows])

    def _spellings(self, letters: tuple[str, ...]) -> list[list[int]]:
        if letters not in self._known:
            found = letter_tokens(self._vocabulary, letters)
            self._known[letters] = [[*ids, *[-1] * (len(WORD_STARTS) - len(ids))] for ids in found]
        return self._known[letters]


def letter_probabilities(logits: Any, index: Any) -> list[list[float]] | None:
    """For each question a softmax over its letters, the better spelling of each; 0 beyond its letters.

    `logits` are questions x vocabulary, `index` is as `LetterTable` gives it. None when a number is not finite.
    """
    import torch

    there = index >= 0
    picked = logits.gather(1, index.clamp(min=0).flatten(1)).view(index.shape)
    best = picked.masked_fill(~there, -torch.inf).amax(-1)
    if not bool((torch.isfinite(best) | ~there.any(-1)).all()):
        return None
    rows: list[list[float]] = best.softmax(-1).tolist()
    return rows
