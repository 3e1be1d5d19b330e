"""Items drawn for asking a model: spread over subsets, then over labels, and never two of one image."""

from medmat_explorer.store.connection import CatalogConnection
from medmat_explorer.store.filters import Condition

DRAW = """
WITH pool AS (
    SELECT place, image_id, subset, array_to_string(labels, ',') AS label, md5_number(concat($seed, ':', id)) AS draw
    FROM items WHERE {condition}
), once AS (
    SELECT * FROM pool QUALIFY row_number() OVER (PARTITION BY image_id ORDER BY draw) = 1
), label_turns AS (
    SELECT place, subset, draw, row_number() OVER (PARTITION BY subset, label ORDER BY draw) AS turn FROM once
), subset_turns AS (
    SELECT place, draw, row_number() OVER (PARTITION BY subset ORDER BY turn, draw) AS turn FROM label_turns
)
SELECT place FROM subset_turns ORDER BY turn, draw LIMIT $wanted
"""
"""Labels of a subset take turns, and so do subsets; within a turn the seed decides."""


def draw_sample(connection: CatalogConnection, condition: Condition, n: int, seed: int) -> list[int]:
    """The places of at most `n` items that meet the condition, in the order drawn; the same for the same seed."""
    parameters = {**condition.parameters, "seed": str(seed), "wanted": max(0, n)}
    return [int(row[0]) for row in connection.rows(DRAW.format(condition=condition.sql), parameters)]
