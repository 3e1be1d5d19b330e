"""Greedy text from a model, for one question as it is written or for a batch at once; both can be stopped."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SILENCE_SECONDS = 600.0
Stopped = Callable[[], bool]


def stream_text(model: Any, tokenizer: Any, inputs: Mapping[str, Any], tokens: int, stopped: Stopped) -> Iterator[str]:
    """Pieces of at most `tokens` tokens. An error while writing is raised here.

    transformers leaves the reader waiting for ever when its writing thread fails, so the thread ends the stream itself.
    """
    from transformers import TextIteratorStreamer

    streamer: Any = TextIteratorStreamer(tokenizer, skip_prompt=True, timeout=SILENCE_SECONDS, skip_special_tokens=True)
    failures: list[Exception] = []
    left = threading.Event()

    def write() -> None:
        try:
            settings = _settings(tokenizer, tokens, lambda: stopped() or left.is_set())
            model.generate(**inputs, **settings, streamer=streamer)
        except Exception as error:  # whatever it is, it belongs to the reader
            failures.append(error)
            streamer.end()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        yield from (piece for piece in streamer if piece)
    finally:
        left.set()
        writer.join()
    if failures:
        raise failures[0]


def whole_texts(model: Any, tokenizer: Any, inputs: Mapping[str, Any], tokens: int, stopped: Stopped) -> list[str]:
    """The texts of a batch, of at most `tokens` tokens each."""
    import torch

    prompts = inputs["input_ids"]
    written = model.generate(**inputs, **_settings(tokenizer, tokens, stopped))
    length = prompts.shape[1]
    repeats_prompt = written.shape[1] >= length and torch.equal(written[:, :length], prompts)
    texts: list[str] = tokenizer.batch_decode(written[:, length if repeats_prompt else 0 :], skip_special_tokens=True)
    return texts


def _settings(tokenizer: Any, tokens: int, stopped: Stopped) -> dict[str, Any]:
    return {
        "max_new_tokens": tokens,
        "do_sample": False,
        "pad_token_id": tokenizer.pad_token_id,
        "stopping_criteria": [lambda ids, scores, **_: _for_all(ids, stopped())],
    }


def _for_all(ids: Any, value: bool) -> Any:
    import torch

    return torch.full((ids.shape[0],), value, dtype=torch.bool, device=ids.device)
