"""How options are read out of Question-choice, whatever they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.domain.options import compose_question_choice, parse_question_choice
from medmat_explorer.errors import RefusedRecordError

ASK = "Answer with the option's letter from the given choices directly."

READ = {
    "the usual form": (f"What is it?\nA: Cyst\nB: Tumor\n{ASK}", "What is it?", ["Cyst", "Tumor"], ASK, ":"),
    "dots after letters": (f"What is it?\nA. Cyst\nB. Tumor\n{ASK}", "What is it?", ["Cyst", "Tumor"], ASK, "."),
    "brackets after letters": ("What is it?\nA) Cyst\nB) Tumor", "What is it?", ["Cyst", "Tumor"], "", ")"),
    "letters in brackets": ("What?\n(A) Cyst\n(B) Tumor", "What?", ["Cyst", "Tumor"], "", ")"),
    "a colon in an option": (
        f"Q?\nA: Grade: high\nB: Grade: low\n{ASK}",
        "Q?",
        ["Grade: high", "Grade: low"],
        ASK,
        ":",
    ),
    "commas in options": (f"Q?\nA: a, b\nB: a, b, c\n{ASK}", "Q?", ["a, b", "a, b, c"], ASK, ":"),
    "a line break in an option": (f"Q?\nA: first\nline\nB: second\n{ASK}", "Q?", ["first\nline", "second"], ASK, ":"),
    "a line break in the last option": (f"Q?\nA: one\nB: two\nmore\n{ASK}", "Q?", ["one", "two\nmore"], ASK, ":"),
    "two questions lines": (f"Look.\nWhat is it?\nA: x\nB: y\n{ASK}", "Look.\nWhat is it?", ["x", "y"], ASK, ":"),
    "an initial in an option": ("Q?\nA: E. coli\nB: S. aureus", "Q?", ["E. coli", "S. aureus"], "", ":"),
    "another sign inside": ("Q?\nA: one\nB. burgdorferi\nB: two", "Q?", ["one\nB. burgdorferi", "two"], "", ":"),
    "Windows line ends": (f"Q?\r\nA: x\r\nB: y\r\n{ASK}", "Q?", ["x", "y"], ASK, ":"),
    "blanks around": ("Q? \n A:  x \n B:\ty \n", "Q?", ["x", "y"], "", ":"),
    "another instruction": (
        "Q?\nA: x\nB: y\nPlease choose one letter.",
        "Q?",
        ["x", "y"],
        "Please choose one letter.",
        ":",
    ),
    "options in one line": ("Is it? A: yes, B: no", "Is it?", ["yes", "no"], "", ":"),
    "one line with dots": ("Is it? A. yes B. no C. perhaps", "Is it?", ["yes", "no", "perhaps"], "", "."),
    "a far letter in an option": ("Q?\nA: class\nI: early\nB: late", "Q?", ["class\nI: early", "late"], "", ":"),
}


@pytest.mark.parametrize(("text", "question", "options", "instruction", "sign"), READ.values(), ids=READ.keys())
def test_options_are_read(text: str, question: str, options: list[str], instruction: str, sign: str) -> None:
    parsed = parse_question_choice(text)
    assert (parsed.question, [o.text for o in parsed.options], parsed.instruction, parsed.separator) == (
        question,
        options,
        instruction,
        sign,
    )
    assert "".join(o.letter for o in parsed.options) == "ABCDEFGH"[: len(options)]


def test_many_options_are_read() -> None:
    options = tuple(f"label {number}" for number in range(26))
    parsed = parse_question_choice(compose_question_choice("Which?", options, ":", ASK))
    assert tuple(o.text for o in parsed.options) == options
    assert parsed.options[-1].letter == "Z"


def test_a_known_question_may_hold_lines_that_look_like_options() -> None:
    question = "Two readers said\nA: cyst\nB: stone\nWho is right?"
    parsed = parse_question_choice(f"{question}\nA: the first\nB: the second", question)
    assert (parsed.question, [o.text for o in parsed.options]) == (question, ["the first", "the second"])


REFUSED = {
    "no option": ("What is it?", "no-options"),
    "nothing": ("", "no-options"),
    "one option": ("What is it?\nA: Cyst", "no-options"),
    "a letter left out": ("What?\nA: Cyst\nC: Tumor", "options-out-of-order"),
    "a letter twice": ("What?\nA: Cyst\nA: Stone\nB: Tumor", "options-out-of-order"),
    "letters swapped": ("What?\nB: Cyst\nA: Stone\nC: Tumor", "options-out-of-order"),
    "an empty option": ("What?\nA: Cyst\nB:\nC: Tumor", "empty-option"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_list_of_options_is_refused(text: str, reason: str) -> None:
    with pytest.raises(RefusedRecordError) as refusal:
        parse_question_choice(text)
    assert refusal.value.reason == reason


plain = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
words = st.lists(plain, min_size=1, max_size=4).map(" ".join)


@given(
    question=words,
    options=st.lists(words, min_size=2, max_size=26),
    sign=st.sampled_from(":.)"),
    ask=st.sampled_from(["", ASK]),
)
def test_what_is_composed_is_read_back(question: str, options: list[str], sign: str, ask: str) -> None:
    text = compose_question_choice(question, tuple(options), sign, ask)
    parsed = parse_question_choice(text, question)
    assert ([o.text for o in parsed.options], parsed.instruction, parsed.separator) == (options, ask, sign)
    assert parsed.question == question
