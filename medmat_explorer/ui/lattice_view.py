"""What the Lattice page looks at, read from the address: universe of subsets, target, rule, chosen subset."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from medmat_explorer.domain.facts import in_subset_order, subset_number
from medmat_explorer.domain.relation import Relation, RelationRule, Target, find_target, relations_to
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.paper import facts
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import url_state
from medmat_explorer.ui.components.lattice import ChipState
from medmat_explorer.ui.rule_choice import rule_or_usual

TARGET, RULE, MERGE, SUBSET, UNIVERSE = "target", "rule", "merge", "subset", "universe"
PUBLISHED, COLLECTION = "published", "collection"
USUAL_TARGET = "28"
VIEW = "view"
VIEWS: dict[str, str] = {
    "target": "Target",
    "collection": "All subsets",
    "cube": "Cube",
    "transfer": "Transfer",
    "mix": "Training mix",
}
"""The views of the page, as the address names them and as the switch does; the first is the usual one."""


@dataclass(frozen=True)
class Stock:
    """What of a subset is in the collection: questions, pictures that can be read, pictures not looked at yet.

    `published` says whether its questions can be had at all: those of detection and segmentation are announced only.
    """

    items: int = 0
    readable: int = 0
    unchecked: int = 0
    published: bool = True

    @property
    def state(self) -> ChipState:
        """Pictures here, questions only, nothing though it is published, or nothing because it is only announced."""
        if self.readable or self.unchecked:
            return ChipState.IMAGES
        if self.items:
            return ChipState.QUESTIONS
        return ChipState.ABSENT if self.published else ChipState.ANNOUNCED


@dataclass(frozen=True)
class Universe:
    """The subsets that are compared, with their source data sets and what of them is here, by number.

    `made` counts those that readers made themselves: they stand among the published ones too.
    """

    name: str
    subsets: Mapping[str, Subset]
    datasets: Mapping[str, SourceDataset]
    stock: Mapping[str, Stock]
    made: int = 0


@dataclass(frozen=True)
class LatticeView:
    """One view of the page.

    `shown` is one of VIEWS; `problem` and `rule_problem` say what was wrong with the target and the rule in the
    address, if anything.
    """

    universe: Universe
    universes: tuple[str, ...]
    target: Target
    rule: RelationRule
    chosen: Subset | None
    asked_target: str
    shown: str = "target"
    problem: str = ""
    rule_problem: str = ""

    @cached_property
    def relations(self) -> dict[str, Relation]:
        """What every subset but the target shares with it."""
        return relations_to(self.target, self.universe.subsets.values(), self.rule)

    @property
    def related(self) -> tuple[str, ...]:
        """Numbers of the subsets that share something: most shared first."""
        found = [number for number, shared in self.relations.items() if shared is not Relation.NONE]
        return tuple(sorted(found, key=lambda number: -self.relations[number].size))

    @property
    def unrelated(self) -> tuple[str, ...]:
        """Numbers of the subsets that share nothing."""
        return tuple(number for number, shared in self.relations.items() if shared is Relation.NONE)


def read_view(catalog: Catalog) -> LatticeView:
    """The view that the address asks for; what it does not say has a usual value."""
    universes = _universes(catalog)
    universe = _chosen_universe(catalog, universes)
    shown = url_state.value(VIEW)
    rule, rule_problem = rule_or_usual(catalog, url_state.value(RULE), url_state.value(MERGE) == "1")
    target, problem = _target(universe)
    chosen = universe.subsets.get(url_state.value(SUBSET))
    return LatticeView(
        universe=universe,
        universes=universes,
        target=target,
        rule=rule,
        chosen=chosen or target.subset,
        asked_target=url_state.value(TARGET),
        shown=shown if shown in VIEWS else next(iter(VIEWS)),
        problem=problem,
        rule_problem=rule_problem,
    )


def _universes(catalog: Catalog) -> tuple[str, ...]:
    """The usual one first. A collection without subsets of its own is a part of the published ones."""
    if not catalog.subsets():
        return (PUBLISHED,)
    return (COLLECTION, PUBLISHED) if catalog.declared else (PUBLISHED, COLLECTION)


def _chosen_universe(catalog: Catalog, names: tuple[str, ...]) -> Universe:
    """The one in the address, else the first that has the target, else the usual one."""
    asked, target = url_state.value(UNIVERSE), url_state.value(TARGET)
    if asked in names:
        return _universe(catalog, asked)
    universes = [_universe(catalog, name) for name in names]
    return next((u for u in universes if subset_number(target) in u.subsets), universes[0])


def _universe(catalog: Catalog, name: str) -> Universe:
    own = {subset.number: subset for subset in catalog.subsets()}
    made = {number: own[number] for number in catalog.own_subsets if number in own}
    subsets = own if name == COLLECTION else {**facts.subsets(), **made}
    datasets = catalog.datasets() if name == COLLECTION else {**facts.datasets(), **_sources(catalog, made)}
    counted = {n: stock for n, stock in _stock(catalog).items() if own.get(n) == subsets.get(n)}
    return Universe(
        name=name,
        subsets={subset.number: subset for subset in in_subset_order(subsets.values())},
        datasets=datasets,
        made=len(made),
        stock={n: counted.get(n) or Stock(published=_is_published(s, datasets)) for n, s in subsets.items()},
    )


def _is_published(subset: Subset, datasets: Mapping[str, SourceDataset]) -> bool:
    """Whether the questions of any of its source data sets are; of a source that is not known they may be."""
    known = [datasets[number] for number in subset.dataset_numbers if number in datasets]
    return not known or any(dataset.published_qa for dataset in known)


def _sources(catalog: Catalog, subsets: Mapping[str, Subset]) -> dict[str, SourceDataset]:
    numbers = {number for subset in subsets.values() for number in subset.dataset_numbers}
    return {number: dataset for number, dataset in catalog.datasets().items() if number in numbers}


def _stock(catalog: Catalog) -> dict[str, Stock]:
    found: dict[str, Stock] = {}
    for count in catalog.subset_counts():
        before = found.get(count.subset, Stock())
        found[count.subset] = Stock(
            before.items + count.items,
            before.readable + count.images_ok,
            before.unchecked + count.images_unchecked,
        )
    return found


def _target(universe: Universe) -> tuple[Target, str]:
    """The target in the address, or the usual one with the reason why the address was not followed."""
    usual = universe.subsets.get(USUAL_TARGET) or next(iter(universe.subsets.values()))
    text = url_state.value(TARGET)
    if not text:
        return Target(usual.triplet, usual), ""
    try:
        return find_target(text, universe.subsets.values()), ""
    except UnknownNameError:
        sentence = (
            f"'{text}' is no subset here and no triple: write a number such as {usual.number}, or "
            f"MODALITY/AREA/TASK, for example {usual.triplet}. The picture shows {usual.number} instead."
        )
        return Target(usual.triplet, usual), sentence


def choose_target(number: str) -> None:
    """Makes a subset the target."""
    url_state.write({TARGET: number, SUBSET: None, "recipe": None})


def choose_subset(number: str) -> None:
    """Shows a subset's card."""
    url_state.write({SUBSET: number})
