"""Thumbnails begun before they are asked for: once each, and what goes wrong is told to whoever asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.ui.thumbnails_ahead import ThumbnailsAhead


@pytest.fixture
def catalog(phantoms_home: Path, tmp_path: Path, use_home: pytest.MonkeyPatch) -> Iterator[Catalog]:
    use_home.setenv("MEDMAT_HOME", str(tmp_path))  # thumbnails of this test only
    yield open_catalog("phantoms", phantoms_home)


def test_what_was_begun_is_made_without_being_asked_for_and_once(catalog: Catalog, tmp_path: Path) -> None:
    ahead = ThumbnailsAhead(1)
    keys = [card.key for card in catalog.page(Selection(), 0, 6)]
    ahead.begin(catalog, [*keys, *keys], 160)
    last = ahead.of(catalog, keys[-1], 160).result(20)
    assert last.data[8:12] == b"WEBP"
    assert len(list((tmp_path / "thumbs").glob("*/*.webp"))) == len(keys)
    assert ahead.of(catalog, keys[-1], 160).result(20) == last


def test_while_one_is_being_made_whoever_asks_gets_that_one(catalog: Catalog) -> None:
    ahead = ThumbnailsAhead(1)
    keys = [card.key for card in catalog.page(Selection(), 0, 12)]
    ahead.begin(catalog, keys, 256)
    asked = [ahead.of(catalog, keys[-1], 256) for _ in range(2)]
    assert asked[0] is asked[1]


def test_an_item_that_is_not_there_is_told_to_each_who_asks(catalog: Catalog) -> None:
    ahead = ThumbnailsAhead(1)
    ahead.begin(catalog, ["0" * 16], 160)
    for _ in range(2):
        with pytest.raises(MedmatError):
            ahead.of(catalog, "0" * 16, 160).result(20)
