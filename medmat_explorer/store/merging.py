"""Turns the staged records of one subset into items: twins merged, ids checked, a test split held out."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from medmat_explorer.domain.subset import Subset
from medmat_explorer.store.held_out import hold_out
from medmat_explorer.store.refusals import RefusalLog
from medmat_explorer.store.schema import CELL, FILE_SPAN, ITEM_COLUMNS

WINNERS = """
CREATE OR REPLACE TEMP TABLE winners AS
SELECT min(place) AS place, id, max(dataset) AS dataset, count(*) AS twins,
    count(*) FILTER (split = 'train') AS train_twins
FROM staged WHERE accepted GROUP BY id, hash
"""
COLLIDING = """
SELECT w.place, s.file_no, s.question, s.image, w.twins FROM winners w JOIN staged s ON s.place = w.place
WHERE w.id IN (SELECT id FROM winners GROUP BY id HAVING count(*) > 1)
QUALIFY row_number() OVER (PARTITION BY w.id ORDER BY w.place) > 1
"""
SAME_SOURCE_ID = """
CREATE OR REPLACE TEMP TABLE repeated AS
SELECT s.place AS place FROM staged s JOIN winners w ON w.place = s.place
WHERE s.source_id <> '' AND (s.file_no, s.source_id) IN (
    SELECT (s.file_no, s.source_id) FROM staged s JOIN winners w ON w.place = s.place
    GROUP BY s.file_no, s.source_id HAVING count(*) > 1)
QUALIFY row_number() OVER (PARTITION BY s.file_no, s.source_id ORDER BY s.place) > 1
"""
INTO_ITEMS = f"""
INSERT INTO items ({", ".join(ITEM_COLUMNS)})
SELECT id, {CELL}, * EXCLUDE (id, place) FROM (
    SELECT s.place, s.id, $subset AS subset, coalesce(h.split, s.split) AS split, h.split IS NOT NULL,
        coalesce(nullif(s.dataset, ''), w.dataset) AS dataset, s.image_id, s.image, s.question, s.options, s.separator,
        s.instruction, s.question_choice, s.letter, s.labels, s.caption,
        CASE WHEN r.place IS NULL THEN s.repairs ELSE list_append(s.repairs, 'duplicate-id') END
    FROM staged s
    JOIN winners w ON w.place = s.place
    LEFT JOIN held_out h ON h.image_id = s.image_id
    LEFT JOIN repeated r ON r.place = s.place
)
ORDER BY place
"""


@dataclass(frozen=True)
class Merged:
    """What became of one subset's staged records."""

    kept: int
    merged: int
    held_out: bool


def finish_subset(
    connection: duckdb.DuckDBPyConnection,
    subset: Subset,
    names: dict[int, Path],
    log: RefusalLog,
    test_share: float,
    seed: int,
) -> Merged:
    """Moves the staged records into `items`; `names` are the files by their running number."""
    connection.execute(WINNERS)
    _refuse_collisions(connection, names, log)
    connection.execute(SAME_SOURCE_ID)
    kept, merged, crossing = _one(
        connection,
        "SELECT count(*), coalesce(sum(twins) - count(*), 0), count(*) FILTER (train_twins BETWEEN 1 AND twins - 1) "
        "FROM winners",
    )
    if crossing:
        log.reasons["in-train-and-test"] += crossing
    _note_foreign_datasets(connection, subset, log)
    made = hold_out(connection, test_share, seed)
    connection.execute(INTO_ITEMS, {"subset": subset.number})
    return Merged(kept, merged, made)


def _refuse_collisions(connection: duckdb.DuckDBPyConnection, names: dict[int, Path], log: RefusalLog) -> None:
    """Different items with one id: the first stays, the others are refused aloud."""
    for place, file_no, question, image, twins in connection.execute(COLLIDING).fetchall():
        message = "Another item of this subset has the same 63-bit id."
        for _ in range(twins):
            log.refuse(names[file_no], int(place) % FILE_SPAN, 0, "id-collision", message, f"{image}\n{question}")
        connection.execute("DELETE FROM winners WHERE place = $place", {"place": place})


def _note_foreign_datasets(connection: duckdb.DuckDBPyConnection, subset: Subset, log: RefusalLog) -> None:
    """Counts items whose `data-no` is not one of the subset's data sets; they are kept."""
    if not subset.dataset_numbers:
        return
    (foreign,) = _one(
        connection,
        "SELECT count(*) FROM staged s JOIN winners w ON w.place = s.place "
        "WHERE s.dataset <> '' AND NOT list_contains($known, s.dataset)",
        {"known": list(subset.dataset_numbers)},
    )
    if foreign:
        log.reasons["data-no-of-another-subset"] += foreign


def _one(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, object] | None = None
) -> tuple[int, ...]:
    row = connection.execute(query, parameters or {}).fetchone()
    return tuple(int(value) for value in row) if row else ()
