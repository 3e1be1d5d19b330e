"""Training mixes: never a picture of the target in them, budgets kept, shares fair, the same for the same seed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medmat_explorer.domain.arms import FIGURE_4, Arm, ArmKind
from medmat_explorer.domain.qa import LETTERS, QAItem
from medmat_explorer.domain.relation import Relation, Target, find_target, rule_named
from medmat_explorer.domain.selection import Selection
from medmat_explorer.domain.shares import element_weights, equal_shares, evenly_lettered, share_letters
from medmat_explorer.domain.training_mix import Balance, FormatNote, LeakRule, TrainingMix
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.errors import MixError, UnknownNameError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.exports.record import RecordReader
from medmat_explorer.store.mix import DrawnMix, SourceCount, draw_mix, seeded_draw
from medmat_explorer.store.mix_arms import MixWish, draw_arm, draw_arms
from medmat_explorer.store.mix_pool import MixPool, read_pool
from medmat_explorer.store.workspace import BASKET
from tests.mixed_release import TEST_ITEMS, mixed_home, shows
from tests.release_folder import FACTS

TARGETS = ("02", "03", "15", "18", "22", "D43", "CT/Lung/State", "CT/Kidney/Quality")
PAPER = rule_named("paper")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    catalog = open_catalog("mixed", mixed_home(tmp_path_factory.mktemp("mixed")))
    yield catalog
    catalog.close()


class World:
    """The collection with the pools of all targets, for tests with many cases: hypothesis holds on to what it is given,
    so that the collection has to be taken out of it at the end.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.held = [catalog]
        targets = {text: find_target(text, catalog.subsets()) for text in TARGETS}
        self.pools = {
            (t, rule): read_pool(catalog, target, PAPER, rule) for t, target in targets.items() for rule in LeakRule
        }

    @property
    def catalog(self) -> Catalog:
        return self.held[0]


@pytest.fixture(scope="module")
def world(mixed: Catalog) -> Iterator[World]:
    made = World(mixed)
    yield made
    made.held.clear()


def wish(catalog: Catalog, target: str, **changes: Any) -> MixWish:
    return replace(MixWish(find_target(target, catalog.subsets()), catalog.subsets(), PAPER), **changes)


def items_of(catalog: Catalog, drawn: DrawnMix) -> list[QAItem]:
    return [record.item for records in RecordReader(catalog).stretches(drawn.places) for record in records]


def target_items(catalog: Catalog, pool: MixPool) -> list[QAItem]:
    """Items of the target, by their subset, and by a data set that is only the target's."""
    places = pool.place[pool.reason <= 2]
    wanted = [r.item for records in RecordReader(catalog).stretches(places) for r in records]
    return [item for item in wanted if item.subset in pool.target_subsets]


WISHES = st.fixed_dictionaries(
    {
        "budget": st.integers(1, 400),
        "balance": st.sampled_from(Balance),
        "seed": st.integers(0, 10_000),
        "letters": st.booleans(),
        "leaks": st.sampled_from(LeakRule),
    }
)
ARMS = st.sampled_from([*map(Arm, FIGURE_4), Arm.parse("own:03+15"), Arm.parse("own:22+18"), Arm.parse("own:D43+02")])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=st.sampled_from(TARGETS), arm=ARMS, asked=WISHES)
def test_a_mix_never_shows_what_its_target_shows(world: World, target: str, arm: Arm, asked: dict[str, Any]) -> None:
    mixed, pool = world.catalog, world.pools[target, asked["leaks"]]
    try:
        drawn = draw_arm(mixed, wish(mixed, target, **asked), arm, pool)
    except MixError:
        return  # nothing is left, or the arm names the target
    items, theirs = items_of(mixed, drawn), target_items(mixed, pool)
    assert {item.split for item in items} == {"train"}
    assert not {item.subset for item in items} & set(pool.target_subsets)
    alike = shows if asked["leaks"] is LeakRule.NEAR else exactly
    assert not {alike(item.image) for item in items} & {alike(item.image) for item in theirs}
    assert len(items) == len({item.id for item in items}) == min(asked["budget"], drawn.capacity)
    fits = {options: set(counts) for options, counts in drawn.letters.items()}
    assert all(item.answer_letter in fits[len(item.options)] for item in items)


def exactly(image: str) -> tuple[int, str]:
    """The content of a picture: the copy and the original are one."""
    return shows(image), image.removeprefix(f"med-mat/p{shows(image)}").replace("-copy", "")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=st.sampled_from(TARGETS[:5]), arm=ARMS, asked=WISHES)
def test_shares_are_fair_and_letters_are_even(world: World, target: str, arm: Arm, asked: dict[str, Any]) -> None:
    mixed = world.catalog
    try:
        drawn = draw_arm(mixed, wish(mixed, target, **asked), arm, world.pools[target, asked["leaks"]])
    except MixError:
        return
    if asked["letters"]:
        for options, counts in drawn.letters.items():
            assert list(counts) == list(LETTERS[:options])
            assert max(counts.values()) - min(counts.values()) <= 1
    if asked["balance"] is not Balance.LABEL:
        check_shares_of_subsets(drawn, evened=UNEVEN if asked["letters"] else 0)
    if asked["letters"]:
        return
    left = Counter((item.subset, ", ".join(sorted(item.labels))) for item in _candidates(world, drawn))
    taken = {(n, label): items for n, counts in drawn.labels.items() for label, items in counts.items()}
    for number, counts in drawn.labels.items():
        most = max((drawn.labels if asked["balance"] is Balance.LABEL else {number: counts}).values(), key=highest)
        for (subset, label), items in left.items():
            assert subset != number or taken.get((subset, label), 0) >= min(items, highest(most) - 1)


@pytest.mark.parametrize("letters", [False, True])
@pytest.mark.parametrize("balance", [Balance.SUBSET, Balance.ELEMENT])
def test_subsets_get_their_shares_also_where_letters_are_even(world: World, balance: Balance, letters: bool) -> None:
    for target in TARGETS[:4]:
        pool = world.pools[target, LeakRule.EXACT]
        for budget in (20, 40, 60):
            asked = wish(world.catalog, target, budget=budget, balance=balance, letters=letters, leaks=LeakRule.EXACT)
            drawn = draw_arm(world.catalog, asked, Arm(ArmKind.ALL), pool)
            assert len([source for source in drawn.sources if source.taken < source.usable]) > 1
            check_shares_of_subsets(drawn, evened=UNEVEN if letters else 0)


UNEVEN = 4
"""Items by which even letters may move a subset's share: one subset gives an item in another's stead."""


def check_shares_of_subsets(drawn: DrawnMix, evened: int) -> None:
    """Subsets that have more than they give stand in the ratio of their weights, and the others below it."""
    sources = [source for source in drawn.sources if source.left]
    weights = dict(zip((s.subset for s in sources), weights_by_hand(drawn, sources), strict=True))
    more = [source for source in sources if source.taken < source.usable]
    if not more:
        return
    level = Fraction(sum(source.taken for source in more)) / sum(weights[source.subset] for source in more)
    near = 2 + evened
    assert all(abs(source.taken - level * weights[source.subset]) <= near for source in more)
    assert all(source.taken <= level * weights[source.subset] + near for source in sources)


def weights_by_hand(drawn: DrawnMix, sources: list[SourceCount]) -> list[Fraction]:
    """By subset one each; by element the share of every group that a subset is in, divided among its members."""
    shared = [drawn.mix.shares(source.subset) for source in sources]
    if drawn.mix.balance is Balance.SUBSET:
        return [Fraction(1)] * len(shared)
    groups = {axis: [axis in one.axes for one in shared] for axis in Axis}
    alone = [not one.axes for one in shared]
    return [
        sum((Fraction(1, sum(group)) for group in [*groups.values(), alone] if group[i]), Fraction(0))
        for i in range(len(shared))
    ]


def highest(counts: Mapping[str, int]) -> int:
    return max(counts.values())


def _candidates(world: World, drawn: DrawnMix) -> list[QAItem]:
    """All items that this mix might have drawn: those of the same mix without a budget."""
    pool = world.pools[drawn.mix.target.key, drawn.mix.leaks]
    return items_of(world.catalog, draw_mix(world.catalog, pool, replace(drawn.mix, budget=100_000)))


def test_a_seed_repeats_a_mix_and_another_one_does_not(mixed: Catalog) -> None:
    one, again, other = (
        draw_arm(mixed, wish(mixed, "02", budget=50, seed=seed), Arm(ArmKind.ALL)) for seed in (3, 3, 4)
    )
    assert one.places.tolist() == again.places.tolist() != other.places.tolist()
    assert [source.taken for source in one.sources] == [source.taken for source in other.sources]


def test_a_mix_is_the_same_from_one_thread_and_after_another_import(mixed: Catalog, tmp_path: Path) -> None:
    home = mixed_home(tmp_path, mixed.root)
    again = open_catalog("mixed", home)
    with again.connection.cursor() as cursor:
        cursor.execute("SET threads = 1")
    asked = wish(mixed, "02", budget=77, letters=True, balance=Balance.ELEMENT)
    first, second = (draw_arm(catalog, asked, Arm(ArmKind.ALL)) for catalog in (mixed, again))
    again.close()
    assert first.ids.tolist() == second.ids.tolist()
    assert (first.fingerprint, first.removed_by_reason) == (second.fingerprint, second.removed_by_reason)


def test_every_reason_for_leaving_an_item_out_is_counted(mixed: Catalog) -> None:
    drawn = draw_arm(mixed, wish(mixed, "22", budget=1000), Arm(ArmKind.ALL))
    assert set(drawn.removed_by_reason) == {"target-dataset", "same-file", "same-content", "near", "mirrored"}
    assert drawn.leaks_removed == sum(drawn.removed_by_reason.values()) == len(drawn.removed)
    for source in drawn.sources:
        assert source.available == source.left + sum(source.removed.values())
        assert source.taken == source.left == source.usable
    of_18 = next(source for source in drawn.sources if source.subset == "18")
    in_18 = mixed.count(Selection.of(subset=["18"], dataset=["44"], split=["train"]))
    assert of_18.removed["target-dataset"] == in_18 > 0


def test_all_but_exact_copies_stay_when_only_these_count(mixed: Catalog) -> None:
    near = draw_arm(mixed, wish(mixed, "02", budget=1000), Arm(ArmKind.ALL))
    exact = draw_arm(mixed, wish(mixed, "02", budget=1000, leaks=LeakRule.EXACT), Arm(ArmKind.ALL))
    assert {"near", "mirrored"} <= set(near.removed_by_reason)
    assert set(exact.removed_by_reason) == {"same-file", "same-content"}
    assert exact.items > near.items


def test_what_was_never_looked_for_is_said(mixed: Catalog, tmp_path: Path) -> None:
    home = mixed_home(tmp_path, mixed.root, check=False, search=False)
    catalog = open_catalog("mixed", home)
    drawn = draw_arm(catalog, wish(catalog, "02", budget=1000), Arm(ArmKind.ALL))
    catalog.close()
    assert set(drawn.removed_by_reason) == {"same-file"}
    assert "Near duplicates were not looked for: run the search on the Data page." in drawn.warnings
    said = "images could not be compared (not there, unreadable or not checked yet)"
    assert any(said in warning for warning in drawn.warnings)
    assert not (drawn.knowledge.searched or drawn.knowledge.checked)


def test_the_basket_becomes_a_mix_without_test_items_and_the_target(mixed: Catalog) -> None:
    chosen = [
        mixed.ids(Selection.of(subset=[n], split=[split]))
        for n, split in (("15", "train"), ("15", "test"), ("02", "train"))
    ]
    mixed.workspace.add_tag(BASKET, np.concatenate(chosen))
    try:
        drawn = draw_arm(mixed, wish(mixed, "02", budget=1000), Arm(ArmKind.BASKET))
    finally:
        mixed.workspace.drop_tag(BASKET)
    assert {item.subset for item in items_of(mixed, drawn)} == {"15"}
    assert set(drawn.ids.tolist()) <= set(chosen[0].tolist())
    assert drawn.removed_by_reason["not-training"] == len(chosen[1]) == TEST_ITEMS
    assert drawn.removed_by_reason["target-item"] == len(chosen[2])


def test_a_basket_may_hold_subsets_that_arms_do_not_choose_among(mixed: Catalog) -> None:
    ids = np.concatenate([mixed.ids(Selection.of(subset=[n], split=["train"])) for n in ("15", "D43")])
    among = tuple(subset for subset in mixed.subsets() if subset.number != "D43")
    mixed.workspace.add_tag(BASKET, ids)
    try:
        drawn = draw_arm(mixed, wish(mixed, "02", budget=1000, subsets=among), Arm(ArmKind.BASKET))
    finally:
        mixed.workspace.drop_tag(BASKET)
    assert {item.subset for item in items_of(mixed, drawn)} == {"15", "D43"}
    assert not set(drawn.removed_by_reason) & {"not-training", "other-subset"}


def test_items_of_a_subset_that_a_mix_lacks_are_said_to_be_that(world: World) -> None:
    mixed, pool = world.catalog, world.pools["02", LeakRule.NEAR]
    among = tuple(subset for subset in mixed.subsets() if subset.number == "15")
    ids = np.concatenate([mixed.ids(Selection.of(subset=[n], split=["train"])) for n in ("15", "D43")])
    mix = TrainingMix("mixed", find_target("02", mixed.subsets()), PAPER, Arm(ArmKind.BASKET), among)
    drawn = draw_mix(mixed, pool, mix, basket=ids)
    leaks = {reason: n for reason, n in drawn.removed_by_reason.items() if reason != "other-subset"}
    assert drawn.removed_by_reason["other-subset"] > 0 and "not-training" not in leaks
    assert drawn.leaks_removed == sum(leaks.values())


def test_a_subset_that_only_has_the_targets_number_is_not_the_target(mixed: Catalog) -> None:
    other = replace(FACTS.subsets["03"], number="02", dataset_numbers=("99",))
    pool = read_pool(mixed, Target(other.triplet, other), PAPER)
    assert pool.target_subsets == () and not len(pool.held_out()) and (pool.reason < 0).all()
    here = read_pool(mixed, find_target("02", mixed.subsets()), PAPER)
    assert here.target_subsets == ("02",) and (here.reason >= 0).any()


def test_data_sets_of_a_target_that_is_not_here_are_left_out_too(mixed: Catalog) -> None:
    target = replace(FACTS.subsets["22"], number="60", dataset_numbers=("44",))
    asked = replace(wish(mixed, "02", budget=1000), target=Target(target.triplet, target))
    drawn = draw_arm(mixed, asked, Arm(ArmKind.ALL))
    assert drawn.removed_by_reason["target-dataset"] == mixed.count(
        Selection.of(subset=["18"], dataset=["44"], split=["train"])
    )


def test_a_triple_that_names_a_subset_by_its_published_name_trains_on_nothing_of_it(mixed: Catalog) -> None:
    drawn = draw_arm(mixed, wish(mixed, "CT/Kidney/Diseases Classification", budget=1000), Arm(ArmKind.ALL))
    assert "02" not in {source.subset for source in drawn.sources}
    assert len(drawn.held_out) == TEST_ITEMS


def test_subsets_of_a_mix_are_looked_up_and_not_searched(mixed: Catalog) -> None:
    mix = wish(mixed, "02").mix(Arm(ArmKind.ALL), mixed)
    assert mix.by_number is mix.by_number
    assert list(mix.by_number) == [subset.number for subset in mix.subsets]


def test_only_a_budget_that_was_asked_for_can_fall_short(mixed: Catalog) -> None:
    for asked in (True, False):
        drawn = draw_arm(mixed, wish(mixed, "02", budget_asked=asked), Arm(ArmKind.ALL))
        assert any("15,000 items were asked for" in warning for warning in drawn.warnings) == asked


def test_held_out_items_are_the_targets_test_items(mixed: Catalog) -> None:
    drawn = draw_arm(mixed, wish(mixed, "15"), Arm(ArmKind.ALL))
    listed = [record.item for records in RecordReader(mixed).stretches(drawn.held_out) for record in records]
    assert len(listed) == TEST_ITEMS
    assert {(item.subset, item.split.value) for item in listed} == {("15", "test")}
    nowhere = draw_arm(mixed, wish(mixed, "CT/Kidney/Quality"), Arm(ArmKind.ALL))
    assert "There is no test item of the target CT/Kidney/Quality here to evaluate on." in nowhere.warnings


# -- all arms


def test_all_arms_get_the_budget_of_the_least_of_them_and_even_letters(mixed: Catalog) -> None:
    arms = draw_arms(mixed, wish(mixed, "02", budget=None, letters=True))
    assert {drawn.items for drawn in arms.mixes.values()} == {arms.budget}
    assert arms.budget == arms.capacities[arms.limiting] == min(n for n in arms.capacities.values() if n)
    assert f"{arms.limiting} can give {arms.budget:,}" in arms.sentence
    for drawn in arms.mixes.values():
        for counts in drawn.letters.values():
            assert max(counts.values()) - min(counts.values()) <= 1
    assert all(arms.capacities[name] == 0 and name in arms.sentence for name in arms.empty)


def test_all_arms_get_what_was_asked_for_where_each_can_give_it(mixed: Catalog) -> None:
    arms = draw_arms(mixed, wish(mixed, "02", budget=9))
    assert {drawn.items for drawn in arms.mixes.values()} == {9}
    assert arms.sentence.startswith("Each arm has 9 items, as asked.")
    more = draw_arms(mixed, wish(mixed, "02", budget=100_000))
    assert more.budget == more.capacities[more.limiting]
    assert "and not 100,000" in more.sentence


# -- what a mix refuses


def mix_of(target: Target, *numbers: str, **changes: Any) -> TrainingMix:
    chosen = tuple(FACTS.subsets.get(n) or FACTS.pseudo_subset(n.removeprefix("D")) for n in numbers)
    assert all(chosen)
    made: dict[str, Any] = {"budget": 10, **changes}
    return TrainingMix("mixed", target, PAPER, Arm(ArmKind.ALL), chosen, **made)  # type: ignore[arg-type]


def target_of(number: str) -> Target:
    subset = FACTS.subsets[number]
    return Target(subset.triplet, subset)


@pytest.mark.parametrize(
    ("target", "numbers", "said"),
    [
        (target_of("22"), ("02", "22"), "Subset 22 is the target 22"),
        (Target(MatTriplet("mri", "Brain", "Diseases")), ("02", "22"), "Subset 22 is the target mri/Brain/Diseases"),
        (target_of("22"), ("02", "D44"), "it is the target under another number"),
        (target_of("02"), ("03", "03"), "A subset stands twice in this mix."),
    ],
)
def test_a_mix_refuses_its_own_target_under_any_number(target: Target, numbers: tuple[str, ...], said: str) -> None:
    with pytest.raises(MixError) as refused:
        mix_of(target, *numbers)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"budget": 0}, MixError, "A budget of 0 items makes no mix"),
        ({"budget": -3}, MixError, "A budget of -3 items makes no mix"),
        ({"seed": -1}, MixError, "Trainers refuse the seed -1"),
        ({"seed": 2**31}, MixError, "give a whole number from 0 to 2147483647"),
        ({"budget": 2.5}, MixError, "A budget of 2.5 items makes no mix"),
        ({"balance": "colour"}, UnknownNameError, "There is no balance 'colour'. Valid: subset, label, element."),
        ({"leaks": "none"}, UnknownNameError, "There is no leak rule 'none'. Valid: near, exact."),
        ({"arm": Arm(ArmKind.BASELINE)}, MixError, "The baseline trains on nothing"),
    ],
)
def test_a_mix_refuses_what_it_cannot_be(changes: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error) as refused:
        replace(mix_of(target_of("02"), "03"), **changes)
    assert said in str(refused.value)


def test_an_arm_without_anything_left_is_said(mixed: Catalog) -> None:
    with pytest.raises(MixError, match="Nothing is left for the arm 'related' of PET/Heart/Rhythm in 'mixed'"):
        draw_arm(mixed, wish(mixed, "PET/Heart/Rhythm"), Arm(ArmKind.RELATED))


def test_a_mix_that_asks_otherwise_than_its_target_is_noted() -> None:
    assert FormatNote({4: 10}, {4: 3}).sentence == ""
    assert FormatNote({4: 10}, {}).sentence == ""
    said = FormatNote({2: 10, 3: 1}, {4: 3}).sentence
    assert said.startswith("The target asks with 4 options, the mix only with 2, 3") and "ImageWikiQA" in said


# -- arithmetic


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12), st.integers(0, 400))
def test_equal_shares_are_equal_but_for_those_that_have_less(available: list[int], budget: int) -> None:
    taken = equal_shares(available, budget)
    assert sum(taken) == min(budget, sum(available))
    assert all(0 <= mine <= there for mine, there in zip(taken, available, strict=True))
    most = max(taken)
    assert all(mine == there or mine >= most - 1 for mine, there in zip(taken, available, strict=True))
    larger = [there for mine, there in zip(taken, available, strict=True) if mine == most]
    smaller = [there for mine, there in zip(taken, available, strict=True) if mine < most]
    assert not smaller or max(smaller) <= max(larger)


def test_elements_get_equal_shares() -> None:
    modality, area, task, none = Relation.MODALITY, Relation.AREA, Relation.TASK, Relation.NONE
    weights = element_weights([modality, modality | area, task, none, none])
    assert weights == [Fraction(1, 2), Fraction(3, 2), Fraction(1), Fraction(1, 2), Fraction(1, 2)]
    assert equal_shares([100] * 5, 80, weights) == [10, 30, 20, 10, 10]


LETTER_ROWS = st.dictionaries(st.integers(2, 5), st.lists(st.integers(0, 12), min_size=5, max_size=5), max_size=3)


@given(st.lists(LETTER_ROWS, min_size=1, max_size=6), st.integers(0, 300))
def test_letters_are_even_whatever_there_is(rows: list[dict[int, list[int]]], budget: int) -> None:
    units = [{options: counts[:options] for options, counts in row.items()} for row in rows]
    kept = evenly_lettered(units)
    sizes = [sum(map(sum, unit.values())) for unit in kept]
    given_ = share_letters(kept, equal_shares(sizes, budget))
    assert sum(sum(map(sum, unit.values())) for unit in given_) == min(budget, sum(sizes))
    for options in range(2, 6):
        mine = [unit[options] for unit in given_ if options in unit]
        there = [unit[options] for unit in units if options in unit]
        if mine:
            sums = [sum(column) for column in zip(*mine, strict=True)]
            assert max(sums) - min(sums) <= 1
            supply = [sum(column) for column in zip(*there, strict=True)]
            assert sum(sums) <= options * min(supply)
        assert all(a <= b for row, stock in zip(mine, there, strict=True) for a, b in zip(row, stock, strict=True))


def test_draws_are_spread_and_differ_by_seed() -> None:
    ids = np.arange(10_000, dtype=np.int64)
    one, two = seeded_draw(ids, 0), seeded_draw(ids, 1)
    assert len(np.unique(one)) == len(ids)
    assert abs(np.corrcoef(np.argsort(np.argsort(one)), np.argsort(np.argsort(two)))[0, 1]) < 0.05
    assert abs(np.corrcoef(np.argsort(np.argsort(one)), ids)[0, 1]) < 0.05
