"""Items of a selection counted by several facets at once, and the words of their questions: what charts draw."""

from collections.abc import Sequence

from medmat_explorer.domain.selection import READER_FACETS, Facet, Selection
from medmat_explorer.store.connection import CatalogConnection
from medmat_explorer.store.facets import beyond_cube
from medmat_explorer.store.filters import ConditionWriter
from medmat_explorer.store.live_cube import cube_where

WORDS = """
WITH asked AS (SELECT question, count(*) AS items FROM items WHERE {condition} GROUP BY question),
split AS (
    SELECT DISTINCT question, items, unnest(regexp_split_to_array(lower(question), '[^\\p{{L}}\\p{{N}}]+')) AS word
    FROM asked
)
SELECT word, sum(items)::BIGINT AS n FROM split WHERE len(word) > 2 AND word NOT IN $idle
GROUP BY word ORDER BY n DESC, word LIMIT $most
"""

IDLE = ["and", "are", "can", "does", "for", "from", "has", "have", "how", "its", "most", "please", "that", "the"]
IDLE += ["these", "this", "those", "was", "what", "which", "with", "you"]
"""Words that say nothing of what is asked."""


def count_together(
    connection: CatalogConnection, selection: Selection, facets: Sequence[Facet]
) -> list[tuple[*tuple[str, ...], int]]:
    """Rows of one value of each facet and the number of items; several labels of an item each count.

    Raises ValueError for tags and sets, which no cube has.
    """
    if READER_FACETS & set(facets):
        raise ValueError("Tags and sets are counted by `count_facets`.")
    connection.follow_cube()
    beyond = beyond_cube(connection, selection)
    source = f"({cube_where(beyond.sql)})" if beyond else "live_cube"
    condition = ConditionWriter().cells(selection.without(*READER_FACETS))
    values = ", ".join("unnest(labels)" if facet is Facet.LABEL else facet.value for facet in facets)
    places = ", ".join(str(place + 1) for place in range(len(facets)))
    rows = connection.rows(
        f"SELECT {values}, sum(items)::BIGINT FROM {source} WHERE {condition.sql} GROUP BY {places} ORDER BY {places}",
        condition.parameters | (beyond.parameters if beyond else {}),
    )
    return [(*(str(value) for value in row[:-1]), int(row[-1])) for row in rows]


def count_words(connection: CatalogConnection, selection: Selection, most: int = 25) -> list[tuple[str, int]]:
    """The most frequent words of the selection's questions, with the number of items that have them; none of IDLE."""
    condition = connection.condition(selection)
    rows = connection.rows(WORDS.format(condition=condition.sql), {**condition.parameters, "most": most, "idle": IDLE})
    return [(word, int(items)) for word, items in rows]


def count_wordings(connection: CatalogConnection, subset: str) -> list[tuple[str, int]]:
    """The questions of a subset as they are worded, most frequent first, at most fifty."""
    rows = connection.rows(
        "SELECT question, count(*) AS n FROM items WHERE subset = $subset GROUP BY question "
        "ORDER BY n DESC, question LIMIT 50",
        {"subset": subset},
    )
    return [(question, int(items)) for question, items in rows]
