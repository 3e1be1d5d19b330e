"""A vision encoder in a process of its own, asked for the vectors of picture files.

Nothing of torch is loaded here. The process ends when this one does, and by itself after a while without work.
"""

import base64
import threading
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import numpy as np

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.encoder_ref import EncoderRef
from medmat_explorer.backbones.messages import Message, decode, encode
from medmat_explorer.backbones.program import describe_death, start_program
from medmat_explorer.backbones.vision_encoder import EncoderFacts, Vectors
from medmat_explorer.errors import BackboneError

PROGRAM = "medmat_explorer.backbones.encoder_process"
IDLE_SECONDS = 300.0
WHAT = "The encoder's process"


@dataclass(frozen=True)
class Encoded:
    """One picture file: its vector, or the reason why there is none (as of ImageRefusedError); `sha256` of the file."""

    sha256: str
    reason: str
    vector: Vectors | None


class EncoderWorker:
    """One process with one encoder. All methods may be called from any thread. Raises BackboneError when none begins.

    `stage` says what it is doing while it loads.
    """

    def __init__(self, ref: EncoderRef, options: LoadOptions, idle: float = IDLE_SECONDS) -> None:
        self.ref = ref
        self.stage = "Starting a process."
        self._lock = threading.Lock()
        self._jobs: dict[int, Future[list[Encoded]]] = {}
        self._last, self._error = 0, ""
        self._loaded: Future[EncoderFacts] = Future()
        try:
            self._process = start_program(PROGRAM)
        except OSError as error:
            raise BackboneError(f"No process for the encoder could be started: {error.strerror or error}.") from error
        threading.Thread(target=self._read, args=(self._process,), name="encoder", daemon=True).start()
        self._send({"do": "load", "folder": str(ref.folder), "options": asdict(options), "idle": idle})

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def loaded(self) -> EncoderFacts | None:
        """Facts about the encoder once it is there; None while it loads and when it failed."""
        done = self._loaded.done() and not self._loaded.exception()
        return self._loaded.result() if done else None

    @property
    def error(self) -> str:
        """Why it is of no use any more, as a sentence; empty while it is."""
        return self._error

    def wait_until_loaded(self, seconds: float) -> EncoderFacts:
        """Blocks until it is there. Raises BackboneError when it failed or is not there after so long."""
        try:
            return self._loaded.result(seconds)
        except TimeoutError:
            raise BackboneError(f"The encoder was not loaded after {seconds:.0f} seconds.") from None

    def encode(self, root: Path, images: Sequence[str]) -> Future[list[Encoded]]:
        """Queues pictures, named by their paths under `root`; the future holds one result a path.

        It holds a BackboneError instead when the encoder fails over them or its process dies.
        """
        future: Future[list[Encoded]] = Future()
        with self._lock:
            if self._error:
                future.set_exception(BackboneError(self._error))
                return future
            self._last += 1
            job = self._last
            self._jobs[job] = future
        self._send({"do": "encode", "job": job, "root": str(root), "images": list(images)})
        return future

    def close(self) -> None:
        """Ends the process; what waits for it ends with a sentence."""
        self._fail("The encoder was stopped.")
        self._process.kill()

    def _send(self, message: Message) -> None:
        with suppress(OSError, ValueError):  # its death is told once, by the thread that reads it
            if self._process.stdin is not None:
                self._process.stdin.write(encode(message))
                self._process.stdin.flush()

    def _read(self, process: Popen[bytes]) -> None:
        """Runs in a thread as long as the process lives."""
        try:
            for line in process.stdout or ():
                self._hear(decode(line))
        except Exception:
            process.kill()  # nobody would hear it any more
            raise
        finally:
            status = process.wait()
            ending = "ended after a while without work" if status == 0 else ""
            sentence = f"{WHAT} {ending}: ask again." if ending else f"{describe_death(WHAT, status)}: start it again."
            self._fail(sentence)
            for pipe in filter(None, (process.stdin, process.stdout)):
                with suppress(OSError):
                    pipe.close()

    def _hear(self, message: Message) -> None:
        match message["say"]:
            case "stage":
                self.stage = message["stage"]
            case "loaded":
                self._loaded.set_result(EncoderFacts(**message["facts"]))
            case "failed":
                self._fail(message["sentence"])
            case "encoded":
                self._job(message).set_result([_encoded(result) for result in message["results"]])
            case "ended":
                self._job(message).set_exception(BackboneError(message["error"]))

    def _job(self, message: Message) -> Future[list[Encoded]]:
        with self._lock:
            return self._jobs.pop(int(message["job"]), Future())

    def _fail(self, sentence: str) -> None:
        with self._lock:
            self._error = self._error or sentence
            ended, self._jobs = list(self._jobs.values()), {}
        waiting: list[Future[Any]] = [self._loaded, *ended]
        for future in waiting:
            with suppress(InvalidStateError):
                future.set_exception(BackboneError(self._error))


def _encoded(result: Message) -> Encoded:
    text = result["vector"]
    vector = np.frombuffer(base64.b64decode(text), dtype="<f4").astype(np.float32) if text else None
    return Encoded(result["sha256"], result["reason"], vector)
