"""The one door to servers: no redirects, no more bytes than an answer can have, no headers that nobody asked for."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from medmat_explorer.backbones.remote_address import RemoteAddress
from medmat_explorer.backbones.remote_faults import OversizedError
from medmat_explorer.config import settings

MOST_BYTES = 2_000_000
"""Of one response. Thirty-two words with twenty likely tokens each are about 60 kB."""
CONNECT_SECONDS = 10.0
NO_KEY = "none"
"""The client insists on one; it is taken out of every request."""


@dataclass(frozen=True)
class Patience:
    """How long one try may take, how many more there are, and how many questions are on their way at once.

    `pause` are the seconds before an answer that was cut short or garbled is asked for again, twice as many each time.
    """

    seconds: float = 60.0
    retries: int = 4
    at_once: int = 4
    pause: float = 0.5

    @property
    def altogether(self) -> float:
        """Seconds for a question with all its tries and the waiting between them."""
        return 3 * self.seconds


def patience() -> Patience:
    """What the settings say."""
    return Patience(seconds=settings().remote_seconds, at_once=settings().remote_at_once)


def key_for(address: RemoteAddress) -> str:
    """The key from the environment, or none.

    OPENAI_API_KEY was set for OpenAI and goes nowhere else, MEDMAT_API_KEY to every server that may be asked.
    """
    own = settings().api_key.get_secret_value()
    is_openai = address.base.startswith("https://") and address.host == "api.openai.com"
    return own or (os.environ.get("OPENAI_API_KEY", "") if is_openai else "")


def open_client(address: RemoteAddress, key: str, patience: Patience) -> openai.AsyncOpenAI:
    """A client of the address. Proxies of the environment are heeded except for this machine.

    Tries again after timeouts, lost connections, 408, 409, 429 and 5xx, with growing pauses or those that the server
    asks for (two minutes at most).
    """
    limits = httpx2.Limits(max_connections=patience.at_once + 1)
    timeout = openai.Timeout(patience.seconds, connect=min(CONNECT_SECONDS, patience.seconds))
    http = httpx2.AsyncClient(
        follow_redirects=False,
        timeout=timeout,
        limits=limits,
        trust_env=not address.is_local,
        event_hooks={"request": [_bare if not key else _plain], "response": [_cap]},
    )
    return openai.AsyncOpenAI(
        api_key=key or NO_KEY,
        admin_api_key="",
        organization="",
        project="",
        base_url=address.base,
        max_retries=patience.retries,
        timeout=timeout,
        http_client=http,
    )


async def _plain(request: httpx2.Request) -> None:
    """Takes out what tells of this machine and of accounts, and asks for nothing compressed."""
    for name in [name for name in request.headers if name.lower().startswith(("x-stainless", "openai-"))]:
        del request.headers[name]
    request.headers["Accept-Encoding"] = "identity"


async def _bare(request: httpx2.Request) -> None:
    """The same without a key."""
    await _plain(request)
    request.headers.pop("Authorization", None)


async def _cap(response: httpx2.Response) -> None:
    """Puts a limit on what is read of a response, compressed ones included: none was asked for."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise OversizedError
    response.stream = _Capped(response.stream)


class _Capped(httpx2.AsyncByteStream):
    """Bytes as they come, up to a limit."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for piece in self._stream:
            taken += len(piece)
            if taken > MOST_BYTES:
                raise OversizedError
            yield piece

    async def aclose(self) -> None:
        """Lets the connection go."""
        await self._stream.aclose()
