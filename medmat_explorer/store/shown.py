"""What a catalog hands out to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.domain.qa import QAItem, Split
from medmat_explorer.domain.subset import SourceDataset, Subset


@dataclass(frozen=True)
class ItemCard:
    """An item in a gallery. `image_state` is ok, missing, unreadable or unchecked; `image_reason` says why not ok."""

    key: str
    subset: str
    split: Split
    label: str
    caption: str
    image_state: str
    question: str
    tags: tuple[str, ...] = ()
    image_reason: str = ""


@dataclass(frozen=True)
class ItemDetail:
    """An item with all that is known around it; `same_image` holds the keys of other items of its image."""

    item: QAItem
    subset: Subset
    dataset: SourceDataset | None
    image_state: str
    width: int
    height: int
    mode: str
    same_image: tuple[str, ...]
    repairs: tuple[str, ...]
    image_reason: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class SubsetCount:
    """One side of one subset: its items, its distinct images, and these by state."""

    subset: str
    split: Split
    items: int
    images: int
    images_ok: int
    images_missing: int
    images_unreadable: int
    images_unchecked: int


@dataclass(frozen=True)
class CollectionSummary:
    """A collection in numbers; `datasets` counts the source data sets that its items name."""

    name: str
    items: int
    subsets: int
    datasets: int
    splits: Mapping[str, int]
    images: Mapping[str, int]
    version: str
    root: Path
