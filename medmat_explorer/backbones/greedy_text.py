"""Greedy text from a model, with the numbers behind its first token from the same reading of the prompt."""

from collections.abc import Callable, Mapping
from typing import Any, cast

Stopped = Callable[[], bool]
Hear = Callable[[str], None]


def write_greedily(
    model: Any, tokenizer: Any, inputs: Mapping[str, Any], tokens: int, stopped: Stopped, hear: Hear | None = None
) -> tuple[Any, list[str]]:
    """Logits at the answer position (a row a question), and texts of at most `tokens` tokens.

    `hear` is told the text so far while it is written, which works for one question at a time. It is called from within
    the model's own loop: no second thread, whose errors would leave a reader waiting for ever. Of the folder's own
    generation settings only token ids are kept: beams, penalties and sampling would change text and numbers.
    """
    import torch

    first: list[Any] = []

    def keep_first(ids: Any, scores: Any) -> Any:
        if not first:
            first.append(scores.detach().float().cpu())
        return scores

    prompts = inputs["input_ids"]
    model.generation_config = _greedy(model, tokenizer)  # `generate` fills what a caller leaves open from here
    written = model.generate(
        **inputs,
        generation_config=_greedy(model, tokenizer, tokens),
        logits_processor=[keep_first],
        stopping_criteria=[lambda ids, scores, **_: torch.full((len(ids),), stopped(), device=ids.device)],
        streamer=_streamer(tokenizer, hear) if hear else None,
    )
    length = prompts.shape[1]
    repeats_prompt = written.shape[1] >= length and torch.equal(written[:, :length], prompts)
    texts = tokenizer.batch_decode(written[:, length if repeats_prompt else 0 :], skip_special_tokens=True)
    return first[0], texts


def _greedy(model: Any, tokenizer: Any, tokens: int | None = None) -> Any:
    """Plain greedy settings with the model's token ids; the vocabulary's own end where the model names none."""
    from transformers import GenerationConfig

    own, settings = model.generation_config, cast(Any, GenerationConfig)
    return settings(
        max_new_tokens=tokens,
        do_sample=False,
        num_beams=1,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=own.bos_token_id,
        eos_token_id=tokenizer.eos_token_id if own.eos_token_id is None else own.eos_token_id,
        decoder_start_token_id=own.decoder_start_token_id,
    )


def _streamer(tokenizer: Any, hear: Hear) -> Any:
    from transformers import TextStreamer

    class Heard(TextStreamer):
        """Passes the text so far on instead of printing what is new."""

        so_far = ""

        def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
            """A further piece is certain."""
            self.so_far += text
            hear(self.so_far)

    return Heard(tokenizer, skip_prompt=True, skip_special_tokens=True)
