"""A backbone in a process of its own, so that a page never waits for a model and survives its death.

The process is started as a program and not by multiprocessing: nothing of the web server is imported into it or
inherited by it. It ends by itself when its input closes, which happens whenever this process ends, however it ends.
"""

import subprocess
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from queue import SimpleQueue

from medmat_explorer.backbones.contract import Grid, Loaded, LoadOptions, Question, Sent
from medmat_explorer.backbones.job import Job, OnEnd, OnReply
from medmat_explorer.backbones.messages import (
    Message,
    decode,
    encode,
    grid_in,
    load_message,
    loaded_in,
    question_message,
    reply_in,
    sent_in,
)
from medmat_explorer.backbones.program import describe_death, start_program
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.errors import BackboneError

PROGRAM = "medmat_explorer.backbones.worker_process"
WHAT = "The backbone's process"
REPLACED = "Another backbone was loaded meanwhile"
RESTART = "Restart it and resume the run; what was answered is kept."

Outbox = SimpleQueue[Message | None]
"""What a process is still to be sent; None ends the sending."""


class Phase(StrEnum):
    """Where a worker stands."""

    IDLE = "idle"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class WorkerState:
    """A worker at one moment: `sentence` says what is being loaded, or why it failed and what to do."""

    phase: Phase
    sentence: str = ""
    backbone: str = ""
    loaded: Loaded | None = None
    jobs: int = 0


class BackboneWorker:
    """Loads one backbone at a time in another process and passes jobs to it.

    Owners (sessions of readers) are served in turn, a batch each, and the jobs of one owner in order. Nothing here
    waits for the model but what says so: look at `state` and poll the jobs. All methods may be called from any thread.
    """

    def __init__(self, waiting_limit: int = 8) -> None:
        self.waiting_limit = waiting_limit
        self.ref: BackboneRef | None = None
        self._options = LoadOptions()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._state = WorkerState(Phase.IDLE)
        self._process: subprocess.Popen[bytes] | None = None
        self._outbox = Outbox()
        self._jobs: dict[int, Job] = {}
        self._shown: dict[int, Message | None] = {}
        self._last_job = 0
        self._load = 0

    @property
    def state(self) -> WorkerState:
        """Where it stands now."""
        with self._lock:
            state = self._state
            return WorkerState(state.phase, state.sentence, state.backbone, state.loaded, len(self._jobs))

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        process = self._process
        return process.pid if process else None

    @property
    def options(self) -> LoadOptions:
        """How the backbone in `ref` was last asked to be loaded."""
        return self._options

    def start(self, ref: BackboneRef, options: LoadOptions | None = None) -> int:
        """Begins to load; the same backbone with the same options, loaded or loading, is kept.

        Returns the load's number, for waiting for this one and no other. Jobs of another backbone end with a sentence.
        Raises BackboneError for a backbone that cannot be loaded, and keeps what was there when no process can begin.
        """
        if problem := ref.problem:
            raise BackboneError(problem)
        options = options or LoadOptions()
        with self._lock:
            busy = self._state.phase in (Phase.LOADING, Phase.READY)
            if busy and (self.ref, self._options) == (ref, options):
                return self._load
            self._begin(ref, options, "The backbone was changed.")
            self._load += 1
            return self._load

    def restart(self) -> None:
        """Loads the same backbone again in a new process: the load keeps its number, and who waits for it waits on.

        Raises BackboneError when none was ever started, or no process can begin.
        """
        with self._lock:
            if self.ref is None:
                raise BackboneError("No backbone was chosen yet: choose one and load it.")
            if problem := self.ref.problem:
                raise BackboneError(problem)
            self._begin(self.ref, self._options, "The backbone was restarted.")

    def unload(self) -> None:
        """Ends the process, which frees all memory that it held; jobs end with a sentence."""
        with self._lock:
            self._state, self._load = WorkerState(Phase.IDLE), self._load + 1
            self._end_process("The backbone was unloaded.")

    def submit(
        self,
        questions: Sequence[Question],
        on_reply: OnReply | None = None,
        on_end: OnEnd | None = None,
        revision: str = "",
        owner: str = "",
    ) -> Job:
        """Queues questions; they are answered once the backbone is loaded and the owner's jobs before are done.

        With a `revision` only exactly that one, loaded now, may answer. Raises BackboneError when it is another one,
        when nothing is loaded or loading, or when too many jobs wait already.
        """
        asked = [question_message(question) for question in questions]
        with self._lock:
            if self._state.phase not in (Phase.LOADING, Phase.READY):
                raise BackboneError(self._state.sentence or "No backbone is loaded: load one first.")
            if revision and (self._state.loaded is None or self._state.loaded.revision != revision):
                raise BackboneError(f"The backbone {revision} is no longer loaded: load it and ask again.")
            if len(self._jobs) >= self.waiting_limit:
                raise BackboneError(f"{len(self._jobs)} runs wait for this backbone: try again when one has ended.")
            self._last_job += 1
            number = self._last_job
            job = Job(len(questions), lambda _: self._stop(number), on_reply, on_end, owner)
            self._jobs[number] = job
            self._place()
            self._send({"do": "ask", "job": number, "owner": owner, "questions": asked})
            return job

    def sent(self, question: Question, seconds: float = 30) -> Sent:
        """What the backbone is given for a question. Waits for the batch that is being answered, not for the jobs.

        Raises BackboneError when nothing is loaded, the picture cannot be shown, or no reply has come after so long.
        """
        return sent_in(self._show("sent", question, seconds))

    def attention(self, question: Question, seconds: float = 60) -> Grid:
        """Where on the picture that is sent the answer position attends: rows over the picture, which add up to 1.

        Waits as `sent` does. Raises BackboneError as it does, and where the backbone does not tell (see `Loaded`).
        """
        return grid_in(self._show("attention", question, seconds)["rows"])

    def wait(self, seconds: float) -> bool:
        """Blocks while it loads, for the command line and tests. True when it has loaded or failed."""
        with self._changed:
            return self._changed.wait_for(lambda: self._state.phase is not Phase.LOADING, seconds)

    def wait_until_loaded(self, seconds: float, load: int | None = None) -> Loaded:
        """Blocks until it has loaded: the load of that number, or without one whatever is loading.

        Raises BackboneError when it failed or was ended, when another backbone took its place, or when it is still
        loading after so long.
        """

        def is_over() -> bool:
            return self._state.phase is not Phase.LOADING or load not in (None, self._load)

        with self._changed:
            self._changed.wait_for(is_over, seconds)
            state = self._state
            if load not in (None, self._load):
                gone = "The backbone was unloaded" if state.phase is Phase.IDLE else REPLACED
                raise BackboneError(f"{gone}: ask again.")
        if state.loaded:
            return state.loaded
        late = f"The backbone was not loaded after {seconds:.0f} seconds." if state.phase is Phase.LOADING else ""
        raise BackboneError(late or state.sentence or "No backbone is loaded: load one first.")

    def _show(self, what: str, question: Question, seconds: float) -> Message:
        """Asks about one question between two batches, and waits. Raises BackboneError with the process's sentence."""
        with self._changed:
            process = self._process
            if self._state.phase is not Phase.READY or process is None:
                raise BackboneError(self._state.sentence or "No backbone is loaded: load one first.")
            self._last_job += 1
            number = self._last_job
            self._shown[number] = None
            self._send({"do": "show", "job": number, "what": what, "question": question_message(question)})
            self._changed.wait_for(lambda: self._shown[number] or self._process is not process, seconds)
            shown = self._shown.pop(number)
            if shown is None and self._process is process:
                raise BackboneError(f"The backbone did not reply within {seconds:.0f} seconds: try again later.")
        if shown is None:
            raise BackboneError("The backbone's process ended meanwhile: load it and ask again.")
        if shown["error"]:
            raise BackboneError(shown["error"])
        fields: Message = shown["fields"]
        return fields

    def _begin(self, ref: BackboneRef, options: LoadOptions, sentence: str) -> None:
        """A new process in the place of the one before, whose jobs end with the sentence."""
        try:
            process = start_program(PROGRAM)
        except OSError as error:
            raise BackboneError(f"No process for the backbone could be started: {error.strerror or error}.") from error
        self.ref, self._options = ref, options
        self._state = WorkerState(Phase.LOADING, "Starting a process.", ref.id)
        try:
            self._end_process(sentence)
        finally:
            self._process, self._outbox = process, Outbox()
            self._send(load_message(ref, options))
            for work in (self._read, _write):
                threading.Thread(target=work, args=(process, self._outbox), name="backbone", daemon=True).start()

    def _stop(self, number: int) -> None:
        with self._lock:
            if number in self._jobs:
                self._send({"do": "stop", "job": number})
                if self._jobs[number].position:
                    self._ended(number, "")

    def _send(self, message: Message) -> None:
        if self._process is not None:
            self._outbox.put(message)

    def _read(self, process: subprocess.Popen[bytes], outbox: Outbox) -> None:
        """Runs in a thread as long as the process lives."""
        try:
            for line in process.stdout or ():
                with self._lock:
                    if self._process is process:
                        self._hear(decode(line))
                        self._changed.notify_all()
        except Exception:
            process.kill()  # nobody would hear it any more
            raise
        finally:
            self._bury(process)
            outbox.put(None)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        status = process.wait()
        with self._lock:
            if self._process is process:
                self._process = None
                self._fail(self._state.sentence if self._state.phase is Phase.FAILED else _death(status))
                self._changed.notify_all()
        for pipe in filter(None, (process.stdin, process.stdout)):
            with suppress(OSError):
                pipe.close()

    def _hear(self, message: Message) -> None:
        match message["say"]:
            case "stage":
                self._state = WorkerState(Phase.LOADING, message["stage"], self._state.backbone)
            case "loaded":
                self._state = WorkerState(Phase.READY, "", self._state.backbone, loaded_in(message))
            case "failed":
                self._state = WorkerState(Phase.FAILED, message["sentence"], self._state.backbone)
            case "writing" if message["job"] in self._jobs:
                self._jobs[message["job"]].writing = (message["key"], message["text"])
            case "reply" if message["job"] in self._jobs:
                self._jobs[message["job"]].take(reply_in(message))
            case "ended" if message["job"] in self._jobs:
                self._ended(message["job"], message["error"])
            case "shown" if message["job"] in self._shown:
                self._shown[message["job"]] = message

    def _ended(self, number: int, error: str) -> None:
        self._jobs.pop(number).end(error)
        self._place()

    def _place(self) -> None:
        """Tells each job how many of its owner's are before it."""
        before: Counter[str] = Counter()
        for job in self._jobs.values():
            job.position = before[job.owner]
            before[job.owner] += 1

    def _fail(self, sentence: str) -> None:
        self._state = WorkerState(Phase.FAILED, sentence, self._state.backbone)
        self._end_jobs(sentence)

    def _end_jobs(self, sentence: str) -> None:
        for number in list(self._jobs):
            self._jobs.pop(number).end(sentence)

    def _end_process(self, sentence: str) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
        self._changed.notify_all()
        self._end_jobs(sentence)


def _write(process: subprocess.Popen[bytes], outbox: Outbox) -> None:
    """Runs in a thread: thousands of questions take a while to write, and a busy process reads them late."""
    while (message := outbox.get()) is not None:
        with suppress(OSError, ValueError):  # its death is told once, by the thread that reads it
            if process.stdin is not None:
                process.stdin.write(encode(message))
                process.stdin.flush()


def _death(status: int) -> str:
    return f"{describe_death(WHAT, status)}. {RESTART}"
