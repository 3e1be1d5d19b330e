"""The parts of asking a server that need no server: pictures, letters, what it said."""

from base64 import b64decode
from io import BytesIO
from math import exp

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from medmat_explorer.backbones.remote_letters import from_logprobs, letter_in
from medmat_explorer.backbones.remote_picture import sent_picture
from medmat_explorer.backbones.remote_reply import Said, TooLongError

LETTERS = ("A", "B", "C")
HM = {"token": "Hm", "logprob": -0.1, "top_logprobs": [{"token": "Hm", "logprob": -0.1}]}


def opened(url: str) -> Image.Image:
    return Image.open(BytesIO(b64decode(url.partition(",")[2])))


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8))


def test_a_picture_travels_without_loss_and_without_what_else_the_file_held() -> None:
    picture = noise(40, 30)
    picture.info["comment"] = b"Name of a patient"
    sent = sent_picture(picture)
    assert sent.url.startswith("data:image/png;base64,")
    assert opened(sent.url).tobytes() == picture.tobytes()
    assert (sent.note, b"patient" in sent.data) == ("", False)


def test_a_picture_that_is_too_large_is_made_smaller_and_that_is_said() -> None:
    sent = sent_picture(noise(400, 100), longest=200)
    assert (sent.size, opened(sent.url).size) == ((200, 50), (200, 50))
    assert sent.note == "The picture was shrunk from 400 x 100 to 200 x 50 pixels."


def test_a_picture_that_is_too_heavy_becomes_jpeg_and_then_smaller() -> None:
    light = sent_picture(noise(200, 200), most=60_000)
    assert (light.media_type, light.size) == ("image/jpeg", (200, 200))
    assert light.note == "It was sent as JPEG, since as PNG it is too large."
    tiny = sent_picture(noise(800, 800), most=60_000)
    assert len(tiny.data) <= 60_000
    assert tiny.size < (800, 800)
    assert "shrunk from 800 x 800" in tiny.note


def test_letters_are_compared_by_the_better_of_their_two_spellings() -> None:
    numbers = from_logprobs({"A": -3.0, " A": -1.0, "B": -2.0, "▁C": -4.0, "Cyst": -0.1}, LETTERS)
    assert numbers and numbers.bounded == ()
    whole = exp(-1) + exp(-2) + exp(-4)
    assert numbers.probabilities == pytest.approx((exp(-1) / whole, exp(-2) / whole, exp(-4) / whole))


def test_a_letter_that_is_not_listed_gets_its_upper_bound_and_that_is_said() -> None:
    numbers = from_logprobs({"A": -0.1, "x": -6.0}, LETTERS)
    assert numbers and numbers.bounded == ("B", "C")
    whole = exp(-0.1) + 2 * exp(-6)  # the list ends at -6, although much more is left over
    assert numbers.probabilities == pytest.approx((exp(-0.1) / whole, exp(-6) / whole, exp(-6) / whole))
    assert "did not list B, C" in numbers.note
    left = from_logprobs({"A": -0.001, "x": -6.95}, ("A", "B"))  # less is left over than the list ends with
    assert left and left.probabilities[1] < exp(-6.95)


def test_without_a_letter_in_the_list_nothing_is_known() -> None:
    assert from_logprobs({"The": -0.1, "It": -3.0}, LETTERS) is None
    assert from_logprobs({}, LETTERS) is None


@pytest.mark.parametrize(
    ("text", "letter"),
    [("B", "B"), (" b ", "B"), ("**B**", "B"), ("(B)", "B"), ("B: cyst", "B"), ("B. Because", "B"), ('"B"', "B")],
)
def test_a_text_that_is_a_letter_is_read(text: str, letter: str) -> None:
    assert letter_in(text, LETTERS) == letter


@pytest.mark.parametrize("text", ["", "A cyst", "Benign", "The answer is B", "E", "A or B", "I"])
def test_a_text_that_is_none_is_not_guessed(text: str) -> None:
    assert letter_in(text, LETTERS) == ""


def piece(content: str | None, tops: dict[str, float] | None = None, **more: object) -> dict[str, object]:
    listed = [{"token": token, "logprob": number} for token, number in (tops or {}).items()]
    logprobs = {"content": [{"token": content, "logprob": -9.0, "top_logprobs": listed}]} if tops else None
    return {"choices": [{"delta": {"content": content}, "logprobs": logprobs, **more}]}


def test_the_first_answer_token_counts_not_thoughts_or_blanks_before_it() -> None:
    said = Said()
    said.take({"choices": [{"delta": {"reasoning_content": "Hm"}, "logprobs": {"content": [HM]}}]})
    said.take(piece("\n", {"\n": -0.1}))
    said.take(piece(" B", {" B": -0.2, "A": -2.0}))
    said.take(piece(" A", {" A": -0.1}))
    said.take({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    said.take({"choices": [], "usage": {}})
    assert said.text == "\n B A"
    assert (said.first, said.ended) == ({" B": -0.2, "A": -2.0}, "stop")


def test_numbers_that_are_none_are_left_out() -> None:
    said = Said()
    said.take(piece("B", {"A": float("nan"), "C": float("-inf")}))
    assert said.first == {"C": -9999.0, "B": -9.0}


def test_what_has_another_form_is_refused() -> None:
    for chunk in ({"choices": "none"}, {"choices": [{"delta": {"content": 7}}]}, {"choices": [3]}):
        with pytest.raises(ValidationError):
            Said().take(chunk)
    with pytest.raises(TooLongError):
        Said().take(piece("word " * 5_000))
