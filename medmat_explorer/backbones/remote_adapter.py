"""A backbone behind an OpenAI-compatible server: vLLM, SGLang, `transformers serve`, hosted ones. No torch here."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from medmat_explorer.backbones.contract import (
    Capability,
    Loaded,
    Posed,
    Question,
    Report,
    Stopped,
    Writing,
    Written,
)
from medmat_explorer.backbones.part_answers import PartAnswered, Refused
from medmat_explorer.backbones.remote_address import RemoteAddress, parse_address, refusal_of_resolved
from medmat_explorer.backbones.remote_capabilities import RemoteCapabilities
from medmat_explorer.backbones.remote_client import Patience, key_for, patience
from medmat_explorer.backbones.remote_conversation import Conversation, Hear
from medmat_explorer.backbones.remote_faults import Concern, RemoteFault
from medmat_explorer.backbones.remote_letters import LetterNumbers, from_logprobs, from_text
from medmat_explorer.backbones.remote_picture import sent_picture
from medmat_explorer.backbones.remote_probe import probe, still_answers
from medmat_explorer.backbones.remote_reply import Said
from medmat_explorer.config import settings
from medmat_explorer.errors import BackboneError

TEXT_TOKENS = 32
LETTER_TOKENS = 4
"""A blank or a line end may come before the letter."""
LOOK_SECONDS = 0.05
LIBRARIES = ("openai", "httpx2", "pillow")

Ask = Callable[[Posed], Coroutine[Any, Any, Written | Refused]]


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
    return RemoteBackbone(conversation, runner, found, _facts(address, found, said, time.perf_counter() - begin))


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
    return Loaded(f"remote-{digest}", f"server {address.server}", "not told", seconds, libraries)


class RemoteBackbone:
    """Asks as many questions at once as its patience allows.

    `found` is what was found out of the server, `at_once` how many questions take hardly longer than one. `notes` says
    what a reader must know of an answer, by key; whoever tells it takes it out.
    """

    def __init__(
        self, conversation: Conversation, runner: asyncio.Runner, found: RemoteCapabilities, loaded: Loaded
    ) -> None:
        self.loaded, self.found = loaded, found
        self.at_once = conversation.patience.at_once
        self.notes: dict[str, str] = {}
        self._conversation, self._runner = conversation, runner

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can be asked for, in the contract's words."""
        return self.found.contract

    def refusal(self, question: Question) -> str:
        """Only plain letters can be compared with tokens."""
        strange = [letter for letter in question.letters if not (len(letter) == 1 and letter.isascii())]
        return f"A server cannot be asked for the letters {', '.join(strange)}." if strange else ""

    def letters(self, batch: Sequence[Posed]) -> list[tuple[float, ...]]:
        """For each question a softmax over its letters where the answer begins, else all for the letter it gives."""
        return [written.probabilities for written in self._all(batch, self._letter, lambda: False)]

    def write(self, batch: Sequence[Posed], stopped: Stopped, writing: Writing) -> list[Written]:
        """The same and greedy text; the first question of a batch is heard while it is written.

        A text that does not begin with a letter comes without probabilities: nothing is known of them.
        """
        heard = batch[0].question.key

        def ask(posed: Posed) -> Coroutine[Any, Any, Written | Refused]:
            key = posed.question.key
            return self._text(posed, (lambda text: writing(key, text)) if key == heard else None)

        return self._all(batch, ask, stopped)

    def unload(self) -> None:
        """Lets all connections go; nothing can be asked afterwards."""
        _end(self._runner, self._conversation)

    async def _letter(self, posed: Posed) -> Written | Refused:
        found, question = self.found, posed.question
        body = {**found.body(LETTER_TOKENS), **(found.choice.body(question.letters) if found.choice else {})}
        said = await self._conversation.ask(self._picture(posed), question.prompt, body)
        numbers = self._numbers(question, said)
        if numbers is None:
            return Refused("letter", f"Its answer begins with none of the letters: '{said.text.strip()[:80]}'.")
        return Written(numbers.probabilities, "")

    async def _text(self, posed: Posed, hear: Hear | None) -> Written | Refused:
        question, body = posed.question, self.found.body(TEXT_TOKENS)
        said = await self._conversation.ask(self._picture(posed), question.prompt, body, hear)
        if said.ended == "content_filter" and not said.text:
            return Refused("filter", "The server's filter held the answer back.")
        numbers = self._numbers(question, said) if self.found.likely else None
        return Written(numbers.probabilities if numbers else (), said.text)

    def _numbers(self, question: Question, said: Said) -> LetterNumbers | None:
        if not self.found.likely:
            return from_text(said.text, question.letters)
        numbers = from_logprobs(said.first, question.letters)
        if numbers and numbers.note:
            self._note(question.key, numbers.note)
        return numbers

    def _picture(self, posed: Posed) -> str:
        sent = sent_picture(posed.picture)
        if sent.note:
            self._note(posed.question.key, sent.note)
        return sent.url

    def _note(self, key: str, note: str) -> None:
        self.notes[key] = f"{self.notes.get(key, '')} {note}".strip()

    def _all(self, batch: Sequence[Posed], ask: Ask, stopped: Stopped) -> list[Written]:
        """Answers in the order of the batch. Raises PartAnswered when one is missing."""
        for posed in batch:
            self.notes.pop(posed.question.key, None)
        outcomes = self._runner.run(self._outcomes(batch, ask, stopped))
        said = {key: outcome.said for key, outcome in outcomes.items() if isinstance(outcome.said, Written)}
        if len(said) == len(batch):
            return [said[posed.question.key] for posed in batch]
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

    async def _outcomes(self, batch: Sequence[Posed], ask: Ask, stopped: Stopped) -> Mapping[str, Outcome]:
        """What became of each question by its key; what was not answered when it was stopped is missing."""
        limit = asyncio.Semaphore(self.at_once)

        async def one(posed: Posed) -> Outcome:
            async with limit:
                try:
                    return Outcome(said=await ask(posed))
                except RemoteFault as fault:
                    return Outcome(fault=fault)

        tasks = {posed.question.key: asyncio.ensure_future(one(posed)) for posed in batch}
        await _until_done_or_stopped(list(tasks.values()), stopped)
        return {key: task.result() for key, task in tasks.items() if not task.cancelled()}


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
