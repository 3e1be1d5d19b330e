"""A small server that speaks the OpenAI API over real HTTP, and can be made to fail in every way that servers do."""

import json
import re
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "tiny-vlm"
LIKELY = {"A": -2.0, " A": -4.0, "B": -1.0, " B": -0.5, "The": -3.0}
"""By token, what is listed where the answer begins."""

Body = Mapping[str, Any]
Fault = Callable[["Handler", Body], None]
"""Answers a request in the place of the server."""
Think = Callable[[str, bytes, int], tuple[str, Mapping[str, float]]]
"""From a prompt, the bytes of a picture and a number of tokens to a text and the likely tokens at its beginning."""


@dataclass
class SmallServer:
    """What it offers, what it was sent, and how it fails.

    `offers` are the fields of requests that it heeds; those in `refuses` give 422, all others are ignored. At most
    `most_listed` likely tokens may be asked for. `faults` come first, one a request; `by_prompt` fails every request
    whose prompt contains the text. `think` may answer in the place of `text` and `likely`. Nothing is answered before
    `gathers` requests were under way at once, or ten seconds have passed.
    """

    offers: set[str] = field(default_factory=lambda: {"logprobs", "stream"})
    refuses: set[str] = field(default_factory=set)
    likely: Mapping[str, float] = field(default_factory=lambda: dict(LIKELY))
    most_listed: int = 20
    text: str = "B: Cyst"
    think: "Think | None" = None
    key: str = ""
    models: tuple[str, ...] = (MODEL,)
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    by_prompt: dict[str, Fault] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    gathers: int = 0
    most_at_once: int = 0
    port: int = 0
    now: int = 0

    @property
    def address(self) -> str:
        """How a backbone there is named."""
        return f"http://127.0.0.1:{self.port}/v1#{MODEL}"

    def wait_for_others(self) -> None:
        """Holds a request until enough of them are under way at once."""
        until = time.monotonic() + 10
        while self.most_at_once < self.gathers and time.monotonic() < until:
            time.sleep(0.005)

    def prompts(self) -> list[str]:
        """What was asked, in the order in which it came."""
        return [prompt_of(body) for body in self.bodies]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: "Listening"

    def do_GET(self) -> None:
        """The list of models."""
        self.send_json(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.it.models]})

    def do_POST(self) -> None:
        """A question."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        it = self.it
        with it_lock:
            it.bodies.append(body)
            it.headers.append({name.lower(): value for name, value in self.headers.items()})
            it.times.append(time.monotonic())
            it.now += 1
            it.most_at_once = max(it.most_at_once, it.now)
            fault = it.faults.pop(0) if it.faults else None
        fault = fault or next((fault for text, fault in it.by_prompt.items() if text in prompt_of(body)), None)
        try:
            it.wait_for_others()
            time.sleep(it.seconds)
            (fault or answer)(self, body)
        finally:
            with it_lock:
                it.now -= 1

    @property
    def it(self) -> SmallServer:
        """What was set up."""
        return self.server.it

    def send_json(self, status: int, value: object, **headers: str) -> None:
        """A whole response."""
        self.send_whole(status, json.dumps(value).encode(), "application/json", **headers)

    def send_whole(self, status: int, data: bytes, kind: str, **headers: str) -> None:
        """A whole response of any kind."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin_stream(self) -> None:
        """The head of a stream, which ends when the connection does."""
        self.send_response(200)
        for name, value in {"Content-Type": "text/event-stream", "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True

    def event(self, value: object) -> None:
        """One piece of a stream."""
        self.wfile.write(b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Listening(ThreadingHTTPServer):
    """Keeps what was set up beside the socket."""

    daemon_threads = True
    it: SmallServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the midst of an answer is no error here."""


it_lock = threading.Lock()


@contextmanager
def listening(server: SmallServer) -> Iterator[SmallServer]:
    """Starts it on a free port and ends it."""
    http = Listening(("127.0.0.1", 0), Handler)
    http.it, server.port = server, http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def prompt_of(body: Body) -> str:
    """The text of a request."""
    return next((part["text"] for part in body["messages"][0]["content"] if part["type"] == "text"), "")


def picture_of(body: Body) -> bytes:
    """The encoded picture of a request."""
    url = next(part["image_url"]["url"] for part in body["messages"][0]["content"] if part["type"] == "image_url")
    return b64decode(url.partition(",")[2])


def answer(handler: Handler, body: Body) -> None:
    """What a healthy server does."""
    it = handler.it
    if it.key and handler.headers.get("Authorization") != f"Bearer {it.key}":
        return handler.send_json(401, {"error": {"message": f"Wrong key {handler.headers.get('Authorization')}"}})
    if body["model"] not in it.models:
        return handler.send_json(404, {"error": {"message": f"The model `{body['model']}` does not exist."}})
    if unknown := it.refuses & set(body):
        return handler.send_json(422, {"detail": f"Unexpected fields in the request: {sorted(unknown)}"})
    if body.get("top_logprobs", 0) > it.most_listed:
        return handler.send_json(400, {"error": {"message": f"top_logprobs must be at most {it.most_listed}"}})
    text, likely = it.think(*_asked(body)) if it.think else (it.text, it.likely)
    text = _held(it, body) or text
    if body.get("stream") and "stream" in it.offers:
        return _stream(handler, body, text, likely)
    choice: dict[str, object] = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    choice["logprobs"] = _logprobs(it, body, text, likely)
    whole = {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice]}
    handler.send_json(200, whole)


def _stream(handler: Handler, body: Body, text: str, likely: Mapping[str, float]) -> None:
    handler.begin_stream()
    pieces = re.findall(r"\s*\S+", text) or [text]
    for number, piece in enumerate(pieces):
        logprobs = None if number else _logprobs(handler.it, body, piece, likely)
        handler.event(chunk(body, piece, logprobs))
    handler.event(chunk(body, "", None, "stop"))
    handler.event(b"[DONE]")


def chunk(body: Body, content: str, logprobs: object = None, ended: str | None = None) -> dict[str, Any]:
    """A piece of an answer as OpenAI sends it."""
    choice = {"index": 0, "delta": {"content": content}, "logprobs": logprobs, "finish_reason": ended}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": body["model"], "choices": [choice],
            "system_fingerprint": "fp_1"}  # fmt: skip


def _logprobs(it: SmallServer, body: Body, token: str, likely: Mapping[str, float]) -> object:
    if "logprobs" not in it.offers or not body.get("logprobs"):
        return None
    listed = sorted(likely.items(), key=lambda pair: -pair[1])[: body["top_logprobs"]]
    tops = [{"token": name, "logprob": number, "bytes": None} for name, number in listed]
    return {"content": [{"token": token, "logprob": listed[0][1], "bytes": None, "top_logprobs": tops}]}


def _asked(body: Body) -> tuple[str, bytes, int]:
    tokens = body.get("max_tokens", body.get("max_completion_tokens"))
    return prompt_of(body), picture_of(body), int(tokens or 0)


def _held(it: SmallServer, body: Body) -> str:
    """The last of the texts that the answer is held to, in the one form that is offered."""
    if "structured_outputs" in it.offers and "structured_outputs" in body:
        return str(body["structured_outputs"]["choice"][-1])
    if "guided_choice" in it.offers and "guided_choice" in body:
        return str(body["guided_choice"][-1])
    if "regex" in it.offers and "regex" in body:
        return str(body["regex"]).strip("()").split("|")[-1]
    return ""


def status(code: int, message: str = "out of order", **headers: str) -> Fault:
    """A refusal; headers are written with underscores."""
    return lambda handler, body: handler.send_json(code, {"error": {"message": message}}, **headers)


def slow(seconds: float) -> Fault:
    """Nothing for so long, then an answer."""

    def wait(handler: Handler, body: Body) -> None:
        time.sleep(seconds)
        answer(handler, body)

    return wait


def trickle(seconds: float) -> Fault:
    """A word, then nothing for so long, then the rest."""

    def write(handler: Handler, body: Body) -> None:
        handler.begin_stream()
        handler.event(chunk(body, "B"))
        time.sleep(seconds)
        handler.event(chunk(body, "", None, "stop"))

    return write


def cut_stream(handler: Handler, body: Body) -> None:
    """Ends in the midst of an answer."""
    handler.begin_stream()
    handler.event(chunk(body, "B"))


def broken_chunks(handler: Handler, body: Body) -> None:
    """Loses the connection in the midst of a piece."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"40\r\ndata: {")
    handler.close_connection = True


def wrong_json(handler: Handler, body: Body) -> None:
    """A stream whose pieces are no JSON."""
    handler.begin_stream()
    handler.event(b'{"choices": [')


def other_json(handler: Handler, body: Body) -> None:
    """A stream of JSON in another form."""
    handler.begin_stream()
    handler.event({"choices": [{"delta": {"content": 7}, "logprobs": "high", "finish_reason": "stop"}]})


def error_in_stream(handler: Handler, body: Body) -> None:
    """What `transformers serve` sends when a model fails while it writes."""
    handler.begin_stream()
    handler.event({"error": "CUDA error: device-side assert"})


def web_page(handler: Handler, body: Body) -> None:
    """What a proxy sends."""
    handler.send_whole(200, b"<html><body>Please log in</body></html>", "text/html")


def endless_text(handler: Handler, body: Body) -> None:
    """Writes on and on."""
    handler.begin_stream()
    for _ in range(3_000):
        handler.event(chunk(body, "word " * 10))


def endless_line(handler: Handler, body: Body) -> None:
    """A piece that never ends."""
    handler.begin_stream()
    handler.wfile.write(b"data: ")
    for _ in range(40):
        handler.wfile.write(b"x" * 100_000)


def redirect(to: str) -> Fault:
    """Sends the client elsewhere."""
    return lambda handler, body: handler.send_whole(307, b"", "text/plain", Location=to)
