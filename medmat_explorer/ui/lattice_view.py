"""What the Lattice page looks at, read from the address: universe of subsets, target, rule, chosen subset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.relation import Relation, RelationRule, Target, find_target, relations_to
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.paper import facts
from medmat_explorer.store import universe as subset_universe
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.universe import SubsetUniverse, subset_universes, universe_with
from medmat_explorer.ui import url_state
from medmat_explorer.ui.components.lattice import ChipState
from medmat_explorer.ui.rule_choice import rule_or_usual

TARGET, RULE, MERGE, SUBSET, UNIVERSE = "target", "rule", "merge", "subset", "universe"
RECIPE, CELL, TRANSFER = "recipe", "cell", "transfer"
"""What is chosen in a view: a recipe (`area:03+30`), a cell of the cube (`CT/Brain`), one of the transfer matrix
(`03-28`, from source to target)."""

OTHER, BOTH = "other", "both"
"""The target that is compared with, and the chosen cell of the comparison (`modality+area|task`)."""

PUBLISHED, COLLECTION = subset_universe.PUBLISHED, subset_universe.COLLECTION
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
    `training` are the items that a mix may draw: those that are not of the test split.
    """

    items: int = 0
    readable: int = 0
    unchecked: int = 0
    published: bool = True
    training: int = 0

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

    `made` counts those that readers made themselves: they stand among the published ones too. `among` is what commands
    compare as well.
    """

    name: str
    subsets: Mapping[str, Subset]
    among: SubsetUniverse
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
    universes = subset_universes(catalog, facts.subsets())
    universe = _chosen_universe(catalog, universes)
    shown = url_state.value(VIEW)
    rule, rule_problem = rule_or_usual(catalog, url_state.value(RULE), url_state.value(MERGE) == "1")
    target, problem = _target(universe)
    chosen = universe.subsets.get(url_state.value(SUBSET))
    return LatticeView(
        universe=universe,
        universes=tuple(among.name for among in universes),
        target=target,
        rule=rule,
        chosen=chosen or target.subset,
        asked_target=url_state.value(TARGET),
        shown=shown if shown in VIEWS else next(iter(VIEWS)),
        problem=problem,
        rule_problem=rule_problem,
    )


def _chosen_universe(catalog: Catalog, universes: Sequence[SubsetUniverse]) -> Universe:
    """The one in the address, else the first that has the target, else the usual one."""
    asked = url_state.value(UNIVERSE)
    named = [among for among in universes if among.name == asked]
    return _universe(catalog, named[0] if named else universe_with(universes, url_state.value(TARGET)))


def _universe(catalog: Catalog, among: SubsetUniverse) -> Universe:
    own = {subset.number: subset for subset in catalog.subsets()}
    made, subsets = {number: own[number] for number in among.made}, among.subsets
    is_here = among.name == COLLECTION
    datasets = catalog.datasets() if is_here else {**facts.datasets(), **_sources(catalog, made)}
    counted = {n: stock for n, stock in _stock(catalog).items() if own.get(n) == subsets.get(n)}
    return Universe(
        name=among.name,
        subsets=subsets,
        among=among,
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
            training=before.training + (count.items if count.split is Split.TRAIN else 0),
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


def choose_target(text: str, *, show: bool = False) -> None:
    """Makes a subset, by its number, or a triple the target; `show` opens the target's own view.

    What was chosen beside the old target is given up: card, recipe, comparison, cells.
    """
    given_up = dict.fromkeys((SUBSET, RECIPE, OTHER, BOTH, CELL, TRANSFER))
    url_state.write({**given_up, TARGET: text, **({VIEW: next(iter(VIEWS))} if show else {})})


def choose_subset(number: str) -> None:
    """Shows a subset's card."""
    url_state.write({SUBSET: number})
