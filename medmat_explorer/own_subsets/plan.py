"""What making a subset of one's own is asked for, checked, and a look at what would come of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from medmat_explorer.collection_import import paper_facts
from medmat_explorer.domain.facts import Facts, subset_number
from medmat_explorer.domain.own_subset import (
    JOINED,
    OPTIONS,
    LabelledPicture,
    OwnItem,
    RefusedPicture,
    SeenPicture,
    is_multi_label,
    labels_counted,
    make_items,
    one_spelling,
    with_alternatives,
)
from medmat_explorer.domain.qa import LETTERS, Split
from medmat_explorer.domain.question_wordings import six_wordings
from medmat_explorer.domain.subset import SUBSET_NUMBER, SourceDataset, Subset
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.errors import CollectionError
from medmat_explorer.own_subsets.labelled_folder import read_labelled_folder
from medmat_explorer.store.layout import declared_facts, find_release
from medmat_explorer.store.own_folder import OwnFolder
from medmat_explorer.store.versions import Version, collection_folder, read_pointer

EXAMPLES = 3
NAMED = 5
"""Labels that a sentence names before it counts the others."""


@dataclass(frozen=True)
class SubsetWish:
    """What a reader asks for. `table` names a table of labels, `number` the subset's number; both are found when empty.

    `wordings` are up to six questions, filled up from the triple; `share` is the test's, from 0 up to 0.9.
    """

    folder: Path
    collection: str
    triplet: MatTriplet
    table: Path | None = None
    number: str = ""
    title: str = ""
    share: float = 0.1
    options: int = OPTIONS
    seed: int = 0
    wordings: tuple[str, ...] = ()
    citation: str = ""
    link: str = ""
    licence: str = ""


@dataclass(frozen=True)
class SubsetPlan:
    """A wish that can be granted: where it goes to, and what will be made. `before` is the collection as it is."""

    wish: SubsetWish
    own: OwnFolder
    before: Version | None
    subset: Subset
    dataset: SourceDataset
    wordings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def source(self) -> Path:
        """The folder that the collection is imported from: its own one stays; a new one has the own subsets only."""
        return self.before.root if self.before else self.own.path


@dataclass(frozen=True)
class ReadPictures:
    """The labelled pictures of a folder, in one spelling, with what was left out and what is worth knowing."""

    root: Path
    pictures: tuple[LabelledPicture, ...]
    refused: tuple[RefusedPicture, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SubsetPreview:
    """What would be made, without opening any picture: `splits` and `labels` are therefore upper bounds.

    `hindrances` are what has to be mended first; with any, nothing can be made.
    """

    number: str
    triplet: MatTriplet
    root: Path
    labels: Mapping[str, int]
    splits: Mapping[str, int]
    wordings: tuple[str, ...]
    examples: tuple[OwnItem, ...]
    refused: Mapping[str, int]
    first_refused: tuple[str, ...]
    hindrances: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For the command line."""
        return {
            "subset": self.number,
            "triplet": str(self.triplet),
            "labels": dict(self.labels),
            "splits": dict(self.splits),
            "wordings": list(self.wordings),
            "examples": [
                {"image": e.picture.image, "question_choice": e.question_choice, "answer": e.letter}
                for e in self.examples
            ],
            "refused": dict(self.refused),
            "hindrances": list(self.hindrances),
            "notes": list(self.notes),
        }


def triplet_of(modality: str, area: str, task: str) -> MatTriplet:
    """A triple from free text. Raises CollectionError when a part is empty."""
    try:
        return MatTriplet(*(" ".join(part.split()) for part in (modality, area, task)))
    except ValueError as error:
        raise CollectionError(f"{error} Give a modality, an area and a task, for example CT, Liver, Tumor.") from error


def plan_subset(wish: SubsetWish, home: Path) -> SubsetPlan:
    """Checks a wish and fills in what it leaves open. Raises CollectionError or LayoutError with what to mend."""
    _check_numbers(wish)
    own, before = OwnFolder.of(wish.collection, home), read_pointer(collection_folder(wish.collection, home))
    if before is not None:
        find_release(before.root)  # the release must be there still: the collection is imported from it again
    facts = declared_facts(before.root, paper_facts()) if before else paper_facts()
    facts = facts.extended(own.subsets(), ())
    triplet = _in_known_spelling(wish.triplet, facts)
    number = _number(wish, facts, own)
    try:
        wordings = six_wordings(triplet, [" ".join(text.split()) for text in wish.wordings])
    except ValueError as error:
        raise CollectionError(str(error)) from error
    notes = [f"The triple is written {triplet}, as in other subsets."] if triplet != wish.triplet else []
    subset = Subset(
        number=number,
        triplet=triplet,
        published_task=_one_line(wish.title) or triplet.task,
        task_group=_task_group(triplet, facts),
        task_note="own subset",
        dataset_numbers=(number,),
    )
    return SubsetPlan(wish, own, before, subset, _dataset(wish, subset), wordings, tuple(notes))


def read_pictures(wish: SubsetWish) -> ReadPictures:
    """Reads the folder. Raises LayoutError or CollectionError when it has no labels, or none that can be asked for."""
    read = read_labelled_folder(wish.folder, wish.table)
    pictures, notes = one_spelling(read.pictures)
    return ReadPictures(read.root, tuple(pictures), read.refused, (*read.notes, *notes))


def preview_subset(wish: SubsetWish, home: Path) -> SubsetPreview:
    """A dry look: reads folder and table, opens no picture and writes nothing. Raises as `make_subset` does."""
    plan, read = plan_subset(wish, home), read_pictures(wish)
    seen, left_out = with_alternatives([SeenPicture(picture, picture.image) for picture in read.pictures])
    items = make_items(seen, plan.wordings, options=wish.options, share=wish.share, seed=wish.seed)
    refused = (*read.refused, *left_out)
    splits = Counter(item.split for item in items)
    return SubsetPreview(
        number=plan.subset.number,
        triplet=plan.subset.triplet,
        root=read.root,
        labels=labels_counted(read.pictures),
        splits={split.value: splits[split] for split in Split},
        wordings=plan.wordings,
        examples=_examples(items),
        refused=dict(Counter(one.reason for one in refused).most_common()),
        first_refused=tuple(one.message for one in refused[:EXAMPLES]),
        hindrances=tuple(hindrances(read.pictures)),
        notes=(*plan.notes, *read.notes, *remarks(read.pictures, wish.share)),
    )


def hindrances(pictures: Sequence[LabelledPicture]) -> list[str]:
    """What makes a subset impossible, in sentences."""
    counts = labels_counted(pictures)
    found = []
    if len(counts) < 2:
        only = f" ('{next(iter(counts))}')" if counts else ""
        found.append(
            f"All {len(pictures):,} pictures have the same label{only}: a question needs another label to choose from. "
            "Add pictures of a second label."
        )
    if is_multi_label(pictures):
        labels = sorted({label for picture in pictures for label in picture.labels if "," in label})
        if labels:
            found.append(
                f"The label '{labels[0]}' holds a comma, which parts the labels of an answer where pictures have "
                "several: write it without."
            )
    return found


def remarks(pictures: Sequence[LabelledPicture], share: float) -> list[str]:
    """What is possible but worth knowing, in sentences."""
    counts = labels_counted(pictures)
    found = []
    free = {picture.answer for picture in pictures if picture.split is None}
    if single := [label for label, count in counts.items() if count == 1 and label in free and share > 0]:
        found.append(f"One picture only: {_named(single)}. It is for training; the test cannot ask for it.")
    given = {picture.split for picture in pictures}
    if Split.TEST not in given and share == 0:
        found.append("No test file is made: the import holds out pictures as it does for every subset without one.")
    if Split.TRAIN in given and Split.TEST not in given and None not in given:
        found.append("All pictures are for training: the import holds out a test as for every subset without one.")
    largest, total = max(counts.values(), default=0), len(pictures)
    if len(counts) > 1 and largest * 2 > total:
        found.append(f"'{next(iter(counts))}' has {largest / total:.0%} of the pictures: read accuracies against that.")
    return found


def _examples(items: Sequence[OwnItem]) -> tuple[OwnItem, ...]:
    """A few items with different answers and wordings, where there are such."""
    chosen: list[OwnItem] = []
    for item in items:
        if len(chosen) == EXAMPLES:
            break
        if all(item.picture.answer != other.picture.answer and item.question != other.question for other in chosen):
            chosen.append(item)
    return tuple([*chosen, *(item for item in items if item not in chosen)][:EXAMPLES])


def _check_numbers(wish: SubsetWish) -> None:
    if not 0 <= wish.share <= 0.9:
        raise CollectionError(f"A test share of {wish.share} makes no sense: give a number from 0 to 0.9.")
    if not 2 <= wish.options <= len(LETTERS):
        raise CollectionError(f"{wish.options} options cannot be lettered: give 2 to {len(LETTERS)} (the paper has 4).")


def _number(wish: SubsetWish, facts: Facts, own: OwnFolder) -> str:
    """The number asked for, if it is free, else the next free one from U01 on."""
    if not wish.number.strip():
        numbers = (f"U{number:02d}" for number in range(1, 10_000))
        return next(number for number in numbers if number not in facts.subsets)
    number = subset_number(wish.number)
    if not SUBSET_NUMBER.fullmatch(number) or number.isdigit() or number.startswith("D"):
        raise CollectionError(
            f"'{wish.number}' cannot be the number of an own subset: a letter (but D, which marks single data sets) "
            "and up to four digits, as U01. Plain numbers are Med-MAT's."
        )
    if number in own.numbers():
        raise CollectionError(
            f"There is an own subset {number} already: leave the number out for the next free one, or remove that one "
            f"first (make-subset --remove {number} --name {wish.collection})."
        )
    if number in facts.subsets:
        raise CollectionError(f"Collection '{wish.collection}' has a subset {number} already: leave the number out.")
    return number


def _in_known_spelling(triplet: MatTriplet, facts: Facts) -> MatTriplet:
    """Elements that other subsets have in another case are written as there, so that they are the same element."""
    known = {
        axis: {subset.triplet[axis].casefold(): subset.triplet[axis] for subset in facts.subsets.values()}
        for axis in Axis
    }
    return replace(triplet, **{axis.value: known[axis].get(triplet[axis].casefold(), triplet[axis]) for axis in Axis})


def _task_group(triplet: MatTriplet, facts: Facts) -> str:
    """The group that the paper puts this task into, where it knows the task."""
    groups = (subset.task_group for subset in facts.subsets.values() if subset.triplet.task == triplet.task)
    return next(groups, triplet.task)


def _dataset(wish: SubsetWish, subset: Subset) -> SourceDataset:
    """The record of where the pictures come from; a licence stands in the description."""
    said = [f"Own subset, made from the folder '{Path(wish.folder).name}'"]
    said += [f"Licence: {_one_line(wish.licence)}"] if wish.licence.strip() else []
    return SourceDataset(
        number=subset.number,
        name=_one_line(wish.title) or Path(wish.folder).name,
        modality=subset.triplet.modality,
        area=subset.triplet.area,
        description=". ".join(said),
        url=_one_line(wish.link),
        citation=_one_line(wish.citation),
    )


def _named(labels: Iterable[str]) -> str:
    listed = [f"'{label}'" for label in labels]
    return JOINED.join(listed[:NAMED]) + (f" and {len(listed) - NAMED:,} more" if len(listed) > NAMED else "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
