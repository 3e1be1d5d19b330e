"""Questions about phantoms: which label, which wording, which options in which order.

Labels and the letters of the right options are balanced, so that answering always with one letter, or with one
label, earns exactly chance as far as the numbers divide.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from medmat_explorer.phantoms.world import PhantomSubset, Stream, picture_seed

LETTERS = "ABCD"
INSTRUCTION = "Answer with the option's letter from the given choices directly."


@dataclass(frozen=True)
class PhantomItem:
    """One question about one picture; `draw(subset, label, seed)` gives the picture."""

    subset: PhantomSubset
    label: str
    seed: int
    question: str
    options: tuple[str, ...]

    @property
    def letter(self) -> str:
        """The letter of the right option."""
        return LETTERS[self.options.index(self.label)]

    @property
    def question_choice(self) -> str:
        """The question with its options and the instruction, as Med-MAT writes it."""
        return question_choice(self.question, self.options)


def question_choice(question: str, options: tuple[str, ...]) -> str:
    """Question, one line an option (`A: ...`), and the instruction to answer with a letter."""
    lines = [f"{letter}: {option}" for letter, option in zip(LETTERS, options, strict=False)]
    return "\n".join([question, *lines, INSTRUCTION])


def items_of(subset: PhantomSubset, stream: Stream, seed: int, count: int, first: int = 0) -> tuple[PhantomItem, ...]:
    """`count` questions about pictures number `first` and following of a stream, in shuffled order.

    Labels differ in number by at most one; within a label the right letters do too.
    Raises CollectionError when seed or index is out of range.
    """
    dice = np.random.default_rng([zlib.crc32(subset.number.encode()), int(stream), seed, first])
    items = [_item(subset, dice, position, picture_seed(stream, seed, first + position)) for position in range(count)]
    return tuple(items[place] for place in dice.permutation(count).tolist())


def _item(subset: PhantomSubset, dice: np.random.Generator, position: int, seed: int) -> PhantomItem:
    kinds = len(subset.labels)
    turn, which = divmod(position, kinds)
    label = subset.labels[which]
    others = [other for other in subset.labels if other != label]
    shown = min(len(LETTERS), kinds)
    options = [others[place] for place in dice.permutation(len(others))[: shown - 1].tolist()]
    options.insert((turn + which) % shown, label)
    question = subset.wordings[int(dice.integers(len(subset.wordings)))]
    return PhantomItem(subset, label, seed, question, tuple(options))
