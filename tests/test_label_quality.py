"""Odd questions and labels are found, each with its items; what is merely unusual is not."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.label_quality import (
    LabelQuality,
    LetterCounts,
    Majority,
    Spellings,
    label_quality,
    may_be_misspelt,
)
from medmat_explorer.store.spelling import spelling_key, words_of
from tests.release_folder import SUBSET_02, question_choice, record, run_import, write

TRAIN_03 = "Aggregated_Subsets/Subset--03-train.json"


def asked(number: int, question: str, options: list[str], answer: str, image: str, **changes: Any) -> dict[str, Any]:
    """A record with a question of its own."""
    return record(
        number,
        answer,
        Question=question,
        Question_choice=question_choice(question, options),
        Answer_choice="ABCDEF"[options.index(answer)],
        image=f"med-mat/{image}",
        **changes,
    )


def quality(tmp_path: Path, home: Path, *found: dict[str, Any], **files: Any) -> LabelQuality:
    run_import(write(tmp_path / "r", **{SUBSET_02: list(found)}, **files), home, test_share=0.0)
    return label_quality("test", home)


def images_of(found: LabelQuality, home: Path) -> dict[str, list[str]]:
    """The image names of each finding's items."""
    catalog = open_catalog("test", home)
    names = {}
    for finding in found.findings:
        kept = catalog.workspace.keep_set(finding.ids)
        cards = catalog.page(Selection.of(set=[kept]), 0, 50) if len(finding.ids) else []
        names[finding.kind] = sorted(Path(catalog.item(card.key).item.image).name for card in cards)
    return {kind: images for kind, images in names.items() if images}


TWO = ["Cyst", "Stone"]


def test_one_picture_with_two_labels_is_a_conflict_in_the_same_words_and_in_others(tmp_path: Path, home: Path) -> None:
    found = quality(
        tmp_path,
        home,
        asked(1, "What is it?", TWO, "Cyst", "a.png"),
        asked(2, "what is it", ["Stone", "Cyst"], "Stone", "a.png"),
        asked(3, "What is it?", TWO, "Cyst", "b.png"),
        asked(4, "Name the finding.", TWO, "Stone", "b.png"),
        asked(5, "What is it?", TWO, "Cyst", "c.png"),
        asked(6, "What is it?", ["cysts", "Stone"], "cysts", "c.png"),
    )
    assert images_of(found, home) == {
        "same question, other label": ["a.png", "a.png"],
        "other wording, other label": ["b.png", "b.png"],
    }


def test_options_that_say_the_same_and_questions_that_tell_are_found(tmp_path: Path, home: Path) -> None:
    found = quality(
        tmp_path,
        home,
        asked(1, "Which one?", ["COVID-19", "Covid 19", "Normal"], "Normal", "twice.png"),
        asked(2, "Is this stone large?", TWO, "Stone", "tells.png"),
        asked(3, "Is it a cyst or a stone?", TWO, "Stone", "names both.png"),
        asked(4, "Is there a cyst?", ["Cyst", "Normal"], "Cyst", "asked of all.png"),
        asked(5, "Is there a cyst?", ["Cyst", "Normal"], "Normal", "asked of all too.png"),
        asked(6, "Is it stoneware?", TWO, "Stone", "part of a word.png"),
    )
    assert images_of(found, home) == {
        "option twice": ["twice.png"],
        "question gives the answer away": ["tells.png"],
    }


def test_labels_and_captions_that_differ_in_spelling_only_stand_together(tmp_path: Path, home: Path) -> None:
    def labelled(number: int, label: str, caption: str) -> dict[str, Any]:
        return asked(number, "Which?", [label, "None"], label, f"{number}.png", caption=caption)

    found = quality(
        tmp_path,
        home,
        labelled(1, "Covid-19", "A scan"),
        labelled(2, "COVID 19", "a  scan."),
        labelled(3, "Covid-19", "A scan"),
        labelled(4, "Grade 1", "grade 1-2"),
        labelled(5, "Grade 2", "grade 12"),
        labelled(6, "Pneumonia", "x"),
        labelled(7, "Pnuemonia", "y"),
    )
    assert found.spellings == (
        Spellings("02", "caption", ("A scan", "a  scan."), (2, 1)),
        Spellings("02", "label", ("Covid-19", "COVID 19"), (2, 1)),
        Spellings("02", "label", ("Pneumonia", "Pnuemonia"), (1, 1), sure=False),
    )


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Covid-19", "COVID 19", True),
        ("Cyst", "cysts ", True),
        ("diabetic  retinopathy", "Diabetic-Retinopathy.", True),
        ("naïve", "naive", True),
        ("HER2+", "HER2-", False),
        ("1.5", "15", False),
        ("grade 1-2", "grade 12", False),
        ("left, right", "left right", False),
        ("normal", "abnormal", False),
        ("COVID", "non-COVID", False),
    ],
)
def test_what_counts_as_the_same_spelling(first: str, second: str, same: bool) -> None:
    with duckdb.connect(":memory:") as connection:
        query = f"SELECT {spelling_key('$a')} = {spelling_key('$b')}"
        assert connection.execute(query, {"a": first, "b": second}).fetchone() == (same,)


def test_words_are_looked_for_whole() -> None:
    with duckdb.connect(":memory:") as connection:
        query = f"SELECT {words_of('$text')}"
        assert connection.execute(query, {"text": "Is it T-2, or  'no'?"}).fetchone() == (" is it t 2 or no ",)


@pytest.mark.parametrize(
    ("first", "second", "may"),
    [
        ("Pneumonia", "Pnuemonia", True),
        ("viral pneumonia", "viral pneumona", True),
        ("Grade 1", "Grade 2", False),
        ("hypothyroid", "hyperthyroid", False),
        ("benign", "malign", False),
        ("adenoma", "adenomas", False),
        ("basal cell carcinoma", "squamous cell carcinoma", False),
    ],
)
def test_labels_that_may_be_misspelt(first: str, second: str, may: bool) -> None:
    assert may_be_misspelt(first, second) is may


def test_majorities_and_letters_are_counted(tmp_path: Path, home: Path) -> None:
    three = [asked(i, "Which?", TWO, "Cyst" if i < 3 else "Stone", f"{i}.png") for i in range(4)]
    other = [asked(8, "Where?", ["a", "b", "c"], "b", "8.png", data_no="3")]
    found = quality(tmp_path, home, *three, asked(4, "What?", TWO, "Stone", "4.png"), **{TRAIN_03: other})
    assert found.majorities == (Majority("02", "", 5, "Cyst", 3), Majority("03", "", 1, "b", 1))
    assert found.wordings == (
        Majority("02", "Which?", 4, "Cyst", 3),
        Majority("02", "What?", 1, "Stone", 1),
        Majority("03", "Where?", 1, "b", 1),
    )
    assert found.majorities[0].share == 0.6
    assert found.letters == (LetterCounts(2, (3, 2)), LetterCounts(3, (0, 1, 0)))
