"""Free text is read as a letter or not at all; nothing is guessed. Each trap is one that a real harness fell into."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.domain.qa import Option
from medmat_explorer.evaluation.answer_reader import read_letter
from tests.answer_traps import KIDNEY, TRAPS, Trap, options

ALL = [(group, *trap) for group, traps in TRAPS.items() for trap in traps]


@pytest.mark.parametrize(("group", "text", "among", "letter"), ALL)
def test_an_answer_is_read_as_the_option_it_says_or_not_at_all(
    group: str, text: str, among: tuple[Option, ...], letter: str | None
) -> None:
    assert read_letter(text, among) == letter


def test_no_trap_stands_twice_and_there_are_many_of_both_kinds() -> None:
    traps: list[Trap] = [trap for group in TRAPS.values() for trap in group]
    twice = [trap for trap, times in Counter((text, among) for text, among, _ in traps).items() if times > 1]
    assert twice == []
    assert sum(letter is None for _, _, letter in traps) >= 60 <= sum(letter is not None for _, _, letter in traps)


@given(st.text(max_size=60))
def test_any_text_gives_an_option_or_nothing(text: str) -> None:
    assert read_letter(text, KIDNEY) in {"A", "B", "C", "D", None}


LISTED = st.lists(
    st.sampled_from(["A", "B", "C", "D", " ", ", ", ". ", ": ", ") ", "/", " or ", " and ", "\n"]), max_size=8
)


@given(LISTED.filter(lambda parts: len(set("ABCD") & set(parts)) > 1))
def test_several_letters_are_never_read_as_one(parts: list[str]) -> None:
    assert read_letter("".join(parts), options("first", "second", "third", "fourth")) is None


@given(
    st.sampled_from("ABCD"),
    st.sampled_from(["{}", "({})", "**{}**", "Answer: {}", "The answer is {}.", "\\boxed{{{}}}"]),
)
def test_whichever_letter_is_said_is_read(letter: str, form: str) -> None:
    assert read_letter(form.format(letter), KIDNEY) == letter


@pytest.mark.parametrize(
    "text", ["a " * 4000, "(" * 4000, "not " * 3000 + "B", "B, " * 3000, "<think>" * 2000, "'" * 5000]
)
def test_a_long_text_does_not_hold_up_the_run(text: str) -> None:
    assert read_letter(text, KIDNEY) in {"A", "B", "C", "D", None}
