"""Two targets compared: every other subset is counted once, and shared recipes are what both lists have in common."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medmat_explorer.domain.recipes import recipes
from medmat_explorer.domain.relation import AXIS_FLAG, Relation, RelationRule, Target, find_target, relation, rule_named
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.target_comparison import MANY, TargetComparison, compare_targets
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.paper.facts import subsets

PAPER, SHORT = rule_named("paper"), rule_named("short")


def compared(first: str, second: str, rule: RelationRule = PAPER) -> TargetComparison:
    known = subsets().values()
    return compare_targets(find_target(first, known), find_target(second, known), known, rule)


def check_against_the_lists(first: Target, second: Target, known: Sequence[Subset], rule: RelationRule) -> None:
    """Everything that the comparison says, found the slow way."""
    found = compare_targets(first, second, known, rule)
    own = {target.subset.number for target in (first, second) if target.subset}
    others = [s for s in known if s.number not in own]
    for subset in others:
        shared = relation(first.compared, subset, rule), relation(second.compared, subset, rule)
        assert subset.number in found.groups[shared]
    assert sum(len(numbers) for numbers in found.groups.values()) == len(others)
    pairs = [{frozenset(r.subsets) for r in recipes(target, known, rule)} for target in (first, second)]
    in_first, in_second = ({n for pair in some for n in pair} - own for some in pairs)
    assert set(found.sources.both) == in_first & in_second
    assert set(found.sources.first) == in_first - in_second
    assert set(found.sources.second) == in_second - in_first
    of_both = {pair for pair in pairs[0] & pairs[1] if not pair & own}
    assert found.shared_pairs == len(of_both)
    assert [frozenset(p) for p in found.some_pairs] == sorted(of_both, key=lambda p: sorted(p))[:MANY]


@pytest.mark.parametrize("first", ["28", "05", "X-ray/Knee/Level"])
@pytest.mark.parametrize("second", ["03", "28", "Mic/Cell/Cancer", "PET/Heart/Rhythm"])
def test_published_targets_are_compared_as_their_lists_are(first: str, second: str) -> None:
    known = list(subsets().values())
    check_against_the_lists(find_target(first, known), find_target(second, known), known, PAPER)


NAMES = st.sampled_from("abc")
TRIPLES = st.builds(MatTriplet, NAMES, NAMES, NAMES)


@settings(deadline=None)
@given(st.lists(TRIPLES, min_size=2, max_size=9), TRIPLES)
def test_any_small_world_is_compared_as_its_lists_are(world: list[MatTriplet], free: MatTriplet) -> None:
    known = [Subset(f"{n:02}", triplet, triplet.task, triplet.task) for n, triplet in enumerate(world, 1)]
    one, two = (Target(subset.triplet, subset) for subset in known[:2])
    for first, second in ((one, two), (one, Target(free)), (Target(free), two)):
        check_against_the_lists(first, second, known, SHORT)


def test_what_two_targets_share_and_who_is_related_to_which() -> None:
    found = compared("28", "03")
    assert found.between == Relation.AREA | Relation.TASK
    assert set(found.related.both) & {"04", "30", "47", "48"} == {"04", "30", "47", "48"}
    assert "02" in found.related.second
    assert "25" in found.related.first
    assert "19" in found.unrelated
    lists = [*found.related.both, *found.related.first, *found.related.second, *found.unrelated]
    assert sorted([*lists, "03", "28"]) == sorted(subsets())


def test_an_axis_counts_only_its_own_element() -> None:
    found = compared("28", "03")
    modality = found.by_axis(Axis.MODALITY)
    assert modality.both == ()
    assert set(modality.second) == {"02", "04", "05", "06"}
    assert found.by_axis(Axis.AREA).both == ("04", "30", "47", "48")
    for axis in Axis:
        parting = found.by_axis(axis)
        shared = {n for (a, _), numbers in found.groups.items() if AXIS_FLAG[axis] in a for n in numbers}
        assert {*parting.both, *parting.first} == shared


def test_5000_subsets_are_compared_and_not_all_pairs_listed() -> None:
    triples = [MatTriplet(f"m{n % 3}", f"a{n % 4}", f"t{n % 5}") for n in range(5000)]
    known = [Subset(f"A{n:04}", triplet, triplet.task, triplet.task) for n, triplet in enumerate(triples)]
    found = compare_targets(Target(known[0].triplet, known[0]), Target(known[7].triplet, known[7]), known, SHORT)
    assert found.shared_pairs > 1000
    assert len(found.some_pairs) == MANY
