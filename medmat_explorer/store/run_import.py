"""A file of somebody else's answers, opened: which form it has, and its rows."""

import hashlib
from pathlib import Path

from medmat_explorer.errors import RunError
from medmat_explorer.store.answer_logs import FORMS, read_log
from medmat_explorer.store.answer_rows import AnswerFile
from medmat_explorer.store.answer_tables import SUFFIXES, read_table
from medmat_explorer.store.parquet_answers import read_parquet

LOGS = (".jsonl", ".ndjson")
PARQUET = ".parquet"


def read_answers(path: Path) -> AnswerFile:
    """The answers in a file, whatever its form: a run exported here, lmms-eval's log, VLMEvalKit's table.

    Raises RunError with one sentence for a file that is none of these or cannot be read.
    """
    if path.is_dir():
        raise RunError(f"{path} is a folder: name the file in it, {FORMS}.")
    suffix = path.suffix.lower()
    if suffix not in (*LOGS, PARQUET, *SUFFIXES):
        raise RunError(f"{path} holds no answers in a known form: give {FORMS}.")
    try:
        if suffix == PARQUET:
            return read_parquet(path)
        return read_log(path) if suffix in LOGS else read_table(path)
    except FileNotFoundError as error:
        raise RunError(f"There is no file {path}.") from error
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror or error}.") from error


def digest_of(path: Path) -> str:
    """SHA-256 of the file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
