"""How long the search for duplicates takes among a million looks, against comparing each with each by bits.

python -m tests.bench.bench_duplicates [--looks 1000000] [--json]

Looks are drawn with a seed: half of them anywhere, as unlike pictures lie; half close to one of a few thousand, as the
pictures of one data set lie. Each with each is measured over few thousand looks and grows with the square.
"""

import argparse
import json
import tempfile
import time
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import psutil

from medmat_explorer.store.near_looks import NEARLY, find_alike

FAMILIES = 4_000
FLIPS = 9
SQUARED = 20_000
MEMORY = "1GB"


def looks(number: int) -> npt.NDArray[np.int64]:
    """So many looks from a seed."""
    draw = np.random.default_rng(0)
    anywhere = draw.integers(0, 1 << 63, number - number // 2, np.uint64) << np.uint64(1)
    family = draw.integers(0, 1 << 63, FAMILIES, np.uint64) << np.uint64(1)
    close = family[draw.integers(0, FAMILIES, number // 2)]
    for _ in range(FLIPS):
        close ^= np.uint64(1) << draw.integers(0, 64, len(close), np.uint64)
    return np.concatenate([anywhere, close]).view(np.int64)


def banded(found: npt.NDArray[np.int64]) -> tuple[float, int, float]:
    """Seconds, pairs found, and the most megabytes that the process held beyond those before."""
    process = psutil.Process()
    before = most = process.memory_info().rss

    def told(done: int, total: int) -> None:
        nonlocal most
        most = max(most, process.memory_info().rss)

    with (
        tempfile.TemporaryDirectory() as folder,
        duckdb.connect(":memory:", config={"memory_limit": MEMORY, "temp_directory": folder}) as connection,
    ):
        frame = pd.DataFrame({"look": found, "mirrored": found[::-1].copy()})
        connection.register("frame", frame)
        connection.execute("CREATE TABLE faces AS SELECT * FROM frame")
        started = time.perf_counter()
        find_alike(connection, told)
        seconds = time.perf_counter() - started
        pairs = connection.execute("SELECT count(*) FROM alike").fetchone()
    return seconds, int(pairs[0]) if pairs else 0, (most - before) / 2**20


def each_with_each(found: npt.NDArray[np.int64]) -> tuple[float, int]:
    """Seconds and pairs, with numpy a row at a time."""
    started, pairs = time.perf_counter(), 0
    unsigned = found.view(np.uint64)
    for place in range(len(unsigned)):
        pairs += int((np.bitwise_count(unsigned[place] ^ unsigned[place + 1 :]) <= NEARLY).sum())
    return time.perf_counter() - started, pairs


def measure(number: int) -> dict[str, Any]:
    """Both ways; each with each over fewer looks, and what that comes to for all."""
    found = looks(number)
    seconds, pairs, megabytes = banded(found)
    few = np.random.default_rng(1).choice(found, min(SQUARED, number), replace=False)
    squared, _ = each_with_each(few)
    all_of_them = squared * (number / len(few)) ** 2
    return {
        "title": f"Search for nearly the same looks, {number:,} looks",
        "note": f"As they are and mirrored, in DuckDB under a limit of {MEMORY}. Each with each (numpy, not mirrored), "
        f"measured over {len(few):,} looks, would take {all_of_them / seconds:,.0f} times as long for all. "
        "Goal: a million in minutes.",
        "rows": [
            {"way": "bands", "s": f"{seconds:.1f}", "pairs": f"{pairs:,}", "MB beyond start": f"{megabytes:,.0f}"},
            {"way": "each with each", "s": f"{all_of_them:,.0f}", "pairs": "", "MB beyond start": ""},
        ],
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.looks)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
