"""The program that runs a vision encoder: reads requests on its input, answers on its output, a line each.

    {"do": "load", "folder": ..., "options": {...}, "idle": seconds}       stages, then `loaded` or `failed`
    {"do": "encode", "job": 3, "root": ..., "images": [paths under it]}    `encoded` with one result a path, or `ended`

The pictures of the next request are opened in threads while those of the one before go through the encoder; each is
shrunk to what the encoder reads in the thread that opened it, so that few large pictures are in memory at once. The
program ends when its input closes, or when nothing was asked for so long.
"""

import base64
import hashlib
import os
import queue
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.messages import Message
from medmat_explorer.backbones.vision_encoder import Prepared, VisionEncoder, load_encoder
from medmat_explorer.backbones.worker_process import Requests, Speaker, private_output
from medmat_explorer.errors import BackboneError, ImageRefusedError
from medmat_explorer.media.guard import read_bounded
from medmat_explorer.media.opening import resolve_inside, rgb_of_bytes

AT_ONCE = 32
"""Pictures in one forward pass."""

AHEAD = 2
"""Requests whose pictures are opened at a time."""


@dataclass(frozen=True)
class Opened:
    """A picture ready for the encoder, or why there is none; `sha256` is that of the file."""

    sha256: str = ""
    reason: str = ""
    prepared: Prepared | None = None


Waiting = tuple[int, list[Future[Opened]]]
"""A request's number and its pictures on their way."""


def main() -> None:
    """Loads what the first request names, then encodes until the input closes or nothing is asked any more."""
    _work()
    os._exit(0)  # a thread still waits for the input, and the interpreter cannot end in order while it does


def _work() -> None:
    speaker = Speaker(private_output())
    requests = Requests(sys.stdin.buffer)
    first = requests.waiting.get()
    try:
        encoder = load_encoder(
            Path(first["folder"]), LoadOptions(**first["options"]), lambda stage: speaker.say("stage", stage=stage)
        )
    except BackboneError as error:
        speaker.say("failed", sentence=str(error))
        return
    speaker.say("loaded", facts=encoder.facts.as_json())
    with ThreadPoolExecutor(min(4, (os.cpu_count() or 1) + 1)) as pool:
        _serve(encoder, requests, speaker, pool, float(first["idle"]))


def _serve(encoder: VisionEncoder, requests: Requests, speaker: Speaker, pool: ThreadPoolExecutor, idle: float) -> None:
    waiting: deque[Waiting] = deque()
    while True:
        try:
            while len(waiting) < AHEAD:
                request = requests.waiting.get_nowait() if waiting else requests.waiting.get(timeout=idle)
                waiting.append(_opening(encoder, request, pool))
        except queue.Empty:
            if not waiting:
                return
        _answer(encoder, *waiting.popleft(), speaker)


def _opening(encoder: VisionEncoder, request: Message, pool: ThreadPoolExecutor) -> Waiting:
    root = Path(request["root"])
    opened = [pool.submit(open_for, encoder.prepare, root, image) for image in request["images"]]
    return int(request["job"]), opened


def open_for(prepare: Callable[..., Prepared], root: Path, image: str) -> Opened:
    """Opens one picture under the caps of all pictures; never raises for a file that is bad."""
    digest = ""
    try:
        file = resolve_inside(Path(image), root)
        data = read_bounded(file)
        digest = hashlib.sha256(data).hexdigest()
        return Opened(digest, prepared=prepare(rgb_of_bytes(data, file)[0]))
    except ImageRefusedError as error:
        return Opened(digest, error.reason)
    except Exception as error:  # a processor meets a picture that it was not made for, such as one of a single pixel
        return Opened(digest, f"unreadable: {type(error).__name__}")


def _answer(encoder: VisionEncoder, job: int, waiting: list[Future[Opened]], speaker: Speaker) -> None:
    try:
        opened = [picture.result() for picture in waiting]
        vectors = iter(_encoded(encoder, [one.prepared for one in opened if one.prepared is not None]))
    except BackboneError as error:
        speaker.say("ended", job=job, error=str(error))
        return
    results = [
        {"sha256": one.sha256, "reason": one.reason, "vector": next(vectors) if one.prepared is not None else ""}
        for one in opened
    ]
    speaker.say("encoded", job=job, results=results)


def _encoded(encoder: VisionEncoder, pictures: list[Prepared]) -> list[str]:
    """Vectors as text: 32-bit numbers, lowest byte first, in base 64."""
    found: list[str] = []
    for start in range(0, len(pictures), AT_ONCE):
        vectors = encoder.encode(pictures[start : start + AT_ONCE]).astype(np.dtype("<f4"))
        found += [base64.b64encode(vector.tobytes()).decode() for vector in vectors]
    return found


if __name__ == "__main__":
    main()
