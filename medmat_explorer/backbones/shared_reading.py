"""Passes through a model: prefixes once, and what comes after them on repeated keys and values.

Everything that follows a prefix (the rest of a prompt, an option's text, written text) is read in the same way: the
keys and values of its prefix are repeated for each row that needs them, and rows are padded on the right, where a
causal model does not see them. See `prompt_tensors` for what is shared. Option texts of different length are compared
by the mean over their tokens, normalised once (not twice, as in lmms-eval's issue 370).
"""

import copy
import inspect
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from medmat_explorer.backbones.families import Family
from medmat_explorer.backbones.family_inputs import Inputs
from medmat_explorer.backbones.prompt_tensors import Ready, Tokens

MOST_TOKENS = 8192
"""Tokens whose keys and values are repeated at a time: what a model of seven billion parameters keeps of them takes
about four gigabytes."""


@dataclass(frozen=True)
class Known:
    """What a model has read: the cache and the logits after it (32 bits), a row a prompt.

    `seen` marks what is no padding; `prefixes` says which prefix each row began with.
    """

    logits: Any
    cache: Any
    seen: Any
    prefixes: Any


@dataclass(frozen=True)
class Line:
    """What is read after a prefix: `rest` up to an answer position, then the tokens of an option, which are scored."""

    prefix: int
    rest: Tokens
    option: Tokens

    @property
    def read(self) -> Tokens:
        """The tokens that go in: nothing has to be known after the last one of an option."""
        return [*self.rest, *self.option[:-1]]


@dataclass(frozen=True)
class Begun:
    """Prompts of equal length after their prefixes, read to the answer position: text can be written from there.

    `places` are those of their questions in the batch.
    """

    places: tuple[int, ...]
    known: Known


@dataclass(frozen=True)
class Scored:
    """The logits at a line's answer position, and the mean log-likelihood of its option's tokens (0 without any)."""

    logits: Any
    likelihood: float


class Reading:
    """One batch on its way through a model; to be used under `torch.inference_mode`."""

    def __init__(self, model: Any, family: Family, inputs: Inputs) -> None:
        self._model, self._family, self._inputs = model, family, inputs

    def prefixes(self, keep: bool) -> Known:
        """Reads the prefixes; with `keep` they can be read on from."""
        import torch

        out = self._model(**self._inputs, use_cache=keep, **last_logits_only(self._model))
        logits, seen = out.logits[:, -1].float(), self._inputs["attention_mask"]
        return Known(logits, _cache(out) if keep else None, seen, torch.arange(len(logits)))

    def on(self, known: Known, rows: Sequence[int], rests: Sequence[Tokens]) -> Known:
        """Reads further tokens, as many in each row; `rows` may name a row of what is known several times."""
        import torch

        at = known.seen.device
        if not rests[0]:
            taken = torch.tensor(rows)
            return Known(known.logits[taken], selected(known.cache, taken), known.seen[taken], known.prefixes[taken])
        ids, counts = torch.tensor(rests, device=at), torch.ones(len(rests), len(rests[0]), dtype=torch.long, device=at)
        places = torch.full((len(rests), 1), len(rests[0]) - 1, device=at)
        return self._pass(known, torch.tensor(rows), ids, counts, places)

    def further(self, known: Known, tokens: Any) -> Known:
        """Reads one more token in every row: a column of ids. What was known before must not be used again."""
        import torch

        return self._pass(known, None, tokens, torch.ones_like(tokens), torch.zeros_like(tokens))

    def lines(self, known: Known, lines: Sequence[Line]) -> list[Scored]:
        """Reads lines after their prefixes, as many at a time as the memory is meant for."""
        found = [scored for part in _parts(lines, known.seen.shape[1]) for scored in self._lines(known, part)]
        return found

    def _lines(self, known: Known, lines: Sequence[Line]) -> list[Scored]:
        import torch

        rows, width = torch.tensor([line.prefix for line in lines]), max(len(line.option) or 1 for line in lines)
        longest = max(len(line.read) for line in lines)
        before = known.logits[rows][:, None]
        if not longest:
            return [Scored(logits[0], _mean(logits, line.option)) for logits, line in zip(before, lines, strict=True)]
        at, filler = known.seen.device, next(line.read[-1] for line in lines if line.read)
        ids = torch.tensor([line.read + [filler] * (longest - len(line.read)) for line in lines], device=at)
        counts = torch.tensor([[1] * len(line.read) + [0] * (longest - len(line.read)) for line in lines], device=at)
        places = torch.tensor([[_place(line, step, longest) for step in range(width)] for line in lines], device=at)
        logits = self._pass(known, rows, ids, counts, places.clamp(min=0)).logits.view(len(lines), width, -1)
        logits = torch.where((places < 0)[..., None].to(logits.device), before.to(logits.device), logits)
        return [Scored(row[0], _mean(row, line.option)) for row, line in zip(logits, lines, strict=True)]

    def _pass(self, known: Known, rows: Any, ids: Any, counts: Any, places: Any) -> Known:
        """Reads ids (rows x length) after rows of what is known; the logits are those at the places in each row."""
        import torch

        cache, seen, prefixes = known.cache, known.seen, known.prefixes
        if rows is not None:
            cache, seen, prefixes = selected(cache, rows), seen[rows], prefixes[rows]
        reader = getattr(self._model, self._family.reader) if self._family.reader else self._model
        carried = self._family.carry(self._model, self._inputs, prefixes, seen, ids.shape[1])
        seen = torch.cat([seen, counts], dim=1)
        wish = {"logits_to_keep": places} if last_logits_only(reader) else {}
        out = reader(input_ids=ids, attention_mask=seen, past_key_values=cache, use_cache=True, **carried, **wish)
        logits = out.logits if wish else out.logits[torch.arange(len(ids))[:, None], places]
        return Known(logits.float().squeeze(1), cache, seen, prefixes)


def read_after(
    reading: Reading, known: Known, ready: Ready, writers: Sequence[int]
) -> tuple[Any, dict[int, tuple[float, ...]], list[Begun]]:
    """The logits at each question's answer position (questions x vocabulary), the mean log-likelihoods of option texts
    by the question's place, and where the texts of the `writers` can be written from."""
    import torch

    begun = _begun(reading, known, ready, writers)
    logits = {place: row for part in begun for place, row in zip(part.places, part.known.logits, strict=True)}
    lines = [(place, line) for place in range(len(ready.questions)) for line in _lines_of(ready, place, logits)]
    likelihoods: dict[int, tuple[float, ...]] = {}
    if not any(line.read for _, line in lines) and not any(line.option for _, line in lines):
        logits |= {place: known.logits[line.prefix] for place, line in lines}
    else:
        for (place, line), scored in zip(lines, reading.lines(known, [line for _, line in lines]), strict=True):
            logits.setdefault(place, scored.logits)
            if line.option:
                likelihoods[place] = (*likelihoods.get(place, ()), scored.likelihood)
    return torch.stack([logits[place] for place in range(len(ready.questions))]), likelihoods, begun


def _begun(reading: Reading, known: Known, ready: Ready, writers: Sequence[int]) -> list[Begun]:
    """Padding must not stand before what is written, so only rests of equal length are read together."""
    by_length: dict[int, list[int]] = {}
    for place in writers:
        by_length.setdefault(len(ready.rests[place]), []).append(place)
    return [
        Begun(
            tuple(places),
            reading.on(known, [ready.prefixes[place] for place in places], [ready.rests[place] for place in places]),
        )
        for places in by_length.values()
    ]


def _lines_of(ready: Ready, place: int, known: Container[int]) -> list[Line]:
    """A line an option, the first of which shows the answer position too; one without where there are no options."""
    prefix, rest, options = ready.prefixes[place], ready.rests[place], ready.options[place]
    if not options:
        return [] if place in known else [Line(prefix, rest, [])]
    return [Line(prefix, rest, option) for option in options]


def last_logits_only(model: Any) -> dict[str, int]:
    """The wish for the logits of the last place alone, where the model's family takes it."""
    return {"logits_to_keep": 1} if "logits_to_keep" in inspect.signature(model.forward).parameters else {}


def selected(cache: Any, rows: Any) -> Any:
    """A cache of the rows that are named, perhaps several times; the other one stays as it is.

    Layers put new tensors in the place of old ones and never write into them, so copies of the layers do.
    """
    fresh = copy.copy(cache)
    fresh.layers = [copy.copy(layer) for layer in cache.layers]
    fresh.batch_select_indices(rows)
    return fresh


def _parts(lines: Sequence[Line], prefix: int) -> Iterator[Sequence[Line]]:
    """Lines in parts whose repeated prefixes stay below the limit."""
    size = max(1, MOST_TOKENS // (prefix + max((len(line.read) for line in lines), default=0)))
    return (lines[start : start + size] for start in range(0, len(lines), size))


def _place(line: Line, step: int, longest: int) -> int:
    """Where the logits for an option's token stand among the tokens read; -1: before them, at the prefix's end."""
    return min(len(line.rest) - 1 + step, longest - 1)


def _mean(logits: Any, option: Tokens) -> float:
    """The mean log-likelihood of an option's tokens; logits are places x vocabulary, from its first token on."""
    import torch

    if not option:
        return 0.0
    told = torch.tensor(option, device=logits.device)[:, None]
    return float(logits[: len(option)].log_softmax(-1).gather(1, told).mean())


def _cache(out: Any) -> Any:
    """What the model keeps of the prompt; InstructBLIP keeps it in its language part's own output."""
    return getattr(out, "past_key_values", None) or out.language_model_outputs.past_key_values
