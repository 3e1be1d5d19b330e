"""What texts were found lately: a page asks for counts, facets and pictures of one search, which is looked for once."""

import hashlib
import threading

import duckdb

from medmat_explorer.store.filters import Condition, ConditionWriter

KEPT = 16
MOST_PLACES = 250_000
"""Searches that are kept, and the most items that one may have found: sixteen bytes each. One that finds more is
common, and is looked for anew each time.
"""


class Searches:
    """The table `hits` (search, place), filled as texts are looked for; the least recent ones go first."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._found: dict[int, bool] = {}
        connection.execute("CREATE TABLE hits (search BIGINT, place BIGINT)")

    def condition(self, text: str, parameter: str) -> Condition:
        """That an item has a text, for `items`; looks for it when it was not of late."""
        search = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:7], "big")
        with self._lock:
            is_kept = self._found.pop(search) if search in self._found else self._look_for(search, text)
            self._found[search] = is_kept
            self._forget_old()
        if is_kept:
            return Condition(f"place IN (SELECT place FROM hits WHERE search = ${parameter})", {parameter: search})
        return ConditionWriter(parameter).text(text)

    def _look_for(self, search: int, text: str) -> bool:
        """Keeps what a text finds, unless that is too much."""
        condition = ConditionWriter("text").text(text)
        with self._connection.cursor() as cursor:
            found = cursor.execute(
                f"SELECT place FROM items WHERE {condition.sql} LIMIT {MOST_PLACES + 1}", condition.parameters
            ).fetchnumpy()["place"]
            if len(found) > MOST_PLACES:
                return False
            cursor.register("found_places", {"place": found})
            cursor.execute("INSERT INTO hits SELECT $search, place FROM found_places", {"search": search})
            cursor.unregister("found_places")
        return True

    def _forget_old(self) -> None:
        while len(self._found) > KEPT:
            oldest = next(iter(self._found))
            if self._found.pop(oldest):
                with self._connection.cursor() as cursor:
                    cursor.execute("DELETE FROM hits WHERE search = $search", {"search": oldest})
