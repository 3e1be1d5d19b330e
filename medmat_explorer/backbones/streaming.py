"""Greedy text from a model as it is written, which can be stopped and whose errors arrive."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SILENCE_SECONDS = 600.0


def stream_text(
    model: Any, tokenizer: Any, inputs: Mapping[str, Any], tokens: int, stopped: Callable[[], bool]
) -> Iterator[str]:
    """Pieces of at most `tokens` tokens. An error while writing is raised here.

    transformers leaves the reader waiting for ever when its writing thread fails, so the thread ends the stream itself.
    """
    from transformers import TextIteratorStreamer

    streamer: Any = TextIteratorStreamer(tokenizer, skip_prompt=True, timeout=SILENCE_SECONDS, skip_special_tokens=True)
    failures: list[Exception] = []
    left = threading.Event()
    settings = {"max_new_tokens": tokens, "do_sample": False, "pad_token_id": tokenizer.pad_token_id}

    def write() -> None:
        try:
            criteria = [lambda ids, scores, **_: _all(ids, stopped() or left.is_set())]
            model.generate(**inputs, **settings, streamer=streamer, stopping_criteria=criteria)
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


def _all(ids: Any, value: bool) -> Any:
    import torch

    return torch.full((ids.shape[0],), value, dtype=torch.bool, device=ids.device)
