"""The synthetic world as a list: which subsets exist, what they are called and what may be asked about them.

A subset is a triple of modality, area and task, as in Med-MAT. Its number starts with `P`, so that nobody takes
it for one of Med-MAT's own. Elements recur on purpose: every target has subsets that share one or two of its
elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from medmat_explorer.errors import CollectionError, UnknownNameError

PHANTOM_VERSION = "1"
"""Version of every pixel: a change to what is drawn raises it, and the bundled backbone is then trained again."""

SEED_LIMIT = 2**20


class Stream(IntEnum):
    """Who draws: pictures of two streams never share a seed, so training can never see a collection's test picture."""

    COLLECTION = 0
    TRAINING = 1
    VALIDATION = 2
    TEST = 3
    SHOWCASE = 4


@dataclass(frozen=True)
class PhantomSubset:
    """One subset of the synthetic world: its triple, its labels, and six ways to ask for the label."""

    number: str
    modality: str
    area: str
    task: str
    task_group: str
    labels: tuple[str, ...]
    wordings: tuple[str, ...]


LABELS: dict[str, tuple[str, ...]] = {
    "Cancer": ("no tumour", "benign tumour", "malignant tumour", "cystic tumour"),
    "State": ("normal", "abnormal"),
    "Level": ("none", "mild", "moderate", "severe"),
    "Diseases": ("healthy", "inflammation", "effusion", "fibrosis", "cyst"),
    "Quality": ("good", "blurred", "striped"),
}

MODALITY_PHRASES = {
    "CT": "CT scan",
    "MRI": "MRI scan",
    "X-ray": "X-ray image",
    "US": "ultrasound image",
    "Der": "dermoscopy image",
    "FP": "fundus photograph",
    "OCT": "OCT scan",
    "Mic": "microscopy image",
    "End": "endoscopy image",
    "DP": "digital photograph",
}

AREA_PHRASES = {"Cell": "cells", "Fundus": "fundus", "Bones": "bones", "Intestine": "intestine"}

_TRIPLES = (
    ("CT", "Brain", "State"),
    ("CT", "Lung", "Cancer"),
    ("CT", "Liver", "Level"),
    ("CT", "Kidney", "Diseases"),
    ("MRI", "Brain", "Cancer"),
    ("MRI", "Brain", "Level"),
    ("MRI", "Liver", "Quality"),
    ("MRI", "Bones", "State"),
    ("X-ray", "Lung", "Diseases"),
    ("X-ray", "Lung", "Quality"),
    ("X-ray", "Bones", "Level"),
    ("X-ray", "Breast", "Cancer"),
    ("US", "Breast", "Cancer"),
    ("US", "Liver", "Diseases"),
    ("US", "Kidney", "State"),
    ("Der", "Skin", "Cancer"),
    ("Der", "Skin", "Diseases"),
    ("FP", "Fundus", "Level"),
    ("FP", "Fundus", "Quality"),
    ("OCT", "Retina", "Diseases"),
    ("Mic", "Cell", "Cancer"),
    ("End", "Intestine", "Level"),
    ("End", "Intestine", "Quality"),
    ("DP", "Mouth", "State"),
)

_WORDINGS: dict[str, tuple[str, ...]] = {
    "Cancer": (
        "Which tumour type does this {m} of the {a} show?",
        "What kind of tumour is visible in the {a} on this {m}?",
        "Identify the tumour in this {m} of the {a}.",
        "How would you classify the tumour of the {a} in this {m}?",
        "Is there a tumour in this {m} of the {a}, and of which type?",
        "Choose the tumour type that fits this {m} of the {a}.",
    ),
    "State": (
        "Is the {a} in this {m} normal or abnormal?",
        "What is the state of the {a} in this {m}?",
        "How would you judge the state of the {a} on this {m}?",
        "Does this {m} show a normal or an abnormal {a}?",
        "Assess the state of the {a} on this {m}.",
        "Choose the state that fits this {m} of the {a}.",
    ),
    "Level": (
        "What is the severity level of this {m} of the {a}?",
        "Which level fits the spots in the {a} on this {m}?",
        "Grade the severity of the spots in this {m} of the {a}.",
        "How severe is the condition of the {a} in this {m}?",
        "At which level is the {a} in this {m}?",
        "Choose the severity level that fits this {m} of the {a}.",
    ),
    "Diseases": (
        "Which disease does this {m} of the {a} show?",
        "What condition of the {a} is visible on this {m}?",
        "Identify the disease in this {m} of the {a}.",
        "How would you diagnose the {a} in this {m}?",
        "What is the most likely diagnosis for this {m} of the {a}?",
        "Choose the diagnosis that fits this {m} of the {a}.",
    ),
    "Quality": (
        "What is the quality of this {m} of the {a}?",
        "How good is the quality of this {m} of the {a}?",
        "Judge the picture quality of this {m} of the {a}.",
        "Which fault, if any, does this {m} of the {a} have?",
        "Assess the quality of the {a} in this {m}.",
        "Choose the quality that fits this {m} of the {a}.",
    ),
}


def area_phrase(area: str) -> str:
    """The area as it stands in a question: `brain`, `cells`."""
    return AREA_PHRASES.get(area, area.lower())


def _subset(position: int, modality: str, area: str, task: str) -> PhantomSubset:
    wordings = tuple(w.format(m=MODALITY_PHRASES[modality], a=area_phrase(area)) for w in _WORDINGS[task])
    group = "State" if task == "Cancer" else task
    return PhantomSubset(f"P{position:02d}", modality, area, task, group, LABELS[task], wordings)


@cache
def all_subsets() -> tuple[PhantomSubset, ...]:
    """Every subset, in the order of its number."""
    return tuple(_subset(position, *triple) for position, triple in enumerate(_TRIPLES, start=1))


def subset_of(number: str) -> PhantomSubset:
    """The subset with this number, such as `P05`.

    Raises UnknownNameError, which lists the numbers that exist.
    """
    for subset in all_subsets():
        if subset.number == number:
            return subset
    raise UnknownNameError("phantom subset", number, (subset.number for subset in all_subsets()))


def picture_seed(stream: Stream, seed: int, index: int) -> int:
    """The seed of one picture: distinct for every (stream, seed, index), so streams cannot share a picture.

    Raises CollectionError when seed or index is outside 0 .. SEED_LIMIT - 1.
    """
    for name, value in (("seed", seed), ("index", index)):
        if not 0 <= value < SEED_LIMIT:
            raise CollectionError(f"The phantom {name} {value} is outside 0 to {SEED_LIMIT - 1}; choose one inside.")
    return (int(stream) * SEED_LIMIT + seed) * SEED_LIMIT + index
