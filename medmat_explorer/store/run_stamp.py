"""How a run's files stand, in a few numbers: what was read of a run is good as long as its stamp is the same."""

from pathlib import Path

from medmat_explorer.store.runs import RUN_ID

RunStamp = tuple[tuple[int, int], ...]
"""Size and moment of change of the header, the answers and the mark of the end; zeros for what is not there."""

FILES = ("header.json", "answers.jsonl", "finished")


def run_stamp(home: Path, run_id: str) -> RunStamp:
    """At the cost of three looks at the disk; empty for what is no run's id, which never becomes a path."""
    return tuple(_stamp(home / "runs" / run_id / name) for name in FILES) if RUN_ID.fullmatch(run_id) else ()


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
