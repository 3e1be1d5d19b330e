"""Facets of images, tags and sets, and the search box, over a corpus whose files were looked at."""

from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.domain.qa import item_key, parse_item_key
from medmat_explorer.domain.search_terms import SearchPlace, SearchTerm, search_terms
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.searches import KEPT
from tests.release_folder import SUBSET_02, record, run_import, write

SIZES = {0: (100, 100), 1: (300, 200), 2: (200, 900)}
"""Of three images; the fourth file is broken, the others are missing."""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write(tmp_path / "release", **{SUBSET_02: [record(i, ["Cyst", "Normal"][i % 2]) for i in range(8)]})
    run_import(tmp_path / "release", tmp_path / "home")
    for place, image in enumerate(images_of(open_catalog("test", tmp_path / "home"))[:4]):
        file = tmp_path / "release" / image
        file.parent.mkdir(parents=True, exist_ok=True)
        if place in SIZES:
            Image.new("L", SIZES[place], 40 * place).save(file)
        else:
            file.write_bytes(b"no picture")
    return tmp_path


def images_of(catalog: Catalog) -> list[str]:
    return [item.image for item in catalog.items([card.key for card in catalog.page(Selection(), 0, 100)])]


def keys_of(catalog: Catalog, selection: Selection) -> list[str]:
    return [card.key for card in catalog.page(selection, 0, 100)]


def test_states_and_sizes_of_images_are_facets_as_soon_as_the_check_saw_them(corpus: Path) -> None:
    catalog = open_catalog("test", corpus / "home")
    assert catalog.facet_counts(Selection())[Facet.IMAGE] == [("unchecked", 8)]
    check_images("test", corpus / "home")
    counts = catalog.facet_counts(Selection())
    assert counts[Facet.IMAGE] == [("missing", 4), ("ok", 3), ("unreadable", 1)]
    assert counts[Facet.PIXELS] == [("up to 128", 1), ("257 to 512", 1), ("513 to 1024", 1), ("unknown", 5)]
    assert counts[Facet.SHAPE] == [("square", 1), ("tall", 1), ("unknown", 5), ("wide", 1)]
    everything = keys_of(catalog, Selection())
    assert keys_of(catalog, Selection.of(image=["ok"])) == everything[:3]
    assert keys_of(catalog, Selection().but_not(image=["ok", "missing"])) == [everything[3]]
    assert keys_of(catalog, Selection.of(shape=["wide", "tall"])) == everything[1:3]
    assert keys_of(catalog, Selection.of(pixels=["unknown"])) == everything[3:]
    assert [card.key for card in catalog.page(Selection(), 0, 3, "size")] == [everything[i] for i in (2, 1, 0)]
    for selection in (Selection.of(image=["ok"]), Selection.of(shape=["wide"]).but_not(label=["Cyst"])):
        assert catalog.count(selection) == len(keys_of(catalog, selection))


def test_leaks_are_a_facet_once_they_were_searched_for(corpus: Path) -> None:
    import duckdb

    catalog = open_catalog("test", corpus / "home")
    assert catalog.facet_counts(Selection())[Facet.LEAK] == [("none", 8)]
    assert not catalog.connection.leaks_are_known
    version = next((corpus / "home" / "collections" / "test").glob("catalog-*.duckdb")).stem.removeprefix("catalog-")
    key = keys_of(catalog, Selection())[0]
    image_id = catalog.connection.value("SELECT image_id FROM items WHERE id = $id", {"id": parse_item_key(key)})
    file = corpus / "home" / "collections" / "test" / f"leaks-{version}.parquet"
    duckdb.execute(f"COPY (SELECT {image_id}::BIGINT AS image_id, 'exact' AS leak) TO '{file}' (FORMAT parquet)")
    assert catalog.facet_counts(Selection())[Facet.LEAK] == [("exact", 1), ("none", 7)]
    assert keys_of(catalog, Selection.of(leak=["exact"])) == [key]
    assert catalog.count(Selection.of(leak=["none"])) == 7
    assert catalog.count(Selection().but_not(leak=["none"])) == 1
    assert catalog.connection.leaks_are_known


def test_tags_count_filter_and_survive_a_new_import(corpus: Path) -> None:
    catalog = open_catalog("test", corpus / "home")
    keys = keys_of(catalog, Selection())
    workspace = catalog.workspace
    assert workspace.add_tag("to check", [parse_item_key(key) for key in keys[:3]]) == 3
    assert workspace.add_tag("Größe/%'\"", catalog.ids(Selection.of(label=["Cyst"]))) == 4
    assert catalog.facet_counts(Selection())[Facet.TAG] == [("Größe/%'\"", 4), ("to check", 3)]
    assert catalog.facet_counts(Selection.of(label=["Normal"]))[Facet.TAG] == [("to check", 1)]
    both = Selection.of(tag=["to check", "Größe/%'\""])
    assert catalog.count(both) == len(keys_of(catalog, both)) == 5
    assert catalog.facet_counts(Selection.of(tag=["to check"]))[Facet.LABEL] == [("Cyst", 2), ("Normal", 1)]
    assert keys_of(catalog, Selection().but_not(tag=["to check"])) == keys[3:]
    assert catalog.page(Selection(), 0, 1)[0].tags == ("Größe/%'\"", "to check")

    write(corpus / "release", **{SUBSET_02: [record(i, ["Cyst", "Normal"][i % 2]) for i in range(1, 9)]})
    run_import(corpus / "release", corpus / "home")
    again = open_catalog("test", corpus / "home")
    assert again.version != catalog.version
    assert keys_of(again, Selection.of(tag=["to check"])) == keys[1:3]
    assert workspace.tags()["to check"] == 3, "the tag of an item that is gone is kept, should it come back"

    assert workspace.remove_tag("to check", catalog.ids(Selection())) == 0
    assert again.facet_counts(Selection())[Facet.TAG] == [("Größe/%'\"", 3)]
    workspace.drop_tag("Größe/%'\"")
    assert workspace.tags() == {}


def test_a_set_holds_just_its_items_and_one_that_is_not_kept_holds_none(corpus: Path) -> None:
    catalog = open_catalog("test", corpus / "home")
    wanted = [parse_item_key(key) for key in keys_of(catalog, Selection())[2:5]]
    name = catalog.workspace.keep_set(wanted)
    assert catalog.workspace.keep_set(list(reversed(wanted))) == name
    found = Selection.of(set=[name])
    assert keys_of(catalog, found) == [item_key(item) for item in wanted]
    counts = catalog.facet_counts(found)
    assert counts[Facet.SET] == [(name, 3)]
    assert sum(n for _, n in counts[Facet.LABEL]) == 3
    assert catalog.count(Selection.of(set=["0" * 16])) == 0
    assert catalog.count(Selection.of(set=["../../x"])) == 0


SEARCHES = {
    "": 8,
    "cyst": 8,
    "caption:cyst": 4,
    "caption:cys": 4,
    'caption:"cys"': 0,
    'caption:"CYST"': 4,
    "-caption:cyst": 4,
    "path:med-mat/ct": 8,
    "option:cyst -caption:normal": 4,
    "question:cyst": 0,
    '"': 8,
    "-": 8,
    "a.b*c(": 0,
    '"a.b*c("': 0,
}


@pytest.mark.parametrize(("text", "found"), SEARCHES.items())
def test_the_search_box(corpus: Path, text: str, found: int) -> None:
    catalog = open_catalog("test", corpus / "home")
    assert catalog.count(Selection.of(text)) == found
    assert sum(n for _, n in catalog.facet_counts(Selection.of(text))[Facet.SPLIT]) == found


def test_many_searches_in_turn_each_find_their_own(corpus: Path) -> None:
    catalog = open_catalog("test", corpus / "home")
    for _ in range(2):
        for number in range(KEPT + 4):
            wanted = sum(f"({number})" in image for image in images_of(catalog))
            assert catalog.count(Selection.of(f"({number}) -nothing{number}")) == wanted
    assert catalog.connection.value("SELECT count(DISTINCT search) FROM hits") <= KEPT


def test_terms_of_a_search() -> None:
    assert search_terms('Stone -caption:"two words" path:a:b') == (
        SearchTerm("stone"),
        SearchTerm("two words", (SearchPlace.CAPTION,), whole_words=True, excluded=True),
        SearchTerm("a:b", (SearchPlace.PATH,)),
    )
