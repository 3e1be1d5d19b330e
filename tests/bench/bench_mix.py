"""How long a training mix takes from the choice of an arm to a folder: read, drawn and written, without pictures.

python -m tests.bench.bench_mix [--rows 1112000] [--json]

The mix holds nearly all candidates. The alternative is what one would write first: a pandas table of all items in
memory, a groupby that draws as many of every subset, and `to_json` line by line; it looks for no leaks, balances no
labels, and writes no manifest.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from medmat_explorer.domain.arms import Arm, ArmKind
from medmat_explorer.domain.relation import find_target, rule_named
from medmat_explorer.paper.facts import subsets
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.exports.item_sql import CHOICE
from medmat_explorer.store.mix_arms import MixWish, draw_arm, draw_arms
from medmat_explorer.store.mix_export import MIX_FORMATS, export_mix
from medmat_explorer.store.mix_pool import read_pool
from tests.bench.big_collection import make_collection

TARGET = "01"
"""A subset that the generated collection lacks: so all of its items are candidates."""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def wish_of(rows: int) -> MixWish:
    """All subsets, all items."""
    known = tuple(subsets().values())
    return MixWish(find_target(TARGET, known), known, rule_named("paper"), budget=rows)


def pandas_way(catalog: Catalog, rows: int, out: Path) -> int:
    """The same number of items by subset, drawn and written by pandas; returns how many."""
    query = (
        f"SELECT id, subset, split, image AS image_path, question, options, {CHOICE} AS question_choice, "
        "letter AS answer_letter, labels, caption FROM items"
    )
    with catalog.connection.cursor() as cursor:
        table = cursor.execute(query).df()
    table = table[(table["split"] == "train") & (table["subset"] != TARGET)]
    share = rows // table["subset"].nunique()
    shuffled = table.sample(frac=1, random_state=0)
    drawn = shuffled.groupby("subset").head(share).sort_index()
    drawn.to_json(out, orient="records", lines=True, force_ascii=False)
    return len(drawn)


def measure(rows: int) -> dict[str, Any]:
    """Every step, and the whole in the formats that trainers read."""
    with tempfile.TemporaryDirectory() as folder:
        home, out = Path(folder) / "home", Path(folder) / "out"
        catalog = open_catalog(make_collection(Path(folder) / "release", home, rows, pool=0), home)
        wish, arm = wish_of(rows), Arm(ArmKind.ALL)
        reading, pool = timed(lambda: read_pool(catalog, wish.target, wish.rule))
        drawing, drawn = timed(lambda: draw_arm(catalog, wish, arm, pool))
        lettered, _ = timed(lambda: draw_arm(catalog, replace(wish, letters=True), arm, pool))
        arms, _ = timed(lambda: draw_arms(catalog, replace(wish, letters=True, budget=15_000), pool))
        whole = {
            form: timed(lambda form=form: export_mix(catalog, draw_arm(catalog, wish, arm), out / form, form))[0]  # type: ignore[misc]
            for form in MIX_FORMATS
        }
        alternative, items = timed(lambda: pandas_way(catalog, rows, out / "pandas.jsonl"))
        catalog.close()
    steps = {
        "reading all candidates, looking for leaks": reading,
        "drawing the mix": drawing,
        "drawing it with every letter equally often": lettered,
        "drawing all six arms, 15,000 items each": arms,
        **{f"all of it and writing as {form}": seconds for form, seconds in whole.items()},
        "pandas: reading, drawing, writing JSON lines": alternative,
    }
    return {
        "title": "A training mix of a million candidates",
        "note": f"A collection of {rows:,} items; the mix holds {drawn.items:,}. A pandas table in memory, which looks "
        f"for no leaks, takes {alternative / whole['jsonl']:.1f} times as long for {items:,}. "
        "Goal: at most 20 s, written.",
        "rows": [{"step": step, "seconds": round(seconds, 2)} for step, seconds in steps.items()],
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_112_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.rows)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
