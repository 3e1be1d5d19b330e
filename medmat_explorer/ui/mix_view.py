"""Which training mix the Lattice page looks at, read from the address: arm, own sources, budget, balance, seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from medmat_explorer.domain.arms import Arm, ArmKind
from medmat_explorer.domain.recipe_book import DIRECTIONS, RecipeBook
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.training_mix import DEFAULT_BUDGET, Balance, LeakRule
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.mix_arms import MixWish, wish_among
from medmat_explorer.ui import url_state
from medmat_explorer.ui.export_panel import PICTURES
from medmat_explorer.ui.lattice_view import LatticeView

ARM, SOURCES, BUDGET, BALANCE, SEED, LETTERS, LEAKS = "arm", "sources", "budget", "balance", "seed", "letters", "leaks"
VIEW, MIX = "view", "mix"
LARGEST_BUDGET = 10_000_000
RECIPES_LISTED = 500
"""Recipes to choose from in the list; any other can be named in the address."""


@dataclass(frozen=True)
class MixView:
    """What the address asks for. `arm` is None where it names no whole arm; `problem` says why, or what is missing."""

    kind: ArmKind
    arm: Arm | None
    sources: tuple[str, ...]
    wish: MixWish
    asked_budget: int | None
    problem: str = ""

    @property
    def budget(self) -> int:
        """The most items, as the field shows it."""
        return self.asked_budget or DEFAULT_BUDGET


def read_mix(view: LatticeView, catalog: Catalog) -> MixView:
    """The mix that the address asks for; what it does not say has a usual value."""
    asked = url_state.value(BUDGET)
    budget = url_state.number(BUDGET, DEFAULT_BUDGET, least=1, most=LARGEST_BUDGET) if asked else None
    balance, leaks = url_state.value(BALANCE), url_state.value(LEAKS)
    wish = replace(
        wish_among(catalog, view.universe.among, view.target, view.rule),
        budget=budget or DEFAULT_BUDGET,
        budget_asked=budget is not None,
        pictures=url_state.value(PICTURES) == "1",
        balance=Balance(balance) if balance in list(Balance) else Balance.SUBSET,
        seed=url_state.number(SEED, 0, least=0, most=2**31 - 1),
        letters=url_state.value(LETTERS) == "1",
        leaks=LeakRule(leaks) if leaks in list(LeakRule) else LeakRule.NEAR,
    )
    kind, arm, problem = _arm(view)
    return MixView(kind, arm, tuple(url_state.values(SOURCES)), wish, budget, problem)


def _arm(view: LatticeView) -> tuple[ArmKind, Arm | None, str]:
    text = url_state.value(ARM, ArmKind.RELATED.value)
    name = text.partition(":")[0]
    kind = ArmKind(name) if name in list(ArmKind) else ArmKind.RELATED
    try:
        if text == ArmKind.OWN.value:
            sources = "+".join(url_state.values(SOURCES))
            return kind, Arm.parse(f"own:{sources}") if sources else None, ""
        if text == ArmKind.RECIPE.value:
            listed = recipes_here(view)
            return kind, Arm.parse(next(iter(listed))) if listed else None, ""
        return kind, Arm.parse(text) if name in list(ArmKind) else Arm(kind), ""
    except MedmatError as error:
        return kind, None, str(error)


def recipes_here(view: LatticeView) -> dict[str, str]:
    """The target's recipes as arms, each with its direction, at most RECIPES_LISTED; first those that are here."""
    stock, found = view.universe.stock, dict[str, str]()
    book = RecipeBook(view.relations)
    for direction in DIRECTIONS:
        for recipe in book.first(RECIPES_LISTED, direction):
            key = f"recipe:{'+'.join(sorted(recipe.subsets, key=subset_order))}"
            found[key] = f"{found[key]}, {recipe.direction}" if key in found else recipe.direction
    order = sorted(found, key=lambda key: not all(stock[n].items for n in Arm.parse(key).sources))
    return {key: found[key] for key in order[:RECIPES_LISTED]}


def source_choices(view: LatticeView) -> dict[str, Subset]:
    """Subsets that an own mix may name, by number."""
    target = view.target.subset
    return {n: s for n, s in view.universe.subsets.items() if target is None or n != target.number}


def mix_params(arm: str, target: str = "") -> dict[str, str]:
    """Parameters of the Lattice page's address that show a mix: `recipe:30+03` and the like, for links."""
    return {VIEW: MIX, ARM: arm, **({"target": target} if target else {})}


def add_source(number: str) -> None:
    """Puts a subset among those of the own mix and shows it; one that is there already stays."""
    sources = url_state.values(SOURCES)
    write_sources(sources if number in sources else [*sources, number])


def write_sources(numbers: Sequence[str]) -> None:
    """Shows the own mix of these subsets."""
    changes: Mapping[str, str | Sequence[str]] = {VIEW: MIX, ARM: ArmKind.OWN.value, SOURCES: list(numbers)}
    url_state.write(changes)
