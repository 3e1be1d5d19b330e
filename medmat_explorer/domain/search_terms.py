"""What a reader types into the search box, as terms.

`stone` finds it anywhere, also within a word; `"kidney stone"` as whole words in this order; `-stone` leaves items
out; `caption:stone`, `question:`, `option:` and `path:` look in one place only. Every term must hold.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

TERM = re.compile(r'(?P<minus>-?)(?:(?P<place>question|caption|option|path):)?(?:"(?P<words>[^"]+)"|(?P<part>[^\s"]+))')


class SearchPlace(StrEnum):
    """Where a term is looked for."""

    QUESTION = "question"
    CAPTION = "caption"
    OPTION = "option"
    PATH = "path"


@dataclass(frozen=True)
class SearchTerm:
    """One thing to find; `places` are all where it may stand. Case does not matter."""

    text: str
    places: tuple[SearchPlace, ...] = tuple(SearchPlace)
    whole_words: bool = False
    excluded: bool = False


def search_terms(text: str) -> tuple[SearchTerm, ...]:
    """The terms of a search; what cannot be read as one, such as a lone quotation mark, is left out."""
    found = []
    for term in TERM.finditer(text):
        wanted = (term["words"] or term["part"] or "").strip().lower()
        places = (SearchPlace(term["place"]),) if term["place"] else tuple(SearchPlace)
        if wanted:
            found.append(SearchTerm(wanted, places, bool(term["words"]), bool(term["minus"])))
    return tuple(found)
