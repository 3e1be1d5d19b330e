"""Asking a backbone directly, without the engine around it: what tests of adapters say in one line."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from medmat_explorer.backbones.contract import Backbone, Posed, Written


def never() -> bool:
    """Nobody stops it."""
    return False


def unheard(key: str, text: str) -> None:
    """Nobody listens."""


def letters(backbone: Backbone, batch: Sequence[Posed]) -> list[tuple[float, ...]]:
    """Probabilities of the letters alone, one reading for all."""
    return [written.probabilities for written in ask(backbone, batch, wants_text=False)]


def write(
    backbone: Backbone,
    batch: Sequence[Posed],
    stopped: Callable[[], bool] = never,
    writing: Callable[[str, str], None] = unheard,
) -> list[Written]:
    """Text and letters."""
    return backbone.answer(backbone.prepare(changed(batch, wants_text=True)), stopped, writing)


def ask(backbone: Backbone, batch: Sequence[Posed], **changes: Any) -> list[Written]:
    """The answers to the batch, its questions changed."""
    return backbone.answer(backbone.prepare(changed(batch, **changes)), never, unheard)


def changed(batch: Sequence[Posed], **changes: Any) -> list[Posed]:
    """The same pictures with changed questions."""
    return [Posed(replace(posed.question, **changes), posed.picture) for posed in batch]
