"""From questions to tensors: prompts in the model's own form, each picture once, and what is read after it.

Questions that show the very same picture (the rotations of an item, its wordings, blank pictures) have a long beginning
in common, the picture's tokens above all. It is read once, as the *prefix*; what differs is read on from there. So are
option texts, which follow the whole prompt.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medmat_explorer.backbones.contract import Capability, Posed, Question
from medmat_explorer.backbones.families import Family
from medmat_explorer.backbones.family_inputs import Inputs
from medmat_explorer.backbones.letter_tokens import LetterTable
from medmat_explorer.backbones.square_picture import squared

if TYPE_CHECKING:
    from PIL.Image import Image

BY_TOKEN = ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids", "cross_attention_mask")
"""Inputs with an entry for each token of the prompt."""

LEVELLED = 64
"""How many tokens may be read apart so that prefixes are equally long."""

Tokens = list[int]
Rows = tuple[Inputs, list[int], list[Tokens]]
"""Prefixes, the row of each question among them, and what each has after it."""


@dataclass(frozen=True)
class Ready:
    """A batch ready to be read.

    `inputs` hold the prefixes, padded on the left, a row each. `prefixes` says for each question which row is its own,
    `rests` what follows there until the answer position, `options` the tokens of its option texts (none where they
    are not wanted or, as `notes` says then, cannot be scored), `lengths` how many tokens its prompt has. `letters` is
    as `LetterTable` gives it. `seconds` is what making it ready took.
    """

    questions: tuple[Question, ...]
    inputs: Inputs
    prefixes: tuple[int, ...]
    rests: tuple[Tokens, ...]
    options: tuple[tuple[Tokens, ...], ...]
    notes: tuple[str, ...]
    lengths: tuple[int, ...]
    letters: Any
    seconds: float


class Prompts:
    """A model's processor, used by one thread at a time: tokenizers keep their settings in themselves."""

    def __init__(self, processor: Any, family: Family, dtype: Any) -> None:
        self._processor, self._family, self._dtype = processor, family, dtype
        self.tokenizer = getattr(processor, "tokenizer", processor)
        self.tokenizer.padding_side = "left"
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self.vocabulary: dict[str, int] = self.tokenizer.get_vocab()
        self._letters = LetterTable(self.vocabulary)
        self._lock = threading.Lock()

    def ready(self, batch: Sequence[Posed]) -> Ready:
        """The batch as tensors of the model's number format."""
        begin = time.perf_counter()
        with self._lock:
            texts = [self.text(posed.question.prompt) for posed in batch]
            inputs, prefixes, rests = self._shared(batch, texts) or self._apart(batch, texts)
            options = [self._options(text, posed.question) for text, posed in zip(texts, batch, strict=True)]
        read = inputs["attention_mask"].sum(1).tolist()
        return Ready(
            questions=tuple(posed.question for posed in batch),
            inputs=inputs,
            prefixes=tuple(prefixes),
            rests=tuple(rests),
            options=tuple(tokens for tokens, _ in options),
            notes=tuple(note for _, note in options),
            lengths=tuple(int(read[row]) + len(rest) for row, rest in zip(prefixes, rests, strict=True)),
            letters=self._letters.index([posed.question.letters for posed in batch]),
            seconds=time.perf_counter() - begin,
        )

    def text(self, question: str) -> str:
        """The question in this model's own form: its chat template, or without one its family's bare form."""
        if not getattr(self._processor, "chat_template", None):
            mark = getattr(self._processor, "image_token", None) or ""
            return self._family.bare_prompt.replace("{mark}", str(mark)).replace("{text}", question)
        content = [{"type": "image"}, {"type": "text", "text": question}]
        talk = [{"role": "user", "content": content}]
        return str(self._processor.apply_chat_template(talk, add_generation_prompt=True))

    def picture(self, picture: "Image") -> "Image":
        """As it goes into the preparation: padded to a square where that would crop it."""
        preparation = getattr(self._processor, "image_processor", None)
        if not self._family.squares or not getattr(preparation, "do_center_crop", False):
            return picture
        return squared(picture, getattr(preparation, "image_mean", None))

    def whole(self, posed: Posed) -> Inputs:
        """One question as tensors, nothing shared."""
        with self._lock:
            return self._tensors([self.text(posed.question.prompt)], [posed.picture])

    def _groups(self, batch: Sequence[Posed]) -> list[list[int]]:
        """Places in the batch by the picture that is shown, where the family can share it."""
        if not self._family.shares:
            return [[place] for place in range(len(batch))]
        groups: dict[int, list[int]] = {}
        for place, posed in enumerate(batch):
            groups.setdefault(id(posed.picture), []).append(place)
        return list(groups.values())

    def _apart(self, batch: Sequence[Posed], texts: Sequence[str]) -> Rows:
        """Every prompt in a row of its own."""
        return self._tensors(texts, [posed.picture for posed in batch]), list(range(len(batch))), [[] for _ in batch]

    def _shared(self, batch: Sequence[Posed], texts: Sequence[str]) -> Rows | None:
        """A row for each picture, and what each question has after it; None where there is nothing to share.

        A processor puts many tokens in the place of a picture's mark. What comes after the mark is the same with and
        without it, so the beginning is taken from the processor once and the rest from the bare vocabulary.
        """
        groups = self._groups(batch)
        if len(groups) == len(batch):
            return None
        firsts = [group[0] for group in groups]
        inputs = self._tensors([texts[place] for place in firsts], [batch[place].picture for place in firsts])
        prefixes, rests, cuts = [0] * len(batch), [Tokens()] * len(batch), []
        for row, group in enumerate(groups):
            tails = self._tails([texts[place] for place in group])
            if not self._ends_in(inputs, row, tails[0]):
                return None
            cuts.append(len(tails[0]))
            for place, tail in zip(group, tails, strict=True):
                prefixes[place], rests[place] = row, tail
        for row, more in enumerate(self._more(inputs, cuts)):
            cuts[row] += len(more)
            for place in groups[row]:
                rests[place] = [*more, *rests[place]]
        return _without_ends(inputs, cuts, self.tokenizer.pad_token_id), prefixes, rests

    def _more(self, inputs: Inputs, cuts: Sequence[int]) -> list[Tokens]:
        """What is to be taken off each row besides, so that all are equally long and need no padding, which is slower.

        Nothing where that would be much, or would take off a part of the picture.
        """
        ids, seen = inputs["input_ids"], inputs["attention_mask"].sum(1).tolist()
        lengths = [int(length) - cut for length, cut in zip(seen, cuts, strict=True)]
        ends = [ids.shape[1] - cut for cut in cuts]
        more = [
            ids[row, end - (length - min(lengths)) : end].tolist()
            for row, (end, length) in enumerate(zip(ends, lengths, strict=True))
        ]
        mark = getattr(self._processor, "image_token_id", None)
        fits = all(len(tokens) <= LEVELLED and mark not in tokens for tokens in more)
        return more if fits else [[] for _ in cuts]

    def _tails(self, texts: Sequence[str]) -> list[Tokens]:
        """What each text has after the beginning that all have in common."""
        if len(texts) == 1:
            return [[]]
        rows = self.tokenizer(list(texts), **self._plain(texts))["input_ids"]
        common = common_length(rows)
        return [[int(token) for token in row[common:]] for row in rows]

    def _ends_in(self, inputs: Inputs, row: int, tail: Tokens) -> bool:
        """Whether the processor's tokens end in the same tail, with the picture before it."""
        if not tail:
            return True
        ids = inputs["input_ids"][row].tolist()
        mark = getattr(self._processor, "image_token_id", None)
        return ids[-len(tail) :] == tail and mark not in tail

    def _tensors(self, texts: Sequence[str], pictures: "Sequence[Image]") -> Inputs:
        """The processor's tensors. Pictures go in as one list a question: some families need it so."""
        images = [[self.picture(picture)] for picture in pictures]
        wishes = {**self._family.settings, **self._plain(texts)}
        made: Any = self._processor(images=images, text=list(texts), return_tensors="pt", padding=True, **wishes)
        ready: Any = self._family.prepare(made)
        moved: Inputs = ready.to(dtype=self._dtype)
        return moved

    def _plain(self, texts: Sequence[str]) -> dict[str, bool]:
        """A prompt that begins with the start token already gets no second one."""
        start = self.tokenizer.bos_token
        return {"add_special_tokens": False} if start and texts[0].startswith(start) else {}

    def _options(self, text: str, question: Question) -> tuple[tuple[Tokens, ...], str]:
        """The tokens of the question's option texts, or why they cannot be scored: the letters still can."""
        if not question.options:
            return (), ""
        if Capability.OPTIONS not in self._family.capabilities:
            return (), "This backbone cannot score option texts."
        if not all(option.strip() for option in question.options):
            return (), "An option has no words, so the option texts were not scored."
        return tuple(option_tokens(self.tokenizer, text, question.options)), ""


def common_length(rows: Sequence[Tokens]) -> int:
    """How many tokens all rows begin with."""
    first, last = min(rows), max(rows)  # those in between share what these two share
    return next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other),
                min(len(first), len(last)))  # fmt: skip


def option_tokens(tokenizer: Any, prompt: str, texts: Sequence[str]) -> list[Tokens]:
    """Each text's tokens as they follow the prompt: with a space before them, unless the prompt ends in white space."""
    space = "" if prompt[-1:].isspace() else " "
    return [[int(token) for token in tokenizer.encode(space + text, add_special_tokens=False)] for text in texts]


def _without_ends(inputs: Inputs, cuts: Sequence[int], padding: int) -> Inputs:
    """The inputs with so many tokens of each row taken off at its end, padded on the left again."""
    import torch

    length = inputs["input_ids"].shape[1]
    first = [length - int(seen) for seen in inputs["attention_mask"].sum(1)]
    longest = max(length - cut - start for cut, start in zip(cuts, first, strict=True))
    for name in BY_TOKEN:
        if name not in inputs:
            continue
        old = inputs[name]
        new = torch.full((len(old), longest, *old.shape[2:]), padding if name == "input_ids" else 0, dtype=old.dtype)
        for row, (cut, start) in enumerate(zip(cuts, first, strict=True)):
            kept = old[row, start : length - cut]
            new[row, longest - len(kept) :] = kept
        inputs[name] = new
    return inputs
