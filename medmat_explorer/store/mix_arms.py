"""A target's mixes: from an arm to a drawn mix, and all arms of Figure 4 with equal budgets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from medmat_explorer.domain.arms import FIGURE_4, Arm, ArmKind, choose_subsets
from medmat_explorer.domain.relation import RelationRule, Target
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.training_mix import DEFAULT_BUDGET, Balance, LeakRule, TrainingMix, is_other_number
from medmat_explorer.errors import MixError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.mix import DrawnMix, draw_mix, mix_capacity
from medmat_explorer.store.mix_pool import MixPool, read_pool
from medmat_explorer.store.universe import COLLECTION, SubsetUniverse


@dataclass(frozen=True)
class MixWish:
    """All that mixes of a target are made from, but for the arm.

    `subsets` are the subsets that are compared, of the universe of that name (`universe.py`). A `budget` of None is as
    much as the arms can give, each the same; `budget_asked` says whether the reader named one. With `pictures` items
    whose picture is known to be missing or unreadable are not drawn.
    """

    target: Target
    subsets: tuple[Subset, ...]
    rule: RelationRule
    budget: int | None = DEFAULT_BUDGET
    balance: Balance = Balance.SUBSET
    seed: int = 0
    letters: bool = False
    leaks: LeakRule = LeakRule.NEAR
    pictures: bool = False
    budget_asked: bool = True
    universe: str = ""

    def mix(self, arm: Arm, catalog: Catalog) -> TrainingMix:
        """The mix of an arm. Raises as `choose_subsets` and `TrainingMix` do.

        A subset that is the target under another number is left out, unless it was named. A basket holds items of any
        subset of the collection, so it chooses among these.
        """
        among = catalog.subsets() if arm.kind is ArmKind.BASKET else self.subsets
        choice = choose_subsets(arm, self.target, among, self.rule)
        known = {subset.number: subset for subset in among}
        chosen = [known[number] for number in choice.subsets]
        if not arm.sources:
            chosen = [subset for subset in chosen if not is_other_number(subset, self.target, self.rule)]
        return TrainingMix(
            collection=catalog.name,
            target=self.target,
            rule=self.rule,
            arm=arm,
            subsets=tuple(chosen),
            budget=self.budget if self.budget is not None else DEFAULT_BUDGET,
            balance=self.balance,
            seed=self.seed,
            letters=self.letters,
            leaks=self.leaks,
            pictures=self.pictures,
            budget_asked=self.budget_asked,
            universe=COLLECTION if arm.kind is ArmKind.BASKET else self.universe,
            compared=tuple(known),
        )


@dataclass(frozen=True)
class ArmsDrawn:
    """All arms of a target with one budget. `capacities` are the most that each arm can give; those that can give
    nothing are in `empty`. `limiting` is the arm that can give least.
    """

    mixes: Mapping[str, DrawnMix]
    capacities: Mapping[str, int]
    empty: tuple[str, ...]
    limiting: str
    budget: int
    asked: int | None

    @property
    def limits(self) -> bool:
        """Whether the least arm, and not what was asked for, settles the budget."""
        return self.asked is None or self.budget < self.asked

    @property
    def sentence(self) -> str:
        """Which budget, and why."""
        least = f"{self.limiting} can give {self.capacities[self.limiting]:,}"
        if self.asked is None:
            said = f"Each arm has {self.budget:,} items, the most that all can give: {least}."
        elif self.budget < self.asked:
            said = f"Each arm has {self.budget:,} items and not {self.asked:,}: {least}."
        else:
            said = f"Each arm has {self.budget:,} items, as asked."
        return said + (f" Nothing is left for {', '.join(self.empty)}." if self.empty else "")

    def as_record(self) -> dict[str, Any]:
        """For a manifest."""
        return {
            "budget": self.budget,
            "asked": self.asked,
            "limiting": self.limiting,
            "capacities": dict(self.capacities),
            "empty": list(self.empty),
            "arms": list(self.mixes),
        }


def usable_subsets(catalog: Catalog, subsets: Iterable[Subset]) -> tuple[Subset, ...]:
    """Those of the subsets that mean the same in the collection, or that it has no items of."""
    own = {subset.number: subset for subset in catalog.subsets()}
    return tuple(subset for subset in subsets if own.get(subset.number, subset) == subset)


def wish_among(catalog: Catalog, universe: SubsetUniverse, target: Target, rule: RelationRule) -> MixWish:
    """The usual wish for a target among the subsets of a universe, of which the collection's own must mean the same."""
    usable = usable_subsets(catalog, universe.subsets.values())
    return MixWish(target, usable, rule, budget_asked=False, universe=universe.name)


def draw_arm(catalog: Catalog, wish: MixWish, arm: Arm, pool: MixPool | None = None) -> DrawnMix:
    """One arm. `pool` is the target's, if it was read before. Raises MixError when nothing is left to draw."""
    pool = pool or read_pool(catalog, wish.target, wish.rule, wish.leaks)
    mix = wish.mix(arm, catalog)
    if wish.budget is None:
        mix = replace(mix, budget=max(1, mix_capacity(catalog, pool, mix)))
    return draw_mix(catalog, pool, mix)


def draw_arms(catalog: Catalog, wish: MixWish, pool: MixPool | None = None) -> ArmsDrawn:
    """The trained arms of Figure 4 with equal budgets: what was asked, or what the least of them can give.

    An arm that can give nothing is left out and named. Raises MixError when none can give anything.
    """
    pool = pool or read_pool(catalog, wish.target, wish.rule, wish.leaks)
    mixes = {kind.value: wish.mix(Arm(kind), catalog) for kind in FIGURE_4}
    capacities = {name: mix_capacity(catalog, pool, mix) for name, mix in mixes.items()}
    empty = tuple(name for name, capacity in capacities.items() if not capacity)
    given = {name: capacity for name, capacity in capacities.items() if capacity}
    if not given:
        raise MixError(f"No arm of {wish.target.key} has a training item in '{catalog.name}': import its subsets.")
    limiting = min(given, key=lambda name: given[name])
    budget = given[limiting] if wish.budget is None else min(wish.budget, given[limiting])
    drawn = {name: draw_mix(catalog, pool, replace(mixes[name], budget=budget)) for name in given}
    return ArmsDrawn(drawn, capacities, empty, limiting, budget, wish.budget)
