"""Answers of another program, or of a run exported elsewhere, judged here and kept as a run of their own."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import medmat_explorer
from medmat_explorer.domain.qa import Option, QAItem
from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.answer_reader import read_letter, read_option
from medmat_explorer.evaluation.prompts import PROMPT_FORMS
from medmat_explorer.evaluation.run_record import (
    FORM,
    MAIN,
    UNKNOWN_PROMPT,
    ControlName,
    ImportSource,
    JudgedAnswer,
    RunHeader,
    RunKind,
    SpotCheckPlan,
)
from medmat_explorer.evaluation.spot_check import whole_text
from medmat_explorer.experiments.run_header import usual_labels
from medmat_explorer.store.answer_match import REASONS, Match, Unmatched, match_rows
from medmat_explorer.store.answer_rows import AnswerFile
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.run_import import digest_of, read_answers
from medmat_explorer.store.runs import add_run, new_run_id

Progress = Callable[[str, int, int], None]
Reader = Callable[[str, Sequence[Option]], str | None]
KEPT = (
    "seconds",
    "picture",
    "at",
    "note",
    "chosen",
    "option_likelihoods",
    "shown",
    "wording",
    "prompt_tokens",
    "timing",
)
"""What an exported run tells of an answer beyond what was said, kept as it is."""


@dataclass(frozen=True)
class Imported:
    """A run made of a file: how its rows found their items, and how many were left out, by reason.

    `unmatched_file` holds the rows left out, each with its line and reason; None when there is none.
    """

    run_id: str
    form: str
    matched: Mapping[str, int]
    unmatched: Mapping[str, int]
    unmatched_file: Path | None
    header: RunHeader
    answers: tuple[JudgedAnswer, ...]


def import_run(
    path: Path,
    catalog: Catalog,
    home: Path,
    backbone: str = "",
    progress: Progress = lambda stage, done, total: None,
) -> Imported:
    """Reads answers, finds their items in the collection, judges them, and keeps them as a finished run.

    `backbone` is what the model is to be called; without it what the file calls it. Raises RunError for a file that
    cannot be read, and when none of its answers belongs to the collection; nothing is kept then.
    """
    progress("Reading the file.", 0, 0)
    file = read_answers(path)
    judged, left = _judged(file, catalog, progress)
    if not judged:
        counts = "; ".join(f"{n:,} rows: {REASONS[reason]}" for reason, n in _reasons(left).items())
        raise RunError(f"No answer in {path} belongs to an item of '{catalog.name}' ({counts or 'no rows'}).")
    source = ImportSource(
        form=file.form,
        file=path.name,
        sha256=digest_of(path),
        matched=dict(Counter(match.how for match, _ in judged)),
        unmatched=_reasons(left),
    )
    answers = [answer for _, answer in judged]
    header = _header(file, catalog, backbone or file.model or path.stem, [match.item for match, _ in judged], source)
    beside = {"unmatched": [_left_out(one) for one in left]} if left else {}
    add_run(home, header.id, header.model_dump(mode="json"), (a.model_dump(mode="json") for a in answers), **beside)
    kept = Path(home) / "runs" / header.id / "unmatched.jsonl" if left else None
    return Imported(header.id, file.form, source.matched, source.unmatched, kept, header, tuple(answers))


def _judged(
    file: AnswerFile, catalog: Catalog, progress: Progress
) -> tuple[list[tuple[Match, JudgedAnswer]], list[Unmatched]]:
    """Each match with its answer, and what is left out."""
    rows, read = list(file.rows), _reader(file.header)
    judged: list[tuple[Match, JudgedAnswer]] = []
    left: list[Unmatched] = []
    seen: set[tuple[str, str]] = set()
    for place, found in enumerate(match_rows(catalog, rows), start=1):
        if isinstance(found, Unmatched):
            left.append(found)
            continue
        answer = _answer(found, read)
        if answer is None or (answer.item, answer.variant) in seen:
            left.append(Unmatched(found.row, "not-ours" if answer is None else "twice"))
            continue
        seen.add((answer.item, answer.variant))
        judged.append((found, answer))
        if place % 1000 == 0:
            progress("Finding the items.", place, len(rows))
    usual = usual_labels({match.item.subset for match, _ in judged}, catalog.label_counts)
    return [(m, a.model_copy(update={"usual": usual.get(a.subset, "")})) for m, a in judged], left


def _reader(header: Mapping[str, Any]) -> Reader:
    """How answers are read: those to a prompt without letters, which only a run exported here tells, by option."""
    plan = header.get("plan")
    form = PROMPT_FORMS.get(str(plan.get("prompt"))) if isinstance(plan, Mapping) else None
    return read_letter if form is None or form.lettered else read_option


def _answer(match: Match, read: Reader) -> JudgedAnswer | None:
    """The row as an answer, its text read by our reader and the rest taken from the item; None when it cannot be."""
    row, item, kept = match.row, match.item, match.row.kept
    text = None if row.text is None else whole_text(row.text)
    fields: dict[str, Any] = {
        "item": item.key,
        "subset": item.subset,
        "options": tuple((option.letter, option.text) for option in match.options),
        "right": match.right,
        "label": ", ".join(sorted(item.labels)),
        "text": text,
        "read": None if text is None else read(text, match.options),
        "variant": kept.get("variant", MAIN),
        "probabilities": kept.get("probabilities", ()),
        "problem": kept.get("problem", ""),
        **{name: kept[name] for name in KEPT if kept.get(name)},
    }
    try:
        return JudgedAnswer.model_validate(fields)
    except ValidationError:
        return None


def _header(
    file: AnswerFile, catalog: Catalog, backbone: str, items: Sequence[QAItem], source: ImportSource
) -> RunHeader:
    """A run exported here keeps what it was asked with; of another program's nothing is known but the answers."""
    found, created = dict(file.header), datetime.now(UTC)
    distinct = {item.key: item for item in items}
    plan = _plan(found, catalog, backbone, len(distinct))
    told = {name: found[name] for name in RunHeader.model_fields if name in found}
    own: dict[str, Any] = {
        "backbone_title": backbone,
        "backbone_source": "imported",
        "revision": "unknown",
        "device": "none",
        "dtype": "none",
        "libraries": {"medmat-explorer": medmat_explorer.__version__},
        **told,
        "format": FORM,
        "id": new_run_id(created, backbone),
        "created": found.get("created", created),
        "plan": plan,
        "item_keys": tuple(distinct),
        "usual_labels": usual_labels({item.subset for item in items}, catalog.label_counts),
        "kind": RunKind.IMPORTED,
        "subsets": dict(sorted(Counter(item.subset for item in distinct.values()).items())),
        "source": source,
    }
    if backbone != file.model:
        own["backbone_title"] = backbone
    try:
        return RunHeader.model_validate(own)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RunError(f"The header in {source.file} is not one of ours ({place}: {first['msg']}).") from None


def _plan(header: Mapping[str, Any], catalog: Catalog, backbone: str, n: int) -> SpotCheckPlan:
    given = header.get("plan") if isinstance(header.get("plan"), Mapping) else {}
    names = {*SpotCheckPlan.model_fields, ControlName.BLANK, ControlName.ROTATIONS}  # two controls of early records
    known = {name: value for name, value in dict(given or {}).items() if name in names}
    fields = {"backbone": backbone, "n": n, "prompt": UNKNOWN_PROMPT, **known}
    try:
        return SpotCheckPlan.model_validate({**fields, "collection": catalog.name, "version": catalog.version})
    except ValidationError as error:
        raise RunError(f"The plan in the header cannot be read: {error.errors()[0]['msg']}.") from None


def _reasons(left: Sequence[Unmatched]) -> dict[str, int]:
    return dict(Counter(one.reason for one in left).most_common())


def _left_out(one: Unmatched) -> dict[str, Any]:
    return {"line": one.row.place, "reason": one.reason, "meaning": REASONS[one.reason], "row": dict(one.row.raw)}
