"""A reader's selection as a condition in SQL; every value travels as a parameter."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from medmat_explorer.domain.search_terms import SearchPlace, SearchTerm, search_terms
from medmat_explorer.domain.selection import IMAGE_FACETS, READER_FACETS, Facet, Selection

TEXTS = {
    SearchPlace.QUESTION: "question",
    SearchPlace.CAPTION: "caption",
    SearchPlace.OPTION: "array_to_string(options, chr(10))",
    SearchPlace.PATH: "image",
}
IMAGE_TABLES = {
    Facet.IMAGE: ("states", "state", "unchecked"),
    Facet.PIXELS: ("states", "pixels", "unknown"),
    Facet.SHAPE: ("states", "shape", "unknown"),
    Facet.LEAK: ("leaks", "leak", "none"),
}
"""Where a facet of images is written down, in which column, and its value for images that stand there nowhere."""

READER_TABLES = {Facet.TAG: ("tags", "tag"), Facet.SET: ("sets", "name")}
EDGE = r"[^\p{L}\p{N}_]"


@dataclass(frozen=True)
class Condition:
    """The text behind WHERE and its parameters."""

    sql: str = "true"
    parameters: dict[str, object] = field(default_factory=dict)

    def __and__(self, other: "Condition") -> "Condition":
        if not self.parameters and self.sql == "true":
            return other
        return Condition(f"{self.sql} AND {other.sql}", {**self.parameters, **other.parameters})

    def negated(self) -> "Condition":
        """Holds where this one does not."""
        return Condition(f"NOT ({self.sql})", self.parameters)


Writer = Callable[[Facet, list[str]], Condition]


class ConditionWriter:
    """Writes conditions whose parameters have names of their own, so that several fit into one query."""

    def __init__(self, prefix: str = "p") -> None:
        self._names = (f"{prefix}_{number}" for number in count())

    def items(self, selection: Selection) -> Condition:
        """The whole selection, for `items`."""
        beyond_cube = IMAGE_FACETS | READER_FACETS
        cells = self.cells(selection.without(*beyond_cube))
        condition = Condition(f"cell IN (SELECT cell FROM cube WHERE {cells.sql})", cells.parameters)
        condition = condition if cells.parameters else Condition()
        for facet in Facet:
            if facet in beyond_cube:
                condition &= self._both(selection, facet, self._of_images if facet in IMAGE_FACETS else self._kept)
        return condition & self.text(selection.text)

    def cells(self, selection: Selection) -> Condition:
        """What was chosen in facets, for the rows of a cube that has all these facets as columns."""
        condition = Condition()
        for facet in Facet:
            condition &= self._both(selection, facet, self._of_cells)
        return condition

    def text(self, text: str) -> Condition:
        """Every term occurs where it is looked for, without regard to case.

        Not ILIKE: this is more than twice as fast on long paths, and no sign in a word means anything but itself.
        """
        condition = Condition()
        for term in search_terms(text):
            found = self._found(term)
            condition &= found.negated() if term.excluded else found
        return condition

    def _both(self, selection: Selection, facet: Facet, write: Writer) -> Condition:
        wanted, refused = selection.chosen.get(facet), selection.excluded.get(facet)
        condition = write(facet, sorted(wanted)) if wanted else Condition()
        return condition & write(facet, sorted(refused)).negated() if refused else condition

    def _of_cells(self, facet: Facet, values: list[str]) -> Condition:
        name = next(self._names)
        if facet is Facet.LABEL:
            return Condition(f"list_has_any(labels, ${name})", {name: values})
        return Condition(f"list_contains(${name}, {facet.value})", {name: values})

    def _of_images(self, facet: Facet, values: list[str]) -> Condition:
        table, column, otherwise = IMAGE_TABLES[facet]
        name = next(self._names)
        sql = f"image_id IN (SELECT image_id FROM {table} WHERE list_contains(${name}, {column}))"
        if otherwise in values:
            sql += f" OR image_id NOT IN (SELECT image_id FROM {table} WHERE {column} <> '{otherwise}')"
        return Condition(f"({sql})", {name: values})

    def _kept(self, facet: Facet, values: list[str]) -> Condition:
        table, column = READER_TABLES[facet]
        name = next(self._names)
        return Condition(f"id IN (SELECT id FROM {table} WHERE list_contains(${name}, {column}))", {name: values})

    def _found(self, term: SearchTerm) -> Condition:
        name = next(self._names)
        parameters: dict[str, object] = {name: term.text}
        found = [f"contains(lower({TEXTS[place]}), ${name})" for place in term.places]
        if term.whole_words:
            pattern = next(self._names)
            parameters[pattern] = f"(^|{EDGE}){re.escape(term.text)}({EDGE}|$)"
            places = [f"regexp_matches(lower({TEXTS[place]}), ${pattern})" for place in term.places]
            found = [f"({one} AND {whole})" for one, whole in zip(found, places, strict=True)]
        return Condition(f"({' OR '.join(found)})", parameters)


def item_condition(selection: Selection, prefix: str = "p") -> Condition:
    """The whole selection, for `items`; parameters are named `prefix_0`, `prefix_1`, ..."""
    return ConditionWriter(prefix).items(selection)
