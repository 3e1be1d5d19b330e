"""How likely a model finds the text of each option after a prompt, the prompt and its picture read once.

The prompt's keys and values are kept and repeated for the options, which are then read together, padded on the right:
a causal model does not see what comes after. A text's likelihood is the sum over its tokens; options of different
length are compared by the mean over tokens, normalised once (not twice, as in lmms-eval's issue 370).
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from medmat_explorer.backbones.families import Family
from medmat_explorer.backbones.family_inputs import Inputs
from medmat_explorer.errors import BackboneError


@dataclass(frozen=True)
class TextLikelihood:
    """The natural logarithm of a text's probability, and of how many tokens it consists."""

    total: float
    tokens: int

    @property
    def mean(self) -> float:
        """Per token: what options of different length are compared by."""
        return self.total / self.tokens


def option_tokens(tokenizer: Any, prompt: str, texts: Sequence[str]) -> list[list[int]]:
    """Each text's tokens as they follow the prompt: with a space before them, unless the prompt ends in white space.

    Raises BackboneError for a text without any.
    """
    space = "" if prompt[-1:].isspace() else " "
    tokens = [[int(token) for token in tokenizer.encode(space + text, add_special_tokens=False)] for text in texts]
    empty = next((text for text, ids in zip(texts, tokens, strict=True) if not text.strip() or not ids), None)
    if empty is not None:
        raise BackboneError(f"The option text '{empty}' has no tokens: an option needs words to be scored by them.")
    return tokens


def text_likelihoods(
    model: Any, family: Family, inputs: Inputs, options: Sequence[Sequence[int]]
) -> list[TextLikelihood]:
    """One likelihood an option; `inputs` hold one prompt without padding, `options` token ids."""
    import torch

    with torch.inference_mode():
        out = model(**inputs, use_cache=True, **last_logits_only(model))
        first = out.logits[0, -1].float().log_softmax(-1)
        totals = torch.stack([first[ids[0]] for ids in options])
        if max(map(len, options)) > 1:
            totals = totals + _rest(model, family, inputs, _cache(out), options).to(totals.device)
    return [TextLikelihood(float(total), len(ids)) for total, ids in zip(totals, options, strict=True)]


def last_logits_only(model: Any) -> dict[str, int]:
    """The wish for the logits of the last place alone, where the model's family takes it."""
    return {"logits_to_keep": 1} if "logits_to_keep" in inspect.signature(model.forward).parameters else {}


def _rest(model: Any, family: Family, inputs: Inputs, cache: Any, options: Sequence[Sequence[int]]) -> Any:
    """For each option the sum over its tokens after the first."""
    import torch

    length, device = max(map(len, options)) - 1, inputs["input_ids"].device
    read = torch.zeros(len(options), length, dtype=torch.long, device=device)
    told, counts = torch.zeros_like(read), torch.zeros_like(read, dtype=torch.bool)
    for row, ids in enumerate(options):
        read[row, : len(ids) - 1] = torch.tensor(ids[:-1], device=device)
        told[row, : len(ids) - 1] = torch.tensor(ids[1:], device=device)
        counts[row, : len(ids) - 1] = True
    cache.batch_repeat_interleave(len(options))
    reader = getattr(model, family.reader) if family.reader else model
    carried = family.carry(inputs, len(options), length)
    logits = reader(input_ids=read, past_key_values=cache, use_cache=True, **carried).logits
    logs = logits.float().log_softmax(-1).gather(2, told.to(logits.device)[..., None])[..., 0]
    return (logs * counts.to(logs.device)).sum(1)


def _cache(out: Any) -> Any:
    """What the model keeps of the prompt; InstructBLIP keeps it in its language part's own output."""
    return getattr(out, "past_key_values", None) or out.language_model_outputs.past_key_values
