"""Items drawn for asking a model: in equal parts of something, and never two of one image."""

from collections.abc import Sequence

from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.connection import CatalogConnection
from medmat_explorer.store.filters import Condition

DRAWS: dict[str, tuple[str, ...]] = {
    "subset": ("subset", "label"),
    "label": ("label", "subset"),
    "modality": ("modality", "subset", "label"),
    "area": ("area", "subset", "label"),
    "task": ("task", "subset", "label"),
    "any": (),
}
"""What takes turns in a draw, by its name: first the whole's parts, then each part's; `any` lets the seed decide."""

POOL = """
WITH pool AS (
    SELECT place, image_id, subset, array_to_string(labels, ',') AS label, md5_number(concat($seed, ':', id)) AS draw
    FROM items WHERE {condition}
), turns_{depth} AS (
    SELECT pool.*, modality, area, task, 0::BIGINT AS turn FROM pool JOIN subsets ON number = subset
    QUALIFY row_number() OVER (PARTITION BY image_id ORDER BY draw) = 1
){turns}
SELECT place FROM turns_0 ORDER BY turn, draw LIMIT $wanted
"""
TURN = """, turns_{depth} AS (
    SELECT * REPLACE (row_number() OVER (PARTITION BY {parts} ORDER BY turn, draw) AS turn) FROM turns_{inner}
)"""
"""Within each part, the parts inside it take turns; within a turn the seed decides."""


def draw_sample(
    connection: CatalogConnection, condition: Condition, n: int, seed: int, by: str = "subset"
) -> list[int]:
    """The places of at most `n` items that meet the condition, in the order drawn; the same for the same seed.

    `by` is a name of DRAWS. Raises UnknownNameError for another one.
    """
    if by not in DRAWS:
        raise UnknownNameError("draw", by, DRAWS)
    query = _statement(condition.sql, DRAWS[by])
    parameters = {**condition.parameters, "seed": str(seed), "wanted": max(0, n)}
    return [int(row[0]) for row in connection.rows(query, parameters)]


def count_drawable(connection: CatalogConnection, condition: Condition) -> int:
    """How many items a draw can give: the condition's, one an image."""
    query = f"SELECT count(DISTINCT image_id) FROM items WHERE {condition.sql}"
    return int(connection.value(query, condition.parameters))


def _statement(condition: str, parts: Sequence[str]) -> str:
    """Turns are counted from the innermost parts outwards: `turns_2` has none yet, `turns_0` those of the whole."""
    turns = (
        TURN.format(depth=depth, inner=depth + 1, parts=", ".join(parts[: depth + 1]))
        for depth in reversed(range(len(parts)))
    )
    return POOL.format(condition=condition, depth=len(parts), turns="".join(turns))
