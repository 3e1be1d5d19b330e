"""What is known of one recipe: who teaches what, what of it is here, how like the target it is, who tried it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from medmat_explorer.charts.lattice_content import element_text
from medmat_explorer.charts.published import rows_on, where
from medmat_explorer.domain.recipe_book import PAIR_DIRECTION, PAIR_DIRECTIONS, TRIPLE_DIRECTION, Recipe, RecipeBook
from medmat_explorer.domain.subset import subset_order
from medmat_explorer.paper.facts import CompositionRow
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.recipe_leaks import SharedImages, images_shared_with
from medmat_explorer.store.subset_likeness import label_overlap
from medmat_explorer.ui.lattice_view import PUBLISHED, LatticeView

CODES: dict[str, str] = {
    **{direction.removeprefix("fixed "): direction for direction in PAIR_DIRECTIONS if direction != PAIR_DIRECTION},
    "pair": PAIR_DIRECTION,
    "three": TRIPLE_DIRECTION,
}
"""What an address calls the directions."""

Shared = Mapping[str, SharedImages]


@dataclass(frozen=True)
class RecipeFacts:
    """A recipe with its facts. `overlap` (0 to 1) is None where the collection lacks labels of a source or the target.

    `training` counts the items of its sources that a mix may draw: those here that are not of a test split.
    `shared` are images of the target that also stand in a source, by source: None where that was never looked for, or
    where the target has no items here. `same_triple` are sources that share all three elements with the target.
    """

    recipe: Recipe
    taught: Mapping[str, Sequence[str]]
    training: int
    overlap: float | None
    shared: Shared | None
    published: Sequence[CompositionRow]
    same_triple: Sequence[str]

    @property
    def key(self) -> str:
        """How an address names it: `area:03+30`."""
        return recipe_key(self.recipe)

    @property
    def taught_text(self) -> str:
        """Who teaches what: `03: COVID (State), 06: Brain`."""
        return ", ".join(f"{number}: {' · '.join(words)}" for number, words in self.taught.items())


def recipe_key(recipe: Recipe) -> str:
    """How an address names a recipe: `area:03+30`."""
    code = next(code for code, direction in CODES.items() if direction == recipe.direction)
    return f"{code}:{'+'.join(sorted(recipe.subsets, key=subset_order))}"


def recipe_of_key(key: str, book: RecipeBook) -> Recipe | None:
    """The recipe that an address names; None when it is none under the rule."""
    code, _, sources = key.partition(":")
    return book.find(sources.split("+"), CODES[code]) if code in CODES else None


def published_on(view: LatticeView) -> tuple[CompositionRow, ...]:
    """The published rows on the target, where the numbers are Med-MAT's."""
    if view.universe.name != PUBLISHED or view.target.subset is None:
        return ()
    return rows_on(view.target.subset.number)


def tried_first(
    book: RecipeBook, rows: Iterable[CompositionRow], most: int, direction: str, source: str
) -> list[Recipe]:
    """At most `most` recipes of a direction and with a source, where these are given: those that a row used first."""
    used = [recipe for row in rows if (recipe := book.find(row.related, row.direction)) is not None]
    often: dict[Recipe, int] = {}
    for recipe in used:
        if direction in ("", recipe.direction) and (not source or source in recipe.subsets):
            often[recipe] = often.get(recipe, 0) + 1
    in_order = {recipe: place for place, recipe in enumerate(book.first(most, direction, source))}
    first = sorted(often, key=lambda recipe: (-often[recipe], in_order.get(recipe, most)))
    return [*first, *(recipe for recipe in in_order if recipe not in often)][:most]


def facts_of(
    view: LatticeView, catalog: Catalog, book: RecipeBook, recipes: Iterable[Recipe]
) -> tuple[RecipeFacts, ...]:
    """Everything that is known of these recipes of the target."""
    target = view.target.subset.number if view.target.subset else ""
    target = target if target and view.universe.stock[target].items else ""
    about = _About(
        view,
        catalog,
        target,
        images_shared_with(catalog, target) if target else None,
        published_on(view),
        frozenset(book.same_triple),
    )
    return tuple(_facts(about, recipe) for recipe in recipes)


@dataclass(frozen=True)
class _About:
    """What the facts of all recipes of a target rest on. `target` is its number where it has items here."""

    view: LatticeView
    catalog: Catalog
    target: str
    shared: Shared | None
    rows: tuple[CompositionRow, ...]
    same_triple: frozenset[str]


def _facts(about: _About, recipe: Recipe) -> RecipeFacts:
    subsets, stock = about.view.universe.subsets, about.view.universe.stock
    here = [number for number in recipe.subsets if stock[number].items]
    complete = about.target and len(here) == len(recipe.subsets)
    used = frozenset(recipe.subsets)
    shared = about.shared
    return RecipeFacts(
        recipe=recipe,
        taught={
            number: [element_text(subsets[number], axis, about.view.rule) for axis in taught.axes]
            for number, taught in zip(recipe.subsets, recipe.teaches, strict=True)
        },
        training=sum(stock[number].training for number in here),
        overlap=label_overlap(about.catalog, recipe.subsets, about.target) if complete else None,
        shared=None if shared is None else {number: shared[number] for number in here if number in shared},
        published=[r for r in about.rows if (frozenset(r.related), r.direction) == (used, recipe.direction)],
        same_triple=[number for number in recipe.subsets if number in about.same_triple],
    )


def recipe_lines(view: LatticeView, found: Iterable[RecipeFacts]) -> list[dict[str, str | int | float | None]]:
    """The recipes as lines of a table to be taken along, each with the target and the rule that it rests on."""
    return [
        {
            "target": view.target.key,
            "rule": view.rule.name,
            "areas_merged": "yes" if view.rule.merge_areas else "no",
            "recipe": " + ".join(one.recipe.subsets),
            "direction": one.recipe.direction,
            "taught": one.taught_text,
            "published": "; ".join(f"{where(row)}: {row.gain:+g}" for row in one.published),
            "training_items_here": one.training,
            "label_overlap": None if one.overlap is None else round(one.overlap, 4),
            "target_images_in_sources": _shared_text(one.shared),
            "same_coarse_triple": " ".join(one.same_triple),
        }
        for one in found
    ]


def _shared_text(shared: Shared | None) -> str:
    """`28: 3 train, 12 test`; what was not looked for is not the same as none."""
    if shared is None:
        return "not known"
    return "; ".join(f"{n}: {images.train} train, {images.test} test" for n, images in shared.items()) or "none found"
