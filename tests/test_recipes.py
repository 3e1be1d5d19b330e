"""Recipes: which subsets together teach a target, checked against the paper's tables and against the definition."""

from collections.abc import Iterable
from itertools import permutations, product

import pytest

from medmat_explorer.domain.recipes import PAIR_DIRECTION, TRIPLE_DIRECTION, Recipe, recipes, triple_recipes
from medmat_explorer.domain.relation import AXIS_FLAG, RULES, Relation, Target, find_target, relations_to, rule_named
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.paper.facts import CompositionRow, composition_rows, subsets

M, A, T = Relation.MODALITY, Relation.AREA, Relation.TASK
TABLE_3 = [row for row in composition_rows() if row.table == "3"]


def found_for(number: str, rule: str) -> tuple[Recipe, ...]:
    known = subsets().values()
    return recipes(find_target(number, known), known, rule_named(rule))


def is_recipe(row: CompositionRow, rule: str) -> bool:
    """Whether the row's two subsets are a recipe of its target in the printed direction."""
    return any(set(r.subsets) == set(row.related) and r.direction == row.direction for r in found_for(row.target, rule))


def by_definition(target: Target, known: Iterable[Subset], rule: str) -> set[tuple[frozenset[str], str]]:
    """The definition written out: pairs of subsets, each with a direction."""
    shared = relations_to(target, known, rule_named(rule))
    found = set()
    for a, b in permutations(shared, 2):
        for fixed, one, other in permutations(Axis):
            needed = {(AXIS_FLAG[fixed], shared[a]), (AXIS_FLAG[fixed], shared[b])}
            needed |= {(AXIS_FLAG[one], shared[a]), (AXIS_FLAG[other], shared[b])}
            if all(flag in has for flag, has in needed):
                found.add((frozenset({a, b}), f"fixed {fixed.value}"))
        if M in shared[a] and A in shared[a] and T in shared[b]:
            found.add((frozenset({a, b}), PAIR_DIRECTION))
    return found


def test_42_of_the_43_rows_of_table_3_are_recipes_in_the_printed_direction() -> None:
    assert len(TABLE_3) == 43
    assert [row.row for row in TABLE_3 if not is_recipe(row, "paper")] == ["37"]


def test_row_37_is_none_because_its_target_is_read_as_quality_and_not_as_level() -> None:
    row = next(row for row in TABLE_3 if row.row == "37")
    known = subsets()
    assert (row.related, row.target, row.target_label) == (("14", "19"), "17", "FP, Fundus, Level")
    assert known["17"].triplet.task == "Quality"
    shared = relations_to(find_target("17", known.values()), known.values(), rule_named("paper"))
    assert (shared["14"], shared["19"]) == (M | A, Relation.NONE)
    read_as_level = Target(MatTriplet("FP", "Fundus", "Level"))
    found = recipes(read_as_level, known.values(), rule_named("paper"))
    assert Recipe(("14", "19"), PAIR_DIRECTION, (M | A, T)) in found


def test_without_the_grouping_fewer_rows_of_table_3_are_recipes() -> None:
    counts = {rule: sum(is_recipe(row, rule) for row in TABLE_3) for rule in RULES}
    assert counts["published"] < counts["short"] < counts["paper"] == 42


@pytest.mark.parametrize("rule", RULES)
def test_every_pair_recipe_of_every_target_follows_from_the_definition_and_none_is_missing(rule: str) -> None:
    known = subsets().values()
    for subset in known:
        target = Target(subset.triplet, subset)
        found = recipes(target, known, rule_named(rule))
        listed = [(frozenset(r.subsets), r.direction) for r in found]
        assert len(listed) == len(set(listed)), subset.number
        assert set(listed) == by_definition(target, known, rule), subset.number


def test_what_a_source_teaches_it_shares_with_the_target_and_all_three_elements_are_taught() -> None:
    known = subsets().values()
    for subset in known:
        target = Target(subset.triplet, subset)
        shared = relations_to(target, known, rule_named("paper"))
        for recipe in recipes(target, known, rule_named("paper")):
            fixed = next((AXIS_FLAG[axis] for axis in Axis if recipe.direction == f"fixed {axis.value}"), Relation.NONE)
            assert subset.number not in recipe.subsets
            assert all(taught | fixed in shared[n] for n, taught in zip(recipe.subsets, recipe.teaches, strict=True))
            assert recipe.teaches[0] | recipe.teaches[1] | fixed == M | A | T


def test_recipes_are_sorted_by_direction_and_number() -> None:
    found = found_for("03", "paper")
    assert list(found) == sorted(found, key=lambda r: (r.direction, r.subsets))
    assert {r.direction for r in found} == {"fixed area", "fixed modality", "fixed task", PAIR_DIRECTION}


def test_a_small_world_written_out() -> None:
    known = {
        number: Subset(number, MatTriplet(*triple.split("/")), triple, triple.split("/")[2])
        for number, triple in {
            "01": "CT/Lung/State",
            "02": "CT/Lung/Level",
            "03": "CT/Brain/State",
            "04": "MRI/Lung/State",
            "05": "MRI/Knee/Level",
        }.items()
    }
    found = recipes(find_target("01", known.values()), known.values(), rule_named("short"))
    assert found == (
        Recipe(("02", "04"), "fixed area", (M, T)),
        Recipe(("02", "03"), "fixed modality", (A, T)),
        Recipe(("03", "04"), "fixed task", (M, A)),
        Recipe(("02", "03"), PAIR_DIRECTION, (M | A, T)),
        Recipe(("02", "04"), PAIR_DIRECTION, (M | A, T)),
    )


def test_triple_recipes_are_all_the_triples_whose_sources_supply_one_element_each_and_stand_once() -> None:
    known = subsets()
    for rule in RULES:
        for subset in known.values():
            target = Target(subset.triplet, subset)
            shared = relations_to(target, known.values(), rule_named(rule))
            supplying = [[n for n, r in shared.items() if flag in r] for flag in (M, A, T)]
            expected = {frozenset(sources) for sources in product(*supplying) if len(set(sources)) == 3}
            found = triple_recipes(target, known.values(), rule_named(rule))
            assert {frozenset(r.subsets) for r in found} == expected
            assert len(found) == len(expected)
            assert {(r.direction, r.teaches) for r in found} <= {(TRIPLE_DIRECTION, (M, A, T))}
            assert all(n in numbers for r in found for n, numbers in zip(r.subsets, supplying, strict=True))


def test_no_recipe_without_relatives() -> None:
    known = subsets().values()
    assert recipes(Target(MatTriplet("PET", "Heart", "Rhythm")), known, rule_named("paper")) == ()


def test_all_nine_rows_of_table_4_are_triple_recipes_of_the_printed_target() -> None:
    rows = [row for row in composition_rows() if row.table == "4"]
    known = subsets().values()

    def holds(row: CompositionRow, rule: str) -> bool:
        printed = Target(MatTriplet(*row.target_label.split(",")))
        return row.related in {r.subsets for r in triple_recipes(printed, known, rule_named(rule))}

    for rule in ("short", "paper"):  # in rows 2 and 4 subset 03 shares, by paper, State as well as CT
        assert [holds(row, rule) for row in rows] == [True] * 9
