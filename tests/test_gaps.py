"""Gaps and their cheapest recipes, checked against a search through all recipes that there are."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medmat_explorer.domain.element_cube import element_cube
from medmat_explorer.domain.gaps import Access, AtHand, Gap, GapFinder, easiest_first
from medmat_explorer.domain.recipes import PAIR_DIRECTION, TRIPLE_DIRECTION, Recipe, recipes, triple_recipes
from medmat_explorer.domain.relation import RULES, Relation, RelationRule, Target, rule_named
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.paper.facts import subsets

M, A, T = Relation.MODALITY, Relation.AREA, Relation.TASK
SHORT = rule_named("short")
NOTHING_HERE = AtHand(Access.PUBLISHED)


def subset(number: str, triple: str) -> Subset:
    triplet = MatTriplet.parse(triple)
    return Subset(number, triplet, triplet.task, triplet.task)


def ease(recipe: Recipe, stock: Mapping[str, AtHand]) -> tuple[object, ...]:
    """The order of the definition: hardest source first, then the scarcer source's items, then names."""
    at_hand = [stock.get(number, NOTHING_HERE) for number in recipe.subsets]
    items = [source.training for source in at_hand]
    orders = sorted(subset_order(number) for number in recipe.subsets)
    return sorted((s.access for s in at_hand), reverse=True), -min(items), -sum(items), orders, recipe.direction


def by_search(
    triplet: MatTriplet, known: Sequence[Subset], rule: RelationRule, stock: Mapping[str, AtHand]
) -> Recipe | None:
    target = Target(triplet)
    found = recipes(target, known, rule) or triple_recipes(target, known, rule)
    return min(found, key=lambda recipe: ease(recipe, stock), default=None)


def some_stock(known: Sequence[Subset]) -> dict[str, AtHand]:
    """Some have pictures, some questions, some nothing; many have as many items as another."""
    grades = [AtHand(Access.PICTURES, 300), AtHand(Access.QUESTIONS, 40), AtHand(Access.ANNOUNCED), NOTHING_HERE]
    grades.append(AtHand(Access.PICTURES, 20))
    return {s.number: grades[place * 7 % 5] for place, s in enumerate(known)}


def all_gaps(finder: GapFinder) -> list[Gap]:
    return [gap for place in finder.cube.places() for gap in finder.gaps(place)]


@pytest.mark.parametrize("rule", [*RULES, "merged"])
def test_the_cheapest_recipe_of_published_gaps_is_the_one_that_a_search_finds(rule: str) -> None:
    known = list(subsets().values())
    compared = rule_named("paper" if rule == "merged" else rule, merge_areas=rule == "merged")
    stock = some_stock(known)
    gaps = all_gaps(GapFinder(known, compared, stock))
    for gap in gaps[:: max(1, len(gaps) // 150)]:
        assert gap.recipe == by_search(gap.triplet, known, compared, stock), gap.triplet
        if gap.recipe:
            assert gap.sources == tuple(stock[number] for number in gap.recipe.subsets)


NAMES = st.sampled_from(["a", "b", "B", "c"])
STOCK = st.builds(AtHand, st.sampled_from(list(Access)), st.sampled_from([0, 5, 40]))


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES, NAMES, st.none() | STOCK), min_size=1, max_size=9))
def test_the_cheapest_recipe_in_any_small_world_is_the_one_that_a_search_finds(
    world: list[tuple[str, str, str, AtHand | None]],
) -> None:
    known = [subset(f"{n:02}", f"{m}/{a}/{t}") for n, (m, a, t, _) in enumerate(world, 1)]
    stock = {f"{n:02}": at_hand for n, (_, _, _, at_hand) in enumerate(world, 1) if at_hand}
    finder = GapFinder(known, SHORT, stock)
    gaps = all_gaps(finder)
    assert all(gap.recipe == by_search(gap.triplet, known, SHORT, stock) for gap in gaps)
    present = {str(s.triplet).casefold() for s in known}
    combinations = len(finder.cube.modalities) * len(finder.cube.areas) * len(finder.cube.tasks)
    assert len({str(gap.triplet).casefold() for gap in gaps} | present) == combinations == len(gaps) + len(present)


def test_pictures_here_come_before_questions_those_before_published_ones_and_announced_ones_last() -> None:
    known = [subset("01", "CT/Lung/State"), subset("02", "MRI/Brain/State"), subset("03", "MRI/Lung/Level")]
    known += [subset(f"1{n}", "US/Knee/Level") for n in range(6)]
    wanted = MatTriplet("CT", "Lung", "Level")  # 01 teaches modality and area, any of the others the task
    stock = {"01": AtHand(Access.PICTURES, 50), "03": AtHand(Access.ANNOUNCED)}
    stock |= {"10": AtHand(Access.ANNOUNCED), "11": NOTHING_HERE, "12": AtHand(Access.QUESTIONS, 900)}
    stock |= {"13": AtHand(Access.PICTURES, 3), "14": AtHand(Access.PICTURES, 30), "15": AtHand(Access.TEST_ONLY)}
    taken = []
    for _ in range(7):
        gap = GapFinder(known, SHORT, stock).gap(wanted)
        assert gap.recipe is not None
        taken.append((gap.recipe.subsets, gap.access, gap.training))
        known = [s for s in known if s.number != gap.recipe.subsets[1]]
    assert taken == [
        (("01", "14"), Access.PICTURES, 30),
        (("01", "13"), Access.PICTURES, 3),
        (("01", "12"), Access.QUESTIONS, 50),
        (("01", "15"), Access.TEST_ONLY, 0),
        (("01", "11"), Access.PUBLISHED, 0),
        (("01", "03"), Access.ANNOUNCED, 0),
        (("01", "10"), Access.ANNOUNCED, 0),
    ]


def test_a_recipe_says_who_teaches_what_in_which_direction() -> None:
    known = [subset("01", "CT/Brain/State"), subset("02", "MRI/Lung/State")]
    gap = GapFinder(known, SHORT, {}).gap(MatTriplet("CT", "Lung", "State"))
    assert gap.recipe == Recipe(("01", "02"), "fixed task", (M, A))
    known = [subset("02", "CT/Brain/Level"), subset("01", "CT/Knee/State")]
    known += [subset("03", "MRI/Brain/Level")]
    gap = GapFinder(known, SHORT, {}).gap(MatTriplet("CT", "Brain", "State"))
    assert gap.recipe == Recipe(("01", "02"), "fixed modality", (T, A))
    gap = GapFinder(known[1:], SHORT, {}).gap(MatTriplet("CT", "Knee", "Level"))
    assert gap.recipe == Recipe(("01", "03"), PAIR_DIRECTION, (M | A, T))


def test_three_sources_are_taken_only_where_no_two_do() -> None:
    known = [subset("01", "CT/Knee/Level"), subset("02", "MRI/Lung/Level"), subset("03", "US/Brain/State")]
    alone = GapFinder(known, SHORT, {}).gap(MatTriplet("CT", "Lung", "State"))
    assert alone.recipe == Recipe(("01", "02", "03"), TRIPLE_DIRECTION, (M, A, T))
    known.append(subset("04", "CT/Lung/Quality"))
    pair = GapFinder(known, SHORT, {}).gap(MatTriplet("CT", "Lung", "State"))
    assert pair.recipe == Recipe(("04", "03"), PAIR_DIRECTION, (M | A, T))


def test_a_source_of_three_may_share_more_than_it_supplies() -> None:
    known = [subset("01", "CT/Knee/Level"), subset("02", "MRI/Lung/State"), subset("03", "US/Lung/State")]
    stock = {"02": AtHand(Access.PICTURES, 9), "03": NOTHING_HERE, "04": AtHand(Access.PICTURES, 2)}
    wanted = MatTriplet("CT", "Lung", "State")
    assert GapFinder(known[:2], SHORT, stock).gap(wanted).recipe is None  # 02 cannot supply both
    assert GapFinder(known, SHORT, stock).gap(wanted).recipe == Recipe(("01", "02", "03"), TRIPLE_DIRECTION, (M, A, T))
    known.append(subset("04", "PET/Lung/Rhythm"))  # with 02 for the task, at hand as 03 is not
    assert GapFinder(known, SHORT, stock).gap(wanted).recipe == Recipe(("01", "04", "02"), TRIPLE_DIRECTION, (M, A, T))


def test_a_gap_without_a_recipe_says_so() -> None:
    known = [subset("01", "CT/Brain/State"), subset("02", "CT/Lung/Level")]
    lonely = GapFinder(known, SHORT, {}).gap(MatTriplet("PET", "Heart", "Rhythm"))
    assert lonely == Gap(MatTriplet("PET", "Heart", "Rhythm"), None, ())
    assert (lonely.access, lonely.training) == (None, 0)


def test_a_triple_that_a_subset_has_is_no_gap() -> None:
    finder = GapFinder(subsets().values(), rule_named("paper"), {})
    with pytest.raises(ValueError, match=r"X-ray/Lung/State is no gap: subset 28 has it"):
        finder.gap(MatTriplet("X-RAY", "lung", "state"))


def test_the_cube_holds_every_subset_once_in_the_words_of_the_rule() -> None:
    cube = element_cube(subsets().values(), rule_named("paper", merge_areas=True))
    standing = [n for cell in cube.cells.values() for numbers in cell.values() for n in numbers]
    assert sorted(standing) == sorted(subsets())
    assert cube.tasks_in(("CT", "Brain")) == {"State": ("05", "06")}
    assert "Chest" not in cube.areas
    assert cube.lacking(("CT", "Brain")) == tuple(task for task in cube.tasks if task != "State")
    assert cube.tasks_in(("Co", "Lung")) == {}


def test_the_easiest_gaps_come_first_and_those_without_a_recipe_last() -> None:
    one, two, three = (Gap(MatTriplet("a", "b", name)) for name in "xyz")
    recipe = Recipe(("01", "02"), PAIR_DIRECTION, (M | A, T))
    two = Gap(two.triplet, recipe, (AtHand(Access.PICTURES, 5), AtHand(Access.PICTURES, 9)))
    three = Gap(three.triplet, recipe, (AtHand(Access.PICTURES, 6), AtHand(Access.PICTURES, 6)))
    assert easiest_first([one, two, three]) == [three, two, one]


def test_every_empty_cell_of_the_published_subsets_has_a_gap_for_every_task() -> None:
    known = subsets().values()
    finder = GapFinder(known, rule_named("paper"), {})
    empty = [place for place in finder.cube.places() if not finder.cube.tasks_in(place)]
    found = [gap for place in empty for gap in finder.gaps(place)]
    assert len(found) == len(empty) * len(finder.cube.tasks) > 2500


def test_one_cell_among_5000_subsets_has_a_gap_for_every_task_it_lacks() -> None:
    known = [subset(f"A{n:04}", f"m{n % 61}/a{n * 7 % 301}/t{n * 13 % 97}") for n in range(5000)]
    finder = GapFinder(known, SHORT, {})
    found = list(finder.gaps(("m1", "a3")))
    assert len(found) == len(finder.cube.lacking(("m1", "a3"))) > 80
