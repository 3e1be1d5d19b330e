"""Which elements two subsets share, under each rule. The golden sets were read off the published table by hand."""

from itertools import combinations, product

import pytest

from medmat_explorer.domain.relation import (
    ALL_RELATIONS,
    AXIS_FLAG,
    RULES,
    SAME_TRIPLE,
    Relation,
    Target,
    find_target,
    relation,
    relations_to,
    rule_named,
)
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.paper.facts import subsets

LETTERS = {"M": Relation.MODALITY, "A": Relation.AREA, "T": Relation.TASK}

CT_03 = {"M": "02 05 06", "MA": "04"}
LUNG_03 = {"A": "30 47 48"}
CHEST_03 = {"A": "30 31 43 47 48 50"}
XRAY_28 = {"MA": "30 47 48", "M": "25 26 27 29 31 32 35 36 37 49 50"}
XRAY_28_PAPER = {"MA": "30 47 48", "M": "25 27 29 31 35 36 37 49 50"}
XRAY_28_MERGED = {"MA": "30 31 47 48 50", "M": "25 26 27 29 32 35 36 37 49"}
XRAY_28_PAPER_MERGED = {"MA": "30 31 47 48 50", "M": "25 27 29 35 36 37 49"}
STATES_28 = {"AT": "03 04", "MT": "26 32", "T": "05 06 07 09 10 21 24"}

GOLDEN: dict[tuple[str, str, bool], dict[str, str]] = {
    ("03", "published", False): {"M": "02 05 06", "MA": "04", "A": "28 30 47 48"},
    ("03", "published", True): {"M": "02 05 06", "MA": "04", "A": "28 30 31 43 47 48 50"},
    ("03", "short", False): {**CT_03, **LUNG_03, "AT": "28"},
    ("03", "short", True): {**CT_03, **CHEST_03, "AT": "28"},
    ("03", "paper", False): {"MAT": "04", "MT": "05 06", "M": "02", **LUNG_03, "AT": "28", "T": "07 09 10 21 24 26 32"},
    ("03", "paper", True): {"MAT": "04", "MT": "05 06", "M": "02", **CHEST_03, "AT": "28", "T": "07 09 10 21 24 26 32"},
    ("28", "published", False): {**XRAY_28, "A": "03 04"},
    ("28", "published", True): {**XRAY_28_MERGED, "A": "03 04 43"},
    ("28", "short", False): {**XRAY_28, "A": "04", "AT": "03"},
    ("28", "short", True): {**XRAY_28_MERGED, "A": "04 43", "AT": "03"},
    ("28", "paper", False): {**XRAY_28_PAPER, **STATES_28},
    ("28", "paper", True): {**XRAY_28_PAPER_MERGED, **STATES_28, "A": "43"},
    ("05", "published", False): {"M": "02 03 04", "MA": "06", "A": "22 32"},
    ("05", "published", True): {"M": "02 03 04", "MA": "06", "A": "22 32"},
    ("05", "short", False): {"M": "02 03 04", "MA": "06", "A": "22 32", "T": "09 26"},
    ("05", "short", True): {"M": "02 03 04", "MA": "06", "A": "22 32", "T": "09 26"},
    ("05", "paper", False): {"MAT": "06", "MT": "03 04", "M": "02", "AT": "32", "A": "22", "T": "07 09 10 21 24 26 28"},
    ("05", "paper", True): {"MAT": "06", "MT": "03 04", "M": "02", "AT": "32", "A": "22", "T": "07 09 10 21 24 26 28"},
}


def flags(letters: str) -> Relation:
    found = Relation.NONE
    for letter in letters:
        found |= LETTERS[letter]
    return found


@pytest.mark.parametrize(("number", "rule", "merge"), GOLDEN)
def test_related_subsets_are_those_read_off_the_table_by_hand(number: str, rule: str, merge: bool) -> None:
    known = subsets()
    expected = {
        other: flags(letters) for letters, others in GOLDEN[number, rule, merge].items() for other in others.split()
    }
    found = relations_to(find_target(number, known.values()), known.values(), rule_named(rule, merge_areas=merge))
    assert {other: shared for other, shared in found.items() if shared} == expected
    assert set(found) == set(known) - {number}


def test_the_relations_are_the_boolean_lattice_over_the_axes() -> None:
    assert len(set(ALL_RELATIONS)) == 8
    for a, b, c in product(ALL_RELATIONS, repeat=3):
        assert a in a
        assert not (a in b and b in a) or a is b
        assert not (a in b and b in c) or a in c
    for a, b in product(ALL_RELATIONS, repeat=2):
        lower = [r for r in ALL_RELATIONS if r in a and r in b]
        upper = [r for r in ALL_RELATIONS if a in r and b in r]
        assert max(lower, key=lambda r: r.size) is a & b
        assert min(upper, key=lambda r: r.size) is a | b
        assert (a in b) == (set(a.axes) <= set(b.axes))
    assert [sum(r.size == n for r in ALL_RELATIONS) for n in range(4)] == [1, 3, 3, 1]
    assert {SAME_TRIPLE ^ r for r in ALL_RELATIONS} == set(ALL_RELATIONS)


def test_axes_stand_in_the_papers_order() -> None:
    assert SAME_TRIPLE.axes == (Axis.MODALITY, Axis.AREA, Axis.TASK)
    assert (Relation.TASK | Relation.MODALITY).axes == (Axis.MODALITY, Axis.TASK)
    assert Relation.NONE.axes == ()
    assert set(AXIS_FLAG) == set(Axis)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("merge", [False, True])
def test_sharing_goes_both_ways_and_every_subset_shares_all_with_itself(rule: str, merge: bool) -> None:
    compared = rule_named(rule, merge_areas=merge)
    for a, b in product(subsets().values(), repeat=2):
        assert relation(a, b, compared) == relation(b, a, compared)
        assert a is not b or relation(a, b, compared) is SAME_TRIPLE


def test_a_looser_rule_never_shares_less() -> None:
    for a, b in product(subsets().values(), repeat=2):
        short, paper = relation(a, b, rule_named("short")), relation(a, b, rule_named("paper"))
        assert short in paper
        for rule in RULES:
            assert relation(a, b, rule_named(rule)) in relation(a, b, rule_named(rule, merge_areas=True))


def test_hardly_any_two_subsets_share_a_published_task() -> None:
    rule = rule_named("published")
    known = list(subsets().values())
    pairs = {(a.number, b.number) for a, b in combinations(known, 2) if Relation.TASK in relation(a, b, rule)}
    assert pairs == {("33", "37"), ("34", "35"), ("41", "45")}


def test_names_are_compared_without_regard_to_case() -> None:
    rule = rule_named("short")
    assert relation(MatTriplet("X-Ray", "lung", "covid"), subsets()["28"], rule) is SAME_TRIPLE


def test_a_triple_without_a_subset_is_read_by_the_rule_as_well() -> None:
    covid = MatTriplet("CT", "Chest", "COVID")
    assert relation(covid, subsets()["04"], rule_named("short")) is Relation.MODALITY
    assert relation(covid, subsets()["04"], rule_named("paper", merge_areas=True)) is SAME_TRIPLE


@pytest.mark.parametrize("text", ["5", "05", " 05 "])
def test_a_target_is_found_by_its_number(text: str) -> None:
    known = subsets()
    target = find_target(text, known.values())
    assert (target.subset, target.key) == (known["05"], "05")


def test_a_target_may_be_a_triple_that_does_not_exist() -> None:
    target = find_target("X-ray / Knee / Disc/Cup Seg", subsets().values())
    assert target == Target(MatTriplet("X-ray", "Knee", "Disc/Cup Seg"))
    assert target.key == "X-ray/Knee/Disc/Cup Seg"
    assert len(relations_to(target, subsets().values(), rule_named("paper"))) == 53


def test_a_letter_number_is_found_in_either_case() -> None:
    own = Subset("P01", MatTriplet("CT", "Brain", "State"), "State", "State")
    assert find_target("p01", [own]).subset is own


@pytest.mark.parametrize("text", ["99", "", "X-ray/Lung", "//"])
def test_what_is_neither_number_nor_triple_is_refused_with_the_choices(text: str) -> None:
    with pytest.raises(UnknownNameError, match=r"There is no target .* Valid: 01, 02, .*MODALITY/AREA/TASK"):
        find_target(text, subsets().values())


def test_an_unknown_rule_is_refused_with_the_choices() -> None:
    with pytest.raises(UnknownNameError, match=r"There is no relation rule 'loose'\. Valid: published, short, paper"):
        rule_named("loose")
