"""A run exported here as Parquet, read back: the columns of `run_parquet`, with what stands in `more` put back."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from medmat_explorer.errors import RunError
from medmat_explorer.store.answer_logs import OURS, our_row
from medmat_explorer.store.answer_rows import AnswerFile
from medmat_explorer.store.run_list import EXPORT_FORM

MOST_BYTES = 2_000_000_000
"""What the columns may unpack to; a run of a million answers needs less."""


def read_parquet(path: Path) -> AnswerFile:
    """A run's answers and its header. Raises RunError for a file that is no run exported here, OSError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            header = _header(path, file.schema_arrow.metadata or {})
            groups = (file.metadata.row_group(place) for place in range(file.metadata.num_row_groups))
            if sum(group.total_byte_size for group in groups) > MOST_BYTES:
                raise RunError(f"{path} unpacks to more than {MOST_BYTES // 10**9} GB: export the run as JSON lines.")
            lines = file.read().to_pylist()
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise RunError(f"{path} is not a Parquet file that can be read ({type(error).__name__}).") from error
    rows = [our_row(place, _entry(line)) for place, line in enumerate(lines, start=1)]
    return AnswerFile(OURS, str(header.get("backbone_title", "")), rows, header)


def _header(path: Path, metadata: Mapping[bytes, bytes]) -> Mapping[str, Any]:
    found: Any = None
    with suppress(ValueError, RecursionError):
        found = json.loads(metadata.get(EXPORT_FORM.encode(), b""))
    if not isinstance(found, dict):
        raise RunError(f"{path} is a Parquet table, but no run exported here: its metadata has no '{EXPORT_FORM}'.")
    return found


def _entry(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as the JSON lines of a run have it: options in pairs, moments as text, nothing that is empty."""
    entry = {name: value for name, value in line.items() if value is not None and name != "more"}
    if isinstance(options := entry.get("options"), list):
        entry["options"] = [
            [option.get("letter"), option.get("text")] for option in options if isinstance(option, dict)
        ]
    if isinstance(at := entry.get("at"), datetime):
        entry["at"] = at.isoformat()
    more: Any = None
    with suppress(TypeError, ValueError, RecursionError):
        more = json.loads(line.get("more") or "{}")
    return {**more, **entry} if isinstance(more, dict) else entry
