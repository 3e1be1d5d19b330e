"""Which tokens of a vocabulary stand for an option letter."""

from collections.abc import Sequence
from typing import Any

from medmat_explorer.errors import BackboneError

WORD_STARTS = ("", " ", "▁", "Ġ")
"""How vocabularies write a letter: bare, or with the mark of a word's start (SentencePiece and byte-level BPE)."""


def letter_tokens(tokenizer: Any, letters: Sequence[str]) -> list[tuple[int, ...]]:
    """For each letter the single tokens that mean it, "A" and " A". Raises BackboneError for a letter without any."""
    found = [tuple(sorted(_tokens(tokenizer, letter))) for letter in letters]
    if missing := [letter for letter, ids in zip(letters, found, strict=True) if not ids]:
        raise BackboneError(f"This backbone's vocabulary has no single token for the letters {', '.join(missing)}.")
    return found


def _tokens(tokenizer: Any, letter: str) -> set[int]:
    vocabulary = tokenizer.get_vocab()
    ids = {vocabulary[start + letter] for start in WORD_STARTS if start + letter in vocabulary}
    for text in (letter, f" {letter}"):
        encoded = tokenizer.encode(text, add_special_tokens=False)
        if len(encoded) == 1 and encoded[0] != tokenizer.unk_token_id:
            ids.add(encoded[0])
    return ids
