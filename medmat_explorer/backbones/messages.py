"""The words between the program and a backbone's process: one JSON object a line, either way.

To the process: `load` (first), `ask` (a job with its questions), `stop` (a job), `show` (what is sent for a question,
or where the backbone looks). From it: `stage`, `loaded`, `failed`, `reply`, `writing` (text so far), `ended`, `shown`.
JSON and not pickle, so that neither side can make the other run anything.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medmat_explorer.backbones.contract import (
    Answer,
    Capability,
    Grid,
    Loaded,
    LoadOptions,
    Question,
    Reply,
    Sent,
    Timing,
    Unanswered,
)
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.backbones.scripted import Script

Message = Mapping[str, Any]


def encode(message: Message) -> bytes:
    """One line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message on a line. Raises ValueError when it is no JSON object."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError(f"Not a message: {line[:80]!r}")
    return message


def load_message(ref: BackboneRef, options: LoadOptions) -> Message:
    """Asks the process to load a backbone."""
    return {"do": "load", "id": ref.id, **_source(ref), "options": asdict(options)}


def _source(ref: BackboneRef) -> Message:
    """An address travels as its text and without a key: the process takes that from its environment."""
    if ref.remote:
        return {"remote": ref.remote.text}
    return {"folder": str(ref.folder)} if ref.folder else {"script": asdict(ref.script)} if ref.script else {}


def script_in(message: Message) -> Script:
    """The script of a load message."""
    fields = dict(message["script"])
    fields["logits"] = {key: tuple(numbers) for key, numbers in fields["logits"].items()}
    fields["matters"] = _box(fields["matters"])
    return Script(**fields)


def question_message(question: Question) -> Message:
    """A question as JSON."""
    return {**vars(question), "picture": str(question.picture)}


def question_in(message: Message) -> Question:
    """The question behind its JSON form."""
    lists = {name: tuple(message[name]) for name in ("letters", "options")}
    return Question(**{**message, **lists, "picture": Path(message["picture"]), "hidden": _box(message["hidden"])})


def reply_message(job: int, reply: Reply) -> Message:
    """An answer, or why there is none."""
    kind = "answer" if isinstance(reply, Answer) else "unanswered"
    return {"say": "reply", "job": job, "kind": kind, "reply": asdict(reply)}


def reply_in(message: Message) -> Reply:
    """The reply behind its JSON form."""
    fields = dict(message["reply"])
    if message["kind"] == "unanswered":
        return Unanswered(**fields)
    fields |= {name: tuple(fields[name]) for name in ("letters", "probabilities", "option_likelihoods")}
    fields["timing"] = Timing(**fields["timing"]) if fields["timing"] else None
    return Answer(**fields)


def loaded_message(loaded: Loaded) -> Message:
    """What was loaded."""
    return {"say": "loaded", "loaded": {**asdict(loaded), "capabilities": sorted(loaded.capabilities)}}


def loaded_in(message: Message) -> Loaded:
    """The facts of a `loaded` message."""
    fields = dict(message["loaded"])
    fields["capabilities"] = frozenset(Capability(name) for name in fields["capabilities"])
    return Loaded(**fields)


def sent_fields(sent: Sent) -> Message:
    """What a model is given, as JSON."""
    return {**vars(sent), "picture": b64encode(sent.picture).decode()}


def sent_in(fields: Message) -> Sent:
    """What a model is given, behind its JSON form."""
    return Sent(fields["text"], fields["tokens"], b64decode(fields["picture"]), tuple(fields["shape"]))


def grid_in(rows: Any) -> Grid:
    """Rows of numbers behind their JSON form."""
    return tuple(tuple(float(number) for number in row) for row in rows)


def _box(numbers: Any) -> Any:
    return tuple(numbers) if numbers else None
