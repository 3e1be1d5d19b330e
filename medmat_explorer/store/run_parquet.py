"""A run's answers as one Parquet file, for notebooks: a typed column each, and the run's header in the file's metadata.

Under the key `medmat-run` of the schema's metadata stands the header as JSON. What an answer holds beyond the columns
stands as JSON in `more`, so that nothing is lost.
"""

import io
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from medmat_explorer.store.run_list import EXPORT_FORM, write_file
from medmat_explorer.store.runs import Entry, read_run

TEXTS = (
    "item",
    "variant",
    "subset",
    "right",
    "text",
    "read",
    "problem",
    "label",
    "usual",
    "picture",
    "chosen",
    "note",
    "shown",
)


def export_parquet(home: Path, run_id: str, path: Path) -> Path:
    """Writes the answers in one step for readers.

    Raises UnknownNameError, or RunError when the run cannot be read or the file not be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    stored = read_run(home, run_id)
    schema = pa.schema(_fields(), metadata={EXPORT_FORM: json.dumps(stored.header)})
    table = pa.Table.from_pylist([_row(answer) for answer in stored.answers], schema)
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return write_file(path, stream.getvalue())


def _fields() -> list[Any]:
    import pyarrow as pa

    texts = [pa.field(name, pa.string()) for name in TEXTS]
    option = pa.struct([("letter", pa.string()), ("text", pa.string())])
    numbers = [("options", pa.list_(option)), ("probabilities", pa.list_(pa.float64())), ("seconds", pa.float64())]
    numbers += [("option_likelihoods", pa.list_(pa.float64())), ("prompt_tokens", pa.int64()), ("wording", pa.int64())]
    return [*texts, *numbers, ("at", pa.timestamp("us", tz="UTC")), ("more", pa.string())]


def _row(answer: Entry) -> dict[str, Any]:
    """The columns that hold what is expected of them; all else of the answer stands in `more`."""
    row: dict[str, Any] = {name: _text(answer[name]) for name in TEXTS if isinstance(answer.get(name), str)}
    for name, read in READERS.items():
        with suppress(TypeError, ValueError, KeyError):
            row[name] = read(answer[name])
    more = {name: value for name, value in answer.items() if name not in row and value is not None}
    return {**row, "more": json.dumps(more) if more else None}


def _text(value: str) -> str:
    """Halves of characters, which a column of text cannot hold, become question marks."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _options(value: Any) -> list[dict[str, str]]:
    return [{"letter": _text(str(letter)), "text": _text(str(text))} for letter, text in value]


def _numbers(value: Any) -> list[float]:
    return [float(number) for number in value]


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value)


READERS: dict[str, Callable[[Any], Any]] = {
    "options": _options,
    "probabilities": _numbers,
    "option_likelihoods": _numbers,
    "seconds": float,
    "prompt_tokens": int,
    "wording": int,
    "at": _moment,
}
"""How the columns that are no texts read what an answer holds."""
