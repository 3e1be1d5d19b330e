"""Finding out what a server can do, by asking it small things whose answers show it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from medmat_explorer.backbones.contract import Report
from medmat_explorer.backbones.remote_capabilities import LIMITS, MOST_LIKELY, ChoiceForm, RemoteCapabilities
from medmat_explorer.backbones.remote_conversation import Conversation
from medmat_explorer.backbones.remote_faults import Concern, RemoteFault
from medmat_explorer.backbones.remote_picture import sent_picture
from medmat_explorer.backbones.remote_reply import Said

PROMPT = "Is this picture grey?\nA: yes\nB: no\nAnswer with the option's letter from the given choices directly."
UNLIKELY = ("Q7", "Z4")
"""What no model says unless it is held to it: a server that only ignores the wish is found out."""
PROBE_TOKENS = 4


async def probe(conversation: Conversation, report: Report) -> tuple[RemoteCapabilities, Said]:
    """What the server can do, and its answer to a first question.

    Raises RemoteFault when it answers no form of it.
    """
    report("Asking the server a first question.")
    found, said = await _first_answer(conversation)
    found = replace(found, likely=found.likely if said.first else 0)
    if not found.likely:
        report("Asking whether the server can be held to the letters.")
        found = replace(found, choice=await _choice(conversation, found))
    return found, said


async def still_answers(conversation: Conversation, found: RemoteCapabilities) -> RemoteFault | None:
    """Asks the first question again: None when it is answered, so that a fault lies with another question."""
    try:
        await conversation.ask(probe_picture(), PROMPT, found.body(PROBE_TOKENS))
    except RemoteFault as fault:
        return fault
    return None


@cache
def probe_picture() -> str:
    """A grey square as a data URL, large enough for the patches of any tower."""
    from PIL import Image

    return sent_picture(Image.new("RGB", (224, 224), (128, 128, 128))).url


async def _first_answer(conversation: Conversation) -> tuple[RemoteCapabilities, Said]:
    """The first form of a request that is answered: what a server refuses is left out in the next one."""
    first: RemoteFault | None = None
    for form in _forms():
        try:
            return form, await _asked(conversation, form)
        except RemoteFault as fault:
            first = first or fault
            if fault.concern is Concern.QUESTION:
                continue
            if not fault.garbled:
                raise
        return await _whole_answer(conversation, form, first)
    raise first or RuntimeError("No form of a request was tried.")


async def _whole_answer(
    conversation: Conversation, form: RemoteCapabilities, first: RemoteFault
) -> tuple[RemoteCapabilities, Said]:
    """The same form without a stream. Raises the first fault when that is no answer either."""
    whole = replace(form, streams=False)
    try:
        return whole, await _asked(conversation, whole)
    except RemoteFault:
        raise first from None


async def _asked(conversation: Conversation, form: RemoteCapabilities) -> Said:
    return await conversation.ask(probe_picture(), PROMPT, form.body(PROBE_TOKENS))


def _forms() -> Iterator[RemoteCapabilities]:
    """From the fullest to the plainest: fewer likely tokens, the other name of the limit, no temperature."""
    for limit, plain in ((LIMITS[0], True), (LIMITS[1], True), (LIMITS[1], False)):
        for likely in MOST_LIKELY:
            yield RemoteCapabilities(likely=likely, limit=limit, plain=plain)


async def _choice(conversation: Conversation, found: RemoteCapabilities) -> ChoiceForm | None:
    """The form in which the server can be held to texts; None when it refuses or ignores all of them."""
    for form in ChoiceForm:
        try:
            body = {**found.body(2 * PROBE_TOKENS), **form.body(UNLIKELY)}
            said = await conversation.ask(probe_picture(), PROMPT, body)
        except RemoteFault as fault:
            if fault.concern is Concern.SERVER:
                raise
            continue
        if said.text.strip() in UNLIKELY:
            return form
    return None
