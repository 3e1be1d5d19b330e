"""The program that runs in a backbone's own process: reads requests on its input, answers on its output.

One thread reads, so that a stop is heard while the model works and the process ends as soon as its input closes; the
main thread loads and answers; others open pictures and make batches ready.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from medmat_explorer.backbones.answering import Asking
from medmat_explorer.backbones.contract import Backbone, LoadOptions, Question, Report, Unanswered
from medmat_explorer.backbones.messages import (
    Message,
    decode,
    encode,
    loaded_message,
    question_in,
    reply_message,
    script_in,
    sent_fields,
)
from medmat_explorer.backbones.pictures import Pictures
from medmat_explorer.backbones.turns import Turns
from medmat_explorer.errors import BackboneError

SWITCH_SECONDS = 0.0001
"""How long a thread may keep the others waiting: by Python's own 5 ms, the model would wait for the preparation of the
next batch between any two of its operations."""


class Requests:
    """What the program has asked for and what it has taken back."""

    def __init__(self, source: BinaryIO) -> None:
        self.waiting: queue.Queue[Message] = queue.Queue()
        self._stopped: set[int] = set()
        threading.Thread(target=self._read, args=(source,), daemon=True).start()

    def stopped(self, job: int) -> bool:
        """Whether the job was taken back."""
        return job in self._stopped

    def news(self, wait: bool) -> Iterator[Message]:
        """What has come since the last call; with `wait` at least one, however long that takes."""
        if wait:
            yield self.waiting.get()
        while not self.waiting.empty():
            yield self.waiting.get()

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
    sys.setswitchinterval(SWITCH_SECONDS)
    speaker = Speaker(private_output())
    requests = Requests(sys.stdin.buffer)
    try:
        backbone = load_backbone(requests.waiting.get(), lambda stage: speaker.say("stage", stage=stage))
    except BackboneError as error:
        speaker.say("failed", sentence=str(error))
        return
    speaker.send(loaded_message(backbone.loaded))
    Serving(backbone, requests, speaker).serve()


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


class Serving:
    """Answers jobs in turn, a batch each, and small requests between two batches."""

    def __init__(self, backbone: Backbone, requests: Requests, speaker: Speaker) -> None:
        self._backbone, self._requests, self._speaker = backbone, requests, speaker
        self._turns: Turns[Waiting] = Turns()
        self._pictures = Pictures()

    def serve(self) -> None:
        """For ever: the process ends when its input closes."""
        while True:
            for message in self._requests.news(wait=not self._turns):
                self._take(message)
            if self._turns:
                self._step(self._turns.next())

    def _take(self, message: Message) -> None:
        job = int(message["job"])
        if message["do"] == "ask":
            questions = [question_in(entry) for entry in message["questions"]]
            self._turns.add(message["owner"], Waiting(job, questions))
            return
        fields: Message = {}
        error = ""
        try:
            fields = self._shown(message["what"], question_in(message["question"]))
        except BackboneError as failure:
            error = str(failure)
        self._speaker.say("shown", job=job, fields=fields, error=error)

    def _shown(self, what: str, question: Question) -> Message:
        (posed,) = self._pictures.pose([question])
        if isinstance(posed, Unanswered):
            raise BackboneError(posed.sentence)
        return sent_fields(self._backbone.sent(posed)) if what == "sent" else {"rows": self._backbone.attention(posed)}

    def _step(self, job: "Waiting") -> None:
        """One batch of a job."""
        error = ""
        try:
            if job.asking is None:
                job.asking = self._begun(job)
            for reply in job.asking.step():
                self._speaker.send(reply_message(job.number, reply))
        except BackboneError as failure:
            error = str(failure)
        if error or job.asking is None or job.asking.over:
            self._end(job, error)

    def _begun(self, job: "Waiting") -> Asking:
        number = job.number
        writing = _Writing(number, self._speaker)
        return Asking(self._backbone, job.questions, lambda: self._requests.stopped(number), writing.so_far)

    def _end(self, job: "Waiting", error: str) -> None:
        if job.asking is not None:
            job.asking.close()
        self._turns.remove(job)
        self._speaker.say("ended", job=job.number, error=error)


@dataclass(eq=False)
class Waiting:
    """A job in the process: its pictures are opened when its first turn comes."""

    number: int
    questions: Sequence[Question]
    asking: Asking | None = None


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
