"""How long the search for the nearest neighbours of a picture takes: 24 of 100,000 vectors of 128 numbers.

python -m tests.bench.bench_similar [--pictures 100000] [--numbers 128] [--json]

The way that is used (arrays in a DuckDB file, read as needed) against numpy over a whole matrix that stays in memory,
and against the parquet files from which the DuckDB file is made.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from medmat_explorer.store.embeddings import MEMORY, EncoderRecord, VectorSnapshot, stored_files

NEIGHBOURS, ASKED = 24, 15
ROOT_MARK = "bench"
Vectors = npt.NDArray[np.float32]
Search = Callable[[Vectors], object]


def write(folder: Path, pictures: int, numbers: int) -> None:
    """Seeded vectors of length 1, in the three forms."""
    import duckdb
    import pandas as pd

    draw = np.random.default_rng(0)
    rows = draw.standard_normal((pictures, numbers), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    np.save(folder / "vectors.npy", rows, allow_pickle=False)
    with duckdb.connect(str(folder / "vectors-000001.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE images AS SELECT $root AS root, i AS image_id, 1::BIGINT AS size, 1::BIGINT AS changed, "
            "md5(i::VARCHAR) AS content, '' AS reason FROM range($n) t(i)",
            {"root": ROOT_MARK, "n": pictures},
        )
        connection.execute(f"CREATE TABLE vectors (content VARCHAR, vector FLOAT[{numbers}])")
        for start in range(0, pictures, 20_000):
            part = rows[start : start + 20_000]
            frame = pd.DataFrame({"i": np.arange(start, start + len(part)), "vector": list(part)})
            connection.register("frame", frame)
            connection.execute(f"INSERT INTO vectors SELECT md5(i::VARCHAR), vector::FLOAT[{numbers}] FROM frame")
        target = str(folder / "vectors.parquet").replace("'", "''")
        connection.execute(f"COPY vectors TO '{target}' (FORMAT parquet)")


def used(folder: Path, numbers: int) -> Search:
    """The program's own search."""
    record = EncoderRecord("bench", "bench", "bench", "r", numbers, "random")
    snapshot = VectorSnapshot(record, folder, stored_files(folder), ROOT_MARK)
    return lambda vector: [one.content for one in snapshot.nearest(vector, NEIGHBOURS)]


def in_memory(folder: Path, numbers: int) -> Search:
    """One product of a matrix that is held whole."""
    rows: Vectors = np.ascontiguousarray(np.load(folder / "vectors.npy", allow_pickle=False))

    def search(vector: Vectors) -> object:
        likeness = rows @ vector
        best = np.argpartition(-likeness, NEIGHBOURS)[:NEIGHBOURS]
        return best[np.argsort(-likeness[best])].tolist()

    return search


def in_parquet(folder: Path, numbers: int) -> Search:
    """DuckDB over parquet."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"memory_limit": "512MB"})
    source = str(folder / "vectors.parquet").replace("'", "''")
    query = (
        f"SELECT content, array_inner_product(vector::FLOAT[{numbers}], $v::FLOAT[{numbers}]) AS s "
        f"FROM read_parquet('{source}') ORDER BY s DESC LIMIT {NEIGHBOURS}"
    )
    return lambda vector: connection.execute(query, {"v": vector.tolist()}).fetchall()


WAYS: dict[str, Callable[[Path, int], Search]] = {
    "arrays in a DuckDB file (used)": used,
    "numpy, the whole matrix in memory": in_memory,
    "arrays in parquet": in_parquet,
}


def one_way(way: str, folder: Path, numbers: int) -> dict[str, float]:
    """Median milliseconds of a search, and how much the process grew. Meant for a process of its own."""
    import psutil

    process = psutil.Process()
    before = process.memory_info().rss
    search = WAYS[way](folder, numbers)
    draw = np.random.default_rng(1)
    times = []
    for _ in range(ASKED + 1):
        vector = draw.standard_normal(numbers).astype(np.float32)
        vector /= np.linalg.norm(vector)
        started = time.perf_counter()
        search(vector)
        times.append(1000 * (time.perf_counter() - started))
    return {"ms": statistics.median(times[1:]), "mb": (process.memory_info().rss - before) / 1e6}


def measure(pictures: int, numbers: int) -> dict[str, Any]:
    """Every way, each in its own process."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        write(Path(scratch), pictures, numbers)
        for way in WAYS:
            command = [sys.executable, "-m", "tests.bench.bench_similar", "--numbers", str(numbers)]
            done = subprocess.run(
                [*command, "--way", way, "--folder", scratch], stdout=subprocess.PIPE, text=True, check=True
            )
            found[way] = json.loads(done.stdout)
    mine, memory, parquet = (found[way] for way in WAYS)
    return {
        "title": f"Nearest neighbours, {NEIGHBOURS} of {pictures:,} vectors of {numbers} numbers, exact",
        "note": f"Medians of {ASKED} searches. numpy over a matrix in memory is {mine['ms'] / memory['ms']:.1f} times "
        f"as fast, and would hold the whole matrix in the server; DuckDB's file is {parquet['ms'] / mine['ms']:.1f} "
        f"times as fast as the parquet parts it is made from, and keeps at most {MEMORY} whatever the size.",
        "rows": [
            {"way": way, "median, ms": round(numbers_["ms"], 1), "memory, MB": round(numbers_["mb"])}
            for way, numbers_ in found.items()
        ],
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--numbers", type=int, default=128)
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.way:
        print(json.dumps(one_way(given.way, given.folder, given.numbers)))
        return
    result = measure(given.pictures, given.numbers)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
