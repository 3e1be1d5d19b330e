"""The words between the program and a backbone's process: one JSON object a line, either way.

To the process: `load` (first), `ask` (a job with its questions), `stop` (a job). From it: `stage`, `loaded`, `failed`,
`reply`, `writing` (text so far), `ended`. JSON and not pickle, so that neither side can make the other run anything.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medmat_explorer.backbones.contract import Answer, Loaded, LoadOptions, Question, Reply, Unanswered
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
    return Script(**fields)


def question_message(question: Question) -> Message:
    """A question as JSON."""
    return {**vars(question), "picture": str(question.picture)}


def question_in(message: Message) -> Question:
    """The question behind its JSON form."""
    return Question(**{**message, "letters": tuple(message["letters"]), "picture": Path(message["picture"])})


def reply_message(job: int, reply: Reply) -> Message:
    """An answer, or why there is none."""
    kind = "answer" if isinstance(reply, Answer) else "unanswered"
    return {"say": "reply", "job": job, "kind": kind, "reply": asdict(reply)}


def reply_in(message: Message) -> Reply:
    """The reply behind its JSON form."""
    fields = dict(message["reply"])
    if message["kind"] == "unanswered":
        return Unanswered(**fields)
    fields["letters"], fields["probabilities"] = tuple(fields["letters"]), tuple(fields["probabilities"])
    return Answer(**fields)


def loaded_in(message: Message) -> Loaded:
    """The facts of a `loaded` message."""
    return Loaded(**message["loaded"])
