"""The book of all recipes: sound and complete against the definition, counted and listed without trying all pairs."""

from itertools import combinations, islice, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medmat_explorer.domain.recipe_book import (
    DIRECTIONS,
    PAIR_DIRECTION,
    PAIR_DIRECTIONS,
    TRIPLE_DIRECTION,
    Recipe,
    RecipeBook,
)
from medmat_explorer.domain.recipes import recipe_book, recipes, triple_recipes
from medmat_explorer.domain.relation import (
    ALL_RELATIONS,
    AXIS_FLAG,
    SAME_TRIPLE,
    Relation,
    Target,
    find_target,
    relations_to,
    rule_named,
)
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.paper.facts import subsets

M, A, T = Relation.MODALITY, Relation.AREA, Relation.TASK
Listed = tuple[tuple[str, ...], str]

NUMBERS = st.sampled_from(["1", "02", "10", "9", "A1", "P07", "P10", "U2", "33"])
WORLDS = st.dictionaries(NUMBERS, st.sampled_from(ALL_RELATIONS), max_size=9)
"""What each subset shares with some target."""


def by_definition(shared: dict[str, Relation]) -> list[Listed]:
    """The definition read out word for word, for pairs and triples, without regard to who is named first."""
    found = []
    for a, b in combinations(shared, 2):
        for fixed in Axis:
            one, other = (axis for axis in Axis if axis is not fixed)
            both = AXIS_FLAG[fixed] in shared[a] and AXIS_FLAG[fixed] in shared[b]
            one_each = any(AXIS_FLAG[one] in shared[x] and AXIS_FLAG[other] in shared[y] for x, y in ((a, b), (b, a)))
            if both and one_each:
                found.append((tuple(sorted((a, b))), f"fixed {fixed.value}"))
        if any(M in shared[x] and A in shared[x] and T in shared[y] for x, y in ((a, b), (b, a))):
            found.append((tuple(sorted((a, b))), PAIR_DIRECTION))
    for three in combinations(shared, 3):
        if any(M in shared[m] and A in shared[a] and T in shared[t] for m, a, t in permutations(three)):
            found.append((tuple(sorted(three)), TRIPLE_DIRECTION))
    return sorted(found)


def as_listed(found: "tuple[Recipe, ...] | list[Recipe]") -> list[Listed]:
    return sorted((tuple(sorted(recipe.subsets)), recipe.direction) for recipe in found)


def in_order(recipe: Recipe) -> tuple[int, list[tuple[str, int]]]:
    return DIRECTIONS.index(recipe.direction), [subset_order(number) for number in recipe.subsets]


@given(WORLDS)
@settings(max_examples=300, deadline=None)
def test_the_book_is_the_definition_sound_and_complete_and_in_order(shared: dict[str, Relation]) -> None:
    found = list(RecipeBook(shared).recipes())
    assert as_listed(found) == by_definition(shared)
    assert found == sorted(found, key=in_order)


@given(WORLDS)
@settings(max_examples=150, deadline=None)
def test_counts_and_filters_say_what_the_whole_list_says(shared: dict[str, Relation]) -> None:
    book = RecipeBook(shared)
    every = list(book.recipes())
    assert book.count() == len(every) == sum(book.counts().values())
    for direction in ("", *DIRECTIONS):
        of_it = [recipe for recipe in every if direction in ("", recipe.direction)]
        assert list(book.recipes(direction)) == of_it
        assert book.count(direction) == len(of_it)
        assert book.first(2, direction) == tuple(of_it[:2])
        for source in (*shared, "X99"):
            with_it = [recipe for recipe in of_it if source in recipe.subsets]
            assert list(book.recipes(direction, source)) == with_it
            assert book.count(direction, source) == len(with_it)


@given(WORLDS)
@settings(max_examples=150, deadline=None)
def test_what_a_source_teaches_it_shares_and_together_they_teach_all_three(shared: dict[str, Relation]) -> None:
    for recipe in RecipeBook(shared).recipes():
        fixed = next((AXIS_FLAG[axis] for axis in Axis if recipe.direction == f"fixed {axis.value}"), Relation.NONE)
        taught = fixed
        for number, teaches in zip(recipe.subsets, recipe.teaches, strict=True):
            assert teaches | fixed in shared[number]
            taught |= teaches
        assert taught is SAME_TRIPLE


@given(WORLDS, st.lists(NUMBERS, max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_recipe_is_found_by_its_sources_in_any_order_or_not_at_all(
    shared: dict[str, Relation], some: list[str]
) -> None:
    book = RecipeBook(shared)
    for recipe in book.recipes():
        assert book.find(reversed(recipe.subsets), recipe.direction) == recipe
    listed = by_definition(shared)
    for direction in DIRECTIONS:
        found = book.find(some, direction)
        assert (found is not None) == ((tuple(sorted(set(some))), direction) in listed)


TASKS = ("State", "Level", "COVID")
TRIPLETS = st.builds(
    MatTriplet, st.sampled_from(("CT", "MRI")), st.sampled_from(("Lung", "Chest", "Brain")), st.sampled_from(TASKS)
)


@given(st.lists(TRIPLETS, max_size=8), TRIPLETS, st.sampled_from(("published", "short", "paper")), st.booleans())
@settings(max_examples=150, deadline=None)
def test_recipes_of_real_subsets_are_those_of_the_book(
    triplets: list[MatTriplet], wanted: MatTriplet, rule: str, merge: bool
) -> None:
    known = [
        Subset(f"{i:02}", t, f"{t.task} printed", "State" if t.task == "COVID" else t.task)
        for i, t in enumerate(triplets)
    ]
    chosen = rule_named(rule, merge_areas=merge)
    for target in (Target(wanted), *(Target(subset.triplet, subset) for subset in known)):
        shared = relations_to(target, known, chosen)
        found = (*recipes(target, known, chosen), *triple_recipes(target, known, chosen))
        assert as_listed(found) == by_definition(shared)


def test_the_published_subsets_have_the_recipes_that_stand_in_table_3() -> None:
    known = subsets().values()
    book = recipe_book(find_target("03", known), known, rule_named("paper"))
    assert book.counts() == {
        "fixed area": 1,
        "fixed modality": 2,
        "fixed task": 5,
        PAIR_DIRECTION: 10,
        TRIPLE_DIRECTION: 172,
    }
    assert book.same_triple == ("04",)
    assert book.find(("28", "04"), "fixed area") == Recipe(("04", "28"), "fixed area", (M, T))
    assert book.find(("28", "04"), "fixed modality") is None
    assert book.find(("04",), "fixed area") is None
    assert book.find(("04", "<b>"), "fixed area") is None


def test_a_source_of_the_same_coarse_triple_keeps_its_recipes() -> None:
    book = RecipeBook({"01": SAME_TRIPLE, "02": SAME_TRIPLE, "03": M, "04": T})
    assert [r.subsets for r in book.recipes("fixed modality")] == [("01", "02")]
    assert [r.subsets for r in book.recipes(PAIR_DIRECTION)] == [("01", "02"), ("01", "04"), ("02", "04")]
    assert [r.subsets for r in book.recipes(TRIPLE_DIRECTION)] == [
        ("01", "02", "04"),
        ("03", "01", "02"),
        ("03", "01", "04"),
        ("03", "02", "04"),
    ]
    assert book.same_triple == ("01", "02")


def test_a_direction_that_is_none_is_refused_with_the_choices() -> None:
    with pytest.raises(UnknownNameError, match="There is no direction 'sideways'. Valid: fixed area, fixed modality"):
        RecipeBook({}).first(1, "sideways")


def crowd(modalities: int, areas: int, tasks: int, count: int = 5_000) -> list[Subset]:
    """Subsets with elements drawn by a seed."""
    draw, found = Random(0), []
    for i in range(count):
        names = (f"m{draw.randrange(modalities)}", f"a{draw.randrange(areas)}", f"t{draw.randrange(tasks)}")
        triplet = MatTriplet(*names)
        found.append(Subset(f"{'ABCDE'[i // 1000]}{i % 1000:03}", triplet, triplet.task, triplet.task))
    return found


@pytest.mark.parametrize(("modalities", "areas", "tasks", "least"), [(20, 60, 200, 0), (2, 3, 5, 1_500_000)])
def test_five_thousand_subsets_are_counted_and_not_listed(modalities: int, areas: int, tasks: int, least: int) -> None:
    known = crowd(modalities, areas, tasks)
    book = recipe_book(Target(known[0].triplet, known[0]), known, rule_named("paper"))
    counts = book.counts()
    shown = [recipe for direction in DIRECTIONS for recipe in book.first(200, direction)]
    found = [book.count(source=number) for number in ("A001", "E999")]
    assert sum(counts[direction] for direction in PAIR_DIRECTIONS) >= least
    assert counts[TRIPLE_DIRECTION] > 100_000
    assert len(shown) >= 200
    assert len(found) == 2


def test_counts_of_a_crowd_are_right_as_far_as_they_can_be_listed() -> None:
    known = crowd(2, 3, 5, 120)
    book = recipe_book(Target(known[0].triplet, known[0]), known, rule_named("short"))
    for direction in DIRECTIONS:
        assert book.count(direction) == sum(1 for _ in islice(book.recipes(direction), 10**6)), direction
