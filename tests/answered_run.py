"""Stored runs of given answers, for looking at what a page makes of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.prompts import rotated
from medmat_explorer.evaluation.run_record import (
    BLANK,
    MAIN,
    ControlName,
    JudgedAnswer,
    RunHeader,
    SpotCheckPlan,
    rotation,
)
from medmat_explorer.store.runs import add_run, create_run
from tests.judged import likely, sure_of

MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def answered_run(
    home: Path,
    answers: Sequence[JudgedAnswer],
    *,
    name: str = "always-a",
    finished: bool = True,
    header: Mapping[str, Any] | None = None,
    **plan: object,
) -> str:
    """Keeps the answers as a run of the collection `phantoms` and returns its id; `header` changes fields of it."""
    items = list(dict.fromkeys(answer.item for answer in answers))
    fields = {"collection": "phantoms", "version": "1", "backbone": name, "n": max(1, len(items)), **plan}
    record = RunHeader(
        id=f"{MOMENT:%Y-%m-%d-%H%M%S}-{name}-{len(list((home / 'runs').glob('*'))):04x}",
        created=MOMENT,
        plan=SpotCheckPlan.model_validate(fields),
        item_keys=tuple(items),
        usual_labels={},
        backbone_title=name,
        backbone_source="scripted",
        revision="scripted-1",
        device="none",
        dtype="none",
        libraries={"python": "3.11"},
        subsets=dict(Counter(answer.subset for answer in answers if answer.variant == MAIN)),
    )
    stored = {**record.model_dump(mode="json"), **(header or {})}
    lines = [answer.model_dump(mode="json") for answer in answers]
    if finished:
        add_run(home, record.id, stored, lines)
        return record.id
    writer = create_run(home, record.id, stored)
    for line in lines:
        writer.append(line)
    writer.close(finished=False)
    return record.id


CONTROLS = (ControlName.BLANK, ControlName.ROTATIONS)


def always_a(items: Sequence[QAItem]) -> list[JudgedAnswer]:
    """Says A to everything, whatever is shown and wherever the right option stands."""
    return [sure_of(item, "A", variant) for item, variant in _variants(items)]


def image_blind(items: Sequence[QAItem]) -> list[JudgedAnswer]:
    """Says what its subset's first label is, wherever that stands, with or without the picture."""
    habit: dict[str, str] = {}
    found = []
    for item, variant in _variants(items):
        text = habit.setdefault(item.subset, item.answer)
        found.append(sure_of(item, _letter_of(item, text), variant))
    return found


def good(items: Sequence[QAItem]) -> list[JudgedAnswer]:
    """Right wherever the option stands; without the picture it says the first option of its subset's first item."""
    habit: dict[str, str] = {}
    found = []
    for item, variant in _variants(items):
        text = habit.setdefault(item.subset, item.options[0].text)
        letter = _letter_of(item, text) if variant == BLANK else item.answer_letter
        found.append(sure_of(item, letter, variant, text=letter if variant in (MAIN, BLANK) else None))
    return found


def only_letters(items: Sequence[QAItem]) -> list[JudgedAnswer]:
    """Letters without text, every other one right."""
    rows = [[0.7, *[0.3 / (len(item.options) - 1)] * (len(item.options) - 1)] for item in items]
    return [likely(item, row) for item, row in zip(items, rows, strict=True)]


def without_probabilities(items: Sequence[QAItem]) -> list[JudgedAnswer]:
    """What a server says that tells a letter and no probabilities."""
    return [
        likely(item, [1.0, *[0.0] * (len(item.options) - 1)]).model_copy(update={"probabilities": (), "chosen": "A"})
        for item in items
    ]


def _variants(items: Sequence[QAItem]) -> list[tuple[QAItem, str]]:
    turned = [(rotated(item, by), rotation(by)) for item in items for by in range(1, len(item.options))]
    return [*((item, MAIN) for item in items), *((item, BLANK) for item in items), *turned]


def _letter_of(item: QAItem, text: str) -> str:
    return next((option.letter for option in item.options if option.text == text), item.options[0].letter)
