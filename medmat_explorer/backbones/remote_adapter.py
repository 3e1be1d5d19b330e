"""A backbone behind an OpenAI-compatible server: vLLM, SGLang, `transformers serve`, hosted ones. No torch here."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from io import BytesIO
from typing import Any

from medmat_explorer.backbones.contract import (
    Grid,
    Loaded,
    Posed,
    Question,
    Report,
    Sent,
    Stopped,
    Timing,
    Writing,
    Written,
)
from medmat_explorer.backbones.part_answers import PartAnswered, Refused
from medmat_explorer.backbones.pictures import png
from medmat_explorer.backbones.remote_address import RemoteAddress, parse_address, refusal_of_resolved
from medmat_explorer.backbones.remote_capabilities import RemoteCapabilities
from medmat_explorer.backbones.remote_client import Patience, key_for, patience
from medmat_explorer.backbones.remote_conversation import Conversation, Hear
from medmat_explorer.backbones.remote_faults import Concern, RemoteFault
from medmat_explorer.backbones.remote_letters import LetterNumbers, from_logprobs, letter_in
from medmat_explorer.backbones.remote_picture import SentPicture, sent_picture
from medmat_explorer.backbones.remote_probe import probe, still_answers
from medmat_explorer.backbones.remote_reply import Said
from medmat_explorer.config import settings
from medmat_explorer.errors import BackboneError

NO_OPTIONS = "A server cannot score option texts."
LETTER_TOKENS = 4
"""A blank or a line end may come before the letter."""
LOOK_SECONDS = 0.05
LIBRARIES = ("openai", "httpx2", "pillow")

Ask = Callable[["Request"], Coroutine[Any, Any, Written | Refused]]


@dataclass(frozen=True)
class Outcome:
    """What became of a question: `fault` when the server failed over it."""

    said: Written | Refused | None = None
    fault: RemoteFault | None = None


def load_remote(text: str, report: Report, how: Patience | None = None) -> "RemoteBackbone":
    """Finds out whether a server answers at the address and what it can do.

    Raises BackboneError with one sentence: an address that is none or not allowed, a server that is not there, refuses
    the key, does not know the model, or does not speak the OpenAI API.
    """
    address, begin = parse_address(text), time.perf_counter()
    if problem := refusal_of_resolved(address, settings().endpoints):
        raise BackboneError(problem)
    conversation = Conversation(address, key_for(address), how or patience())
    runner = asyncio.Runner()
    try:
        report(f"Looking for {address.model} at {address.server}.")
        found, said = runner.run(_found(conversation, report))
    except BaseException:
        _end(runner, conversation)
        raise
    facts = _facts(address, found, said, time.perf_counter() - begin)
    return RemoteBackbone(conversation, runner, found, replace(facts, at_once=conversation.patience.at_once))


async def _found(conversation: Conversation, report: Report) -> tuple[RemoteCapabilities, Said]:
    """What the server can do; a model that it does not know is told with those that it names."""
    named = [name for name in await conversation.models() if name != conversation.address.model]
    try:
        return await probe(conversation, report)
    except RemoteFault as fault:
        if fault.status not in (400, 404) or not named:
            raise
        raise BackboneError(f"{fault} It names these models: {', '.join(named[:8])}.") from None


def _facts(address: RemoteAddress, found: RemoteCapabilities, said: Said, seconds: float) -> Loaded:
    """A server does not tell which weights it runs: the revision stands for address, name and way of scoring."""
    digest = hashlib.sha256(f"{address.text} {found.letters}".encode()).hexdigest()[:12]
    libraries = {name: version(name) for name in LIBRARIES} | {"letters": found.letters}
    if said.fingerprint:
        libraries["system fingerprint"] = said.fingerprint[:80]
    device, can = f"server {address.server}", found.contract
    return Loaded(f"remote-{digest}", device, "not told", seconds, libraries, capabilities=can)


@dataclass(frozen=True)
class Request:
    """A question with its picture as it travels, made ready in so many seconds."""

    question: Question
    picture: SentPicture
    seconds: float


class RemoteBackbone:
    """Asks as many questions at once as its patience allows. `found` is what was found out of the server."""

    def __init__(
        self, conversation: Conversation, runner: asyncio.Runner, found: RemoteCapabilities, loaded: Loaded
    ) -> None:
        self.loaded, self.found = loaded, found
        self._conversation, self._runner = conversation, runner

    def refusal(self, question: Question) -> str:
        """Only plain letters can be compared with tokens."""
        strange = [letter for letter in question.letters if not (len(letter) == 1 and letter.isascii())]
        return f"A server cannot be asked for the letters {', '.join(strange)}." if strange else ""

    def prepare(self, batch: Sequence[Posed]) -> list[Request]:
        """The pictures encoded, each once."""
        begin, sent = time.perf_counter(), dict[int, SentPicture]()
        for posed in batch:
            if id(posed.picture) not in sent:
                sent[id(posed.picture)] = sent_picture(posed.picture)
        seconds = (time.perf_counter() - begin) / max(1, len(batch))
        return [Request(posed.question, sent[id(posed.picture)], seconds) for posed in batch]

    def answer(self, ready: Sequence[Request], stopped: Stopped, writing: Writing) -> list[Written]:
        """For each question a softmax over its letters where the answer begins, or the letter that it gives, and text.

        A text that does not begin with a letter comes without probabilities: nothing is known of them. The first text
        of a batch is heard while it is written. Raises PartAnswered when an answer is missing.
        """
        heard = next((request.question.key for request in ready if request.question.wants_text), "")

        def ask(request: Request) -> Coroutine[Any, Any, Written | Refused]:
            key = request.question.key
            if not request.question.wants_text:
                return self._letter(request)
            return self._text(request, (lambda text: writing(key, text)) if key == heard else lambda text: None)

        outcomes = self._runner.run(self._outcomes(ready, ask, stopped))
        return self._all([request.question.key for request in ready], outcomes, stopped)

    def sent(self, posed: Posed) -> Sent:
        """The prompt and the picture as they travel; the server's own form and its tensors are not told."""
        from PIL import Image

        sent = sent_picture(posed.picture)
        with Image.open(BytesIO(sent.data)) as picture:
            return Sent(posed.question.prompt, 0, png(picture), ())

    def attention(self, posed: Posed) -> Grid:
        """No server tells."""
        raise BackboneError("A server does not tell where its model attends.")

    def unload(self) -> None:
        """Lets all connections go; nothing can be asked afterwards."""
        _end(self._runner, self._conversation)

    async def _letter(self, request: Request) -> Written | Refused:
        found, question = self.found, request.question
        body = {**found.body(LETTER_TOKENS), **(found.choice.body(question.letters) if found.choice else {})}
        said, timing = await self._asked(request, body, lambda text: None)
        if not found.likely:
            letter = letter_in(said.text, question.letters)
            answer = Written((), chosen=letter, note=_note(request), timing=timing) if letter else None
        else:
            numbers = from_logprobs(said.first, question.letters)
            answer = _with(numbers, "", request, timing) if numbers else None
        return answer or Refused("letter", f"Its answer begins with none of the letters: '{said.text.strip()[:80]}'.")

    async def _text(self, request: Request, hear: Hear) -> Written | Refused:
        question = request.question
        said, timing = await self._asked(request, self.found.body(question.tokens), hear)
        if said.ended == "content_filter" and not said.text:
            return Refused("filter", "The server's filter held the answer back.")
        numbers = from_logprobs(said.first, question.letters) if self.found.likely else None
        return _with(numbers, said.text, request, timing)

    async def _asked(self, request: Request, body: Mapping[str, Any], hear: Hear) -> tuple[Said, Timing]:
        """What is said. All until its first piece counts as reading, what comes after that as writing."""
        begin, first = time.perf_counter(), list[float]()

        def noted(text: str) -> None:
            first.append(time.perf_counter())
            hear(text)

        said = await self._conversation.ask(request.picture.url, request.question.prompt, body, noted)
        end = time.perf_counter()
        began = first[0] if first else end
        return said, Timing(request.seconds, began - begin, end - began)

    def _all(self, keys: Sequence[str], outcomes: Mapping[str, Outcome], stopped: Stopped) -> list[Written]:
        """Answers in the order of the batch. Raises PartAnswered when one is missing."""
        said = {key: outcome.said for key, outcome in outcomes.items() if isinstance(outcome.said, Written)}
        if len(said) == len(keys):
            return [said[key] for key in keys]
        refused = {key: outcome.said for key, outcome in outcomes.items() if isinstance(outcome.said, Refused)}
        faults = {key: outcome.fault for key, outcome in outcomes.items() if outcome.fault}
        sentence = "" if stopped() else self._sentence(faults.values())
        if not sentence:
            refused |= {key: Refused("server", fault.of_question) for key, fault in faults.items() if not stopped()}
        raise PartAnswered(said, refused, sentence)

    def _sentence(self, faults: Any) -> str:
        """Why nothing more should be asked; empty when the server still answers, so that the questions are at fault."""
        faults = list(faults)
        for fault in faults:
            if fault.concern is Concern.SERVER:
                return str(fault)
        if not faults:
            return ""
        again = self._runner.run(still_answers(self._conversation, self.found))
        return str(again) if again else ""

    async def _outcomes(self, batch: Sequence[Request], ask: Ask, stopped: Stopped) -> Mapping[str, Outcome]:
        """What became of each question by its key; what was not answered when it was stopped is missing."""
        limit = asyncio.Semaphore(self.loaded.at_once)

        async def one(request: Request) -> Outcome:
            async with limit:
                try:
                    return Outcome(said=await ask(request))
                except RemoteFault as fault:
                    return Outcome(fault=fault)

        tasks = {request.question.key: asyncio.ensure_future(one(request)) for request in batch}
        await _until_done_or_stopped(list(tasks.values()), stopped)
        return {key: task.result() for key, task in tasks.items() if not task.cancelled()}


def _with(numbers: LetterNumbers | None, text: str, request: Request, timing: Timing) -> Written:
    note = _note(request, numbers.note if numbers else "")
    return Written(numbers.probabilities if numbers else (), text, note=note, timing=timing)


def _note(request: Request, more: str = "") -> str:
    """What a reader must know of the answer."""
    options = NO_OPTIONS if request.question.options else ""
    return " ".join(note for note in (request.picture.note, more, options) if note)


async def _until_done_or_stopped(tasks: Sequence[asyncio.Future[Outcome]], stopped: Stopped) -> None:
    waiting = set(tasks)
    while waiting and not stopped():
        _, waiting = await asyncio.wait(waiting, timeout=LOOK_SECONDS)
    for task in waiting:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result  # a fault of ours: stays loud


def _end(runner: asyncio.Runner, conversation: Conversation) -> None:
    try:
        runner.run(conversation.close())
    finally:
        runner.close()
