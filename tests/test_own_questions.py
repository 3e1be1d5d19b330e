"""Questions of one's own subset: options, letters, wordings and split by the rule, and a seed repeats them."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.domain.own_split import Splittable, split_pictures
from medmat_explorer.domain.own_subset import (
    LabelledPicture,
    OwnItem,
    SeenPicture,
    make_items,
    one_spelling,
    with_alternatives,
    without_copies,
)
from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.question_wordings import derived_wordings, six_wordings
from medmat_explorer.domain.release_record import RecordOrigin, read_record
from medmat_explorer.domain.triplet import MatTriplet

WORDINGS = derived_wordings(MatTriplet("CT", "Liver", "Tumor"))
LABELS = ("Abscess", "Cyst", "Normal", "Stone", "Tumor", "Polyp")


def seen(labels: list[str], **more: object) -> list[SeenPicture]:
    pictures = [LabelledPicture(f"{label}/{place}.png", (label,)) for place, label in enumerate(labels)]
    return [SeenPicture(replace(p, **more), f"content {p.image}") for p in pictures]  # type: ignore[arg-type]


def made(labels: list[str], options: int = 4, share: float = 0.1, seed: int = 0) -> list[OwnItem]:
    return make_items(seen(labels), WORDINGS, options=options, share=share, seed=seed)


label_lists = st.lists(st.sampled_from(LABELS), min_size=2, max_size=60).filter(lambda labels: len(set(labels)) > 1)


@given(label_lists, st.integers(2, 6), st.integers(0, 5))
def test_every_question_has_its_label_once_and_no_option_twice(labels: list[str], options: int, seed: int) -> None:
    for item in made(labels, options, seed=seed):
        assert item.options.count(item.picture.answer) == 1
        assert len(set(item.options)) == len(item.options) == min(options, len(set(labels)))
        assert set(item.options) <= set(labels)
        assert item.options["ABCDEF".index(item.letter)] == item.picture.answer


@given(label_lists, st.integers(0, 5))
def test_letters_and_wordings_are_dealt_out_evenly(labels: list[str], seed: int) -> None:
    items = made(labels, seed=seed)
    for split in Split:
        side = [item for item in items if item.split is split]
        wordings = Counter(item.question for item in side)
        assert max(wordings.values(), default=0) - min((wordings[w] for w in WORDINGS), default=0) <= 1
        for label in set(labels):
            letters = Counter(item.letter for item in side if item.picture.answer == label)
            shown = "ABCD"[: min(4, len(set(labels)))]
            assert max(letters.values(), default=0) - min(letters[letter] for letter in shown) <= 1


@given(label_lists, st.integers(0, 9))
def test_a_seed_gives_the_same_whatever_the_order_of_the_pictures(labels: list[str], seed: int) -> None:
    pictures = seen(labels)
    once = make_items(pictures, WORDINGS, share=0.2, seed=seed)
    again = make_items(pictures[::-1], WORDINGS, share=0.2, seed=seed)
    assert once == again


def test_another_seed_gives_another_subset() -> None:
    assert made(list(LABELS) * 10, seed=0) != made(list(LABELS) * 10, seed=1)


@given(label_lists)
def test_records_are_read_by_the_import_as_they_are_meant(labels: list[str]) -> None:
    for number, item in enumerate(made(labels), start=1):
        read = read_record(item.record(number, "own-subsets/U01/x.png", "U01"), RecordOrigin("U01", False, "", {"U01"}))
        assert (read.repairs, read.question_choice, read.dataset) == ((), None, "U01")
        assert (read.question, read.options, read.letter, read.labels) == (
            item.question,
            item.options,
            item.letter,
            item.picture.labels,
        )


def test_several_labels_are_one_option_joined_by_commas() -> None:
    sets = [("Edema", "Mass"), ("Mass",), ("Edema",), ("Normal",)]
    pictures = [SeenPicture(LabelledPicture(f"{i}.png", labels), str(i)) for i, labels in enumerate(sets * 5)]
    pictures = [SeenPicture(replace(p.picture, image=f"{n}.png"), str(n)) for n, p in enumerate(pictures)]
    items = make_items(pictures, WORDINGS, share=0.1, seed=0)
    assert {item.picture.answer for item in items} == {"Edema, Mass", "Mass", "Edema", "Normal"}
    item = next(item for item in items if item.picture.answer == "Edema, Mass")
    read = read_record(item.record(1, "a.png", "U01"), RecordOrigin("U01", True, "", {"U01"}))
    assert read.labels == ("Edema", "Mass")


def test_a_question_of_its_own_has_options_of_its_own() -> None:
    pictures = [
        *seen(["yes", "no"], question="Is it a cyst?"),
        *seen(["Left", "Right"], question="Which side?"),
        *seen(["Cyst", "Stone"]),
    ]
    pictures = [SeenPicture(replace(p.picture, image=f"{n}.png"), str(n)) for n, p in enumerate(pictures)]
    options = {item.question: set(item.options) for item in make_items(pictures, WORDINGS, share=0, seed=0)}
    assert options.pop("Is it a cyst?") == {"yes", "no"}
    assert options.pop("Which side?") == {"Left", "Right"}
    assert set(options) <= set(WORDINGS)
    assert all(found == {"Cyst", "Stone"} for found in options.values())


def test_a_question_with_one_answer_is_left_out_with_a_sentence() -> None:
    lonely, others = seen(["yes"], question="Is it a cyst?"), seen(["Cyst", "Stone"])
    kept, refused = with_alternatives([*lonely, *others])
    assert kept == others
    assert [(one.reason, one.message) for one in refused] == [
        ("no-distractor", "The question 'Is it a cyst?' has the one answer 'yes'.")
    ]


def test_copies_are_kept_once_and_contradictions_not_at_all() -> None:
    train, test = (LabelledPicture(f"{side}/Cyst/1.png", ("Cyst",), side) for side in (Split.TRAIN, Split.TEST))
    two = [LabelledPicture("Cyst/2.png", ("Cyst",)), LabelledPicture("Stone/2.png", ("Stone",))]
    found = [SeenPicture(train, "same"), SeenPicture(test, "same"), *(SeenPicture(p, "other") for p in two)]
    kept, refused = without_copies(found)
    assert [one.picture for one in kept] == [test]  # the given test side wins
    assert sorted((one.image, one.reason) for one in refused) == [
        ("Cyst/2.png", "two-labels"),
        ("Stone/2.png", "two-labels"),
        ("train/Cyst/1.png", "copy"),
    ]
    assert "'Cyst' and 'Stone'" in next(one.message for one in refused if one.reason == "two-labels")


def test_labels_that_differ_in_spelling_only_become_the_most_frequent_one() -> None:
    labels = ["Normal", "normal", "Normal.", "Normal", "Cyst"]
    pictures, notes = one_spelling([LabelledPicture(f"{n}.png", (label,)) for n, label in enumerate(labels)])
    assert [picture.answer for picture in pictures] == ["Normal"] * 4 + ["Cyst"]
    assert notes == ["The labels 'Normal', 'Normal.', 'normal' differ in spelling only; all are 'Normal' now."]


splittables = st.lists(
    st.builds(
        Splittable,
        content=st.sampled_from([f"c{n}" for n in range(20)]),
        answer=st.sampled_from(LABELS[:3]),
        group=st.sampled_from(["", "", "p1", "p2", "p3"]),
        given=st.sampled_from([None, None, None, Split.TRAIN, Split.TEST]),
    ),
    max_size=40,
)


@given(splittables, st.floats(0, 0.9), st.integers(0, 5))
def test_same_content_and_same_group_stay_on_one_side(pictures: list[Splittable], share: float, seed: int) -> None:
    sides = split_pictures(pictures, share, seed)
    for mark in ("content", "group"):
        found: dict[str, set[Split]] = {}
        for picture, side in zip(pictures, sides, strict=True):
            if value := getattr(picture, mark):
                found.setdefault(value, set()).add(side)
        assert all(len(both) == 1 for both in found.values())


def test_a_given_side_is_kept_and_the_others_are_drawn_around_it() -> None:
    pictures = [Splittable(f"c{n}", "Cyst", given=Split.TEST if n == 7 else None) for n in range(21)]
    sides = split_pictures(pictures, 0.1, 0)
    assert sides[7] is Split.TEST
    assert sides.count(Split.TEST) == 3


@pytest.mark.parametrize(("share", "test"), [(0.0, 0), (0.1, 3), (0.5, 15), (0.9, 27)])
def test_each_label_gives_its_share(share: float, test: int) -> None:
    pictures = [Splittable(f"{label}{n}", label) for label in LABELS for n in range(30)]
    sides = split_pictures(pictures, share, 3)
    found = Counter(p.answer for p, side in zip(pictures, sides, strict=True) if side is Split.TEST)
    assert found == Counter(dict.fromkeys(LABELS, test) if test else {})


def test_a_label_with_one_picture_is_for_training_and_with_two_for_both() -> None:
    one, two = [Splittable("a", "Cyst")], [Splittable("b", "Stone"), Splittable("c", "Stone")]
    assert split_pictures(one, 0.5, 0) == (Split.TRAIN,)
    assert sorted(split_pictures(two, 0.1, 0)) == [Split.TEST, Split.TRAIN]


def test_six_wordings_follow_from_the_triple() -> None:
    assert derived_wordings(MatTriplet("CT", "Liver", "Tumor")) == (
        "Which tumor category does this CT image of the liver show?",
        "Classify this CT image of the liver by its tumor category.",
        "What is the tumor category seen in this CT image of the liver?",
        "Review this CT image of the liver and choose the tumor category that fits it.",
        "Look at this CT image of the liver and name the tumor category.",
        "Determine the tumor category from this CT image of the liver.",
    )
    assert derived_wordings(MatTriplet("FP", "Fundus", "Quality"))[0] == (
        "Which image quality does this fundus photograph show?"
    )
    assert derived_wordings(MatTriplet("PET", "Whole body", "COVID"))[1] == (
        "Classify this PET image of the whole body by its COVID-19 status."
    )


def test_given_wordings_come_first_and_are_filled_up_to_six() -> None:
    triplet = MatTriplet("CT", "Liver", "Tumor")
    wordings = six_wordings(triplet, ["  What is it? ", "", "What is it?"])
    assert wordings == ("What is it?", *derived_wordings(triplet)[:5])
    with pytest.raises(ValueError, match="7 wordings are given"):
        six_wordings(triplet, [f"Question {n}?" for n in range(7)])
