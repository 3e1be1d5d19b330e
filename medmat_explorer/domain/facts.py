"""What is known about subsets and source data sets before any file is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from medmat_explorer.domain.subset import SourceDataset, Subset, subset_order
from medmat_explorer.domain.triplet import MatTriplet


@dataclass(frozen=True)
class Facts:
    """The subsets and source data sets that file numbers refer to, by number."""

    subsets: Mapping[str, Subset]
    datasets: Mapping[str, SourceDataset]

    @cached_property
    def _subsets_of_dataset(self) -> dict[str, tuple[Subset, ...]]:
        found: dict[str, tuple[Subset, ...]] = {}
        for subset in self.subsets.values():
            for number in subset.dataset_numbers:
                found[number] = (*found.get(number, ()), subset)
        return found

    def subset_of_dataset(self, number: str) -> Subset | None:
        """The subset that a source data set belongs to; None when it stands in none.

        A data set that is printed in two subsets belongs to the one whose modality and area match its own: data
        set 44 (MRI, brain) stands in subsets 18 (microscopy, cell) and 22 (MRI, brain).
        """
        candidates = self._subsets_of_dataset.get(number, ())
        dataset = self.datasets.get(number)
        if len(candidates) > 1 and dataset is not None:
            for subset in candidates:
                if (subset.triplet.modality, subset.triplet.area) == (dataset.modality, dataset.area):
                    return subset
        return candidates[0] if candidates else None

    def pseudo_subset(self, number: str) -> Subset | None:
        """A subset of its own (`D43`) for a known data set that stands in no subset; None for an unknown one."""
        dataset = self.datasets.get(number)
        if dataset is None:
            return None
        task = dataset.description or "Unknown"
        return Subset(
            number=f"D{number}",
            triplet=MatTriplet(dataset.modality, dataset.area, task),
            published_task=task,
            task_group=task,
            task_confidence="low",
            task_note="The data set stands in none of the published subsets.",
            dataset_numbers=(number,),
        )

    def extended(self, subsets: Iterable[Subset], datasets: Iterable[SourceDataset]) -> "Facts":
        """These facts and further ones; a further one replaces a known one of the same number."""
        more_subsets = {subset.number: subset for subset in subsets}
        more_datasets = {dataset.number: dataset for dataset in datasets}
        return Facts({**self.subsets, **more_subsets}, {**self.datasets, **more_datasets})


def subset_number(text: str) -> str:
    """How a subset is called, from how a file or table writes it: `2` and `02` are `02`, `p01` is `P01`."""
    number = text.strip().upper()
    return number.zfill(2) if number.isdigit() else number


def dataset_number(text: str) -> str:
    """How a data set is called, from how a file or record writes it: `02` and `2` are `2`."""
    number = text.strip().upper()
    return (number.lstrip("0") or "0") if number.isdigit() else number


def subset_from_row(row: Mapping[str, str]) -> Subset:
    """A subset from a row of `subsets.csv`. Raises ValueError or KeyError when the row does not describe one."""
    task = row["task"].strip()
    return Subset(
        number=subset_number(row["subset_no"]),
        triplet=MatTriplet(row["modality"].strip(), row["area"].strip(), task),
        published_task=(row.get("published_task") or task).strip(),
        task_group=(row.get("task_group") or task).strip(),
        kind=row.get("kind") or "classification",
        multi_label=(row.get("multi_label") or "no").strip().lower() in {"yes", "true", "1"},
        distribution=row.get("distribution") or "",
        task_confidence=row.get("task_confidence") or "high",
        task_note=row.get("task_note") or "",
        dataset_numbers=tuple(dataset_number(number) for number in (row.get("dataset_nos") or "").split()),
    )


def dataset_from_row(row: Mapping[str, str]) -> SourceDataset:
    """A source data set from a row of `datasets.csv`. Raises KeyError when a column is missing."""
    return SourceDataset(
        number=dataset_number(row["dataset_no"]),
        name=row["name"].strip(),
        modality=row["modality"].strip(),
        area=row["area"].strip(),
        description=row.get("description") or "",
        published_qa=(row.get("published_qa") or "yes").strip().lower() in {"yes", "true", "1"},
        url=row.get("url") or "",
        citation=row.get("citation") or "",
    )


def in_subset_order(subsets: Iterable[Subset]) -> tuple[Subset, ...]:
    """Sorted by number: 02 < 10 < D43 < P01."""
    return tuple(sorted(subsets, key=lambda subset: subset_order(subset.number)))
