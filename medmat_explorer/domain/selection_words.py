"""A selection in words for people, and as the parameters that name it in an address."""

from medmat_explorer.domain.selection import NOT, Facet, Selection

TEXT = "q"
"""The name of the searched words in an address."""

WORDS = {
    Facet.PUBLISHED_TASK: "published task",
    Facet.DATASET: "data set",
    Facet.OPTIONS: "number of options",
    Facet.LETTER: "right letter",
    Facet.WORDS: "words in the question",
    Facet.IMAGE: "image file",
    Facet.PIXELS: "longer side in pixels",
    Facet.SET: "picked items",
}


def selection_params(selection: Selection) -> dict[str, str | list[str]]:
    """The selection as address parameters."""
    params: dict[str, str | list[str]] = {f.value: sorted(values) for f, values in selection.chosen.items() if values}
    params |= {NOT + f.value: sorted(values) for f, values in selection.excluded.items() if values}
    return {**params, TEXT: selection.text} if selection.text else params


def selection_in_words(selection: Selection) -> str:
    """For people: `modality CT · not split test · "stone"`; everything is `all items`."""
    parts = [f"{_word(f)} {_listed(values)}" for f, values in selection.chosen.items() if values]
    parts += [f"not {_word(f)} {_listed(values)}" for f, values in selection.excluded.items() if values]
    return " · ".join([*parts, f'"{selection.text}"'] if selection.text else parts) or "all items"


def _word(facet: Facet) -> str:
    return WORDS.get(facet, facet.value)


def _listed(values: frozenset[str]) -> str:
    return " or ".join(sorted(values))
