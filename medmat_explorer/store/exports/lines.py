"""Texts of many items written by the database itself: a line an item, as JSON Lines or as LLaVA's list.

It gives what the writers of `jsonl` and `llava` give, but for blanks between values, some ten times as fast; pictures
cannot be copied on the way, and fields that pass (`PASSING`) are left out.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.exports.item_sql import CHOICE, FIELD_SQL, ITEMS, chosen_items, stretch_bounds
from medmat_explorer.store.exports.llava import IMAGE, IN_TEXT
from medmat_explorer.store.exports.tally import Tally

FLAT = "{" + ", ".join(f"'{name}': {sql}" for name, sql in FIELD_SQL.items()) + "}"
CONVERSATION = f"""{{'id': printf('%016x', id), 'image': image, 'conversations': [
    {{'from': 'human', 'value': '{IMAGE}' || chr(10) || replace({CHOICE}, '{IMAGE}', '{IN_TEXT}')}},
    {{'from': 'gpt', 'value': letter}}]}}"""
LINES: dict[str, tuple[str, str, str, str, str]] = {
    "jsonl": (FLAT, "{split}.jsonl", "", "\n", "\n"),
    "llava": (CONVERSATION, "{split}.json", "[\n", ",\n", "\n]\n"),
}
"""By format: what a line says, the file, how it begins, what stands between lines, how it ends."""


def write_lines(
    catalog: Catalog,
    places: npt.NDArray[np.int64],
    folder: Path,
    form: str,
    told: Callable[[int, int], None],
) -> Tally:
    """Writes items of one split, whose places are in order, in a format of LINES; `told` takes done and total."""
    fields, pattern, head, between, end = LINES[form]
    with chosen_items(catalog, places) as (cursor, tally):
        (split,) = tally.splits
        with (folder / pattern.format(split=split)).open("w", encoding="utf-8", newline="\n") as file:
            file.write(head)
            for start, bounds in stretch_bounds(places):
                told(start, len(places))
                rows = cursor.execute(f"SELECT to_json({fields})::VARCHAR {ITEMS}", bounds).fetchall()
                file.write((between if start else "") + between.join(row[0] for row in rows))
            file.write(end)
    told(len(places), len(places))
    return tally
