"""The program that runs in a backbone's own process: reads requests on its input, answers on its output.

One thread reads, so that a stop is heard while the model works and the process ends as soon as its input closes; the
main thread loads and answers.
"""

import os
import queue
import sys
import threading
import time
from dataclasses import asdict
from typing import BinaryIO

from medmat_explorer.backbones.answering import answer_in_batches
from medmat_explorer.backbones.contract import Backbone, LoadOptions, Report
from medmat_explorer.backbones.messages import Message, decode, encode, question_in, reply_message, script_in
from medmat_explorer.errors import BackboneError


class Requests:
    """What the program has asked for and what it has taken back."""

    def __init__(self, source: BinaryIO) -> None:
        self.waiting: queue.Queue[Message] = queue.Queue()
        self._stopped: set[int] = set()
        threading.Thread(target=self._read, args=(source,), daemon=True).start()

    def stopped(self, job: int) -> bool:
        """Whether the job was taken back."""
        return job in self._stopped

    def _read(self, source: BinaryIO) -> None:
        try:
            for line in source:
                message = decode(line)
                if message["do"] == "stop":
                    self._stopped.add(message["job"])
                else:
                    self.waiting.put(message)
        finally:  # the program has ended, perhaps in the midst of a line: stop at once, in a forward pass too
            os._exit(0)


class Speaker:
    """Sends messages to the program."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def say(self, kind: str, **fields: object) -> None:
        """One message."""
        self.send({"say": kind, **fields})

    def send(self, message: Message) -> None:
        """One ready message."""
        self._target.write(encode(message))
        self._target.flush()


def main() -> None:
    """Loads what the first request names, then answers jobs until the input closes."""
    speaker = Speaker(private_output())
    requests = Requests(sys.stdin.buffer)
    try:
        backbone = load_backbone(requests.waiting.get(), lambda stage: speaker.say("stage", stage=stage))
    except BackboneError as error:
        speaker.say("failed", sentence=str(error))
        return
    speaker.say("loaded", loaded=asdict(backbone.loaded))
    while True:
        _answer(backbone, requests.waiting.get(), requests, speaker)


def load_backbone(message: Message, report: Report) -> Backbone:
    """The backbone that a load message names. Raises BackboneError with a sentence."""
    if "script" in message:
        from medmat_explorer.backbones.scripted import ScriptedBackbone

        return ScriptedBackbone(script_in(message))
    if "remote" in message:
        from medmat_explorer.backbones.remote_adapter import load_remote

        return load_remote(message["remote"], report)
    from medmat_explorer.backbones.transformers_adapter import load_folder

    return load_folder(message["folder"], LoadOptions(**message["options"]), report)


def _answer(backbone: Backbone, message: Message, requests: Requests, speaker: Speaker) -> None:
    job = int(message["job"])
    questions = [question_in(entry) for entry in message["questions"]]
    error = ""
    try:
        writing = _Writing(job, speaker)
        for reply in answer_in_batches(backbone, questions, lambda: requests.stopped(job), writing.so_far):
            speaker.send(reply_message(job, reply))
    except BackboneError as failure:
        error = str(failure)
    speaker.say("ended", job=job, error=error)


class _Writing:
    """Passes on text as it is written, at most ten times a second."""

    def __init__(self, job: int, speaker: Speaker) -> None:
        self._job, self._speaker, self._last = job, speaker, time.monotonic()

    def so_far(self, key: str, text: str) -> None:
        if time.monotonic() - self._last >= 0.1:
            self._speaker.say("writing", job=self._job, key=key, text=text)
            self._last = time.monotonic()


def private_output() -> BinaryIO:
    """The output for messages alone: whatever a library prints goes to the error output instead."""
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return target


if __name__ == "__main__":
    main()
