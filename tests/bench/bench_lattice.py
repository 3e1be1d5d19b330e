"""How long the lattice takes to answer: who is related, all recipes, and everything that the page draws.

python -m tests.bench.bench_lattice [--subsets 5000] [--json]

The engine (subsets grouped by what they share) against a loop over all pairs of subsets: on Med-MAT's 53, on 5,000
with as many elements as collections have, and on 5,000 with very few, where the recipes number millions.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from medmat_explorer.charts.lattice_content import lattice_nodes
from medmat_explorer.domain.recipe_book import DIRECTIONS, PAIR_DIRECTION
from medmat_explorer.domain.recipes import recipe_book
from medmat_explorer.domain.relation import AXIS_FLAG, Relation, RelationRule, Target, relations_to, rule_named
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.task_rule import task_rule
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.paper.facts import subsets
from medmat_explorer.ui.components.lattice import WIDTHS, ChipNote, ChipState, lattice_data

SHOWN, TURNS = 200, 5

WORLDS: dict[str, tuple[int, int, int]] = {"as collections are": (20, 60, 200), "few elements": (2, 3, 5)}
"""How many modalities, areas and tasks."""


def crowd(count: int, modalities: int, areas: int, tasks: int) -> list[Subset]:
    """Subsets with elements drawn by a seed."""
    draw, found = random.Random(0), []
    for i in range(count):
        names = (f"modality {draw.randrange(modalities)}", f"area {draw.randrange(areas)}")
        triplet = MatTriplet(*names, f"task {draw.randrange(tasks)}")
        found.append(Subset(f"{'ABCDEFGHIJ'[i // 1000]}{i % 1000:03}", triplet, triplet.task, triplet.task))
    return found


def milliseconds(work: Callable[[], object], turns: int = TURNS) -> float:
    """The median of several turns, the first of them not counted."""
    times = []
    for _ in range(turns + 1):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times[1:])


def with_the_book(target: Target, known: Sequence[Subset], rule: RelationRule) -> int:
    """What the page and the commands do: relations, counts of all directions, the first recipes of each."""
    book = recipe_book(target, known, rule)
    for direction in DIRECTIONS:
        book.first(SHOWN, direction)
    return sum(book.counts().values())


def all_pairs(target: Target, known: Sequence[Subset], rule: RelationRule) -> int:
    """The definition looked up for every pair of subsets, one after the other: how many pair recipes there are."""
    shared = [relation.value for relation in relations_to(target, known, rule).values()]
    table = [
        [sum(_is_recipe(Relation(a), Relation(b), direction) for direction in DIRECTIONS[:-1]) for b in range(8)]
        for a in range(8)
    ]
    return sum(table[a][b] for a, b in combinations(shared, 2))


def _is_recipe(a: Relation, b: Relation, direction: str) -> bool:
    if direction == PAIR_DIRECTION:
        pair = Relation.MODALITY | Relation.AREA
        return any(pair in x and Relation.TASK in y for x, y in ((a, b), (b, a)))
    fixed = next(axis for axis in Axis if direction == f"fixed {axis.value}")
    one, other = (AXIS_FLAG[axis] for axis in Axis if axis is not fixed)
    both = AXIS_FLAG[fixed] in a and AXIS_FLAG[fixed] in b
    return both and any(one in x and other in y for x, y in ((a, b), (b, a)))


def drawn(target: Target, known: Sequence[Subset], rule: RelationRule) -> None:
    """What the target's picture and its recipes need before they are sent to the browser."""
    notes = {subset.number: ChipNote(subset.title, ChipState.IMAGES) for subset in known}
    lattice_data(lattice_nodes(target, known, rule), notes, label="bench", selected="")
    with_the_book(target, known, rule)


def engine_rows(count: int) -> list[dict[str, Any]]:
    """The engine and the loop in every world."""
    medmat = list(subsets().values())
    worlds = {"Med-MAT's 53": medmat, **{f"{count:,}, {name}": crowd(count, *sizes) for name, sizes in WORLDS.items()}}
    rows = []
    for name, known in worlds.items():
        target, rule = Target(known[27].triplet, known[27]), rule_named("paper")
        mine = milliseconds(lambda t=target, k=known, r=rule: with_the_book(t, k, r))  # type: ignore[misc]
        counts = recipe_book(target, known, rule).counts()
        pairs = sum(counts[direction] for direction in DIRECTIONS[:-1])
        if pairs != all_pairs(target, known, rule):
            raise RuntimeError(f"The two ways disagree on {name}.")
        loop = milliseconds(lambda t=target, k=known, r=rule: all_pairs(t, k, r), 1)  # type: ignore[misc]
        rows.append(
            {
                "subsets": name,
                "pair recipes": f"{pairs:,}",
                "triple recipes": f"{counts[DIRECTIONS[-1]]:,}",
                "engine, ms": round(mine, 1),
                "all pairs, ms": f"{loop:,.1f}",
                "times as fast": f"{loop / mine:,.1f}",
            }
        )
    return rows


def page_milliseconds() -> dict[str, float]:
    """Of the page on the published subsets: its view, what it draws of a new target, and of one by a new rule."""
    known = subsets()
    target = Target(known["28"].triplet, known["28"])
    subsets_, paper = list(known.values()), rule_named("paper")
    targets = iter([Target(known[number].triplet, known[number]) for number in list(known)[1 : TURNS + 2]])
    rules = iter([task_rule("x", "paper", dict.fromkeys(list(known)[:10], f"Task {i}"), {}) for i in range(TURNS + 1)])
    with tempfile.TemporaryDirectory() as scratch:
        view = milliseconds(_reading(Path(scratch)), 3)
    model = milliseconds(lambda: drawn(next(targets), subsets_, paper))
    changed = milliseconds(lambda: drawn(target, subsets_, next(rules)))
    return {"view": view, "model": model, "changed": changed}


def _reading(home: Path) -> Callable[[], object]:
    """Reads the page's view from its address over a small synthetic collection, in a script as Streamlit runs it."""
    from streamlit.testing.v1 import AppTest

    from medmat_explorer.config import settings
    from medmat_explorer.default_collection import make_phantoms

    make_phantoms(home, "phantoms", items=6, seed=0, progress=lambda stage, done, total: None)
    os.environ["MEDMAT_HOME"] = str(home)
    settings.cache_clear()

    def script() -> None:
        from medmat_explorer.ui import frame
        from medmat_explorer.ui.lattice_view import read_view

        assert read_view(frame.current_catalog()).relations

    app = AppTest.from_function(script, default_timeout=60)
    app.query_params["target"] = "28"

    def run() -> None:
        app.run()
        if app.exception:
            raise RuntimeError(str(app.exception))

    return run


def measure(count: int) -> dict[str, Any]:
    """Everything."""
    page = page_milliseconds()
    return {
        "title": "The lattice: relations and recipes of one target",
        "note": f"Medians of {TURNS}. The engine counts all recipes, pairs and triples, and lists the first {SHOWN} of "
        f"each direction; all pairs is a loop that looks every pair up in a table and counts pair recipes only. On "
        f"Med-MAT's 53 subsets the address is read in {page['view']:.0f} ms; the picture of a new target in "
        f"{len(WIDTHS)} widths and its recipes take {page['model']:.0f} ms more, those by a new rule "
        f"{page['changed']:.0f} ms.",
        "rows": engine_rows(count),
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subsets", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.subsets)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
