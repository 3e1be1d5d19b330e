"""The pair of runs that the address of the Runs page names, opened once for all who look at it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.evaluation.run_record import RunRecord
from medmat_explorer.experiments.run_pair import RunPair, pair_runs
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.run_list import find_runs
from medmat_explorer.ui import resources

NOT_RECORDED = "not recorded"


def open_pair(first: str, second: str) -> RunPair:
    """The two runs, compared. Raises UnknownNameError, or RunError when one cannot be read or nothing is in common."""
    home = settings().home
    sizes = {row.id: row.answers for row in find_runs(home)}
    for run_id in (first, second):
        if run_id not in sizes:
            raise UnknownNameError("run", run_id, sizes)
    return _pair(home, first, sizes[first], second, sizes[second])


@st.cache_resource(max_entries=8, show_spinner="Comparing the runs")
def _pair(home: Path, first: str, size: int, second: str, other_size: int) -> RunPair:
    """Kept as long as neither run has new answers."""
    a, b = open_run(home, first), open_run(home, second)
    catalog = catalog_of(a) or catalog_of(b)

    def image_names(keys: Sequence[str]) -> Mapping[str, str]:
        return {key: item.image for key, item in catalog.items_found(keys).items()} if catalog and keys else {}

    return pair_runs(a, b, image_names)


def catalog_of(record: RunRecord) -> Catalog | None:
    """The collection that a run asked about, where it is still here."""
    try:
        return resources.catalog(record.header.plan.collection)
    except (UnknownNameError, CollectionError):
        return None


def subsets_of(pair: RunPair) -> dict[str, Subset]:
    """What is known of the subsets asked, by number."""
    found: dict[str, Subset] = {}
    for record in (pair.second, pair.first):
        catalog = catalog_of(record)
        found |= {subset.number: subset for subset in catalog.subsets()} if catalog else {}
    return found


def element_of(subsets: Mapping[str, Subset], number: str, axis: Axis) -> str:
    """The modality, area or task of a subset."""
    return subsets[number].triplet[axis] if number in subsets else NOT_RECORDED
