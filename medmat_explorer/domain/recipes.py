"""Recipes: pairs and triples of subsets that together teach a target its three elements, as the paper forms them.

Source: arXiv 2412.20070, Tables 3 and 5-8 (two subsets) and Table 4 (three subsets). Where there may be very many, ask
the `RecipeBook` for counts and for the first of them.
"""

from collections.abc import Iterable

from medmat_explorer.domain.recipe_book import (
    PAIR_DIRECTION,
    PAIR_DIRECTIONS,
    TRIPLE_DIRECTION,
    Recipe,
    RecipeBook,
)
from medmat_explorer.domain.relation import RelationRule, Target, relations_to
from medmat_explorer.domain.subset import Subset

__all__ = ["PAIR_DIRECTION", "TRIPLE_DIRECTION", "Recipe", "recipe_book", "recipes", "triple_recipes"]


def recipe_book(target: Target, subsets: Iterable[Subset], rule: RelationRule) -> RecipeBook:
    """All recipes of the target, pairs and triples, for counting and for listing as far as needed."""
    return RecipeBook(relations_to(target, subsets, rule))


def recipes(target: Target, subsets: Iterable[Subset], rule: RelationRule) -> tuple[Recipe, ...]:
    """Every pair recipe of the target, sorted by direction and numbers.

    A pair is a recipe when one element is shared by both sources and the target and the two others are supplied
    one by each ("fixed ..."), or when one source shares modality and area with the target and the other its task.
    A pair may be a recipe in several directions; each is listed once. A source that shares all three elements under
    a grouped rule (03 and 04 under `paper`) is not left out: its relation shows that it is the same coarse triple.
    """
    book = recipe_book(target, subsets, rule)
    return tuple(recipe for direction in PAIR_DIRECTIONS for recipe in book.recipes(direction))


def triple_recipes(target: Target, subsets: Iterable[Subset], rule: RelationRule) -> tuple[Recipe, ...]:
    """Every triple of different subsets of which each supplies one element, sorted by numbers.

    A source may share more than the element that it supplies, as in pairs. A triple is listed once, its sources in the
    order modality, area, task: where they can share out the elements in several ways, in the first of those.
    """
    return tuple(recipe_book(target, subsets, rule).recipes(TRIPLE_DIRECTION))
