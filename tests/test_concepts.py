"""Formal concepts: the same as a known implementation finds; order, labels and cones; large collections."""

import random
from functools import cache

import concepts  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.domain.concepts import (
    MOST_CONCEPTS,
    ConceptLattice,
    Context,
    Element,
    concept_lattice,
    context_of,
    neighbourhood,
    place_of_target,
    target_cone,
)
from medmat_explorer.domain.relation import RULES, Target, find_target, rule_named
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.paper.facts import subsets

CASES = [(rule, merge) for rule in RULES for merge in (False, True)]
AREA, MODALITY, TASK = Axis.AREA, Axis.MODALITY, Axis.TASK
Found = dict[tuple[frozenset[str], frozenset[str]], frozenset[frozenset[str]]]
"""Extent and intent of each concept, with the intents of its neighbours below."""


@cache
def published(rule: str = "paper", merge: bool = False) -> ConceptLattice:
    return concept_lattice(context_of(subsets().values(), rule_named(rule, merge_areas=merge)))


def subset(number: int, modality: str, area: str, task: str) -> Subset:
    return Subset(f"X{number:04}", MatTriplet(modality, area, task), task, task)


def many_subsets(count: int, *, modalities: int, areas: int, tasks: int, seed: int = 0) -> list[Subset]:
    """Subsets of one's own with random elements, the common ones more often than the rare."""
    rng = random.Random(seed)

    def pick(word: str, size: int) -> str:
        return f"{word}{int(size * rng.random() ** 2)}"

    return [subset(number, pick("m", modalities), pick("a", areas), pick("t", tasks)) for number in range(count)]


def word(element: Element) -> str:
    return f"{element[0].value} {element[1]}"


def by_the_library(context: Context) -> Found:
    """What `concepts` finds. Extents and intents are read, since `objects` and `attributes` hold the labels only."""
    words = [word(element) for element in context.elements]
    bools = [tuple(bool(row >> place & 1) for place in range(len(words))) for row in context.rows]
    lattice = concepts.Context(context.subsets, words, bools).lattice
    return {
        (frozenset(c.extent), frozenset(c.intent)): frozenset(frozenset(low.intent) for low in c.lower_neighbors)
        for c in lattice
    }


def by_us(lattice: ConceptLattice) -> Found:
    intents = [frozenset(map(word, concept.elements)) for concept in lattice.concepts]
    return {
        (frozenset(c.subsets), intents[place]): frozenset(intents[low] for low in c.below)
        for place, c in enumerate(lattice.concepts)
    }


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    """Any table of who has what, not only such with one element on each axis."""
    width = draw(st.integers(1, 7))
    rows = draw(st.lists(st.integers(0, 2**width - 1), min_size=1, max_size=9))
    elements = tuple((list(Axis)[place % 3], f"e{place}") for place in range(width))
    return Context(tuple(f"S{place}" for place in range(len(rows))), elements, tuple(rows))


@pytest.mark.parametrize(
    ("rule", "merge", "count"),
    [
        ("published", False, 79),
        ("published", True, 78),
        ("short", False, 82),
        ("short", True, 81),
        ("paper", False, 76),
        ("paper", True, 75),
    ],
)
def test_the_53_subsets_have_so_many_concepts(rule: str, merge: bool, count: int) -> None:
    assert len(published(rule, merge).concepts) == count


@pytest.mark.parametrize(("rule", "merge"), CASES)
def test_the_published_concepts_and_their_order_are_those_of_the_library(rule: str, merge: bool) -> None:
    context = context_of(subsets().values(), rule_named(rule, merge_areas=merge))
    assert by_us(concept_lattice(context)) == by_the_library(context)


@given(contexts())
def test_the_concepts_of_any_table_and_their_order_are_those_of_the_library(context: Context) -> None:
    assert by_us(concept_lattice(context)) == by_the_library(context)


@given(contexts())
def test_each_element_and_each_subset_is_written_once_and_that_says_everything(context: Context) -> None:
    lattice = concept_lattice(context)
    assert sorted(e for c in lattice.concepts for e in c.own_elements) == sorted(context.elements)
    assert sorted(n for c in lattice.concepts for n in c.own_subsets) == sorted(context.subsets)
    for place, concept in enumerate(lattice.concepts):
        above = [lattice.concepts[other] for other in lattice.up(place)]
        below = [lattice.concepts[other] for other in lattice.down(place)]
        assert {e for c in above for e in c.own_elements} == set(concept.elements)
        assert {n for c in below for n in c.own_subsets} == set(concept.subsets)


@given(contexts())
def test_the_order_is_that_of_the_intents_with_one_top_and_one_bottom(context: Context) -> None:
    lattice = concept_lattice(context)
    intents = [set(c.elements) for c in lattice.concepts]
    for place, intent in enumerate(intents):
        assert lattice.up(place) == {other for other, more in enumerate(intents) if more <= intent}
        assert lattice.down(place) == {other for other, more in enumerate(intents) if more >= intent}
        for other in lattice.concepts[place].above:
            assert not [middle for middle in intents if intents[other] < middle < intent]
    everything = frozenset(range(len(intents)))
    assert lattice.down(lattice.top) == lattice.up(lattice.bottom) == everything
    assert set(lattice.concepts[lattice.top].subsets) == set(context.subsets)
    assert set(lattice.concepts[lattice.bottom].elements) == set(context.elements)


def test_the_cone_of_a_subset_is_all_it_can_be_compared_with() -> None:
    lattice = published()
    cone = lattice.cone(lattice.of_subset["28"])
    names = {tuple(name for _, name in lattice.concepts[place].elements) for place in cone - {lattice.bottom}}
    assert names == {
        (),
        ("X-ray",),
        ("Lung",),
        ("State",),
        ("X-ray", "Lung"),
        ("X-ray", "State"),
        ("Lung", "State"),
        ("X-ray", "Lung", "State"),
    }


def test_an_element_and_a_subset_lead_to_their_concepts() -> None:
    lattice = published()
    xray = next(concept for concept in lattice.concepts if (MODALITY, "X-ray") in concept.own_elements)
    assert xray.elements == ((MODALITY, "X-ray"),)
    assert {n for n, s in subsets().items() if s.triplet.modality == "X-ray"} == set(xray.subsets)
    assert len(lattice.of_subset) == 53
    assert lattice.concepts[lattice.of_subset["03"]].own_subsets == ("03", "04")  # COVID and Cancer under State


def test_names_that_differ_in_case_only_are_one_element() -> None:
    two = [subset(1, "CT", "Lung", "Level"), subset(2, "ct", "LUNG", "State")]
    lattice = concept_lattice(context_of(two, rule_named("short")))
    assert lattice.concepts[lattice.top].elements == ((MODALITY, "CT"), (AREA, "Lung"))


def test_no_subset_at_all_and_a_single_one_make_one_concept() -> None:
    assert len(concept_lattice(context_of([], rule_named("paper"))).concepts) == 1
    only = concept_lattice(context_of([subset(1, "CT", "Lung", "Level")], rule_named("paper")))
    assert [c.own_subsets for c in only.concepts] == [("X0001",)]
    assert only.top == only.bottom == 0


def test_a_triple_of_ones_own_lights_the_concepts_of_its_elements() -> None:
    rule, target = rule_named("paper"), Target(MatTriplet("mri", "Lung", "Cancer"))
    lattice = published()
    assert place_of_target(lattice, target) is None
    names = {tuple(n for _, n in lattice.concepts[p].elements) for p in target_cone(lattice, target, rule)}
    assert names == {(), ("MRI",), ("Lung",), ("State",), ("Lung", "State")}
    own = find_target("28", subsets().values())
    assert target_cone(lattice, own, rule) == lattice.cone(lattice.of_subset["28"])


def test_all_concepts_of_5000_subsets_are_found() -> None:
    known = many_subsets(5000, modalities=20, areas=60, tasks=120)
    lattice = concept_lattice(context_of(known, rule_named("short")))
    assert len(lattice.concepts) > 3000


@pytest.mark.parametrize(
    ("count", "sizes", "axes", "least"),
    [
        (53, (8, 12, 20), (), 0),
        (400, (20, 40, 60), (MODALITY, AREA, TASK), 1),
        (5000, (11, 24, 50), (AREA, TASK), 1),
        (2500, (8, 8, 90), (MODALITY, TASK), 1),
        (5000, (3, 4, 700), (TASK,), 1),
    ],
)
def test_too_many_concepts_shrink_to_a_neighbourhood_of_the_target(
    count: int, sizes: tuple[int, int, int], axes: tuple[Axis, ...], least: int
) -> None:
    known = many_subsets(count, modalities=sizes[0], areas=sizes[1], tasks=sizes[2])
    target = Target(known[7].triplet, known[7])
    found = neighbourhood(target, known, rule_named("short"))
    assert (found.axes, found.least, found.only_elements) == (axes, least, False)
    assert len(found.lattice.concepts) <= MOST_CONCEPTS
    assert (found.concepts_in_all > MOST_CONCEPTS) == bool(axes)
    near = {s.number for s in known if sum(s.triplet[axis] == target.triplet[axis] for axis in axes) >= least}
    assert set(found.lattice.of_subset) == near
    assert (found.subsets, found.left_out) == (len(near), count - len(near))
    assert place_of_target(found.lattice, target) is not None


def test_where_every_element_of_the_target_is_common_those_that_share_two_are_kept() -> None:
    two = [subset(n, "x", "x", f"t{n}") for n in range(20)]
    one = [
        subset(100 * n + place, *("x" if a == place else f"{n}{a}" for a in range(3)))
        for n in range(1, 90)
        for place in range(3)
    ]
    found = neighbourhood(Target(MatTriplet("x", "x", "x")), [*two, *one], rule_named("short"), most=60)
    assert (found.least, found.subsets, found.left_out) == (2, 20, 267)


def test_where_even_that_is_too_much_only_the_elements_of_the_target_are_kept() -> None:
    known = [subset(number, "CT", "Lung", f"t{number}") for number in range(1000)]
    target = Target(known[0].triplet, known[0])
    found = neighbourhood(target, known, rule_named("short"))
    assert (found.only_elements, found.left_out, found.concepts_in_all) == (True, 0, 1002)
    assert [len(c.subsets) for c in found.lattice.concepts] == [1000, 1]
    assert found.lattice.concepts[0].elements == ((MODALITY, "CT"), (AREA, "Lung"))
    bare = neighbourhood(Target(MatTriplet("CT", "Heart", "Age")), known, rule_named("short"))
    assert [c.elements for c in bare.lattice.concepts] == [((MODALITY, "CT"),)]
