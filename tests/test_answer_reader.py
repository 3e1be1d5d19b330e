"""Free text is read as a letter or not at all; nothing is guessed. Each trap is one that a real harness fell into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.domain.qa import Option
from medmat_explorer.evaluation.answer_reader import read_letter


def options(*texts: str) -> tuple[Option, ...]:
    return tuple(Option("ABCDEFGHIJ"[index], text) for index, text in enumerate(texts))


KIDNEY = options("Normal", "Cyst", "Stone", "Tumor")
BREAST = options("Malignant", "Benign", "Normal")
YES_NO = options("Yes", "No")
COUNTS = options("1", "12", "120", "12.5")
COVID = options("COVID-19", "Non-COVID-19")
BRAIN = options("No Tumor", "Glioma", "Meningioma")
GRADES = options("Grade 1", "Grade 2", "Grade 3")
DENSITY = options("C", "A", "D", "B")
WITH_ARTICLE = options("Stone", "A cyst", "Normal")

READ = [
    ("B", KIDNEY, "B"),
    ("b", KIDNEY, "B"),
    ("B.", KIDNEY, "B"),
    ("(B)", KIDNEY, "B"),
    ("[B]", KIDNEY, "B"),
    ("**B**", KIDNEY, "B"),
    ("**B.** Cyst", KIDNEY, "B"),
    ("B)", KIDNEY, "B"),
    ("B:", KIDNEY, "B"),
    (" B\n", KIDNEY, "B"),
    ("`B`", KIDNEY, "B"),
    ('"B"', KIDNEY, "B"),
    ("\\boxed{B}", KIDNEY, "B"),
    ("$B$", KIDNEY, "B"),
    ("<answer>B</answer>", KIDNEY, "B"),
    ("B: Cyst", KIDNEY, "B"),
    ("B. Cyst", KIDNEY, "B"),
    ("B) cyst", KIDNEY, "B"),
    ("(B) Cyst", KIDNEY, "B"),
    ("B - Cyst", KIDNEY, "B"),
    ("B, cyst", KIDNEY, "B"),
    ("b. cyst", KIDNEY, "B"),
    ("B Cyst", KIDNEY, "B"),
    ("B\nCyst", KIDNEY, "B"),
    ("B.Cyst", KIDNEY, "B"),
    ("B:Cyst", KIDNEY, "B"),
    ("The answer is B.", KIDNEY, "B"),
    ("The answer is B", KIDNEY, "B"),
    ("Answer: b", KIDNEY, "B"),
    ("Answer: B", KIDNEY, "B"),
    ("answer is (B)", KIDNEY, "B"),
    ("The correct answer is **B**.", KIDNEY, "B"),
    ("The correct option is B: Cyst", KIDNEY, "B"),
    ("Final answer: B. Cyst", KIDNEY, "B"),
    ("I choose B.", KIDNEY, "B"),
    ("I would select (B).", KIDNEY, "B"),
    ("Option B", KIDNEY, "B"),
    ("B is correct.", KIDNEY, "B"),
    ("It is B.", KIDNEY, "B"),
    ("I'd go with B.", KIDNEY, "B"),
    ("The answer is B because of the dark area.", KIDNEY, "B"),
    ("The answer is A.", KIDNEY, "A"),
    ("Answer: a", KIDNEY, "A"),
    ("The answer is A because it looks healthy.", KIDNEY, "A"),
    ("The answer is: B", KIDNEY, "B"),
    ("Answer:\nB", KIDNEY, "B"),
    ("ANSWER - B", KIDNEY, "B"),
    ("Answer B", KIDNEY, "B"),
    ("The best choice would be option C.", KIDNEY, "C"),
    ("Cyst", KIDNEY, "B"),
    ("cyst.", KIDNEY, "B"),
    ("A cyst", KIDNEY, "B"),
    ("a cyst", KIDNEY, "B"),
    ("A cyst.", KIDNEY, "B"),
    ("The picture shows a cyst.", KIDNEY, "B"),
    ("This is a cyst in the kidney.", KIDNEY, "B"),
    ("It looks normal.", KIDNEY, "A"),
    ("Benign", BREAST, "B"),
    ("not a cyst but a stone", KIDNEY, "C"),
    ("It is not a cyst, it is a stone", KIDNEY, "C"),
    ("A: Normal\nB: Cyst\nC: Stone\nD: Tumor\nThe answer is B.", KIDNEY, "B"),
    ("Option A is wrong. The answer is B.", KIDNEY, "B"),
    ("I first thought of A, but the answer is C", KIDNEY, "C"),
    ("C. 12", options("1", "120", "12", "3"), "C"),
    ("12", COUNTS, "B"),
    ("12.5", COUNTS, "D"),
    ("B. 12", COUNTS, "B"),
    ("There are 12 cells", COUNTS, "B"),
    ("120", COUNTS, "C"),
    ("Yes", YES_NO, "A"),
    ("No", YES_NO, "B"),
    ("Yes, there is a tumor.", YES_NO, "A"),
    ("No, it is normal.", YES_NO, "B"),
    ("yes.", YES_NO, "A"),
    ("Non-COVID-19", COVID, "B"),
    ("COVID-19", COVID, "A"),
    ("This is non-COVID-19", COVID, "B"),
    ("There is no tumor", BRAIN, "A"),
    ("glioma", BRAIN, "B"),
    ("Grade 2", GRADES, "B"),
    ("It is grade 2.", GRADES, "B"),
    ("B", DENSITY, "B"),
    ("E. coli", options("S. aureus", "E. coli"), "B"),
    ("A cyst", WITH_ARTICLE, "B"),
    ("B: A cyst", WITH_ARTICLE, "B"),
    ("B. The lesion is a cyst, not a stone.", KIDNEY, "B"),
    ("B because of the dark area", KIDNEY, "B"),
    ("B\n\nExplanation: The picture shows a dark round area.", KIDNEY, "B"),
    ("Ｂ", KIDNEY, "B"),
    ("（B）", KIDNEY, "B"),
    ("It's a stone, rather than a cyst", KIDNEY, "C"),
    ("The diagnosis is cyst", KIDNEY, "B"),
    ("The diagnosis is a stone.", KIDNEY, "C"),
    ("A is the correct answer.", KIDNEY, "A"),
    ("I think the answer is D", KIDNEY, "D"),
    ("I see a stone", KIDNEY, "C"),
    ("Option (B) round mass", KIDNEY, "B"),
    ("I choose option B which shows a round mass", KIDNEY, "B"),
    ("The answer is B (round mass)", KIDNEY, "B"),
    ("Answer: B Cyst", KIDNEY, "B"),
    ("Cyst (B)", KIDNEY, "B"),
    ("The finding is benign rather than malignant.", BREAST, "B"),
    ("Final answer: $\\boxed{\\text{B}}$", KIDNEY, "B"),
    ("<think>A or C?</think> B", KIDNEY, "B"),
    ("答案是B", KIDNEY, "B"),
    ("答案：Ｂ。", KIDNEY, "B"),
    ("A cyst is present", KIDNEY, "B"),
    ("B, because it is round", KIDNEY, "B"),
    ("B, a cyst with thin wall", KIDNEY, "B"),
    ("Based on the image, the answer is option (C).", KIDNEY, "C"),
    ("The letter is D.", KIDNEY, "D"),
    ("A.", KIDNEY, "A"),
    ("A)", KIDNEY, "A"),
    ("a)", KIDNEY, "A"),
    ("A: Normal", KIDNEY, "A"),
    ("A normal kidney", KIDNEY, "A"),
    ("A Normal", KIDNEY, "A"),
    ("Answer: A cyst", KIDNEY, "B"),
    ("Answer: A stone", KIDNEY, "C"),
    ("The answer is A cyst", KIDNEY, "B"),
    ("C is wrong, B is correct", KIDNEY, "B"),
    ("<s>B</s>", KIDNEY, "B"),
    ("B</s>", KIDNEY, "B"),
]

UNREADABLE = [
    ("A lesion", KIDNEY),
    ("A mass is seen here", KIDNEY),
    ("The answer is a lesion", KIDNEY),
    ("Benign", KIDNEY),
    ("Bone", KIDNEY),
    ("Abnormal", KIDNEY),
    ("abnormal", BREAST),
    ("Dark area", KIDNEY),
    ("Cystic", KIDNEY),
    ("cyst-like", KIDNEY),
    ("Either a cyst or a stone", KIDNEY),
    ("cyst or stone", KIDNEY),
    ("a cyst and a stone", KIDNEY),
    ("B or C", KIDNEY),
    ("B and C", KIDNEY),
    ("B, C", KIDNEY),
    ("B/C", KIDNEY),
    ("A, B, C", KIDNEY),
    ("Either B or C", KIDNEY),
    ("The answer is B or C.", KIDNEY),
    ("The answer is either B or C", KIDNEY),
    ("A or B", KIDNEY),
    ("ABCD", KIDNEY),
    ("A B C D", KIDNEY),
    ("BB", KIDNEY),
    ("not a cyst", KIDNEY),
    ("Not B", KIDNEY),
    ("no cyst", KIDNEY),
    ("There is no evidence of a cyst.", KIDNEY),
    ("This isn't a cyst", KIDNEY),
    ("The answer is not B.", KIDNEY),
    ("cannot be a cyst", KIDNEY),
    ("without cyst", KIDNEY),
    ("I would not choose B", KIDNEY),
    ("Neither A nor B", KIDNEY),
    ("Malignant (B)", BREAST),
    ("a, b", KIDNEY),
    ("a or b", KIDNEY),
    ("(A) and (B)", KIDNEY),
    ("B (or possibly C)", KIDNEY),
    ("It's either A or B", KIDNEY),
    ("Not B, C", KIDNEY),
    ("Diagnosis: B cell lymphoma", KIDNEY),
    ("The answer is a (cyst)", KIDNEY),
    ("No evidence of malignancy", BREAST),
    ("Yes", KIDNEY),
    ("答案是B或C", KIDNEY),
    ("答案不是B", KIDNEY),
    ("B: Stone", KIDNEY),
    ("The answer is B, stone", KIDNEY),
    ("A. Cyst", KIDNEY),
    ("E", KIDNEY),
    ("E: Cyst", KIDNEY),
    ("The answer is E.", KIDNEY),
    ("A: Normal\nB: Cyst\nC: Stone\nD: Tumor", KIDNEY),
    ("A: Normal B: Cyst C: Stone D: Tumor", KIDNEY),
    ("The answer is B. No, the answer is C.", KIDNEY),
    ("Is this a cyst?", KIDNEY),
    ("B?", KIDNEY),
    ("", KIDNEY),
    ("   ", KIDNEY),
    ("...", KIDNEY),
    ("I don't know", KIDNEY),
    ("I cannot tell whether it is a cyst", KIDNEY),
    ("It is unclear if this is a cyst", KIDNEY),
    ("None of the above", KIDNEY),
    ("All of the above", KIDNEY),
    ("I'm sorry, I can't help with medical images.", KIDNEY),
    ("112", COUNTS),
    ("There is no doubt", YES_NO),
    ("non-covid-19 pneumonia", options("COVID-19", "Normal")),
    ("not COVID-19", COVID),
    ("No glioma", BRAIN),
    ("Grade 12", GRADES),
    ("grade 1 or 2", GRADES),
    ("Hepatitis B", KIDNEY),
    ("Vitamin A deficiency", KIDNEY),
    ("B-cell lymphoma", KIDNEY),
    ("B12", KIDNEY),
    ("A-scan", KIDNEY),
    ("C-section", KIDNEY),
    ("A: A cyst", WITH_ARTICLE),
    ("Answer with the option's letter from the given choices directly.", KIDNEY),
    ("The image shows a kidney.", KIDNEY),
    ("A is incorrect", KIDNEY),
    ("I", KIDNEY),
    ("B is not correct", KIDNEY),
    ("B and nothing else", KIDNEY),
    ("D, or maybe C", KIDNEY),
    ("A - D", KIDNEY),
    ("assistant: B", KIDNEY),
]


@pytest.mark.parametrize(("text", "among", "letter"), READ)
def test_an_answer_that_says_one_option_is_read(text: str, among: tuple[Option, ...], letter: str) -> None:
    assert read_letter(text, among) == letter


@pytest.mark.parametrize(("text", "among"), UNREADABLE)
def test_what_does_not_say_one_option_is_not_read(text: str, among: tuple[Option, ...]) -> None:
    assert read_letter(text, among) is None


@given(st.text(max_size=60))
def test_any_text_gives_an_option_or_nothing(text: str) -> None:
    assert read_letter(text, KIDNEY) in {"A", "B", "C", "D", None}


LISTED = st.lists(
    st.sampled_from(["A", "B", "C", "D", " ", ", ", ". ", ": ", ") ", "/", " or ", " and ", "\n"]), max_size=8
)


@given(LISTED.filter(lambda parts: len(set("ABCD") & set(parts)) > 1))
def test_several_letters_are_never_read_as_one(parts: list[str]) -> None:
    assert read_letter("".join(parts), options("first", "second", "third", "fourth")) is None
