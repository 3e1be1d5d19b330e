"""Texts of many items written by the database itself: a line an item, as JSON Lines or as LLaVA's list.

It gives what the writers of `jsonl` and `llava` give, but for blanks between values, some ten times as fast; pictures
cannot be copied on the way, and fields that pass (`PASSING`) are left out.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.exports.llava import IMAGE, IN_TEXT
from medmat_explorer.store.exports.tally import Tally

STRETCH = 50_000
"""Items that are written at once."""

CHOICE = """coalesce(nullif(question_choice, ''), array_to_string(list_concat([question],
    list_transform(options, lambda text, i: chr(64 + i::INTEGER) || separator || ' ' || text),
    if(instruction = '', [], [instruction])), chr(10)))"""
FLAT = f"""{{'id': printf('%016x', id), 'subset': subset, 'modality': s.modality, 'area': s.area, 'task': s.task,
    'published_task': s.published_task, 'split': split, 'split_is_ours': split_is_ours, 'dataset': dataset,
    'dataset_name': coalesce(d.name, ''), 'image_path': image, 'question': question, 'options': options,
    'question_choice': {CHOICE}, 'answer_letter': letter, 'answer': options[ascii(letter) - 64],
    'labels': list_sort(list_distinct(labels)), 'caption': caption, 'repairs': coalesce(repairs, [])}}"""
CONVERSATION = f"""{{'id': printf('%016x', id), 'image': image, 'conversations': [
    {{'from': 'human', 'value': '{IMAGE}' || chr(10) || replace({CHOICE}, '{IMAGE}', '{IN_TEXT}')}},
    {{'from': 'gpt', 'value': letter}}]}}"""
READ = """
SELECT to_json({fields})::VARCHAR FROM (
    SELECT * FROM items WHERE place BETWEEN $low AND $high AND place IN (SELECT place FROM chosen)
) JOIN subsets s ON s.number = subset LEFT JOIN datasets d ON d.number = dataset ORDER BY place
"""
COUNTED = """
SELECT subset, split, dataset, count(*) FROM items WHERE place IN (SELECT place FROM chosen) GROUP BY ALL ORDER BY ALL
"""
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
    with catalog.connection.cursor() as cursor:
        cursor.register("given_places", {"place": places})
        cursor.execute("CREATE TEMP TABLE chosen AS SELECT place::BIGINT AS place FROM given_places")
        cursor.unregister("given_places")
        tally = _tally(cursor.execute(COUNTED).fetchall())
        (split,) = tally.splits
        query = READ.format(fields=fields)
        with (folder / pattern.format(split=split)).open("w", encoding="utf-8", newline="\n") as file:
            file.write(head)
            for start in range(0, len(places), STRETCH):
                told(start, len(places))
                stretch = places[start : start + STRETCH]
                bounds = {"low": int(stretch[0]), "high": int(stretch[-1])}
                rows = cursor.execute(query, bounds).fetchall()
                file.write((between if start else "") + between.join(row[0] for row in rows))
            file.write(end)
    told(len(places), len(places))
    return tally


def _tally(rows: list[tuple[str, str, str, int]]) -> Tally:
    tally = Tally()
    for subset, split, dataset, items in rows:
        tally.items += items
        tally.splits[split] += items
        tally.datasets[dataset] += items
        tally.by_subset.setdefault(subset, {"train": 0, "test": 0})[split] += items
    return tally
