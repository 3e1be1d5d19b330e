"""One's own subset by the paper's rule: one right label, up to three distractors, six wordings (arXiv 2412.20070).

Distractors are drawn from the other labels of the same subset. The letters of right options are dealt out in turn
within each label, so that always answering with one letter earns chance; wordings are dealt out in turn as well.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from medmat_explorer.domain.options import compose_question_choice
from medmat_explorer.domain.own_split import Splittable, split_pictures
from medmat_explorer.domain.qa import LETTERS, Split

INSTRUCTION = "Answer with the option's letter from the given choices directly."
OPTIONS = 4
"""Letters A to D, as in the paper."""

JOINED = ", "
"""Between the labels of one answer."""


@dataclass(frozen=True)
class LabelledPicture:
    """One picture with its labels, as a folder or a table gives it; `image` is its path below that folder.

    `question` and `caption` are empty where they follow from the subset; pictures of one `group` (a patient, say) stay
    on one side of the split.
    """

    image: str
    labels: tuple[str, ...]
    split: Split | None = None
    question: str = ""
    caption: str = ""
    group: str = ""

    @property
    def answer(self) -> str:
        """The labels as one option."""
        return JOINED.join(self.labels)


@dataclass(frozen=True)
class SeenPicture:
    """A picture that could be opened, with its SHA-256."""

    picture: LabelledPicture
    content: str


@dataclass(frozen=True)
class RefusedPicture:
    """A picture that is left out: a short stable reason for counts, and a sentence."""

    image: str
    reason: str
    message: str


@dataclass(frozen=True)
class OwnItem:
    """One question about one picture."""

    picture: LabelledPicture
    split: Split
    question: str
    options: tuple[str, ...]

    @property
    def letter(self) -> str:
        """The letter of the right option."""
        return LETTERS[self.options.index(self.picture.answer)]

    @property
    def question_choice(self) -> str:
        """The question with its options and the instruction, as Med-MAT writes it."""
        return compose_question_choice(self.question, self.options, ":", INSTRUCTION)

    def record(self, number: int, image: str, dataset: str) -> dict[str, Any]:
        """The item as a record of a question file; `number` counts from 1 within the file."""
        return {
            "id": number,
            "caption": self.picture.caption or self.picture.answer,
            "image": image,
            "Question": self.question,
            "Answer": self.picture.answer,
            "Question-choice": self.question_choice,
            "Answer-choice": self.letter,
            "data-no": dataset,
        }


def is_multi_label(pictures: Iterable[LabelledPicture]) -> bool:
    """Whether any picture has several labels."""
    return any(len(picture.labels) > 1 for picture in pictures)


def one_spelling(pictures: Sequence[LabelledPicture]) -> tuple[list[LabelledPicture], list[str]]:
    """Labels that differ in case, blanks or a closing dot only become one, in the most frequent spelling.

    Returns the pictures and a sentence for each label that had several spellings.
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for picture in pictures:
        for label in picture.labels:
            spellings[_folded(label)][label] += 1
    usual = {folded: min(found, key=lambda label: (-found[label], label)) for folded, found in spellings.items()}
    notes = [
        f"The labels {', '.join(repr(label) for label in sorted(found))} differ in spelling only; all are "
        f"'{usual[folded]}' now."
        for folded, found in sorted(spellings.items())
        if len(found) > 1
    ]
    return [
        replace(p, labels=tuple(sorted(dict.fromkeys(usual[_folded(label)] for label in p.labels)))) for p in pictures
    ], notes


def without_copies(seen: Sequence[SeenPicture]) -> tuple[list[SeenPicture], list[RefusedPicture]]:
    """One picture of each content and question, a given test side first; none where copies have different labels.

    Nothing says which of two labels is the right one, so all copies are refused then.
    """
    together: dict[tuple[str, str], list[SeenPicture]] = defaultdict(list)
    for one in seen:
        together[(one.content, one.picture.question)].append(one)
    kept, refused = [], []
    for copies in together.values():
        copies.sort(key=lambda one: (one.picture.split is not Split.TEST, one.picture.image))
        answers = sorted({one.picture.answer for one in copies})
        if len(answers) > 1:
            said = " and ".join(f"'{answer}'" for answer in answers)
            refused += [_refused(one, "two-labels", f"The same picture stands under {said}.") for one in copies]
            continue
        first = copies[0]
        kept.append(first)
        message = f"The same picture as '{first.picture.image}', which is kept."
        refused += [_refused(one, "copy", message) for one in copies[1:]]
    return sorted(kept, key=lambda one: one.picture.image), refused


def with_alternatives(seen: Sequence[SeenPicture]) -> tuple[list[SeenPicture], list[RefusedPicture]]:
    """Leaves out pictures whose question has one answer only, in all of the subset: there is nothing to choose."""
    answers = _answers(one.picture for one in seen)
    kept, refused = [], []
    for one in seen:
        question, answer = one.picture.question, one.picture.answer
        if len(answers[question]) > 1:
            kept.append(one)
        else:
            asked = f"The question '{question}'" if question else "The subset"
            refused.append(_refused(one, "no-distractor", f"{asked} has the one answer '{answer}'."))
    return kept, refused


def make_items(
    seen: Sequence[SeenPicture], wordings: Sequence[str], *, options: int = OPTIONS, share: float, seed: int
) -> list[OwnItem]:
    """Questions about all pictures, split and in a drawn order; the same seed gives the same.

    Every picture's question must have two answers or more in the subset (`with_alternatives`).
    """
    seen = sorted(seen, key=lambda one: (one.picture.image, one.picture.question))
    parts = [Splittable(s.content, s.picture.answer, s.picture.group, s.picture.split) for s in seen]
    sides = split_pictures(parts, share, seed)
    answers = _answers(one.picture for one in seen)
    items: list[OwnItem] = []
    for split in (Split.TRAIN, Split.TEST):
        pictures = [one.picture for one, side in zip(seen, sides, strict=True) if side is split]
        items += _asked(pictures, split, answers, wordings, options, random.Random(f"{seed}/{split}"))
    return items


def labels_counted(pictures: Iterable[LabelledPicture]) -> dict[str, int]:
    """How many pictures each answer has, the most frequent first."""
    counts = Counter(picture.answer for picture in pictures)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _asked(
    pictures: list[LabelledPicture],
    split: Split,
    answers: dict[str, list[str]],
    wordings: Sequence[str],
    options: int,
    dice: random.Random,
) -> list[OwnItem]:
    """The questions of one side."""
    dice.shuffle(pictures)
    wordings = dice.sample(list(wordings), len(wordings))
    places: dict[tuple[str, int], int] = {}
    items = []
    for turn, picture in enumerate(pictures):
        others = [answer for answer in answers[picture.question] if answer != picture.answer]
        shown = min(options, len(others) + 1)
        place = places.setdefault((picture.answer, shown), dice.randrange(shown))
        places[(picture.answer, shown)] += 1
        chosen = dice.sample(others, shown - 1)
        chosen.insert(place % shown, picture.answer)
        items.append(OwnItem(picture, split, picture.question or wordings[turn % len(wordings)], tuple(chosen)))
    dice.shuffle(items)
    return items


def _answers(pictures: Iterable[LabelledPicture]) -> dict[str, list[str]]:
    """All answers to each question of one's own; the empty question stands for the subset's wordings."""
    found: dict[str, set[str]] = defaultdict(set)
    for picture in pictures:
        found[picture.question].add(picture.answer)
    return {question: sorted(answers) for question, answers in found.items()}


def _folded(label: str) -> str:
    """Spellings that a reader of answers takes for the same."""
    return " ".join(label.split()).casefold().rstrip(".")


def _refused(one: SeenPicture, reason: str, message: str) -> RefusedPicture:
    return RefusedPicture(one.picture.image, reason, message)
