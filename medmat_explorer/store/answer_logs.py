"""Answers as JSON lines: runs that were exported here, and the sample logs of lmms-eval.

A log of lmms-eval (`--log_samples`; `<date>_samples_<task>.jsonl` in a folder named after the model, `/` written as
`__`) holds for each document `doc_id` (its row number), `target`, `filtered_resps` (a list, one answer a request),
`resps` (a list of lists, left out where it says the same), `input` (the prompt, the first of the request's arguments)
and what the task's metrics are made of, often an object with the document's own id. The document itself (`doc`) is left
out in most versions and stands there in some, without its pictures. Sources: EvolvingLMMs-Lab/lmms-eval,
`lmms_eval/loggers/evaluation_tracker.py: save_results_samples`, `lmms_eval/evaluator.py`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medmat_explorer.errors import RunError
from medmat_explorer.store.answer_rows import (
    ANSWER_NAMES,
    QUESTION_NAMES,
    AnswerFile,
    AnswerRow,
    Raw,
    cell_text,
    first_of,
    image_in,
    keys_in,
    lettered_options,
    without_case,
)

OURS, LMMS_EVAL = "exported run", "lmms-eval log"
FORMS = (
    "a run exported here (.jsonl, .parquet), lmms-eval's ..._samples_....jsonl, or VLMEvalKit's table (.xlsx, .tsv, "
    ".csv)"
)


def read_log(path: Path) -> AnswerFile:
    """A file of JSON lines in either form. Raises RunError when it is neither."""
    lines = [(place, line) for place, line in enumerate(path.read_bytes().splitlines(), start=1) if line.strip()]
    first = _entry(lines[0][1]) if lines else None
    if first is not None and isinstance(first.get("header"), Mapping):
        header = first["header"]
        return AnswerFile(OURS, str(header.get("backbone_title", "")), [_ours(*line) for line in lines[1:]], header)
    if first is not None and {"item", "options", "right"} <= first.keys():
        return AnswerFile(OURS, "", [_ours(*line) for line in lines])
    if first is not None and ({"filtered_resps", "resps"} & first.keys()):
        return AnswerFile(LMMS_EVAL, _model_of(path), [_sample(*line) for line in lines])
    raise RunError(f"{path} holds no answers in a known form: give {FORMS}.")


def _ours(place: int, line: bytes) -> AnswerRow:
    entry = _entry(line)
    if entry is None:
        return AnswerRow(place, {"line": line.decode("utf-8", "replace")}, problem="not-json")
    return our_row(place, entry)


def our_row(place: int, entry: Raw) -> AnswerRow:
    """An answer as an exported run holds it."""
    options, letter = _pairs(entry.get("options")), cell_text(entry.get("right"))
    text = entry.get("text")
    return AnswerRow(
        place=place,
        raw=entry,
        text=text if isinstance(text, str) else None,
        keys=keys_in({"item": entry.get("item")}),
        options=options,
        answer=letter,
        problem="" if options and letter else "not-ours",
        kept=entry,
    )


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    """Letters with texts, as our lines hold them; empty for anything else."""
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        return ()
    return tuple((cell_text(letter), cell_text(text)) for letter, text in value)


def _sample(place: int, line: bytes) -> AnswerRow:
    entry = _entry(line)
    if entry is None:
        return AnswerRow(place, {"line": line.decode("utf-8", "replace")}, problem="not-json")
    text, problem = _said(entry)
    told = [without_case(part) for part in (entry.get("doc"), *entry.values(), entry) if isinstance(part, dict)]
    return AnswerRow(
        place=place,
        raw=entry,
        text=text,
        keys=tuple(dict.fromkeys(key for part in told for key in keys_in(part))),
        image=next(filter(None, map(image_in, told)), ""),
        question=_prompt(entry) or next(filter(None, (first_of(part, QUESTION_NAMES) for part in told)), ""),
        options=next(filter(None, map(lettered_options, told)), ()),
        answer=first_of(entry, ("target",)) or next(filter(None, (first_of(part, ANSWER_NAMES) for part in told)), ""),
        problem=problem,
    )


def _said(entry: Raw) -> tuple[str | None, str]:
    """What the model said to the one request of a document, as it came where that is logged; or why nothing was.

    A filter of the task may have read an answer out of it by rules of its own, or at random: ours reads it anew.
    """
    found: Any = entry.get("resps", entry.get("filtered_resps"))
    while isinstance(found, list) and len(found) == 1:
        found = found[0]
    if isinstance(found, str):
        return (found, "") if found.strip() else (None, "no-answer")
    return None, "several-answers" if isinstance(found, list) and found else "no-answer"


def _prompt(entry: Raw) -> str:
    found = entry.get("input")
    if isinstance(found, list):
        found = next((part for part in found if isinstance(part, str)), "")
    return found if isinstance(found, str) else ""


def _model_of(path: Path) -> str:
    """The name in the results that lie beside the log, else that of the folder."""
    date, marked, _ = path.name.partition("_samples_")
    results = path.with_name(f"{date}_results.json")
    if marked and results.is_file():
        found = _entry(results.read_bytes()) or {}
        if name := cell_text(found.get("model_name")).strip():
            return name
    return path.resolve().parent.name.replace("__", "/")


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
