"""What a collection adds to a run's answers: tasks of levels, the paper's numbers, and whether it is a world the
backbone knows.
"""

from collections.abc import Callable

from medmat_explorer.backbones.registry import REGISTRY
from medmat_explorer.evaluation.run_summary import Published, RunContext
from medmat_explorer.store.catalog import Catalog

LEVEL = "Level"
"""The task whose labels have an order, as the paper names it."""
PHANTOMS_ONLY = (
    "This backbone was trained on synthetic phantoms only. What it says about other pictures is near chance and means "
    "nothing; it shows that the program works."
)


def run_context(
    catalog: Catalog | None, published: Callable[[str], Published | None] = lambda subset: None, seed: int = 0
) -> RunContext:
    """`published` tells the paper's number of a subset; a collection with facts of its own has none of the paper's.

    Without a catalog (the run's collection is gone) nothing is added.
    """
    if catalog is None:
        return RunContext(seed=seed)
    subsets = catalog.subsets()
    printed = {} if catalog.declared else {subset.number: published(subset.number) for subset in subsets}
    return RunContext(
        levels=frozenset(s.number for s in subsets if LEVEL in (s.task_group, s.triplet.task)),
        published={number: found for number, found in printed.items() if found is not None},
        seed=seed,
    )


def unfamiliar(backbone: str, catalog: Catalog) -> str:
    """Why this backbone's answers about the collection mean nothing; empty where nothing speaks against them."""
    strange = backbone == REGISTRY[0].id and not all(subset.is_synthetic for subset in catalog.subsets())
    return PHANTOMS_ONLY if strange else ""
