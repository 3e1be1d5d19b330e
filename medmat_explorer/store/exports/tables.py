"""Parquet tables of many items that go from the database into the file as columns, without an object an item.

It gives what the writers of `parquet` and of the folder for `datasets` give, byte for byte, several times as fast;
pictures cannot be copied on the way, and fields that pass (`PASSING`) are left out.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.exports.huggingface import MESSAGES
from medmat_explorer.store.exports.item_sql import CHOICE, FIELD_SQL, ITEMS, chosen_items, stretch_bounds
from medmat_explorer.store.exports.llava import IMAGE, IN_TEXT
from medmat_explorer.store.exports.parquet import ParquetWriter
from medmat_explorer.store.exports.record import STRETCH
from medmat_explorer.store.exports.tally import Tally

CHAT = f"""[{{'role': 'user', 'content': replace({CHOICE}, '{IMAGE}', '{IN_TEXT}')}},
    {{'role': 'assistant', 'content': letter}}]"""
COLUMN_SQL = {**FIELD_SQL, MESSAGES: CHAT}


def write_tables(
    catalog: Catalog, places: npt.NDArray[np.int64], writer: ParquetWriter, told: Callable[[int, int], None]
) -> Tally:
    """Writes items of one split, whose places are in order, through a writer; `told` takes done and total."""
    columns = ", ".join(f'{COLUMN_SQL[name]} AS "{name}"' for name in writer.fields)
    with chosen_items(catalog, places) as (cursor, tally):
        (split,) = tally.splits
        for start, bounds in stretch_bounds(places):
            told(start, len(places))
            table = cursor.sql(f"SELECT {columns} {ITEMS}", params=bounds).to_arrow_table()
            for first in range(0, table.num_rows, STRETCH):  # row groups as those of `ParquetWriter.write`
                writer.write_table(split, table.slice(first, STRETCH))
    told(len(places), len(places))
    return tally
