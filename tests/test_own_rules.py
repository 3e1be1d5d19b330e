"""The rule by which a subset of one's own asks: options, letters, wordings and split."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.domain.options import parse_question_choice
from medmat_explorer.domain.own_split import Splittable, split_pictures
from medmat_explorer.domain.own_subset import (
    INSTRUCTION,
    LabelledPicture,
    OwnItem,
    SeenPicture,
    make_items,
    with_alternatives,
)
from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.question_wordings import derived_wordings
from medmat_explorer.domain.triplet import MatTriplet

WORDINGS = tuple(f"Wording {number}?" for number in range(6))
LABELS = ("Cyst", "Normal", "Stone", "Tumor", "Abscess", "Scar")


def seen(image: str, label: str, content: str = "", **more: object) -> SeenPicture:
    return SeenPicture(LabelledPicture(image, tuple(label.split("+")), **more), content or image)  # type: ignore[arg-type]


def many(each: int, labels: tuple[str, ...] = LABELS) -> list[SeenPicture]:
    return [seen(f"{label}/{number:03}.png", label) for label, number in product(labels, range(each))]


def made(pictures: list[SeenPicture], **wishes: object) -> list[OwnItem]:
    return make_items(pictures, WORDINGS, **({"share": 0.1, "seed": 0} | wishes))  # type: ignore[arg-type]


PICTURES = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.sampled_from(["Cyst", "Normal", "Stone", "Tumor", "Cyst+Stone"]),
        st.sampled_from(["", "", "p1", "p2", "p3"]),
        st.sampled_from([None, None, None, Split.TRAIN, Split.TEST]),
    ),
    min_size=2,
    max_size=80,
)


@given(PICTURES, st.integers(2, 6), st.floats(0, 0.9), st.integers(0, 5))
def test_the_right_option_stands_once_among_different_labels_of_the_subset(
    drawn: list[tuple[int, str, str, Split | None]], options: int, share: float, seed: int
) -> None:
    pictures = [
        seen(f"{place}.png", label, f"content {content}", group=group, split=split)
        for place, (content, label, group, split) in enumerate(drawn)
    ]
    kept, _ = with_alternatives(pictures)
    items = made(kept, options=options, share=share, seed=seed)
    answers = {one.picture.answer for one in kept}
    assert Counter(item.picture.image for item in items) == Counter(one.picture.image for one in kept)
    for item in items:
        assert item.options.count(item.picture.answer) == 1
        assert len(set(item.options)) == len(item.options) == min(options, len(answers))
        assert set(item.options) <= answers
        assert item.options["ABCDEF".index(item.letter)] == item.picture.answer


@given(PICTURES, st.floats(0, 0.9), st.integers(0, 9), st.randoms())
def test_a_split_keeps_contents_groups_and_given_sides_together_in_any_order(
    drawn: list[tuple[int, str, str, Split | None]], share: float, seed: int, dice: object
) -> None:
    parts = [Splittable(f"{content}", label, group, given) for content, label, group, given in drawn]
    sides = split_pictures(parts, share, seed)
    for mark in ("content", "group"):
        places: dict[str, set[Split]] = {}
        for part, side in zip(parts, sides, strict=True):
            if name := getattr(part, mark):
                places.setdefault(name, set()).add(side)
        assert all(len(found) == 1 for found in places.values())
    shuffled = list(zip(parts, sides, strict=True))
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    again = split_pictures([part for part, _ in shuffled], share, seed)
    assert Counter(zip(parts, sides, strict=True)) == Counter(zip([part for part, _ in shuffled], again, strict=True))


def test_each_label_has_its_share_of_the_test_and_a_single_picture_trains() -> None:
    parts = [Splittable(f"{label} {n}", label) for label in LABELS for n in range(40)] + [Splittable("x", "Rare")]
    sides = split_pictures(parts, 0.25, 7)
    tested = Counter(part.answer for part, side in zip(parts, sides, strict=True) if side is Split.TEST)
    assert tested == dict.fromkeys(LABELS, 10)
    assert sides[-1] is Split.TRAIN
    assert set(split_pictures(parts, 0, 7)) == {Split.TRAIN}


def test_letters_and_wordings_are_even() -> None:
    items = [item for item in made(many(100), share=0.2) if item.split is Split.TRAIN]
    letters = Counter(item.letter for item in items)
    by_label = Counter((item.picture.answer, item.letter) for item in items)
    wordings = Counter(item.question for item in items)
    assert len(items) == 480
    assert letters == dict.fromkeys("ABCD", 120)
    assert by_label == {(label, letter): 20 for label in LABELS for letter in "ABCD"}
    assert wordings == dict.fromkeys(WORDINGS, 80)


def test_distractors_come_from_all_other_labels_evenly() -> None:
    items = made(many(200), share=0)
    shown = Counter(option for item in items for option in item.options if item.picture.answer == "Cyst")
    assert shown.pop("Cyst") == 200
    assert shown.keys() == set(LABELS) - {"Cyst"}
    assert all(90 <= count <= 150 for count in shown.values())  # 3 of 5 in 200 questions: 120, within 4 deviations


def test_the_order_of_options_says_nothing_about_the_right_one() -> None:
    items = made(many(100, ("Normal", "Tumor")), share=0)
    orders = Counter((item.options, item.letter) for item in items)
    assert orders == {
        (("Normal", "Tumor"), "A"): 50,
        (("Normal", "Tumor"), "B"): 50,
        (("Tumor", "Normal"), "A"): 50,
        (("Tumor", "Normal"), "B"): 50,
    }


def test_a_record_is_one_of_med_mats() -> None:
    (item,) = [item for item in made(many(1), share=0) if item.picture.answer == "Stone"]
    record = item.record(17, "own-subsets/U01/Stone/000.png", "U01")
    assert list(record) == [
        "id",
        "caption",
        "image",
        "Question",
        "Answer",
        "Question-choice",
        "Answer-choice",
        "data-no",
    ]
    assert (record["id"], record["Answer"], record["caption"], record["data-no"]) == (17, "Stone", "Stone", "U01")
    lines = record["Question-choice"].split("\n")
    assert lines[0] in WORDINGS
    assert [line[:3] for line in lines[1:5]] == ["A: ", "B: ", "C: ", "D: "]
    assert lines[5:] == [INSTRUCTION]
    parsed = parse_question_choice(record["Question-choice"], record["Question"])
    assert {o.letter: o.text for o in parsed.options}[record["Answer-choice"]] == "Stone"


@pytest.mark.parametrize(
    ("triplet", "first"),
    [
        (MatTriplet("CT", "Kidney", "Diseases"), "Which disease does this CT image of the kidney show?"),
        (MatTriplet("FP", "Fundus", "Level"), "Which degree does this fundus photograph show?"),
        (MatTriplet("X-ray", "Lung", "COVID"), "Which COVID-19 status does this X-ray image of the lung show?"),
        (MatTriplet("PET", "Bone", "Uptake"), "Which uptake category does this PET image of the bone show?"),
    ],
)
def test_wordings_follow_from_the_triple(triplet: MatTriplet, first: str) -> None:
    found = derived_wordings(triplet)
    assert found[0] == first
    assert len(set(found)) == 6
