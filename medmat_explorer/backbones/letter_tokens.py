"""Which tokens of a vocabulary stand for an option letter."""

from collections.abc import Mapping, Sequence

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
