"""What goes wrong with a server, as one sentence each, and whom it concerns."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx2
import openai

from medmat_explorer.backbones.remote_address import RemoteAddress
from medmat_explorer.errors import BackboneError

SAID_CHARACTERS = 200
LEAVE_OUT = "Leave the question out, or ask another model."
RESUME = "Resume the run later; what was answered is kept."


class Concern(Enum):
    """Whom a fault concerns: one question, this moment, or everything that is asked of the server."""

    QUESTION = "question"
    MOMENT = "moment"
    SERVER = "server"


class RemoteFault(BackboneError):
    """A question that a server did not answer: what happened, what to do about it, and whom it concerns.

    `status` is the HTTP status behind it, 0 where there was none. `garbled`: what came is no answer.
    """

    def __init__(self, what: str, remedy: str, concern: Concern, status: int = 0, *, garbled: bool = False) -> None:
        self.what, self.concern, self.status, self.garbled = what, concern, status, garbled
        super().__init__(f"{what}. {remedy}")

    @property
    def of_question(self) -> str:
        """The sentence where the server goes on answering other questions."""
        return f"{self.what}, but it answers others: this question was left out."


class CutShortError(Exception):
    """An answer that ends before its end."""


class MalformedError(Exception):
    """Something that is no answer in the OpenAI form."""


class OversizedError(Exception):
    """A response that is larger than any answer can be."""


@dataclass(frozen=True)
class Fault:
    """How a status is told: `what` follows the server's name, `remedy` says what to do."""

    concern: Concern
    what: str
    remedy: str


STATUSES: Mapping[int, Fault] = {
    401: Fault(Concern.SERVER, "refuses the key (401)", "Set MEDMAT_API_KEY to one that it knows, and load it again."),
    403: Fault(Concern.SERVER, "forbids this (403)", "Set MEDMAT_API_KEY to a key that may ask this model."),
    404: Fault(Concern.SERVER, "has no such model or path (404)", "Check the address and the name after '#'."),
    408: Fault(Concern.MOMENT, "gave up waiting (408)", RESUME),
    413: Fault(Concern.QUESTION, "finds the picture too large (413)", LEAVE_OUT),
    429: Fault(Concern.SERVER, "is asked too often (429)", f"Lower MEDMAT_REMOTE_AT_ONCE, or wait. {RESUME}"),
}
REFUSED = Fault(Concern.QUESTION, "refuses the question ({status})", LEAVE_OUT)
ELSEWHERE = Fault(Concern.SERVER, "sends elsewhere ({status})", "Redirects are not followed: give the last address.")
BROKEN = Fault(Concern.MOMENT, "has failed ({status})", RESUME)


def fault_of(error: Exception, address: RemoteAddress, key: str, seconds: float) -> RemoteFault:
    """The fault behind whatever the client raised. The key never stands in it, even where a server repeats it."""
    if isinstance(error, RemoteFault):
        return error
    if isinstance(error, openai.APIStatusError):
        return _of_status(error.status_code, _said(error.body), address, key)
    if isinstance(error, (TimeoutError, openai.APITimeoutError)):
        remedy = f"Raise MEDMAT_REMOTE_SECONDS, or lower MEDMAT_REMOTE_AT_ONCE. {RESUME}"
        return _fault(address, Concern.MOMENT, f"did not answer within {seconds:g} seconds", remedy)
    if isinstance(error, OversizedError):
        return _fault(address, Concern.QUESTION, "sent more than any answer can be", LEAVE_OUT)
    if isinstance(error, (CutShortError, openai.APIConnectionError)):
        return _of_connection(error, address)
    if isinstance(error, openai.APIResponseValidationError) or not isinstance(error, openai.APIError):
        what = f"The server {address.server} sent something that is no answer in the OpenAI form"
        remedy = f"Check that it speaks the OpenAI API. {RESUME}"
        return RemoteFault(what, remedy, Concern.MOMENT, garbled=True)
    said = _quoted(_said(error.body) or error.message, key)
    return _fault(address, Concern.MOMENT, f"broke off its answer{said}", RESUME)


def without_key(text: str, key: str) -> str:
    """The text with the key taken out."""
    return text.replace(key, "[key]") if key else text


def _of_status(status: int, said: str, address: RemoteAddress, key: str) -> RemoteFault:
    other = ELSEWHERE if status < 400 else REFUSED if status < 500 else BROKEN
    fault = STATUSES.get(status, other)
    what = fault.what.format(status=status) + _quoted(said, key)
    return _fault(address, fault.concern, what, fault.remedy, status)


def _of_connection(error: Exception, address: RemoteAddress) -> RemoteFault:
    if isinstance(error.__cause__, (httpx2.ConnectError, httpx2.UnsupportedProtocol)):
        why = str(error.__cause__).splitlines()[:1] or ["no connection"]
        what = f"No server answers at {address.server} ({why[0][:SAID_CHARACTERS]})"
        return RemoteFault(what, "Start it, or check the address.", Concern.SERVER)
    return _fault(address, Concern.MOMENT, "cut its answer short", RESUME)


def _fault(address: RemoteAddress, concern: Concern, what: str, remedy: str, status: int = 0) -> RemoteFault:
    return RemoteFault(f"The server {address.server} {what}", remedy, concern, status)


def _said(body: Any) -> str:
    """What a server gives as its reason, in whichever of the usual places."""
    for _ in range(3):
        if not isinstance(body, Mapping):
            break
        body = next((body[name] for name in ("error", "message", "detail") if body.get(name)), "")
    return body if isinstance(body, str) else ""


def _quoted(said: str, key: str) -> str:
    """The first line of it, short and printable; nothing for a page of HTML."""
    line = "".join(filter(str.isprintable, (said.strip().splitlines() or [""])[0]))
    line = without_key(line, key)[:SAID_CHARACTERS].rstrip(".")
    return f": {line}" if line and not line.startswith("<") else ""
