"""Greedy text after prompts that were read: the likeliest token again and again, a row a question.

Written here and not by `generate`, so that picture and prompt are read once for letters, option texts and text, and so
that a folder's own generation settings (beams, penalties, sampling) can change neither text nor numbers.
"""

from collections.abc import Callable, Sequence
from typing import Any

from medmat_explorer.backbones.contract import Stopped
from medmat_explorer.backbones.prompt_tensors import Tokens
from medmat_explorer.backbones.shared_reading import Known, Reading

Hear = Callable[[str], None]
Spell = Callable[[Tokens], str]
"""Tokens to text."""


def write_greedily(
    reading: Reading,
    known: Known,
    limits: Sequence[int],
    ends: frozenset[int],
    stopped: Stopped,
    hear: Callable[[Tokens], None] | None = None,
) -> list[Tokens]:
    """The tokens written after each row of what is known, at most as many as its limit says, without the ending one.

    A token of `ends` ends a row, and `stopped()` everything. `hear` is told the first row's tokens so far.
    """
    written: list[Tokens] = [[] for _ in limits]
    open_rows = set(range(len(limits)))
    while open_rows:
        tokens = known.logits.argmax(-1)
        for row, token in enumerate(tokens.tolist()):
            if row not in open_rows:
                continue
            if token not in ends:
                written[row].append(token)
            if token in ends or len(written[row]) >= limits[row]:
                open_rows.discard(row)
        if hear:
            hear(written[0])
        if stopped() or not open_rows:
            break
        known = reading.further(known, tokens[:, None].to(known.seen.device))
    return written


def heard(spell: Spell, hear: Hear) -> Callable[[Tokens], None]:
    """Passes text on as it grows; half a letter, whose other bytes are still to come, is kept back."""

    def tell(tokens: Tokens) -> None:
        if (text := spell(tokens)) and not text.endswith("\N{REPLACEMENT CHARACTER}"):
            hear(text)

    return tell


def ending_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """The tokens that end a text: those of the model's settings, or the vocabulary's own end where it names none."""
    named = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ends = tokenizer.eos_token_id if named is None else named
    return frozenset(ends if isinstance(ends, (list, tuple)) else [] if ends is None else [ends])
