"""A reader's selection as a condition in SQL; every value travels as a parameter."""

from dataclasses import dataclass, field

from medmat_explorer.domain.selection import Facet, Selection

SUBSET_FACETS = {Facet.MODALITY: "modality", Facet.AREA: "area", Facet.TASK: "task"}
TEXTS = ("question", "caption", "image", "array_to_string(options, chr(10))")


@dataclass(frozen=True)
class Condition:
    """The text behind WHERE and its parameters."""

    sql: str = "true"
    parameters: dict[str, object] = field(default_factory=dict)

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"{self.sql} AND {other.sql}", {**self.parameters, **other.parameters})


def facet_condition(selection: Selection) -> Condition:
    """What was chosen in facets: holds for `items` and for `cube`."""
    condition = Condition()
    for facet, values in selection.chosen.items():
        if values:
            condition &= _chosen(facet, sorted(values))
    return condition


def text_condition(text: str) -> Condition:
    """Every word occurs somewhere in question, caption, options or path, without regard to case.

    Not ILIKE: this is more than twice as fast on long paths, and no sign in a word means anything but itself.
    """
    condition = Condition()
    for place, word in enumerate(text.split()):
        name = f"word_{place}"
        found = " OR ".join(f"contains(lower({column}), ${name})" for column in TEXTS)
        condition &= Condition(f"({found})", {name: word.lower()})
    return condition


def item_condition(selection: Selection) -> Condition:
    """The whole selection, for `items`."""
    return facet_condition(selection) & text_condition(selection.text)


def _chosen(facet: Facet, values: list[str]) -> Condition:
    name = f"facet_{facet.value}"
    if facet in SUBSET_FACETS:
        column = SUBSET_FACETS[facet]
        within = f"SELECT number FROM subsets WHERE list_contains(${name}, {column})"
        return Condition(f"subset IN ({within})", {name: values})
    if facet is Facet.LABEL:
        return Condition(f"list_has_any(labels, ${name})", {name: values})
    return Condition(f"list_contains(${name}, {facet.value})", {name: values})
