"""Runs put into a home in one go, finished, of items that are really in its collection."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunHeader, RunKind, SpotCheckPlan
from medmat_explorer.store.runs import add_run, create_run, new_run_id
from tests.judged import sure_of

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def kept_run(
    home: Path,
    items: Sequence[QAItem],
    right: Callable[[int], bool],
    *,
    name: str = "always-right",
    minutes: int = 0,
    kind: RunKind = RunKind.SPOT_CHECK,
    text: bool = False,
    finished: bool = True,
    extra: Sequence[JudgedAnswer] = (),
    revision: str = "1",
    **plan: object,
) -> str:
    """Keeps a run in which the items at the places that `right` names are answered rightly; returns its id.

    `minutes` after the first day's morning it was made; unfinished, it holds what it is given and waits for the rest.
    """
    created = START + timedelta(minutes=minutes)
    answers = [*(_answer(item, right(place), text) for place, item in enumerate(items)), *extra]
    fields = {"collection": "phantoms", "version": "1", "backbone": name, "n": len(items), **plan}
    header = RunHeader(
        id=new_run_id(created, name),
        created=created,
        plan=SpotCheckPlan.model_validate(fields),
        item_keys=tuple(item.key for item in items),
        usual_labels={},
        backbone_title=name,
        backbone_source="scripted",
        revision=revision,
        device="cpu",
        dtype="float32",
        libraries={},
        kind=kind,
        subsets=dict(Counter(item.subset for item in items)),
    )
    stored, lines = header.model_dump(mode="json"), [answer.model_dump(mode="json") for answer in answers]
    if finished:
        add_run(home, header.id, stored, lines)
        return header.id
    writer = create_run(home, header.id, stored)
    for line in lines[: len(lines) // 2]:
        writer.append(line)
    writer.close(finished=False)
    return header.id


def _answer(item: QAItem, right: bool, text: bool) -> JudgedAnswer:
    wrong = next(option.letter for option in item.options if option.letter != item.answer_letter)
    letter = item.answer_letter if right else wrong
    return sure_of(item, letter, text=letter if text else None)
