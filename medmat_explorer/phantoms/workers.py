"""Drawing a collection in several processes, each started as its own program.

Not `multiprocessing`: its children run the caller's main script again, and inside a web server that script is a page.

Run by `drawn_in_processes`:
    python -m medmat_explorer.phantoms.workers OUT ITEMS_PER_SUBSET SEED WORKER WORKERS
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from medmat_explorer.errors import CollectionError
from medmat_explorer.phantoms.jobs import draw_job, drawing_jobs

_PACKAGE_ROOT = Path(__file__).parents[2]


def drawn_in_processes(out: Path, items_per_subset: int, seed: int, workers: int) -> Iterator[int]:
    """Draw the whole collection, yielding the number of pictures of each job as it is done.

    One worker means this process. Raises CollectionError when a worker fails; the others are then stopped.
    """
    if workers == 1:
        yield from (draw_job(out, job) for job in drawing_jobs(items_per_subset, seed))
        return
    read_end, write_end = os.pipe()
    running = [_started(out, items_per_subset, seed, worker, workers, write_end) for worker in range(workers)]
    os.close(write_end)
    try:
        with open(read_end, encoding="ascii") as counts:
            yield from map(int, counts)
        _refuse_failures(running)
    finally:
        _stop(running)


def _started(
    out: Path, items_per_subset: int, seed: int, worker: int, workers: int, write_end: int
) -> subprocess.Popen[bytes]:
    numbers = [str(number) for number in (items_per_subset, seed, worker, workers)]
    path = os.pathsep.join(filter(None, [str(_PACKAGE_ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-m", "medmat_explorer.phantoms.workers", str(out.absolute()), *numbers],
        stdin=subprocess.DEVNULL,
        stdout=write_end,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )


def _refuse_failures(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        _, message = process.communicate()
        if process.returncode:
            last = message.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise CollectionError(f"A process that draws phantoms stopped: {last[0]} Try again with fewer workers.")


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def main(arguments: list[str]) -> None:
    """Draw every job that falls to this worker and print the number of pictures after each."""
    out, (items_per_subset, seed, worker, workers) = Path(arguments[0]), map(int, arguments[1:])
    for job in islice(drawing_jobs(items_per_subset, seed), worker, None, workers):
        os.write(sys.stdout.fileno(), b"%d\n" % draw_job(out, job))  # one write, so that workers' lines stay whole


if __name__ == "__main__":
    main(sys.argv[1:])
