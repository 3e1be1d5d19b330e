"""The pair of runs that the address of the Runs page names, opened once for all who look at it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.experiments.run_pair import RunPair, pair_runs
from medmat_explorer.store.run_stamp import RunStamp, run_stamp
from medmat_explorer.ui.run_opened import catalog_of, opened_run

NOT_RECORDED = "not recorded"


def open_pair(first: str, second: str) -> RunPair:
    """The two runs, compared. Raises UnknownNameError, or RunError when one cannot be read or nothing is in common."""
    home = settings().home
    return _pair(home, first, run_stamp(home, first), second, run_stamp(home, second))


@st.cache_resource(max_entries=8, show_spinner="Comparing the runs")
def _pair(home: Path, first: str, stamp: RunStamp, second: str, other_stamp: RunStamp) -> RunPair:
    """Kept as long as neither run changes."""
    a, b = opened_run(first), opened_run(second)
    catalog = catalog_of(a.header) or catalog_of(b.header)

    def image_names(keys: Sequence[str]) -> Mapping[str, str]:
        return {key: item.image for key, item in catalog.items_found(keys).items()} if catalog and keys else {}

    return pair_runs(a, b, image_names)


def subsets_of(pair: RunPair) -> dict[str, Subset]:
    """What is known of the subsets asked, by number."""
    found: dict[str, Subset] = {}
    for record in (pair.second, pair.first):
        catalog = catalog_of(record.header)
        found |= {subset.number: subset for subset in catalog.subsets()} if catalog else {}
    return found


def element_of(subsets: Mapping[str, Subset], number: str, axis: Axis) -> str:
    """The modality, area or task of a subset."""
    return subsets[number].triplet[axis] if number in subsets else NOT_RECORDED
