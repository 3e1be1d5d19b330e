"""A backbone behind a server: what it can do is found out, it answers, and every fault is one sentence.

The server is real HTTP on this machine; see `openai_server.py` for the ways in which it fails.
"""

import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import exp
from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.backbones.answering import answer_in_batches
from medmat_explorer.backbones.contract import Answer, Capability, Posed, Question, Unanswered
from medmat_explorer.backbones.part_answers import PartAnswered
from medmat_explorer.backbones.remote_adapter import RemoteBackbone, load_remote
from medmat_explorer.backbones.remote_address import parse_address
from medmat_explorer.backbones.remote_capabilities import ChoiceForm, RemoteCapabilities
from medmat_explorer.backbones.remote_client import Patience, key_for
from medmat_explorer.config import settings
from medmat_explorer.errors import BackboneError
from tests import openai_server as faults
from tests.asking import ask, letters, never, unheard, write
from tests.openai_server import MODEL, Fault, SmallServer, listening, picture_of

QUICK = Patience(seconds=0.6, retries=1, at_once=4, pause=0.01)
SOON = {"retry_after_ms": "10"}
"""Asks the client not to wait long."""
BY_LETTER = (exp(-2) / (exp(-2) + exp(-0.5)), exp(-0.5) / (exp(-2) + exp(-0.5)))
KEY = "sk-never-to-be-seen-1234567890"


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with listening(SmallServer()) as server:
        yield server


@pytest.fixture
def environment(use_home: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Variables that a test sets are read anew; none of the machine's own keys is there."""
    for name in ("MEDMAT_API_KEY", "OPENAI_API_KEY", "MEDMAT_ENDPOINTS"):
        use_home.delenv(name, raising=False)
    return use_home


@contextmanager
def loaded(server: SmallServer, how: Patience = QUICK) -> Iterator[RemoteBackbone]:
    backbone = load_remote(server.address, lambda stage: None, how)
    try:
        yield backbone
    finally:
        backbone.unload()


def posed(number: int = 0, colour: tuple[int, int, int] = (10, 200, 60)) -> Posed:
    question = Question(f"q{number}", f"Which finding {number}?\nA: Stone\nB: Cyst", ("A", "B"), Path("x.png"))
    return Posed(question, Image.new("RGB", (24, 16), colour))


def test_it_says_what_it_found_out_and_answers(server: SmallServer) -> None:
    stages: list[str] = []
    backbone = load_remote(server.address, stages.append, QUICK)
    heard: list[tuple[str, str]] = []
    (written,) = write(backbone, [posed()], never, lambda key, text: heard.append((key, text)))
    assert letters(backbone, [posed()]) == [pytest.approx(BY_LETTER)]
    assert written.probabilities == pytest.approx(BY_LETTER)
    assert written.text == "B: Cyst"
    assert heard[0] == ("q0", "B:")
    assert heard[-1] == ("q0", "B: Cyst")
    assert stages[0] == f"Looking for {MODEL} at 127.0.0.1:{server.port}."
    assert backbone.found == RemoteCapabilities(likely=20)
    assert backbone.loaded.capabilities == {Capability.LETTERS, Capability.TEXT}
    assert backbone.loaded.device == f"server 127.0.0.1:{server.port}"
    assert "20 likeliest tokens" in backbone.loaded.libraries["letters"]
    assert backbone.loaded.libraries["system fingerprint"] == "fp_1"
    backbone.unload()


def test_what_is_sent_is_the_picture_and_the_prompt_and_nothing_of_this_machine(
    server: SmallServer, environment: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        environment.setenv(name, "of-somebody")
    with loaded(server) as backbone:
        letters(backbone, [posed(7, (1, 2, 3))])
    body = server.bodies[-1]
    assert [part["type"] for part in body["messages"][0]["content"]] == ["image_url", "text"]
    assert server.prompts()[-1] == posed(7).question.prompt
    assert Image.open(BytesIO(picture_of(body))).getcolors() == [(24 * 16, (1, 2, 3))]
    assert {name: body[name] for name in ("model", "temperature", "logprobs", "top_logprobs", "stream")} == {
        "model": MODEL,
        "temperature": 0.0,
        "logprobs": True,
        "top_logprobs": 20,
        "stream": True,
    }
    sent = server.headers[-1]
    assert not any("of-somebody" in value for value in sent.values())
    told = [name for name in sent if name.startswith(("x-stainless", "openai-", "authorization"))]
    assert (told, sent["accept-encoding"]) == ([], "identity")


@pytest.mark.parametrize(
    ("offers", "refuses", "most", "found"),
    [
        ({"logprobs", "stream"}, set(), 20, RemoteCapabilities(likely=20)),
        ({"logprobs", "stream"}, set(), 5, RemoteCapabilities(likely=5)),
        ({"logprobs"}, set(), 20, RemoteCapabilities(likely=20, streams=False)),
        ({"logprobs", "stream"}, {"max_tokens"}, 20, RemoteCapabilities(likely=20, limit="max_completion_tokens")),
        (
            {"logprobs", "stream"},
            {"max_tokens", "temperature"},
            20,
            RemoteCapabilities(likely=20, limit="max_completion_tokens", plain=False),
        ),
        ({"stream"}, set(), 20, RemoteCapabilities()),
        ({"stream", "structured_outputs"}, {"logprobs"}, 20, RemoteCapabilities(choice=ChoiceForm.STRUCTURED)),
        ({"stream", "guided_choice"}, {"structured_outputs"}, 20, RemoteCapabilities(choice=ChoiceForm.GUIDED)),
        ({"stream", "regex"}, set(), 20, RemoteCapabilities(choice=ChoiceForm.REGEX)),
    ],
)
def test_what_a_server_can_do_is_found_out(
    offers: set[str], refuses: set[str], most: int, found: RemoteCapabilities
) -> None:
    with listening(SmallServer(offers=offers, refuses=refuses, most_listed=most)) as server, loaded(server) as backbone:
        assert backbone.found == found
        assert (Capability.LETTERS in backbone.loaded.capabilities) is bool(found.likely)
        assert backbone.loaded.libraries["letters"] == found.letters
        assert write(backbone, [posed()], never, unheard)[0].text == "B: Cyst"


@pytest.mark.parametrize(
    ("offers", "text", "chosen"),
    [
        ({"stream", "structured_outputs"}, "Hm", "B"),
        ({"stream"}, "B", "B"),
        ({"stream"}, "A.", "A"),
    ],
)
def test_without_likely_tokens_the_given_letter_is_chosen_and_has_no_probability(
    offers: set[str], text: str, chosen: str, picture: Path
) -> None:
    with listening(SmallServer(offers=offers, text=text)) as server, loaded(server) as backbone:
        (written,) = ask(backbone, [posed()], wants_text=False)
        assert (written.chosen, written.probabilities) == (chosen, ())
        (reply,) = answer_in_batches(backbone, asked(picture, 1, wants_text=False), never, unheard)
    assert isinstance(reply, Answer)
    assert (reply.letter, reply.chosen, reply.probabilities, reply.text) == (chosen, chosen, (), None)


def test_a_letter_that_nobody_gave_is_not_guessed() -> None:
    with listening(SmallServer(offers={"stream"}, text="A stone, I think")) as server, loaded(server) as backbone:
        with pytest.raises(PartAnswered, match="begins with none of the letters: 'A stone, I think'") as caught:
            letters(backbone, [posed()])
        assert (caught.value.sentence, caught.value.refused["q0"].reason) == ("", "letter")
        (written,) = write(backbone, [posed()], never, unheard)
        assert (written.text, written.probabilities) == ("A stone, I think", ())


def test_letters_beyond_the_list_are_bounded_and_that_is_said() -> None:
    likely = {"The": -0.1, "B": -3.0, "x": -5.0}
    with listening(SmallServer(likely=likely)) as server, loaded(server) as backbone:
        (answer,) = ask(backbone, [posed()], wants_text=False)
        first, second = answer.probabilities
        assert first / second == pytest.approx(exp(-5 + 3))
        assert answer.note == "The server did not list A: at most as likely as shown."
    with listening(SmallServer(likely={"The": -0.1}, text="The stone")) as server, loaded(server) as backbone:
        assert write(backbone, [posed()], never, unheard)[0].probabilities == ()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (faults.status(500), "has failed (500): out of order. Resume the run later"),
        (faults.status(503), "has failed (503)"),
        (faults.status(401), "refuses the key (401): out of order. Set MEDMAT_API_KEY"),
        (faults.status(403), "forbids this (403)"),
        (faults.status(429), "is asked too often (429)"),
        (faults.status(400, "Images are not supported"), "refuses the question (400): Images are not supported"),
        (faults.redirect("http://127.0.0.1:9/v1"), "sends elsewhere (307)"),
        (faults.slow(0.8), "did not answer within 0.3 seconds. Raise MEDMAT_REMOTE_SECONDS"),
        (faults.web_page, "no answer in the OpenAI form. Check that it speaks the OpenAI API"),
        (faults.wrong_json, "no answer in the OpenAI form"),
        (faults.cut_stream, "cut its answer short"),
        (faults.error_in_stream, "broke off its answer: CUDA error: device-side assert"),
        (faults.endless_text, "sent more than any answer can be"),
        (faults.endless_line, "sent more than any answer can be"),
    ],
)
def test_a_server_that_does_not_answer_is_one_sentence_when_it_is_loaded(
    server: SmallServer, fault: Fault, sentence: str
) -> None:
    server.by_prompt[""] = fault
    with pytest.raises(BackboneError) as caught:
        load_remote(server.address, lambda stage: None, Patience(seconds=0.3, retries=0))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(f"The server 127.0.0.1:{server.port} ")
    assert "\n" not in str(caught.value)


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(BackboneError, match=f"No server answers at 127.0.0.1:{port} .*Start it, or check the address"):
        load_remote(f"http://127.0.0.1:{port}/v1#m", lambda stage: None, Patience(retries=0))


def test_a_wrong_model_is_told_with_those_that_there_are(server: SmallServer) -> None:
    server.models = ("llava-7b", "qwen2-vl")
    with pytest.raises(BackboneError, match=f"`{MODEL}` does not exist.*It names these models: llava-7b, qwen2-vl"):
        load_remote(server.address, lambda stage: None, QUICK)


def test_a_server_elsewhere_is_not_asked_until_it_is_allowed(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackboneError, match="may not be asked .*MEDMAT_ENDPOINTS=http://192.0.2.1:8000/v1"):
        load_remote("http://192.0.2.1:8000/v1#m", lambda stage: None, QUICK)


ONE_QUESTION: list[tuple[Fault, str]] = [
    (faults.status(500, **SOON), "has failed (500)"),
    (faults.status(413), "finds the picture too large (413)"),
    (faults.status(400, "Prompt is too long"), "refuses the question (400): Prompt is too long"),
    (faults.slow(1.0), "did not answer within 0.6 seconds"),
    (faults.trickle(1.0), "did not answer within 0.6 seconds"),
    (faults.cut_stream, "cut its answer short"),
    (faults.broken_chunks, "cut its answer short"),
    (faults.wrong_json, "sent something that is no answer"),
    (faults.other_json, "sent something that is no answer"),
    (faults.web_page, "sent something that is no answer"),
    (faults.error_in_stream, "broke off its answer"),
    (faults.endless_text, "sent more than any answer"),
    (faults.endless_line, "sent more than any answer"),
]


@pytest.mark.parametrize(("fault", "sentence"), ONE_QUESTION)
def test_a_question_that_a_server_fails_over_is_left_out_and_the_others_keep_their_answers(
    server: SmallServer, fault: Fault, sentence: str
) -> None:
    with loaded(server) as backbone:
        server.by_prompt["finding 1?"] = fault
        with pytest.raises(PartAnswered) as caught:
            write(backbone, [posed(0), posed(1), posed(2)], never, unheard)
    part = caught.value
    assert {key: written.text for key, written in part.said.items()} == {"q0": "B: Cyst", "q2": "B: Cyst"}
    assert sentence in part.refused["q1"].sentence
    assert part.refused["q1"].sentence.endswith(", but it answers others: this question was left out.")
    assert part.sentence == ""


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (faults.status(401), "refuses the key (401)"),
        (faults.status(404), "no such model or path (404)"),
        (faults.status(429, **SOON), "is asked too often (429)"),
        (faults.redirect("http://127.0.0.1:9/v1"), "sends elsewhere (307)"),
    ],
)
def test_what_concerns_everything_ends_the_run_and_leaves_no_question_out(
    server: SmallServer, fault: Fault, sentence: str
) -> None:
    with loaded(server) as backbone:
        server.by_prompt["finding 1?"] = fault
        with pytest.raises(PartAnswered) as caught:
            letters(backbone, [posed(0), posed(1), posed(2)])
    assert (set(caught.value.said), caught.value.refused) == ({"q0", "q2"}, {})
    assert sentence in caught.value.sentence


def test_a_server_that_fails_over_everything_ends_the_run(server: SmallServer) -> None:
    with loaded(server, Patience(seconds=0.6, retries=0)) as backbone:
        server.by_prompt[""] = faults.status(500)
        with pytest.raises(PartAnswered) as caught:
            letters(backbone, [posed(0), posed(1)])
    assert (caught.value.said, caught.value.refused) == ({}, {})
    assert "has failed (500)" in caught.value.sentence


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(500),
        faults.status(503, **SOON),
        faults.status(429, **SOON),
        faults.status(408, **SOON),
        faults.slow(1.0),
        faults.cut_stream,
        faults.broken_chunks,
        faults.wrong_json,
        faults.web_page,
    ],
)
def test_what_goes_wrong_once_is_asked_again(server: SmallServer, fault: Fault) -> None:
    with loaded(server) as backbone:
        server.faults = [fault]
        asked = len(server.bodies)
        assert letters(backbone, [posed()]) == [pytest.approx(BY_LETTER)]
        assert len(server.bodies) == asked + 2


def test_a_server_is_given_the_time_that_it_asks_for(server: SmallServer) -> None:
    with loaded(server) as backbone:
        server.faults = [faults.status(429, Retry_After="1")]
        letters(backbone, [posed()])
        first, second = server.times[-2:]
        assert 0.95 < second - first < 3


def test_tries_are_bounded(server: SmallServer) -> None:
    with loaded(server, Patience(seconds=0.6, retries=2)) as backbone:
        server.by_prompt["finding 1?"] = faults.status(500, **SOON)
        with pytest.raises(PartAnswered):
            letters(backbone, [posed(1)])
    assert sum("finding 1?" in prompt for prompt in server.prompts()) == 3


def test_redirects_are_not_followed(server: SmallServer) -> None:
    with listening(SmallServer()) as other, loaded(server) as backbone:
        server.faults = [faults.redirect(f"http://127.0.0.1:{other.port}/v1/chat/completions")]
        with pytest.raises(PartAnswered):
            letters(backbone, [posed()])
        assert other.bodies == []


def test_so_many_at_once_and_no_more(server: SmallServer) -> None:
    with loaded(server, Patience(seconds=30, at_once=3)) as backbone:
        server.seconds, server.most_at_once, server.gathers = 0.2, 0, 3
        assert len(letters(backbone, [posed(number) for number in range(9)])) == 9
        assert server.most_at_once == 3


def test_a_stop_is_heard_while_a_server_is_silent_and_what_is_whole_is_kept(server: SmallServer) -> None:
    with loaded(server, Patience(seconds=30)) as backbone:
        server.by_prompt["finding 1?"] = faults.slow(3)
        begin = time.monotonic()
        with pytest.raises(PartAnswered) as caught:
            write(backbone, [posed(0), posed(1)], lambda: time.monotonic() > begin + 0.4, unheard)
        assert time.monotonic() - begin < 1.5
    assert (set(caught.value.said), caught.value.refused, caught.value.sentence) == ({"q0"}, {}, "")


def asked(picture: Path, count: int, **more: bool) -> list[Question]:
    return [Question(f"q{n}", f"Which finding {n}?\nA: x\nB: y", ("A", "B"), picture, **more) for n in range(count)]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (24, 16), (10, 200, 60)).save(path)
    return path


@pytest.mark.parametrize("wants_text", [True, False])
def test_one_bad_question_costs_no_other_its_answer(server: SmallServer, picture: Path, wants_text: bool) -> None:
    with loaded(server) as backbone:
        server.by_prompt["finding 5?"] = faults.status(500, **SOON)
        replies = list(answer_in_batches(backbone, asked(picture, 12, wants_text=wants_text), never, unheard))
    answers = [reply.key for reply in replies if isinstance(reply, Answer)]
    assert answers == [f"q{number}" for number in range(12) if number != 5]
    (refused,) = [reply for reply in replies if isinstance(reply, Unanswered)]
    assert (refused.key, refused.reason) == ("q5", "server")


def test_a_server_that_goes_away_ends_the_run_after_what_it_answered(picture: Path) -> None:
    got: list[str] = []
    with listening(SmallServer()) as server:
        backbone = load_remote(server.address, lambda stage: None, Patience(seconds=1, retries=0))
        replies = answer_in_batches(backbone, asked(picture, 50), never, unheard)
        got += [next(replies).key for _ in range(3)]
    with pytest.raises(BackboneError, match="No server answers|cut its answer short"):
        for reply in replies:
            got.append(reply.key)
    assert got == [f"q{number}" for number in range(len(got))]
    assert len(got) < 50
    backbone.unload()


def test_a_slow_server_is_given_several_at_once_all_the_same(server: SmallServer, picture: Path) -> None:
    with loaded(server, Patience(seconds=30, at_once=8)) as backbone:
        server.seconds, server.most_at_once, server.gathers = 0.3, 0, 8
        assert len(list(answer_in_batches(backbone, asked(picture, 17), never, unheard))) == 17
        assert server.most_at_once == 8


@pytest.mark.parametrize(
    ("address", "variables", "key"),
    [
        ("https://a/v1#m", {"MEDMAT_API_KEY": "ours", "OPENAI_API_KEY": "theirs"}, "ours"),
        ("https://api.openai.com/v1#m", {"OPENAI_API_KEY": "theirs"}, "theirs"),
        ("https://api.openai.com.a/v1#m", {"OPENAI_API_KEY": "theirs"}, ""),
        ("https://a/v1#m", {"OPENAI_API_KEY": "theirs"}, ""),
        ("http://api.openai.com/v1#m", {"OPENAI_API_KEY": "theirs"}, ""),
        ("http://a/v1#m", {"OPENAI_API_KEY": "theirs"}, ""),
        ("http://a/v1#m", {"MEDMAT_API_KEY": "ours"}, "ours"),
        ("http://a/v1#m", {}, ""),
    ],
)
def test_a_key_that_was_set_for_others_only_goes_to_them(
    environment: pytest.MonkeyPatch, address: str, variables: dict[str, str], key: str
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    assert key_for(parse_address(address)) == key


def echoed(handler: faults.Handler, body: faults.Body) -> None:
    """Says the key in its answer."""
    handler.begin_stream()
    handler.event(faults.chunk(body, "A your key is "))
    handler.event(faults.chunk(body, str(handler.headers["Authorization"])))
    handler.event(faults.chunk(body, "", None, "stop"))


def test_the_key_is_sent_and_never_seen(
    server: SmallServer, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment.setenv("MEDMAT_API_KEY", KEY)
    settings.cache_clear()
    caplog.set_level(logging.DEBUG)
    server.key = KEY
    seen: list[str] = []
    with loaded(server) as backbone:
        assert server.headers[-1]["authorization"] == f"Bearer {KEY}"
        server.by_prompt["finding 0?"] = echoed
        (written,) = write(backbone, [posed(0)], never, lambda key, text: seen.append(text))
        assert written.text == "A your key is Bearer [key]"
        server.key = "another"  # now it refuses, and repeats what it was given
        with pytest.raises(PartAnswered, match=r"refuses the key \(401\): Wrong key Bearer \[key\]") as caught:
            letters(backbone, [posed(1)])
        seen += [repr(caught.value), repr(caught.value.__cause__), repr(caught.value.__context__), repr(vars(backbone))]
        seen += [repr(backbone.loaded), caplog.text, str(settings()), repr(settings())]
    assert [text for text in seen if KEY in text] == []
    assert os.environ["MEDMAT_API_KEY"] == KEY


def test_what_is_sent_can_be_seen_and_where_it_looks_cannot(server: SmallServer) -> None:
    with loaded(server) as backbone:
        sent = backbone.sent(posed(3))
        with pytest.raises(BackboneError, match="does not tell where its model attends"):
            backbone.attention(posed(3))
        (answer,) = ask(backbone, [posed(3)], options=("Stone", "Cyst"))
    assert (sent.text, sent.tokens, sent.shape) == (posed(3).question.prompt, 0, ())
    assert Image.open(BytesIO(sent.picture)).getcolors() == [(24 * 16, (10, 200, 60))]
    assert (answer.note, answer.option_likelihoods) == ("A server cannot score option texts.", ())
    assert answer.timing and answer.timing.prefill > 0


def test_two_servers_of_one_machine_are_two_revisions(server: SmallServer) -> None:
    with listening(SmallServer(offers={"stream"})) as other, loaded(server) as first, loaded(other) as second:
        assert first.loaded.revision != second.loaded.revision
    with loaded(server) as again:
        assert again.loaded.revision == first.loaded.revision


def test_only_letters_of_the_alphabet_can_be_asked_for(server: SmallServer) -> None:
    strange = Question("x", "Which?", ("A", "甲", "10"), Path("x.png"))
    with loaded(server) as backbone:
        assert backbone.refusal(strange) == "A server cannot be asked for the letters 甲, 10."
        assert backbone.refusal(posed().question) == ""


def test_an_answer_says_what_a_reader_must_know_of_it(picture: Path) -> None:
    Image.new("RGB", (5000, 10)).save(picture)
    with listening(SmallServer(likely={"B": -3.0, "x": -5.0})) as server, loaded(server) as backbone:
        (reply,) = answer_in_batches(backbone, asked(picture, 1), never, unheard)
    assert isinstance(reply, Answer)
    assert reply.note == (
        "The picture was shrunk from 5000 x 10 to 4096 x 8 pixels. "
        "The server did not list A: at most as likely as shown."
    )
