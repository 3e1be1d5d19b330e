"""How long the synthetic collection takes to draw, with all cores against one.

python -m tests.bench.bench_phantoms [--items 180] [--json]
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from medmat_explorer.default_collection import ITEMS_A_SUBSET
from medmat_explorer.phantoms.layout import write_layout


def seconds(items: int, workers: int) -> float:
    """One drawing into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        write_layout(Path(folder), items, seed=0, workers=workers)
        return time.perf_counter() - started


def measure(items: int) -> dict[str, Any]:
    """Both ways, one after the other."""
    cores = os.cpu_count() or 1
    all_cores, one = seconds(items, cores), seconds(items, 1)
    pictures = items * 24
    return {
        "title": "Drawing the synthetic collection",
        "note": f"{pictures:,} pictures in Med-MAT's layout; {cores} processes: {one / all_cores:.2f} times the rate.",
        "rows": [
            {"processes": n, "seconds": round(s, 1), "pictures a second": f"{pictures / s:,.0f}"}
            for n, s in ((cores, all_cores), (1, one))
        ],
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=ITEMS_A_SUBSET)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.items)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
