"""VLMEvalKit's prediction tables: one row a question, as xlsx (its default), tsv, csv or json.

A table is the benchmark's own (`index`, `question`, `A`, `B`, ..., `answer`, often `image_path` and `category`) with
the column `prediction` added and the pictures themselves (`image`, base 64) taken out; `index` is a whole number,
unique in the table. Sources: open-compass/VLMEvalKit, `vlmeval/inference.py: infer_data_job` (columns, and the text for
an answer that was never got), `vlmeval/smp/file.py: dump, get_pred_file_format` (forms and quoting),
`docs/en/Development.md` (what the fields mean).
"""

import csv
import json
import zipfile
from collections.abc import Iterable, Iterator
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

FORM = "VLMEvalKit table"
FAILED = "Failed to obtain answer"
"""What VLMEvalKit writes where the model gave no answer."""

MOST_UNPACKED = 2_000_000_000
LONGEST_CELL = 10_000_000
SEPARATORS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (".xlsx", ".json", *SEPARATORS)


def read_table(path: Path) -> AnswerFile:
    """A prediction table. Raises RunError when the file is none, with what is missing."""
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        rows: Iterable[Raw] = _workbook(path)
    elif suffix == ".json":
        rows = _records(path)
    else:
        rows = _separated(path, SEPARATORS[suffix])
    return AnswerFile(FORM, path.stem, [_row(place, row) for place, row in enumerate(_checked(path, rows), start=2)])


def _checked(path: Path, rows: Iterable[Raw]) -> Iterator[Raw]:
    """The rows, once the first shows that they hold predictions."""
    found = False
    for row in rows:
        if not found and "prediction" not in row:
            columns = ", ".join(list(row)[:12])
            raise RunError(
                f"{path} has no column 'prediction', so it is no prediction table of VLMEvalKit (index, question, A, "
                f"B, ..., answer, prediction); its columns are: {columns}."
            )
        found = True
        yield row
    if not found:
        raise RunError(f"{path} holds no row of answers.")


def _row(place: int, raw: Raw) -> AnswerRow:
    row, text = without_case(raw), cell_text(raw.get("prediction"))
    failed = text.startswith(FAILED) or not text.strip()
    return AnswerRow(
        place=place,
        raw=raw,
        text=None if failed else text,
        keys=keys_in(row),
        image=image_in(row),
        question=first_of(row, QUESTION_NAMES),
        options=lettered_options(row),
        answer=first_of(row, ANSWER_NAMES),
        problem="no-answer" if failed else "",
    )


def _workbook(path: Path) -> Iterator[Raw]:
    """The first sheet, row by row. A file that unpacks to more than a sheet can need is refused."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                raise RunError(f"{path} unpacks to more than {MOST_UNPACKED // 10**9} GB: save it as .tsv.")
        book = load_workbook(path, read_only=True, data_only=True)
    except (RunError, OSError):
        raise
    except Exception as error:  # whatever a broken archive makes the reader raise
        raise RunError(f"{path} is not an Excel workbook that can be read ({type(error).__name__}).") from error
    try:
        lines = book.worksheets[0].iter_rows(values_only=True) if book.worksheets else iter(())
        names = [cell_text(name) for name in next(lines, ())]
        for line in lines:
            if any(value is not None for value in line):
                yield dict(zip(names, line, strict=False))
    finally:
        book.close()


def _separated(path: Path, separator: str) -> Iterator[Raw]:
    usual = csv.field_size_limit(LONGEST_CELL)  # holds for the whole process, so it is put back
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream, delimiter=separator):
                yield {name: value for name, value in row.items() if name is not None}
    except UnicodeDecodeError as error:
        raise RunError(f"{path} is not UTF-8 text: save the table as UTF-8.") from error
    except csv.Error as error:
        raise RunError(f"{path} cannot be read as a table: {error}.") from error
    finally:
        csv.field_size_limit(usual)


def _records(path: Path) -> Iterator[Raw]:
    try:
        found: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} is not JSON: {error}.") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise RunError(f"{path} is no list of rows: VLMEvalKit writes its predictions as a list of objects.")
    yield from found
