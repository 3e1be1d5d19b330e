"""One question to a server and its answer, with everything that can go wrong told as a fault."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import openai
from pydantic import BaseModel, ValidationError

from medmat_explorer.backbones.remote_address import RemoteAddress
from medmat_explorer.backbones.remote_client import Patience, open_client
from medmat_explorer.backbones.remote_faults import (
    Concern,
    CutShortError,
    MalformedError,
    OversizedError,
    RemoteFault,
    fault_of,
    without_key,
)
from medmat_explorer.backbones.remote_reply import Said, TooLongError

GARBLED = (ValidationError, MalformedError, CutShortError)
FAULTS = (openai.OpenAIError, OversizedError, TooLongError, TimeoutError, *GARBLED)

Hear = Callable[[str], None]


class Conversation:
    """Asks one server. Every method raises RemoteFault, whose sentence never holds the key."""

    def __init__(self, address: RemoteAddress, key: str, patience: Patience) -> None:
        self.address, self.patience = address, patience
        self._key = key
        self._client = open_client(address, key, patience)

    async def ask(self, picture_url: str, prompt: str, body: Mapping[str, Any], hear: Hear | None = None) -> Said:
        """The answer to a picture and a prompt. `body` are the request's other fields.

        An answer that is cut short or garbled is asked for again, like what the client itself tries again.
        """
        messages = [{"role": "user", "content": content(picture_url, prompt)}]
        try:
            async with asyncio.timeout(self.patience.altogether):
                return await self._patiently(messages, body, hear)
        except TooLongError:
            raise self._fault(OversizedError()) from None
        except FAULTS as error:
            raise self._fault(error) from None  # the client's own words may hold what was sent

    async def models(self) -> tuple[str, ...]:
        """The models that the server names; none where it does not tell. Asked once: raises when nobody is there."""
        try:
            async with asyncio.timeout(self.patience.seconds):
                listed: Any = await self._client.with_options(max_retries=0).models.list()
                names = [str(entry.id)[:100] for entry in _entries(listed)]
                return tuple(without_key(name, self._key) for name in names if name.isprintable())
        except FAULTS as error:
            fault = self._fault(error)
            if fault.concern is Concern.SERVER and not fault.status:
                raise fault from None
            return ()

    async def close(self) -> None:
        """Lets all connections go."""
        await self._client.close()

    async def _patiently(self, messages: Any, body: Mapping[str, Any], hear: Hear | None) -> Said:
        for tried in range(self.patience.retries):
            try:
                return await self._once(messages, body, hear)
            except GARBLED:
                await asyncio.sleep(self.patience.pause * 2**tried)
        return await self._once(messages, body, hear)

    async def _once(self, messages: Any, body: Mapping[str, Any], hear: Hear | None) -> Said:
        known = {name: body[name] for name in KNOWN if name in body}
        others = {name: value for name, value in body.items() if name not in KNOWN}
        said, pieces = Said(), 0
        async for chunk in self._chunks(messages, known, others):
            pieces += 1
            said.take(chunk)
            said.text, said.fingerprint = (without_key(text, self._key) for text in (said.text, said.fingerprint))
            if hear and said.text:
                hear(said.text)
        if not pieces:
            raise MalformedError
        if not said.ended:
            raise CutShortError
        return said

    async def _chunks(
        self, messages: Any, known: Mapping[str, Any], others: Mapping[str, Any]
    ) -> AsyncIterator[Mapping[str, Any]]:
        create: Any = self._client.chat.completions.create
        answer = await create(model=self.address.model, messages=messages, extra_body=others or None, **known)
        if not known.get("stream"):
            yield _plain(answer)
            return
        async with answer:
            async for chunk in _pieces(answer):
                yield chunk

    def _fault(self, error: Exception) -> RemoteFault:
        waited = self.patience.altogether if type(error) is TimeoutError else self.patience.seconds
        return fault_of(error, self.address, self._key, waited)


KNOWN = ("stream", "temperature", "logprobs", "top_logprobs", "max_tokens", "max_completion_tokens")
"""Fields that the client knows by name; others travel in its extra body."""


def content(picture_url: str, prompt: str) -> list[Mapping[str, Any]]:
    """A message's parts: the picture, then the prompt, as the local adapter puts them."""
    return [
        {"type": "image_url", "image_url": {"url": picture_url}},
        {"type": "text", "text": prompt},
    ]


async def _pieces(stream: Any) -> AsyncIterator[Mapping[str, Any]]:
    """What a stream holds. What the client stumbles over is no answer; a lost connection cuts one short."""
    iterator = aiter(stream)
    while True:
        try:
            piece = _plain(await anext(iterator))
        except StopAsyncIteration:
            return
        except openai.APITimeoutError:
            raise
        except openai.APIConnectionError as error:
            raise CutShortError from error
        except (ValueError, TypeError, AttributeError) as error:
            raise MalformedError from error
        yield piece


def _plain(answer: Any) -> Mapping[str, Any]:
    """The client does not check what it hands over: a page of HTML comes as a text."""
    if not isinstance(answer, BaseModel):
        raise MalformedError
    return answer.model_dump(warnings=False)


def _entries(listed: Any) -> list[Any]:
    entries = getattr(listed, "data", None)
    return [entry for entry in entries if hasattr(entry, "id")] if isinstance(entries, list) else []
