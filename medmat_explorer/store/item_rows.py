"""Rows of a catalog as the domain's words."""

from dataclasses import replace
from typing import Any

from medmat_explorer.domain.options import compose_question_choice
from medmat_explorer.domain.qa import LETTERS, Option, QAItem, Split
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.domain.triplet import MatTriplet

ITEM_FIELDS = (
    "id, subset, split, split_is_ours, dataset, image, question, options, separator, instruction, question_choice, "
    "letter, labels, caption"
)
SUBSET_FIELDS = (
    "number, modality, area, task, published_task, task_group, kind, multi_label, distribution, task_confidence, "
    "task_note, dataset_numbers"
)
DATASET_FIELDS = "number, name, modality, area, description, published_qa, url, citation"


def item_of(row: tuple[Any, ...]) -> QAItem:
    """An item from a row of ITEM_FIELDS."""
    id_, subset, split, ours, dataset, image, *text, letter, labels, caption = row
    question, options, sign, instruction, choice = text
    return QAItem(
        id=id_,
        subset=subset,
        split=Split(split),
        question=question,
        question_choice=choice or compose_question_choice(question, tuple(options), sign, instruction),
        options=tuple(Option(LETTERS[place], text) for place, text in enumerate(options)),
        answer_letter=letter,
        labels=frozenset(labels),
        image=image,
        dataset=dataset,
        caption=caption,
        split_is_ours=ours,
    )


def subset_of(row: tuple[Any, ...]) -> Subset:
    """A subset from a row of SUBSET_FIELDS."""
    number, modality, area, task, *rest, dataset_numbers = row
    subset = Subset(number, MatTriplet(modality, area, task), *rest)
    return replace(subset, dataset_numbers=tuple(dataset_numbers))


def dataset_of(row: tuple[Any, ...]) -> SourceDataset:
    """A source data set from a row of DATASET_FIELDS."""
    return SourceDataset(*row)


def shown_labels(labels: list[str]) -> str:
    """One text for an answer's labels."""
    return ", ".join(labels)
