"""Which tokens of a vocabulary stand for an option letter."""

from collections.abc import Mapping, Sequence

from medmat_explorer.errors import BackboneError

WORD_STARTS = ("", "▁", "Ġ")
"""How vocabularies write a letter: bare, or with the mark of a word's start (SentencePiece and byte-level BPE)."""


def letter_tokens(vocabulary: Mapping[str, int], letters: Sequence[str]) -> list[tuple[int, ...]]:
    """For each letter the single tokens that mean it, "A" and " A". Raises BackboneError for a letter without any."""
    spellings = [[start + letter for start in WORD_STARTS] for letter in letters]
    found = [tuple(vocabulary[word] for word in words if word in vocabulary) for words in spellings]
    if missing := [letter for letter, ids in zip(letters, found, strict=True) if not ids]:
        raise BackboneError(f"This backbone's vocabulary has no single token for the letters {', '.join(missing)}.")
    return found
