"""Arms: which subsets each picks for a target, by hand, under every rule."""

from dataclasses import replace

import pytest

from medmat_explorer.domain.arms import FIGURE_4, Arm, ArmKind, choose_subsets, is_target
from medmat_explorer.domain.relation import AXIS_FLAG, RULES, Relation, find_target, relations_to, rule_named
from medmat_explorer.domain.training_mix import is_other_number
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.errors import MixError, UnknownNameError
from medmat_explorer.paper.facts import subsets

KNOWN = tuple(subsets().values())
FIGURE = {
    # Figure 4 has the targets 03 (CT, Lung, COVID) and 28 (X-ray, Lung, COVID).
    ("03", "paper"): {
        "related": "02 04 05 06 07 09 10 21 24 26 28 30 32 47 48",
        "without-modality": "07 09 10 21 24 26 28 30 32 47 48",
        "without-area": "02 05 06 07 09 10 21 24 26 32",
        "without-task": "02 30 47 48",
    },
    ("28", "paper"): {
        "related": "03 04 05 06 07 09 10 21 24 25 26 27 29 30 31 32 35 36 37 47 48 49 50",
        "without-modality": "03 04 05 06 07 09 10 21 24",
        "without-area": "05 06 07 09 10 21 24 25 26 27 29 31 32 35 36 37 49 50",
        "without-task": "25 27 29 30 31 35 36 37 47 48 49 50",
    },
    ("03", "short"): {
        "related": "02 04 05 06 28 30 47 48",
        "without-modality": "28 30 47 48",
        "without-area": "02 05 06",
        "without-task": "02 04 05 06 30 47 48",
    },
    ("03", "published"): {
        "related": "02 04 05 06 28 30 47 48",
        "without-modality": "28 30 47 48",
        "without-area": "02 05 06",
        "without-task": "02 04 05 06 28 30 47 48",
    },
    ("17", "paper"): {  # FP, Fundus, Quality
        "related": "01 14 15 16 34 51 52 53",
        "without-modality": "01",
        "without-area": "01",
        "without-task": "14 15 16 34 51 52 53",
    },
    ("23", "paper"): {  # OCT, Retina, Diseases: nobody else has its modality or area
        "related": "02 08 13 14 15 22 27 29 30 31 33 36 37",
        "without-modality": "02 08 13 14 15 22 27 29 30 31 33 36 37",
        "without-area": "02 08 13 14 15 22 27 29 30 31 33 36 37",
        "without-task": "",
    },
    ("CT/Fundus/Level", "short"): {  # a triple that no subset has
        "related": "02 03 04 05 06 11 12 14 15 16 17 19 25 34 35 51 52 53",
        "without-modality": "11 12 14 15 16 17 19 25 34 35 51 52 53",
        "without-area": "02 03 04 05 06 11 12 19 25 35",
        "without-task": "02 03 04 05 06 14 15 17 51 52 53",
    },
}


def picked(arm: str, target: str, rule: str = "paper", *, merge_areas: bool = False) -> str:
    chosen = choose_subsets(
        Arm.parse(arm), find_target(target, KNOWN), KNOWN, rule_named(rule, merge_areas=merge_areas)
    )
    return " ".join(chosen.subsets)


@pytest.mark.parametrize(("target", "rule"), FIGURE)
def test_the_arms_of_a_target_by_hand(target: str, rule: str) -> None:
    assert {arm: picked(arm, target, rule) for arm in FIGURE[target, rule]} == FIGURE[target, rule]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("merge_areas", [False, True])
def test_every_arm_of_every_target_is_what_its_name_says(rule: str, merge_areas: bool) -> None:
    compared = rule_named(rule, merge_areas=merge_areas)
    for subset in KNOWN:
        target = find_target(subset.number, KNOWN)
        shared = relations_to(target, KNOWN, compared)
        chosen = {kind: set(choose_subsets(Arm(kind), target, KNOWN, compared).subsets) for kind in FIGURE_4}
        assert chosen[ArmKind.ALL] == set(shared)
        assert chosen[ArmKind.RELATED] == {n for n, r in shared.items() if r is not Relation.NONE}
        assert chosen[ArmKind.UNRELATED] == chosen[ArmKind.ALL] - chosen[ArmKind.RELATED]
        for axis in Axis:
            without = {n for n in chosen[ArmKind.RELATED] if AXIS_FLAG[axis] not in shared[n]}
            assert chosen[ArmKind(f"without-{axis.value}")] == without
        assert not any(subset.number in numbers for numbers in chosen.values())


def test_the_counts_of_figure_4_cannot_be_had() -> None:
    """13 related to 11 unrelated, and 11 to 13, are printed; no rule yields them."""
    for rule in RULES:
        for merge in (False, True):
            counts = [
                tuple(len(picked(arm, target, rule, merge_areas=merge).split()) for arm in ("related", "unrelated"))
                for target in ("03", "28")
            ]
            assert counts not in ([(13, 11), (11, 13)], [(11, 13), (13, 11)])


def test_a_subset_of_the_same_coarse_triple_is_related_and_counted() -> None:
    target = find_target("03", KNOWN)
    assert choose_subsets(Arm(ArmKind.RELATED), target, KNOWN, rule_named("paper")).same_triple == ("04",)
    assert choose_subsets(Arm(ArmKind.RELATED), target, KNOWN, rule_named("short")).same_triple == ()


def test_a_triple_that_a_subset_has_is_that_subset() -> None:
    assert picked("all", "X-ray/lung/covid").split() == picked("all", "28").split()
    assert "28" in picked("all", "X-ray/Lung/State").split()


@pytest.mark.parametrize(
    ("target", "rule", "merge_areas", "number", "is_named"),
    [
        ("CT/Lung/COVID-19 Classification", "published", False, "03", True),
        ("ct/lung/covid-19 classification", "paper", False, "03", True),
        ("X-ray/Chest/COVID", "short", True, "28", True),
        ("X-ray/Chest/COVID and Pneumonia Classification", "short", True, "28", False),
        ("X-ray/Chest/COVID", "short", False, "28", False),
        ("X-ray/Lung/State", "paper", False, "28", False),
    ],
)
def test_a_written_out_triple_names_a_subset_by_any_name_of_it(
    target: str, rule: str, merge_areas: bool, number: str, is_named: bool
) -> None:
    assert (number not in picked("all", target, rule, merge_areas=merge_areas).split()) == is_named


def test_another_subset_under_the_targets_number_is_not_the_target() -> None:
    target, rule = find_target("28", KNOWN), rule_named("short")
    own = replace(subsets()["08"], number="28")
    among = [own if subset.number == "28" else subset for subset in KNOWN]
    assert is_target(subsets()["28"], target, rule) and not is_target(own, target, rule)
    assert is_target(replace(subsets()["28"], task_note="read again"), target, rule)
    assert "28" in choose_subsets(Arm(ArmKind.ALL), target, among, rule).subsets
    shares_nothing = choose_subsets(Arm(ArmKind.UNRELATED), target, among, rule).subsets
    assert ("28" in shares_nothing) == ("08" in shares_nothing)


def test_merging_areas_makes_more_subsets_related() -> None:
    assert set(picked("without-modality", "23", merge_areas=True).split()) > set(
        picked("without-modality", "23").split()
    )


def test_a_recipe_has_its_direction_whatever_the_order_of_its_sources() -> None:
    target, rule = find_target("28", KNOWN), rule_named("paper")
    one, other = (choose_subsets(Arm.parse(text), target, KNOWN, rule) for text in ("recipe:30+03", "recipe:3+30"))
    assert one.subsets == other.subsets == ("03", "30")
    assert one.direction == other.direction == "fixed area, modality-area pair"
    triple = choose_subsets(Arm.parse("recipe:11+03+26"), find_target("X-ray/Lung/Level", KNOWN), KNOWN, rule)
    assert (triple.subsets, triple.direction) == (("03", "11", "26"), "three elements, three datasets")


def test_own_choices_are_any_subsets_in_order() -> None:
    assert picked("own:12+3+8", "28") == "03 08 12"
    assert picked("baseline", "28") == ""
    assert len(picked("basket", "28").split()) == 52


@pytest.mark.parametrize(
    ("arm", "error", "said"),
    [
        ("related:03", UnknownNameError, "There is no arm 'related:03'. Valid: related, unrelated"),
        ("recipe", MixError, "name two or three subsets"),
        ("recipe:01+02+03+04", MixError, "name two or three subsets"),
        ("recipe:13+18", MixError, "13 and 18 are no recipe of 28 under the rule 'paper'"),
        ("own", MixError, "An own choice needs at least one subset"),
        ("own:03+3", MixError, "names a subset twice"),
        ("own:03+28", MixError, "Subset 28 is the target 28, which is never trained on"),
        ("own:99", UnknownNameError, "There is no subset '99'"),
        ("nothing", UnknownNameError, "There is no arm 'nothing'"),
    ],
)
def test_what_is_no_arm_is_said(arm: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as refused:
        picked(arm, "28")
    assert said in str(refused.value)


def test_no_published_subset_is_another_number_of_another_one() -> None:
    targets, rule = [find_target(subset.number, KNOWN) for subset in KNOWN], rule_named("paper")
    assert not any(is_other_number(subset, target, rule) for target in targets for subset in KNOWN)
