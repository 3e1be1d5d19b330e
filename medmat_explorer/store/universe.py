"""The subsets that a target is compared with: the one reading of it that pages and commands share.

A collection without facts of its own is a part of Med-MAT: its targets stand among the published subsets and those that
readers made. One that brought facts of its own (`subsets.csv`) stands by itself. The other universe is always at hand,
so that a data set in no published subset (`D43`) can be a target too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medmat_explorer.domain.facts import in_subset_order, subset_number
from medmat_explorer.domain.subset import Subset
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.catalog import Catalog

PUBLISHED, COLLECTION = "published", "collection"


@dataclass(frozen=True)
class SubsetUniverse:
    """Subsets by number, in order. `made` are those among them that readers made; `medmat` says whether the numbers are
    Med-MAT's, so that rows of the paper speak of them.
    """

    name: str
    subsets: Mapping[str, Subset]
    made: tuple[str, ...] = ()
    medmat: bool = True


def subset_universes(catalog: Catalog, published: Mapping[str, Subset]) -> tuple[SubsetUniverse, ...]:
    """The universes of a collection, the usual one first; `published` are Med-MAT's subsets by number."""
    here = {subset.number: subset for subset in catalog.subsets()}
    made = {number: here[number] for number in catalog.own_subsets if number in here}
    medmat = SubsetUniverse(PUBLISHED, _in_order({**published, **made}), tuple(made))
    if not here:
        return (medmat,)
    own = SubsetUniverse(COLLECTION, _in_order(here), tuple(made), medmat=not catalog.declared)
    return (own, medmat) if catalog.declared else (medmat, own)


def universe_with(universes: Sequence[SubsetUniverse], target: str) -> SubsetUniverse:
    """The first that has the target, else the usual one."""
    number = subset_number(target)
    return next((universe for universe in universes if number in universe.subsets), universes[0])


def universe_named(universes: Sequence[SubsetUniverse], name: str) -> SubsetUniverse:
    """The one of that name. Raises UnknownNameError."""
    for universe in universes:
        if universe.name == name:
            return universe
    raise UnknownNameError("universe of subsets", name, [universe.name for universe in universes])


def _in_order(subsets: Mapping[str, Subset]) -> dict[str, Subset]:
    return {subset.number: subset for subset in in_subset_order(subsets.values())}
