"""How long the server works for one click in Browse: the counts of all facets, then one page of 24 items.

python -m tests.bench.bench_queries [--rows 1000000] [--json]

Clicks are drawn with a seed. The alternative is what one would write first: a pandas table in memory with the same
filters, counts and page.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from tests.bench.big_collection import make_collection

CLICKS = 40
DRAWN_FROM = (Facet.MODALITY, Facet.AREA, Facet.SPLIT, Facet.LABEL, Facet.LETTER, Facet.SUBSET)


def clicks(catalog: Catalog, count: int) -> list[Selection]:
    """Selections of one to three facets, all of which hold something."""
    draw = random.Random(0)
    counts = catalog.facet_counts(Selection())
    found: list[Selection] = []
    while len(found) < count:
        chosen = {f: frozenset({draw.choice(counts[f])[0]}) for f in draw.sample(DRAWN_FROM, draw.randint(1, 3))}
        if catalog.count(Selection(chosen)):
            found.append(Selection(chosen))
    return found


def milliseconds(work: Callable[[Selection], object], selections: list[Selection]) -> list[float]:
    """Of each selection, after one that warms up."""
    work(selections[0])
    times = []
    for selection in selections:
        started = time.perf_counter()
        work(selection)
        times.append(1000 * (time.perf_counter() - started))
    return sorted(times)


def pandas_way(catalog: Catalog) -> Callable[[Selection], object]:
    """The same over a table in memory, with categories for columns and one label an item."""
    query = (
        "SELECT s.modality, s.area, i.split, array_to_string(i.labels, ', ') AS label, i.letter, i.subset, "
        "i.id, i.question FROM items i JOIN subsets s ON s.number = i.subset ORDER BY i.place"
    )
    with catalog.connection.cursor() as cursor:
        table = cursor.execute(query).df()
    names = [facet.value for facet in DRAWN_FROM]
    table[names] = table[names].astype("category")

    def work(selection: Selection) -> object:
        masks = {f.value: table[f.value].isin(list(values)) for f, values in selection.chosen.items()}
        counts = []
        for name in names:
            others = [mask for other, mask in masks.items() if other != name]
            rows = table[pd.concat(others, axis=1).all(axis=1)] if others else table
            counts.append(rows[name].value_counts())
        return counts, table[pd.concat(list(masks.values()), axis=1).all(axis=1)].head(24)

    return work


def measure(rows: int) -> dict[str, Any]:
    """Both ways over the same selections."""
    with tempfile.TemporaryDirectory() as folder:
        name = make_collection(Path(folder) / "release", Path(folder) / "home", rows, pool=0)
        catalog = open_catalog(name, Path(folder) / "home")
        selections = clicks(catalog, CLICKS)
        steps: dict[str, Callable[[Selection], object]] = {
            "facet counts and page": lambda s: (catalog.facet_counts(s), catalog.page(s, 0, 24)),
            "facet counts": catalog.facet_counts,
            "page of 24": lambda s: catalog.page(s, 0, 24),
            "page of 24, random order": lambda s: catalog.page(s, 0, 24, "random", 1),
            "count, with a word to search for": lambda s: catalog.count(Selection(s.chosen, "scan")),
            "pandas table: 6 counts and page": pandas_way(catalog),
        }
        times = {step: milliseconds(work, selections) for step, work in steps.items()}
        catalog.close()
    middle = {step: statistics.median(found) for step, found in times.items()}
    ratio = middle["pandas table: 6 counts and page"] / middle["facet counts and page"]
    return {
        "title": f"One click in Browse on the server, {rows:,} rows",
        "note": f"{CLICKS} selections of one to three facets. Counts are of all {len(Facet)} facets. A pandas table in "
        f"memory, which counts 6, takes {ratio:.1f} times as long. Goal: at most 30 ms for counts and page.",
        "rows": [
            {"step": step, "median, ms": round(middle[step], 1), "p95, ms": round(found[int(0.95 * len(found))], 1)}
            for step, found in times.items()
        ],
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.rows)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
