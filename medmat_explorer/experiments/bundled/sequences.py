"""Questions as token sequences with their targets: the letter, the end after it, and yes or no after every option."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medmat_explorer.experiments.bundled.recipe import Tokens
from medmat_explorer.experiments.bundled.vocabulary import END, NO, YES
from medmat_explorer.phantoms.questions import INSTRUCTION, LETTERS
from medmat_explorer.phantoms.world import PhantomSubset

if TYPE_CHECKING:
    from torch import Tensor

IGNORED = -100
BARE_SHARE = 0.05
"""Share of training questions without the instruction, so that the model does not hang on it."""


@dataclass(frozen=True)
class Sequences:
    """Token ids (n, length) and, at the same places, what comes next: answers and option verdicts, else IGNORED."""

    ids: Tensor
    answers: Tensor
    verdicts: Tensor


class Writer:
    """Writes random questions about given labels; tokens of recurring pieces are kept."""

    def __init__(self, tokenizer: Tokens) -> None:
        self._tokenizer = tokenizer
        self._kept: dict[str, list[int]] = {}
        self._yes, self._no, self._end = tokenizer.convert_tokens_to_ids([YES, NO, END])

    def tokens(self, text: str) -> list[int]:
        """The token ids of a piece of text."""
        if text not in self._kept:
            self._kept[text] = self._tokenizer.encode(text, add_special_tokens=False)
        return self._kept[text]

    def batch(self, rows: list[tuple[PhantomSubset, str]], dice: np.random.Generator) -> Sequences:
        """One random question a (subset, right label): wording, number and order of options are drawn anew."""
        import torch

        written = [self._row(subset, label, dice) for subset, label in rows]
        length = max(len(ids) for ids, _, _ in written)
        ids = torch.zeros((len(rows), length), dtype=torch.long)
        answers, verdicts = torch.full_like(ids, IGNORED), torch.full_like(ids, IGNORED)
        for row, (tokens, answer, marks) in enumerate(written):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            answers[row, len(tokens) - 2], answers[row, len(tokens) - 1] = answer, self._end
            for place, mark in marks:
                verdicts[row, place] = mark
        return Sequences(ids, answers, verdicts)

    def _row(
        self, subset: PhantomSubset, label: str, dice: np.random.Generator
    ) -> tuple[list[int], int, list[tuple[int, int]]]:
        options = random_options(subset, label, dice)
        ids = list(self.tokens(subset.wordings[int(dice.integers(len(subset.wordings)))]))
        marks = []
        for letter, option in zip(LETTERS, options, strict=False):
            ids += self.tokens(f"\n{letter}: {option}")
            marks.append((len(ids) - 1, self._yes if option == label else self._no))
        if dice.random() >= BARE_SHARE:
            ids += self.tokens("\n" + INSTRUCTION)
        answer = self.tokens(LETTERS[options.index(label)])[0]
        return [*ids, *self.tokens("\n"), answer], answer, marks


def random_options(subset: PhantomSubset, label: str, dice: np.random.Generator) -> list[str]:
    """The right label among two to four options in random order; mostly as many as the subset allows."""
    most = min(len(LETTERS), len(subset.labels))
    count = most if dice.random() < 0.8 else int(dice.integers(2, most + 1))
    others = [other for other in subset.labels if other != label]
    options = [others[place] for place in dice.permutation(len(others))[: count - 1].tolist()]
    options.insert(int(dice.integers(count)), label)
    return options
